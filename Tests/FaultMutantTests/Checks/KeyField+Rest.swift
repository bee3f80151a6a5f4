import FaultSimulator

@testable import FaultCore
@testable import FaultFilemap

/// Fields that only some kernels, plug-ins and programs have.
extension KeyField {
    /// Memory, a disk and a program that remember how often they were asked.
    private struct Count: PluginState {
        var asked: UInt32 = 0

        init() {}
        init(_ asked: UInt32) { self.asked = asked }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("asked", asked) }
    }

    private struct CountingMemory: VMOperations {
        typealias AreaState = Count
        enum Stage: UInt8, RoutineStage { case only }

        var name: StaticName { StaticName("counting memory") }

        func fault(
            _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<Stage, FaultResult> { .done(machine.giveNewPage(stamp: 1, to: &fault) ? [] : .oom) }
    }

    private struct CountingDisk: BlockDevice {
        typealias State = Count

        var name: StaticName { StaticName("counting disk") }

        func completion(of request: IORequest, now: UInt64, _ state: inout Count) -> UInt64 { now }
    }

    private struct CountingProgram: TaskProgram {
        typealias State = Count

        func next(after last: OperationOutcome, task: TaskID, _ state: inout Count) -> TaskOperation? {
            state.asked += 1
            return state.asked < 9 ? .sleep(nanoseconds: .max) : nil
        }
    }

    /// A machine with plug-ins that remember something; task 0 runs a list, and task 1 a program.
    static func pluggedMachine() throws -> Machine {
        var play = try Play(.linux6_1)
        let memory = play.world.register(CountingMemory())
        _ = try play.world.map(memory, pages: 4, in: play.task)
        let device = play.world.machine.register(CountingDisk())
        _ = play.world.machine.addDevice(operations: device, held: true)
        _ = try play.world.file(pages: 4, on: .tmpfs)
        play.world.start([.sleep(nanoseconds: .max), .fork], in: play.task)
        play.world.start(CountingProgram(), in: play.thread)
        try play.go()
        return play.world.machine
    }

    /// A machine with a limit of frames, whose pages are in lists, and which has evicted pages of a file.
    static func limitedMachine() throws -> Machine {
        var play = try Play(.linux6_1) { $0.frameLimit = 24 }
        let file = try play.world.file(pages: 40)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        try play.perform(.write(area, pages: 4))
        try play.perform(.read(file, pages: 40))
        return play.world.machine
    }

    /// A machine in which a task waits in a fault for a page of a file.
    static func faultingMachine(_ model: KernelModel) throws -> Machine {
        var play = try Play(model)
        let area = try play.world.map(try play.world.file(pages: 64), in: play.task)
        try play.start(.read(area, page: 9))
        if model == .bacik2018 { play.world.machine.tasks[0].fault.keptFolio = play.world.machine.tasks[0].fault.folio }
        return play.world.machine
    }

    /// A machine whose memory group has pages in its lists.
    static func pressedMachine() throws -> Machine {
        var play = try Play(.linux6_1)
        try play.swap(held: false)
        try play.world.addMemoryGroup(limit: 24)
        let area = try play.world.map(anonymousPages: 40, in: play.task)
        try play.perform(.write(area, pages: 40))
        return play.world.machine
    }

    static let rest: [KeyField] = programs + messages + plugIns + frames + evictions + fewKernels

    // MARK: Programs and plug-ins

    private static let programs: [KeyField] = [
        KeyField("task.program", .plugged) { $0.tasks[1].program = .none },
        KeyField("task.program.number", .plugged) { $0.programs.give(CountingProgram(), to: TaskID(1)) },
        KeyField("task.program.told", .plugged) { machine in
            machine.tasks[1].outcome.message = .fork(UserfaultID(3))
        },
        KeyField("task.programCounter", .plugged) { $0.tasks[0].programCounter += 1 },
        KeyField("task.programState", .plugged) { $0.tasks[1].programState = StateBytes(Count(7)) },
        KeyField("task.list", .plugged) {
            $0.programs.give([.sleep(nanoseconds: .max), .exit], to: TaskID(0))
        },
    ]

    private static let messages: [KeyField] = [
        KeyField("outcome.message.other", .lists) { $0.tasks[0].outcome.message = .fork(UserfaultID(0)) }
    ]

    private static let plugIns: [KeyField] = [
        KeyField("area.stateWord", .plugged) { machine in
            guard let place = machine.maps[0].areas.firstPosition(endingAfter: PageNumber(0)) else { return }
            machine.setStateWord(StateBytes(Count(7)).words.0, at: place, in: MapID(0))
        },
        KeyField("device.state", .plugged) { $0.setState(Count(7), of: DeviceID(1), of: CountingDisk.self) },
        KeyField("file.state", .plugged) {
            $0.setState(PunchedHole(first: 1, end: 2), of: FileID(0), of: ShmemFileOperations.self)
        },
    ]

    private static let frames: [KeyField] = [
        KeyField("task.stack.selector") { $0.tasks[0].stack[0].selector ^= 1 },
        KeyField("task.stack.plugIn") { $0.tasks[3].stack[0].plugIn ^= 1 },
        KeyField("task.stack.bytes") { $0.tasks[0].stack[0].bytes.words.0 ^= 1 << 32 },
        KeyField("task.folioBatch") { $0.addToBatch($0.tasks[0].fault.folio, of: TaskID(3)) },
        KeyField("countersAtStart") { $0.tasks[0].countersAtStart = $0.tasks[0].counters },
        KeyField("map.lock.queue.mode") { machine in
            machine.files[0].inodeLock = ReadWriteSemaphore()
            machine.files[0].inodeLock.enqueue(TaskID(1), .read, at: 0)
        },
        KeyField("areaLockUserfaults") { machine in
            var fault = machine.tasks[3].fault
            fault.task = TaskID(3)
            fault.lock = .area
            machine.count(userfaultOf: fault)
        },
        KeyField("map.fileUsers", .lists) { $0.maps[0].fileUsers += 1 },
        KeyField("descriptor.mapChangingLock", .lists) {
            _ = $0.userfaults[0].mapChangingLock.tryLock(.read, for: TaskID(0))
        },
    ]

    // MARK: Pages that were reclaimed, and those that will be

    private static let evictions: [KeyField] = [
        KeyField("file.shadows", .limited) { machine in
            machine.setShadow(Shadow(age: 1, wasWorkingset: true), of: FileID(0), at: 39)
        },
        KeyField("lists.order", .limited) { machine in
            let last = machine.lists.last(of: .inactiveFile)
            machine.lists.moveToHead(last, of: .inactiveFile)
        },
        KeyField("lists.nonresidentAge", .limited) { $0.lists.nonresidentAge += 1 },
        KeyField("swapSlot.cached", .lists) { machine in
            guard let slot = machine.swap.firstInUse(after: 0, through: 1200) else { return }
            machine.updateSlot(slot) { $0.cached = FrameNumber(1) }
        },
        KeyField("group.nonresidentAge", .pressed) { $0.group?.nonresidentAge += 1 },
        KeyField("group.pages.order", .pressed) { machine in
            guard let last = machine.group?.pages.last(of: GroupPages.List(.anonymous, isActive: false)) else { return }
            machine.group?.pages.moveToHead(last, of: GroupPages.List(.anonymous, isActive: false))
        },
        KeyField("group.pages.list", .pressed) { machine in
            guard let last = machine.group?.pages.last(of: GroupPages.List(.anonymous, isActive: false)) else { return }
            machine.group?.pages.moveToHead(last, of: GroupPages.List(.anonymous, isActive: true))
        },
        KeyField("group.pages.marks", .pressed) { machine in
            guard let last = machine.group?.pages.last(of: GroupPages.List(.anonymous, isActive: false)) else { return }
            machine.group?.pages.mark(last, adding: .locked)
        },
        KeyField("group.pages.uses", .pressed) { machine in
            guard let last = machine.group?.pages.last(of: GroupPages.List(.anonymous, isActive: false)) else { return }
            machine.group?.pages.setUses(of: last, 2)
        },
        KeyField("group.pages.generation", .pressed) { machine in
            guard let last = machine.group?.pages.last(of: GroupPages.List(.anonymous, isActive: false)) else { return }
            machine.group?.pages.setGeneration(of: last, 2)
        },
        KeyField("group.generations.refaulted", .generations) { $0.group?.generations.refaulted.file.count(1, 2) },
        KeyField("group.generations.evicted", .generations) { $0.group?.generations.evicted.anonymous.count(1, 3) },
    ]

    // MARK: Proposals

    private static let fewKernels: [KeyField] = [
        KeyField("fault.mapWriteLockCount", .faulting(.mortonSequence2006)) { $0.maps[0].writeLockCount += 1 },
        KeyField("fault.keptPages", .faulting(.bacik2018)) { $0.tasks[0].fault.keptPages += 1 },
        KeyField("task.aroundBatch", .faulting(.shutemov2014)) { machine in
            machine.tasks[0].aroundBatch.append(machine.tasks[0].fault.folio)
        },
        KeyField("map.lock.queue.isOwed") { _ = $0.files[0].inodeLock.claim(TaskID(1)) },
    ]
}
