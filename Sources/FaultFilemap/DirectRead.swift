import FaultCore

/// `pread(2)` past the page cache: `ext4_dio_read_iter()` (fs/ext4/file.c) with `iomap_dio_rw()` (fs/iomap/direct-io.c,
/// Linux 6.1).
///
///     lockInode ─▶ writeDirty ─▶ nextExtent ─┬─▶ pin ─▶ [pinned ─▶] dirty ─▶ submitted ─▶ pin, nextExtent
///                                            ├─▶ zeroed (a hole) ─▶ nextExtent
///                                            └─▶ awaitDevice ─▶ finish
///
/// The pages to read into are had with `get_user_pages()`, before anything is submitted, and kept until the device is done
/// with them, whatever becomes of their mappings. A hole is zeroed by the processor, with faults from inside the kernel. An
/// error counts for the whole read, but what was submitted before is waited for.
///
/// Locks: the inode lock for reading, from beginning to end; no signal ends the wait for the device. Pinned pages lie in
/// the task's folio batch, one for each page of the file, ``FrameNumber/none`` for a hole.
enum DirectRead {
    enum Stage: UInt8, RoutineStage {
        case lockInode
        case writeDirty
        case nextExtent
        case pin
        case pinned
        case dirty
        case dirtied
        case submitted
        case zeroed
        case awaitDevice
        case finish
    }

    /// How many pages one request has at most: `BIO_MAX_VECS`.
    private static let mostPagesOfRequest = 256

    /// The call's words: `words.0` is the first page, `words.1` how many, `words.2` where in the batch the extent begins,
    /// `words.3` where the request begins, `words.4` the next page to make dirty or where the last pin began, `words.5`
    /// the number of the error.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let file = FileID(Int(call.owner))
        let done = machine.folioBatch(of: task).count
        switch stage {
        case .lockInode:
            guard Int64(bitPattern: call.words.1) > 0 else { return .done }
            return .call(machine.taking(.inode(file), .read), then: .writeDirty)

        case .writeDirty:
            guard call.words.0 < UInt64(machine.pages(of: file)) else { return .next(.finish) }
            let write = Call(
                .fileCall, option: FileCall.writeAndWait.rawValue, owner: call.owner, first: call.words.0,
                second: call.words.1)
            return .call(write, then: .nextExtent)

        case .nextExtent:
            guard done < Int(call.words.1) else { return .next(.awaitDevice) }
            call.words.2 = UInt64(done)
            call.words.3 = UInt64(done)
            if FileIO.hasBlock(file, page(done, call), machine) { return .next(.pin) }
            let access = machine.accessing(machine.directReadTarget(of: task) + done, .write)
            return .call(access, then: .zeroed)

        case .pin:
            call.words.4 = UInt64(done)
            let left = pagesOfRequest(call, done, file, machine)
            let fast = machine.pinPresentPages(left, at: machine.directReadTarget(of: task) + done, of: task)
            guard fast < left else { return .next(.dirty) }
            let flags: GUPFlags = [.get, .touch, .write, .unlockable]
            let target = machine.directReadTarget(of: task) + done + fast
            return .call(machine.pinning(left - fast, from: target, flags), then: .pinned)

        case .pinned:
            if done > Int(call.words.4) {
                return .next(pagesOfRequest(call, done, file, machine) > 0 ? .pin : .dirty)
            }
            if done > Int(call.words.3) { return .next(.dirty) }
            if done > Int(call.words.2) { return .next(.nextExtent) }
            call.words.5 = UInt64(bitPattern: call.returned)
            return .next(.awaitDevice)

        case .dirty:
            call.words.4 = call.words.3
            return dirtyNext(&call, done, file, task, &machine)

        case .dirtied:
            let folio = machine.folioBatch(of: task)[Int(call.words.4)]
            _ = machine.markDirty(folio, by: task)
            machine.unlock(folio)
            call.words.4 += 1
            return dirtyNext(&call, done, file, task, &machine)

        case .submitted:
            call.words.3 = UInt64(done)
            let isExtent = done < Int(call.words.1) && FileIO.hasBlock(file, page(done, call), machine)
            return .next(isExtent ? .pin : .nextExtent)

        case .zeroed:
            guard call.returned == 0 else {
                call.words.5 = UInt64(bitPattern: call.returned)
                return .next(.awaitDevice)
            }
            machine.copyIn(stamp: 0, to: machine.directReadTarget(of: task) + done, in: machine.map(of: task))
            machine.addToBatch(.none, of: task)
            return .next(.nextExtent)

        case .awaitDevice:
            let request = machine.requestsUnderWay.first { $0.kind == .direct && $0.task == task }
            if let request { return .sleep(.request(request.id), then: .awaitDevice) }
            return .next(.finish)

        case .finish:
            return .returned(finish(call, file, task, &machine))
        }
    }

    /// The page of the file at a place in the batch.
    private static func page(_ place: Int, _ call: Activation) -> PageIndex {
        PageIndex(rawValue: call.words.0) + place
    }

    /// How many pages the request can still take: up to the end of the read, the extent, or a `bio`.
    private static func pagesOfRequest(_ call: Activation, _ done: Int, _ file: FileID, _ machine: Machine) -> Int {
        let most = min(mostPagesOfRequest, max(1, machine.settings.largestRequestPages)) - (done - Int(call.words.3))
        var count = 0
        while count < most, done + count < Int(call.words.1),
            FileIO.hasBlock(file, page(done + count, call), machine)
        { count += 1 }
        return count
    }

    /// Makes the next page of the request dirty, under its lock, before the device writes to it; after the last one,
    /// submits: `bio_set_pages_dirty()`, `submit_bio()`.
    private static func dirtyNext(
        _ call: inout Activation, _ done: Int, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> OldStep<Stage> {
        let batch = machine.folioBatch(of: task)
        while Int(call.words.4) < done {
            let folio = batch[Int(call.words.4)]
            if machine.cachePosition(of: folio) != nil { return .call(machine.locking(folio), then: .dirtied) }
            call.words.4 += 1
        }
        let first = Int(call.words.3)
        machine.submit(
            IORequest(
                .direct, on: machine.device(of: file), file: file, index: page(first, call), pages: done - first,
                by: task))
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .submitted) }
        return .next(.submitted)
    }

    /// The end of the request's pages: they have what the device holds, up to the end of the file: `iomap_dio_complete()`.
    private static func finish(
        _ call: Activation, _ file: FileID, _ task: TaskID, _ machine: inout Machine
    ) -> Int64 {
        let batch = machine.folioBatch(of: task)
        var error = Int64(bitPattern: call.words.5)
        for (place, folio) in batch.enumerated() where folio != .none {
            if machine.isBroken(page(place, call), of: file) {
                error = Errno.inputOutput.returned
            } else {
                machine.setStamp(of: folio, machine.storedStamp(of: file, at: page(place, call)))
            }
        }
        machine.cutBatch(of: task, to: 0)
        let inFile = max(0, machine.pages(of: file) - Int(call.words.0))
        machine.unlock(.inode(file), by: task)
        return error != 0 ? error : Int64(min(batch.count, inFile))
    }
}
