import FaultCore

/// `pread(2)` without the page cache: `ext4_dio_read_iter()` (fs/ext4/file.c) with `iomap_dio_rw()`
/// (fs/iomap/direct-io.c, Linux 6.1).
///
///     lockInode ─▶ writeDirty ─▶ nextExtent ─┬─▶ pin ─▶ [pinned ─▶] dirty ─▶ submitted ─▶ pin, nextExtent
///                                            ├─▶ zeroed (a hole) ─▶ nextExtent
///                                            └─▶ awaitDevice ─▶ finish
///
/// The target pages are looked up with `get_user_pages()`, or pinned (``KernelModel/DirectPins``), before anything is
/// submitted. They are kept until the device is done with them, even if they are unmapped. The processor zeroes the
/// memory of a hole, with faults in kernel mode. An error fails the whole read, but the read first waits for everything
/// that was submitted.
///
/// Locks: the inode lock for reading, from beginning to end. No signal ends the wait for the device. The pages are in
/// the task's folio batch, one for each page of the file, with ``FrameNumber/none`` for a hole.
enum DirectRead: Routine {
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

    struct Frame: RoutineFrame {
        /// The first page.
        let first: PageIndex
        /// How many pages.
        let pages: Int
        /// The first page of memory.
        let target: PageNumber
        /// The index in the batch at which the request begins.
        var request = 0
        /// The index in the batch at which the last pin began, or of the next page to make dirty.
        var next = 0
        /// The file.
        let file: FileID
        /// Whether a part of the extent is submitted already.
        var hasSubmitted = false
        /// Why the read fails, once it does.
        var error: Errno?

        init(_ first: PageIndex, pages: Int, into target: PageNumber, of file: FileID) {
            self.first = first
            self.pages = pages
            self.target = target
            self.file = file
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("pages", pages)
            visitor.visit("target", target)
            visitor.visit("request", request)
            visitor.visit("next", next)
            visitor.visit("file", file)
            visitor.visit("hasSubmitted", hasSubmitted)
            visitor.visit("error", error)
        }

        /// The page of the file at a place in the batch.
        func page(_ place: Int) -> PageIndex { first + place }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        let done = machine.folioBatch(of: task).count
        switch stage {
        case .lockInode:
            guard frame.pages > 0 else { return .done }
            return .call(machine.taking(.inode(file), .read), then: .writeDirty)

        case .writeDirty:
            guard frame.first < PageIndex(machine.pages(of: file)) else { return .next(.finish) }
            let write = FileCall.writeAndWait(frame.first, pages: frame.pages)
            return .call(machine.calling(write, on: file), then: .nextExtent)

        case .nextExtent:
            if let errno = resumed.errno {
                frame.error = errno
                return .next(.finish)
            }
            guard done < frame.pages else { return .next(.awaitDevice) }
            frame.hasSubmitted = false
            frame.request = done
            if FileIO.hasBlock(file, frame.page(done), machine) { return .next(.pin) }
            return .call(machine.accessing(frame.target + done, .write), then: .zeroed)

        case .pin:
            frame.next = done
            let left = pagesOfRequest(frame, done, machine)
            let hold: GUPFlags = machine.model.directPins == .pins ? .pin : .get
            let fast = machine.takePresentPages(left, at: frame.target + done, hold.union(.write), by: task)
            guard fast < left else { return .next(.dirty) }
            let flags = hold.union([.touch, .write, .unlockable])
            return .call(machine.pinning(left - fast, from: frame.target + done + fast, flags), then: .pinned)

        case .pinned:
            if done > frame.next {
                return .next(pagesOfRequest(frame, done, machine) > 0 ? .pin : .dirty)
            }
            if done > frame.request { return .next(.dirty) }
            if frame.hasSubmitted { return .next(.nextExtent) }
            frame.error = resumed.errno
            return .next(.awaitDevice)

        case .dirty:
            frame.next = frame.request
            return dirtyNext(frame, done, task, &machine)

        case .dirtied:
            let folio = machine.folioBatch(of: task)[frame.next]
            _ = machine.markDirty(folio, by: task)
            machine.unlock(folio)
            frame.next += 1
            return dirtyNext(frame, done, task, &machine)

        case .submitted:
            frame.request = done
            frame.hasSubmitted = true
            let isExtent = done < frame.pages && FileIO.hasBlock(file, frame.page(done), machine)
            return .next(isExtent ? .pin : .nextExtent)

        case .zeroed:
            if let errno = resumed.errno {
                frame.error = errno
                return .next(.awaitDevice)
            }
            machine.copyIn(stamp: 0, to: frame.target + done, in: machine.map(of: task))
            machine.addToBatch(.none, of: task, as: machine.model.directPins == .pins ? machine.kindOfPins : .get)
            return .next(.nextExtent)

        case .awaitDevice:
            let request = machine.requestsUnderWay.first { $0.kind == .direct && $0.task == task }
            if let request { return .sleep(.request(request.id), then: .awaitDevice) }
            return .next(.finish)

        case .finish:
            return .done(finish(frame, task, &machine))
        }
    }

    /// How many pages the request can still take: up to the end of the read, the extent, or a `bio`.
    private static func pagesOfRequest(_ frame: Frame, _ done: Int, _ machine: Machine) -> Int {
        let most = min(mostPagesOfRequest, max(1, machine.settings.largestRequestPages)) - (done - frame.request)
        var count = 0
        while count < most, done + count < frame.pages,
            FileIO.hasBlock(frame.file, frame.page(done + count), machine)
        { count += 1 }
        return count
    }

    /// Makes the next page of the request dirty, under its lock, before the device writes to it. After the last one it
    /// submits the request: `bio_set_pages_dirty()`, `submit_bio()`.
    private static func dirtyNext(
        _ frame: Frame, _ done: Int, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        if frame.next < done {
            return .call(machine.locking(machine.folioBatch(of: task)[frame.next]), then: .dirtied)
        }
        let first = frame.request
        machine.submit(
            IORequest(
                .direct, on: machine.device(of: frame.file), file: frame.file, index: frame.page(first),
                pages: done - first,
                by: task))
        if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .submitted) }
        return .next(.submitted)
    }

    /// Makes a page dirty that was written back, and so became clean, while the device wrote to it:
    /// `bio_check_pages_dirty()`. In the kernel a worker does it.
    private static func dirtyAgain(_ folio: FrameNumber, _ machine: inout Machine) {
        let flags = machine.flags(of: folio)
        guard !flags.contains(.dirty), !flags.isDisjoint(with: [.cached, .anonymous]) else { return }
        _ = machine.markDirty(folio, by: .none)
    }

    /// Ends the request: its pages get the contents of the device, up to the end of the file. Models
    /// `iomap_dio_complete()`.
    private static func finish(
        _ frame: Frame, _ task: TaskID, _ machine: inout Machine
    ) -> FileResult {
        let file = frame.file
        let batch = machine.folioBatch(of: task)
        var error = frame.error
        for (place, folio) in batch.enumerated() where folio != .none {
            if machine.isBroken(frame.page(place), of: file) {
                error = .inputOutput
            } else {
                machine.setStamp(of: folio, machine.storedStamp(of: file, at: frame.page(place)))
                dirtyAgain(folio, &machine)
            }
        }
        machine.cutBatch(of: task, to: 0)
        let read = min(batch.count, max(0, machine.pages(of: file) - frame.first.value))
        machine.unlock(.inode(file), by: task)
        if let error { return .failed(error) }
        machine.countMoved((0..<read).reduce(0) { $0 + machine.bytes(of: frame.page($1), of: file) }, by: task)
        return .pages(read)
    }
}

// MARK: - What it reads and holds

extension DirectRead {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file: Footprint = [.file(frame.file)]
        let target = frame.target + view.machine.folioBatch(of: view.task).count
        switch stage {
        case .lockInode, .writeDirty, .nextExtent, .pinned: return file
        case .pin:
            // It gets as many pages as are present, and looks at each entry.
            return (0..<min(frame.pages, mostPagesOfRequest)).reduce(into: file.union([.areas(view.map)])) {
                $0.formUnion(view.entry(target + $1, in: view.map))
            }
        case .dirty, .dirtied: return file.union(view.batch, view.submitting(of: frame.file))
        case .submitted: return file
        case .zeroed: return view.entry(target, in: view.map)
        case .awaitDevice: return view.submitting(of: frame.file)
        case .finish: return file.union(view.batch, view.dirtyPages, view.releasing(.inode(frame.file)))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.inode(frame.file), .read, if: stage != .lockInode)
    }
}
