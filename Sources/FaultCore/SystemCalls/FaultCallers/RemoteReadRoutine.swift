/// The routine that reads another process's memory with `process_vm_readv(2)`, or reads or writes `/proc/PID/mem`.
///
/// It models mm/process_vm_access.c, fs/proc/base.c and mm/memory.c of Linux 6.1. The result is the number of pages
/// that were read or written.
///
///     start ─┬─▶ pin ─▶ pinned ─▶ pin ...                         process_vm_rw_single_vec()
///            └─▶ lock ─▶ findArea ─▶ read ─▶ lock ...             mem_rw(), access_remote_vm()
///                          └─▶ grow ─▶ read ─▶ [written ─▶] lock ...
///
/// `process_vm_readv(2)` pins up to 1,024 pages at a time until it has copied them. It may release the other process's
/// mmap lock while it waits for a device. `/proc/PID/mem` takes the lock for each page, and keeps it while it sleeps.
/// It ignores the protection of private memory (`FOLL_FORCE`): a debugger's write to a program's code goes to a private
/// copy.
enum RemoteReadRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case start
        case pin
        case pinned
        case lock
        case findArea
        case grow
        case read
        case dropped
        case written
    }

    /// The ways to read or write the memory.
    enum Way: UInt8, BitwiseCopyable, Sendable {
        /// `process_vm_readv(2)`.
        case processVMRead
        /// A read of `/proc/PID/mem`.
        case procMem
        /// A write to `/proc/PID/mem`.
        case procMemWrite
    }

    struct Frame: RoutineFrame {
        /// The way in which the memory is read or written.
        var way: Way
        /// The other process's memory map.
        var map: MapID
        /// The use that keeps the map alive, from `pin` or `lock` on, until `dropped`.
        var use = MapUse.none
        /// The next page.
        var page: PageNumber
        /// How many pages are left.
        var left: Int
        /// How many pages are done.
        var done = 0
        /// The error to return if no page is done. It is set when the stage is `dropped`.
        var error: Errno?

        init(_ way: Way, of map: MapID, from page: PageNumber, pages: Int) {
            self.way = way
            self.map = map
            self.page = page
            left = pages
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("way", way)
            visitor.visit("map", map)
            visitor.visit("use", use)
            visitor.visit("page", page)
            visitor.visit("left", left)
            visitor.visit("done", done)
            visitor.visit("error", error)
        }

        /// Moves past the pages that were read. Returns `false` if there are none.
        fileprivate mutating func count(_ result: CallResult) -> Bool {
            guard case .value(let pages) = result, pages > 0 else { return false }
            page = page + pages
            left -= pages
            done += pages
            return true
        }
    }

    static var number: RoutineNumber { .remoteRead }
    static func needsOwnMap(_ frame: Frame) -> Bool { false }

    /// How many pages `process_vm_readv()` pins at a time: `PVM_MAX_KMALLOC_PAGES` pages of pointers.
    private static let pagesPerLoop = 1024

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = frame.map
        switch stage {
        case .start:
            guard frame.left > 0 else { return .done }
            guard machine.isInUse(map) else { return frame.way == .processVMRead ? .failed(.noSuchProcess) : .done }
            frame.use = machine.using(map)
            return .next(frame.way == .processVMRead ? .pin : .lock)

        case .pin:
            guard frame.left > 0 else { return end(nil, &frame, machine) }
            return .call(
                GetUserPagesRoutine.call(
                    .unlocked, from: frame.page, pages: min(frame.left, pagesPerLoop),
                    [.touch, .remote, .pin, .unlockable], in: map),
                then: .pinned)

        case .pinned:
            machine.cutBatch(of: task, to: 0)
            guard frame.count(resumed.result()) else { return end(.badAddress, &frame, machine) }
            return .next(.pin)

        case .lock:
            guard frame.left > 0 else { return end(nil, &frame, machine) }
            return .call(machine.taking(.mmap(map), .read, .killable), then: .findArea)

        case .findArea:
            guard resumed.errno == nil else { return end(.inputOutput, &frame, machine) }
            if machine.area(containing: frame.page, in: map) != nil { return readOne(frame) }
            // expand_stack() looks again with the lock for writing. It must release the lock for reading first.
            machine.unlock(.mmap(map), by: task)
            return .call(machine.taking(.mmap(map), .write, .killable), then: .grow)

        case .grow:
            guard resumed.errno == nil else { return end(.inputOutput, &frame, machine) }
            fault = VMFault()
            fault.task = task
            fault.map = map
            fault.page = frame.page
            fault.lock = .mmap
            if let wait = machine.waitToGrow(fault) { return .sleep(wait, then: .grow) }
            guard machine.area(containing: frame.page, in: map) != nil || machine.expandStack(of: &fault) == nil else {
                fault.lock = .none
                machine.unlock(.mmap(map), by: task)
                return end(.inputOutput, &frame, machine)
            }
            machine.downgrade(.mmap(map), by: task)
            return readOne(frame)

        case .read:
            if frame.way == .procMemWrite, let folio = machine.folioBatch(of: task).last, folio != .none {
                machine.write(to: folio, by: task)
                return .call(machine.locking(folio), then: .written)  // set_page_dirty_lock()
            }
            machine.cutBatch(of: task, to: 0)
            machine.unlock(.mmap(map), by: task)
            fault.lock = .none
            guard frame.count(resumed.result()) else { return end(.inputOutput, &frame, machine) }
            return .next(.lock)

        case .written:
            if let folio = machine.folioBatch(of: task).last {
                _ = machine.markDirty(folio, by: task)
                machine.unlock(folio)
            }
            machine.cutBatch(of: task, to: 0)
            machine.unlock(.mmap(map), by: task)
            fault.lock = .none
            _ = frame.count(.value(1))
            return .next(.lock)

        case .dropped:
            guard frame.done == 0, let error = frame.error else { return .returned(frame.done) }
            return .failed(error)
        }
    }

    private static func readOne(_ frame: Frame) -> RoutineStep<Stage, CallResult> {
        let flags: GUPFlags =
            frame.way == .procMemWrite ? [.touch, .remote, .force, .write, .get] : [.touch, .remote, .force]
        return .call(
            GetUserPagesRoutine.call(.held, from: frame.page, pages: 1, flags, in: frame.map), then: .read)
    }

    /// Ends with the number of pages that were read or written, or with the error if there are none.
    private static func end(_ error: Errno?, _ frame: inout Frame, _ machine: Machine) -> RoutineStep<Stage, CallResult>
    {
        frame.error = error
        return .call(machine.dropping(&frame.use), then: .dropped)
    }
}

extension Machine {
    /// Writes to a page through the kernel's own mapping, as `copy_to_user_page()` does.
    ///
    /// The current call has a reference to the page. The caller skips the zero page, which no lookup for writing should
    /// find.
    fileprivate mutating func write(to folio: FrameNumber, by task: TaskID) {
        setStamp(of: folio, Self.stamp(after: stamp(of: folio), writtenBy: task))
        tasks[task.index].outcome.stamp = stamp(of: folio)
    }
}

// MARK: - What it reads and holds

extension RemoteReadRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let lock = view.releasing(.mmap(frame.map))
        switch stage {
        case .start: return [.users(frame.map)]
        case .pin, .lock, .dropped: return []
        case .pinned: return view.batch
        case .findArea: return lock.union([.areas(frame.map)])
        case .grow: return lock.union(view.changingAreas(of: frame.map))
        case .read, .written: return lock.union(view.batch)
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        switch stage {
        case .start, .pin, .pinned, .lock, .dropped: .nothing
        case .findArea: .lock(.mmap(frame.map), .read, if: view.resumed.errno == nil)
        case .grow: .lock(.mmap(frame.map), .write, if: view.resumed.errno == nil)
        case .read, .written: .lock(.mmap(frame.map), .read)
        }
    }
}
