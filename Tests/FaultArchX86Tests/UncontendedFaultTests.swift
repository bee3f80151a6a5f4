import BareMachine
import FaultArchX86
import Testing

@testable import FaultCore

@Suite("Faults handled at once", .timeLimit(.minutes(60)))
struct UncontendedFaultTests {
    /// How a machine is driven.
    enum Way: CaseIterable {
        case atOnce
        case byStages
        case stageByStage
    }

    /// What a way must not change.
    struct Trail: Equatable {
        var hashes: [UInt64] = []
        var counters: [TaskCounters] = []
        var outcomes: [OperationOutcome] = []
        var events = MachineEvents()
        var resident = ResidentPages()
        var lockStatistics: LockStatistics
        var areas: [VMA]
        var framesInUse: Int
    }

    /// Areas of every kind that matters, in a process of their own.
    private func makeProcess(
        _ way: Way, _ model: KernelModel = .linux6_1, flags: VMAFlags = [.read, .write], hasHandler: Bool = true
    ) -> BareMachine {
        var process = BareMachine(X86FaultEntry(), model, isChecking: false)
        process.machine.usesShortcuts = way == .atOnce
        process.area(at: 0x1000, pages: 0x400, flags)
        process.area(at: 0x1400, pages: 0x100, .read)
        process.area(at: 0x1500, pages: 0x100, [.read, .write])
        process.area(at: 0x1600, pages: 0x10, [])
        process.area(at: 0x1610, pages: 0x10, .write)
        process.area(at: 0x1620, pages: 0x10, [.read, .execute])
        process.area(at: 0x1630, pages: 0x10, [.read, .write, .shared])
        if hasHandler {
            let handler = process.machine.register(Answering(first: .retry))
            process.area(at: 0x1640, pages: 0x10, operations: handler)
        }
        process.area(at: 0x3000, pages: 0x10, [.read, .write, .growsDown])
        return process
    }

    private func trail(
        _ way: Way, _ operations: [TaskOperation], failing: [InjectedFailure] = [],
        _ model: KernelModel = .linux6_1, flags: VMAFlags = [.read, .write], hasHandler: Bool = true
    ) -> Trail {
        var process = makeProcess(way, model, flags: flags, hasHandler: hasHandler)
        process.machine.scheduler.failures = failing
        var hashes: [UInt64] = []
        var counters: [TaskCounters] = []
        var outcomes: [OperationOutcome] = []
        for operation in operations {
            process.start(operation)
            if way == .stageByStage {
                process.step()
            } else {
                process.run()
            }
            hashes.append(process.machine.structuralHash)
            counters.append(process.machine.counters(of: process.task))
            outcomes.append(process.machine.report(of: process.task).outcome)
        }
        return Trail(
            hashes: hashes, counters: counters, outcomes: outcomes, events: process.machine.events,
            resident: process.machine.rss(of: process.map),
            lockStatistics: process.machine.lockStatistics(of: process.map), areas: process.areas,
            framesInUse: process.machine.frames.inUse)
    }

    @Test(
        "at once, by stages, and stage by stage leave the same machine after every operation",
        arguments: KernelModel.presets.filter { $0.areaLocks != .none } + [.linux6_1])
    func threeWays(_ model: KernelModel) {
        let operations = operations(random: 300)
        let atOnce = trail(.atOnce, operations, model)
        #expect(atOnce == trail(.byStages, operations, model))
        #expect(atOnce == trail(.stageByStage, operations, model))
        #expect(atOnce.counters.last!.minorFaults > 300)
    }

    @Test(
        "no rule of a kernel is skipped: with any one changed, at once and by stages leave the same",
        arguments: [
            KernelModel.linux6_12, .linux2_6_37,
        ])
    func everyRule(_ base: KernelModel) {
        let operations = operations(random: 20)
        var models = 0
        for rule in KernelModel.rules {
            for value in rule.cases.indices where value != rule.value(in: base) {
                var model = base
                rule.override(&model, with: value)
                guard model.problems.isEmpty else { continue }
                models += 1
                // A handler that asks for a retry is asked again forever where programs retry.
                let isSame =
                    trail(.atOnce, operations, model, hasHandler: false)
                    == trail(.byStages, operations, model, hasHandler: false)
                #expect(isSame, "\(rule.name): \(rule.cases[value])")
            }
        }
        #expect(models > KernelModel.rules.count / 2)
    }

    /// Accesses to each kind of area, then so many random ones.
    private func operations(random count: Int) -> [TaskOperation] {
        var operations: [TaskOperation] = [
            .write(PageNumber(0x11F0), pages: 0x20), .read(PageNumber(0x1000), pages: 0x10),
            .write(PageNumber(0x1000), pages: 0x20), .read(PageNumber(0x1000), pages: 0x30),
            .write(PageNumber(0x13FF), pages: 2), .read(PageNumber(0x1400)), .execute(PageNumber(0x1401)),
            .write(PageNumber(0x1500)), .write(PageNumber(0x15FF)), .read(PageNumber(0x1600)),
            .read(PageNumber(0x1610)), .write(PageNumber(0x1611)), .execute(PageNumber(0x1620), pages: 2),
            .write(PageNumber(0x1630)), .read(PageNumber(0x1640)), .write(PageNumber(0x2FFF)),
            .read(PageNumber(0x2800)), .write(PageNumber(0x900)), .write(PageNumber(0x7_FFFF_FFFF)),
        ]
        var random = SplitMix64(seed: 1)
        for _ in 0..<count {
            let page = PageNumber(0x0FF0 + random.below(0x680))
            let access = random.pick(FaultException.Access.allCases)
            operations.append(.touch(access, page, pages: 1 + random.below(16), stride: 3))
        }
        return operations
    }

    /// The flags of areas that the kernel has so far, but for those of the access and for sharing.
    private static var harmless: VMAFlags {
        [
            .locked, .growsDown, .noReserve, .randomRead, .sequentialRead, .dontCopy, .wipeOnFork, .account,
            .lockOnFault,
        ]
    }

    @Test("an area flag that the shortcut does not know is left to the stages", arguments: 3..<32)
    func flags(_ bit: UInt32) {
        let flag = VMAFlags(rawValue: 1 << bit)
        let process = makeProcess(.atOnce, flags: [.read, .write, flag])
        for access in [FaultException.Access.read, .write] {
            #expect(handles(access, 0x1000, process) == Self.harmless.contains(flag))
        }
        guard !flag.isRegistered else { return }  // the stages would ask the descriptor, and there is none
        let operations = operations(random: 5)
        #expect(
            trail(.atOnce, operations, flags: [.read, .write, flag])
                == trail(.byStages, operations, flags: [.read, .write, flag]))
    }

    /// Whether the shortcut does the fault of an access, in a copy of the machine.
    private func handles(_ access: FaultException.Access, _ page: UInt64, _ process: BareMachine) -> Bool {
        var machine = process.machine
        let before = machine.structuralHash
        var run = TouchRun(
            access, PageNumber(page), pages: 1, stride: 1, machine.configuration.uncontendedAccess, budget: 2)
        machine.touchAtOnce(&run, by: process.task)
        let isHandled = machine.counters(of: process.task).minorFaults == 1
        #expect(isHandled == (machine.structuralHash != before))
        return isHandled
    }

    @Test(
        "an allocation that fails is not jumped over",
        arguments: [AllocationPoint.anonymousPage, .pageTable, .anonVMA])
    func failures(_ point: AllocationPoint) {
        let operations: [TaskOperation] = [.write(PageNumber(0x1000), pages: 3)]
        let failure = InjectedFailure(point: point, skipping: 0)
        let atOnce = trail(.atOnce, operations, failing: [failure])
        #expect(atOnce == trail(.byStages, operations, failing: [failure]))
        #expect(atOnce.counters[0].exceptions == 4)
    }

    @Test("a pending signal is handled when the first fault returns")
    func signal() {
        for way in Way.allCases {
            var process = makeProcess(way)
            process.machine.send(.user1, to: process.task)
            process.machine.start(.write(PageNumber(0x1000), pages: 2), in: process.task)
            process.run(until: .done(process.task))
            #expect(process.machine.counters(of: process.task).handledSignals == 1)
            #expect(process.machine.counters(of: process.task).minorFaults == 2)
        }
    }

    @Test("the shortcut handles a first access, and nothing that may wait or be refused")
    func decides() {
        var process = makeProcess(.atOnce)
        func handles(_ access: FaultException.Access, _ page: UInt64) -> Bool {
            self.handles(access, page, process)
        }
        #expect(handles(.write, 0x1000))
        #expect(handles(.read, 0x1000))
        #expect(handles(.read, 0x1610))
        #expect(handles(.execute, 0x1400))
        #expect(!handles(.write, 0x1400))
        #expect(!handles(.read, 0x1600))
        #expect(!handles(.write, 0x1630))
        #expect(!handles(.read, 0x1640))
        #expect(!handles(.write, 0x2FFF))
        #expect(!handles(.write, 0x4000))
        _ = process.addHolder()
        #expect(!handles(.write, 0x1000))
    }
}
