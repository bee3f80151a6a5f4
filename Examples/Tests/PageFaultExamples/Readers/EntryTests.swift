import FaultTestSupport
import Testing

/// A way into the fault path: 4 KiB pages, no stacks that grow.
struct SmallEntry: FaultEntry {
    enum Stage: UInt8, RoutineStage { case lock, find, handled }

    var name: StaticName { "small" }
    var geometry: PageGeometry {
        PageGeometry(pageShift: 12, levels: 3, bitsPerLevel: 9, userLimit: PageNumber(1 << 26))
    }

    func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        let isProgram = fault.exception.mode == .user
        switch stage {
        case .lock:
            if !fault.flags.contains(.tried) {
                fault.flags = isProgram ? FaultFlags.default.union(.user) : .default
                if fault.exception.access == .write { fault.flags.insert(.write) }
            }
            return .call(machine.takingForFault(.mmap(fault.map), .read), then: .find)

        case .find:
            if resumed.errno != nil { return .done(isProgram ? .killed : .fixup) }
            machine.setFaultLock(.mmap, of: &fault)
            guard let area = machine.findArea(of: &fault), area.contains(fault.page) else {
                return fail(.segv(.notMapped), &fault, &machine)
            }
            let needed: Protection = fault.exception.access == .write ? .write : .read
            guard area.flags.protection.contains(needed) else {
                return fail(.segv(.accessDenied), &fault, &machine)
            }
            return .call(machine.handleMMFault(), then: .handled)

        case .handled:
            let result = resumed.faultResult
            if result.contains(.completed) { return .done(.replay) }
            if result.contains(.retry) {
                let (dies, isCalled) = (machine.hasFatalSignal(fault.task), machine.hasSignal(fault.task))
                switch machine.model.afterRetry(inUserMode: isProgram, fatalSignal: dies, signal: isCalled) {
                case .triesAgain:
                    fault.flags.insert(.tried)
                    return .next(.lock)
                case .replays: return .done(.replay)
                case .givesUp: return .done(isProgram ? .killed : .fixup)
                }
            }
            if result.contains(.sigbus) { return fail(.bus(.noSuchAddress), &fault, &machine) }
            if result.contains(.sigsegv) { return fail(.segv(.accessDenied), &fault, &machine) }
            release(&fault, &machine)
            return .done(result.contains(.oom) && !isProgram ? .fixup : .replay)
        }
    }

    private func release(_ fault: inout VMFault, _ machine: inout Machine) {
        machine.setFaultLock(.none, of: &fault)
        machine.unlock(.mmap(fault.map), by: fault.task)
    }

    private func fail(
        _ signal: TaskSignal, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        release(&fault, &machine)
        guard fault.exception.mode == .user else { return .done(.fixup) }
        machine.forceSignal(signal, on: fault.task)
        return .done(.signal)
    }
}

@Suite("Somebody who plugs in: an entry", .timeLimit(.minutes(60)))
struct ReadersEntryTests {
    @Test("a cold read retries once; a forbidden store and a hole are SIGSEGV, each with its code, a bad buffer EFAULT")
    func outcomes() throws {
        var world = try World(.linux6_1, entry: SmallEntry())
        let task = world.task("reader")
        let file = try world.file("log", pages: 64)
        let area = try world.map(file, .read, in: task)
        let report = try world.perform(.read(area, page: 9), in: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(try world.perform(.read(file, into: area), in: task).errno == .badAddress)
        var other = world
        #expect(try other.perform(.write(area, page: 9), in: task).signal == .segv(.accessDenied))
        try world.perform(.munmap(area), in: task)
        #expect(try world.perform(.read(area), in: task).signal == .segv(.notMapped))
    }

    @Test(
        "the lock contract of each kernel is kept, in every order, and whatever fails",
        arguments: [KernelModel.linux2_6_36, .linux2_6_37, .linux5_19, .linux6_1])
    func everyOrder(_ kernel: KernelModel) throws {
        var world = try World(kernel, entry: SmallEntry())
        let task = world.task("writer")
        let area = try world.map(world.file("shm", pages: 1, on: .tmpfs), .readWrite, .shared, in: task)
        let sweep = world.failingEachOnce(.write(area), in: task) { $0.story(of: task).holdsNothing }
        #expect(sweep.holds, "\(sweep)")
        world.start(.write(area), in: task)
        world.start(.munmap(area), in: world.thread("mapper", of: task))
        let verdict = world.checkSchedules(.exhaustive, for: [.laws])
        #expect(verdict.holds, "\(verdict)")
    }
}
