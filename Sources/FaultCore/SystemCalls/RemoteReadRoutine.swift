/// Reading another process's memory: `process_vm_readv(2)` and `/proc/PID/mem` (mm/process_vm_access.c, fs/proc/base.c,
/// mm/memory.c, Linux 6.1). The result is the number of pages read.
///
///     start ─┬─▶ pin ─▶ pinned ─▶ pin ...                         process_vm_rw_single_vec()
///            └─▶ lock ─▶ findArea ─▶ read ─▶ lock ...             mem_rw(), access_remote_vm()
///                          └─▶ grow ─▶ read
///
/// The first may drop the other process's mmap lock while it waits for a device. The second may not: it takes the lock for
/// each page, and sleeps with it.
///
/// The words: 0 is the next page, 1 how many are left, 2 how many are done, 3 what will be returned.
enum RemoteReadRoutine {
    enum Stage: UInt8, RoutineStage {
        case start
        case pin
        case pinned
        case lock
        case findArea
        case grow
        case read
        case dropped
    }

    /// The call's option for a read of `/proc/PID/mem`; `process_vm_readv()` has none.
    private static let procMem: UInt8 = 1

    /// How many pages `process_vm_readv()` pins at a time: `PVM_MAX_KMALLOC_PAGES` worth of pointers.
    private static let pagesPerLoop = 1024

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &fault, &machine).erased
    }

    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.remoteMap(of: task)
        let next = PageNumber(call.words.0)
        switch stage {
        case .start:
            guard Int64(bitPattern: call.words.1) > 0 else { return .done }
            guard machine.isInUse(map) else { return call.option == procMem ? .done : .failed(.noSuchProcess) }
            machine.useMap(map)
            return .next(call.option == procMem ? .lock : .pin)

        case .pin:
            guard call.words.1 > 0 else { return end(0, &call, map) }
            let pages = min(Int(call.words.1), pagesPerLoop)
            return .call(
                GetUserPagesRoutine.call(
                    .unlocked, from: next, pages: pages, [.touch, .remote, .pin, .unlockable]),
                then: .pinned)

        case .pinned:
            guard call.returned > 0 else { return end(Errno.badAddress.returned, &call, map) }
            count(call.returned, &call)
            return .next(.pin)

        case .lock:
            guard call.words.1 > 0 else { return end(0, &call, map) }
            return .call(machine.taking(.mmap(map), .read, .killable), then: .findArea)

        case .findArea:
            guard call.returned == 0 else { return end(Errno.inputOutput.returned, &call, map) }
            if machine.area(containing: next, in: map) != nil { return readOne(next) }
            // expand_stack(): looks again with the lock for writing, which can't be had without giving this one up.
            machine.unlock(.mmap(map), by: task)
            return .call(machine.taking(.mmap(map), .write, .killable), then: .grow)

        case .grow:
            guard call.returned == 0 else { return end(Errno.inputOutput.returned, &call, map) }
            fault = VMFault()
            fault.task = task
            fault.map = map
            fault.page = next
            fault.lock = .mmap
            if let wait = machine.waitToGrow(fault) { return .sleep(wait, then: .grow) }
            guard machine.area(containing: next, in: map) != nil || machine.expandStack(of: &fault) == nil else {
                fault.lock = .none
                machine.unlock(.mmap(map), by: task)
                return end(Errno.inputOutput.returned, &call, map)
            }
            machine.downgrade(.mmap(map), by: task)
            return readOne(next)

        case .read:
            machine.unlock(.mmap(map), by: task)
            fault.lock = .none
            guard call.returned > 0 else { return end(Errno.inputOutput.returned, &call, map) }
            count(call.returned, &call)
            return .next(.lock)

        case .dropped:
            return .returned(Int64(bitPattern: call.words.3))
        }
    }

    private static func readOne(_ page: PageNumber) -> OldStep<Stage> {
        .call(GetUserPagesRoutine.call(.held, from: page, pages: 1, [.touch, .remote, .force]), then: .read)
    }

    private static func count(_ pages: Int64, _ call: inout Activation) {
        call.words.0 += UInt64(pages)
        call.words.1 -= UInt64(pages)
        call.words.2 += UInt64(pages)
    }

    /// Ends with the pages that were read, or with an error if there are none.
    private static func end(_ error: Int64, _ call: inout Activation, _ map: MapID) -> OldStep<Stage> {
        call.words.3 = call.words.2 > 0 ? call.words.2 : UInt64(bitPattern: error)
        return .call(ExitRoutine.dropping(map), then: .dropped)
    }
}
