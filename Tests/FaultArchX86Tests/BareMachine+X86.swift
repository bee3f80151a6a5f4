import BareMachine
import FaultArchX86
import FaultCore
import Testing

extension BareMachine {
    /// An x86 machine.
    init(
        _ entry: X86FaultEntry = X86FaultEntry(), _ model: KernelModel = .linux6_1,
        settings: MachineSettings = MachineSettings(), isChecking: Bool = true
    ) {
        let configuration = MachineConfiguration(model: model, settings: settings, entry: entry)
        self.init(configuration, isChecking: isChecking) { Issue.record("\($0)") }
    }
}
