import FaultLab
import FaultSimulator
import Testing

@Suite("Laws under kernels that were, and kernels that never were")
struct ModelOverrideTests {
    @Test("random programs keep every law under every preset", arguments: KernelModel.presets.map(\.name.description))
    func presets(_ name: String) throws {
        let preset = try #require(KernelModel.preset(named: name))
        if let failure = try ModelOverrides.firstFailure(under: preset, programs: 60) { Issue.record("\(failure)") }
    }
}
