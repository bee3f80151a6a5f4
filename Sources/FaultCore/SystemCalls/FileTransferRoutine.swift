/// `read(2)` and `write(2)` of whole pages: the loop over pages, with the copy to or from user memory.
///
///     read:  getPages ─▶ gotPages ─▶ copyPage ─▶ [pageCopied ─▶] copyPage ... ─▶ getPages
///     write: lockInode ─▶ inodeLocked ─▶ faultIn ─▶ faultedIn ─▶ pagePrepared ─▶ throttled ─▶ faultIn
///                                      └─ throttled first ─▶ copyNext ─▶ ...
///
/// Models `filemap_read()` and `generic_perform_write()` (mm/filemap.c, Linux 6.1) around what the file system does. A
/// read holds no lock while it copies, but the references of its batch; a write holds the inode lock throughout. The
/// result is the number of pages copied, or the error if there are none.
enum FileTransferRoutine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case inodeLocked
        case getPages
        case gotPages
        case copyPage
        case pageCopied
        case faultIn
        case faultedIn
        case pagePrepared
        case throttled
        case copyNext
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }

    /// The call's words: `words.0` is the next page of the file, `words.1` how many pages are left, `words.2` how many
    /// are copied, `words.3` how many of the batch are copied, `words.4` the batch's ``ReadyPages``, `words.5` the byte behind what
    /// was read last, by this call or before, if that is noted at the end.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.scheduler.current
        let file = FileID(Int(call.owner))
        let left = Int64(bitPattern: call.words.1)
        switch stage {
        case .begin:
            guard left > 0 else { return .returned(0) }
            guard call.option == FileCall.write.rawValue else {
                guard machine.model.readPositionNote == .endOfCall else { return .next(.getPages) }
                call.words.5 = UInt64(bitPattern: machine.files[file.index].readahead.previousPosition)
                return .next(.getPages)
            }
            return .call(machine.taking(.inode(file), .write), then: .inodeLocked)

        case .inodeLocked:
            return .call(fileCall(.writeBegin, call, pages: 0), then: .faultIn)

        case .getPages:
            return .call(fileCall(.read, call, pages: call.words.1), then: .gotPages)

        case .gotPages:
            guard call.returned >= 0 else { return endRead(call, call.returned, task, &machine) }
            call.words.3 = 0
            call.words.4 = UInt64(bitPattern: call.returned)
            return .next(.copyPage)

        case .copyPage:
            let ready = ReadyPages(returned: Int64(bitPattern: call.words.4))
            guard Int(call.words.3) < ready.count else {
                machine.cutBatch(of: task, to: 0)
                if left == 0 || ready.reachesEnd || ready.count == 0 { return endRead(call, 0, task, &machine) }
                return .next(.getPages)
            }
            if let page = memoryPage(call, task, machine) {
                return .call(machine.accessing(page, .write, copies: true), then: .pageCopied)
            }
            advanceRead(&call, task, file, &machine)
            return .next(.copyPage)

        case .pageCopied:
            guard call.returned == 0 else {
                noteRead(&call, file, &machine)
                return endRead(call, call.returned, task, &machine)
            }
            if let page = memoryPage(call, task, machine) {
                // Reclaim may have come between the access and what it was for; the kernel's copy is one with its access.
                let entry = machine.entry(of: page, in: machine.map(of: task))
                if machine.swapSlot(of: entry) != nil { return .call(machine.accessing(page, .write), then: .pageCopied) }
                let stamp = batchStamp(call, task, machine)
                machine.copyIn(stamp: stamp, to: page, in: machine.map(of: task))
            }
            advanceRead(&call, task, file, &machine)
            return .next(.copyPage)

        case .faultIn:
            if left > 0, machine.model.writeThrottle == .beforePage, machine.asksForThrottling(file, task) {
                return .call(machine.throttling(), then: .copyNext)
            }
            return copyNext(&call, task, file, &machine)

        case .copyNext:
            return copyNext(&call, task, file, &machine)

        case .faultedIn:
            guard call.returned == 0 else { return endWrite(call, call.returned, task, file, &machine) }
            if machine.hasFatalSignal(task) { return endWrite(call, Errno.interrupted.returned, task, file, &machine) }
            return .call(fileCall(.write, call, pages: 1), then: .pagePrepared)

        case .pagePrepared:
            guard call.returned >= 0 else { return endWrite(call, call.returned, task, file, &machine) }
            guard writePage(&call, task, file, &machine) else { return .next(.faultIn) }
            guard machine.model.writeThrottle == .afterPage, machine.asksForThrottling(file, task) else {
                return .next(.faultIn)
            }
            return .call(machine.throttling(), then: .throttled)

        case .throttled:
            return .next(.faultIn)
        }
    }

    private static func fileCall(_ option: FileCall, _ call: Activation, pages: UInt64) -> Call {
        Call(.fileCall, option: option.rawValue, owner: call.owner, first: call.words.0, second: pages)
    }

    /// The page of user memory that is copied to or from next; `nil` for a buffer that is always there.
    private static func memoryPage(_ call: Activation, _ task: TaskID, _ machine: Machine) -> PageNumber? {
        switch machine.tasks[task.index].operation {
        case .read(_, _, _, let base?), .write(_, _, _, let base?): base + Int(call.words.2)
        default: nil
        }
    }

    // MARK: Reading

    /// The content of the page of the batch that is copied next.
    private static func batchStamp(_ call: Activation, _ task: TaskID, _ machine: Machine) -> UInt32 {
        let folio = machine.folioBatch(of: task)[Int(call.words.3)]
        return folio == .none ? 0 : machine.stamp(of: folio)
    }

    private static func advanceRead(_ call: inout Activation, _ task: TaskID, _ file: FileID, _ machine: inout Machine)
    {
        machine.tasks[task.index].outcome.stamp = batchStamp(call, task, machine)
        let folio = machine.folioBatch(of: task)[Int(call.words.3)]
        if folio != .none { machine.markAccessed(folio) }
        advance(&call)
        call.words.3 += 1
        noteRead(&call, file, &machine)
    }

    private static func advance(_ call: inout Activation) {
        call.words.0 += 1
        call.words.1 -= 1
        call.words.2 += 1
    }

    /// Remembers the byte behind what was read, which tells a sequential reader: `ra->prev_pos`.
    private static func noteRead(_ call: inout Activation, _ file: FileID, _ machine: inout Machine) {
        let position = call.words.0 << UInt64(machine.geometry.pageShift)
        switch machine.model.readPositionNote {
        case .everyPage: keep(position, file, &machine)
        case .endOfCall: call.words.5 = position
        }
    }

    /// tmpfs has no readahead.
    private static func keep(_ position: UInt64, _ file: FileID, _ machine: inout Machine) {
        guard !machine.files[file.index].traits.contains(.shmem) else { return }
        machine.files[file.index].readahead.previousPosition = Int64(bitPattern: position)
    }

    private static func endRead(
        _ call: Activation, _ error: Int64, _ task: TaskID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        machine.cutBatch(of: task, to: 0)
        if machine.model.readPositionNote == .endOfCall { keep(call.words.5, FileID(Int(call.owner)), &machine) }
        return .returned(call.words.2 > 0 ? Int64(call.words.2) : error)
    }

    // MARK: Writing

    /// Makes sure that the source of the next page is there, or ends the call.
    private static func copyNext(
        _ call: inout Activation, _ task: TaskID, _ file: FileID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        guard call.words.1 > 0 else { return endWrite(call, 0, task, file, &machine) }
        if let page = memoryPage(call, task, machine) {
            return .call(machine.accessing(page, .read, mostTries: 1), then: .faultedIn)
        }
        call.returned = 0
        return .next(.faultedIn)
    }

    /// Copies into the prepared page and ends its write: `write_end`. It is dirty, the file reaches to it at least.
    ///
    /// - Returns: Whether it could: the source may be gone since it was faulted in. Then nothing is written.
    private static func writePage(
        _ call: inout Activation, _ task: TaskID, _ file: FileID, _ machine: inout Machine
    ) -> Bool {
        let folio = machine.folioBatch(of: task)[0]
        var stamp: UInt32? = Machine.stamp(after: machine.stamp(of: folio), writtenBy: task)
        if let page = memoryPage(call, task, machine) { stamp = machine.copyOut(of: page, in: machine.map(of: task)) }
        if let stamp {
            machine.chargePageCopy()
            machine.setStamp(of: folio, stamp)
            machine.setFlags(of: folio, adding: .uptodate)
            machine.markDirtyByWrite(folio, by: task)
            let end = Int(call.words.0) + 1
            if end > machine.pages(of: file) { machine.setPages(of: file, end) }
            advance(&call)
        }
        machine.unlock(folio)
        machine.cutBatch(of: task, to: 0)
        return stamp != nil
    }

    private static func endWrite(
        _ call: Activation, _ error: Int64, _ task: TaskID, _ file: FileID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        machine.unlock(.inode(file), by: task)
        return .returned(call.words.2 > 0 ? Int64(call.words.2) : error)
    }
}
