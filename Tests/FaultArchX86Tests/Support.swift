import FaultArchX86
@testable import FaultCore
import Testing

/// One process on an x86 machine whose laws are checked, with areas put where a test wants them.
struct Process {
    var machine: Machine
    let task: TaskID
    let map: MapID

    init(
        _ entry: X86FaultEntry = X86FaultEntry(), _ model: KernelModel = .linux6_1,
        settings: MachineSettings = MachineSettings(), isChecking: Bool = true
    ) {
        machine = Machine(MachineConfiguration(model: model, settings: settings, entry: entry))
        machine.isChecking = isChecking
        machine.recordsAttempts = isChecking
        task = machine.addTask()
        map = machine.map(of: task)
    }

    /// Maps private anonymous memory.
    mutating func map(
        _ pages: Range<UInt64>, _ flags: VMAFlags = [.read, .write], operations: UInt16 = 0
    ) {
        let start = PageNumber(pages.lowerBound)
        machine.insertArea(
            VMA(
                start: start, end: PageNumber(pages.upperBound), startIndex: PageIndex(Int(start.rawValue)),
                flags: flags, operations: operations),
            in: map)
    }

    /// Runs an operation to its end.
    @discardableResult
    mutating func run(_ operation: TaskOperation) -> OperationReport {
        machine.start(operation, in: task)
        let reason = machine.run()
        if machine.isChecking {
            #expect(reason.violations.isEmpty, "\(reason)")
            // A test's writer holds the lock without an operation, which is law 13.
            let broken = machine.checkInvariants().filter { $0.law != .leftovers }
            #expect(broken.isEmpty)
        }
        return machine.report(of: task)
    }

    /// Makes a thread that holds the mmap lock for writing.
    mutating func addWriter() -> TaskID {
        let writer = machine.addTask(in: map)
        let isHeld = machine.tryLock(.mmap(map), .write, for: writer)
        precondition(isHeld, "Process.addWriter: the mmap lock must be free")
        return writer
    }

    func entry(_ page: UInt64) -> PTE { machine.entry(of: PageNumber(page), in: map) }
    var areas: [VMA] { machine.areas(of: map) }
}
