import FaultLab
import FaultSimulator
import Testing

@Suite("How each kernel counts")
struct AccountingMatrixTests {
    @Test("every worked example counts under every kernel what its sources say", arguments: AccountingExample.allCases)
    func examples(_ example: AccountingExample) throws {
        for kernel in AccountingMatrix.kernels {
            guard let model = KernelModel.preset(named: kernel) else { continue }
            let expected = try #require(AccountingMatrix.expected(example, under: kernel))
            do {
                let counted = try example.run(under: model)
                #expect(counted == expected, "\(example.rawValue) under \(kernel)")
            } catch {
                Issue.record("\(example.rawValue) under \(kernel): \(error)")
            }
        }
    }

    @Test("every preset is a kernel of the table")
    func presets() {
        for preset in KernelModel.presets { #expect(AccountingMatrix.kernels.contains(preset.name.description)) }
    }
}
