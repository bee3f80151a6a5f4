/// `read(2)` and `write(2)` of whole pages: the loop over pages, with the copy to or from user memory.
///
///     read:  getPages ─▶ gotPages ─▶ copyPage ─▶ [pageCopied ─▶] copyPage ... ─▶ getPages
///     write: lockInode ─▶ inodeLocked ─▶ faultIn ─▶ faultedIn ─▶ pagePrepared ─▶ throttled ─▶ faultIn
///                                      └─ throttled first ─▶ copyNext ─▶ ...
///
/// Models `filemap_read()` and `generic_perform_write()` (mm/filemap.c, Linux 6.1) around what the file system does.
/// While it copies, a read holds no lock, only the references of its batch. A write holds the inode lock throughout.
/// The result is the number of pages copied, or the error if there are none.
enum FileTransferRoutine: OperationRoutine {
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

    struct Frame: RoutineFrame {
        /// The direction of a transfer, and what is known of the current batch.
        enum Phase: UInt8 {
            /// To user memory; there may be pages after the batch.
            case reading
            /// To user memory, and the file ends with the batch.
            case readingEnd
            /// To the file.
            case writing
        }

        /// The next page of the file.
        var next: PageIndex
        /// How many pages are left.
        var left: Int
        /// How many are copied.
        var copied = 0
        /// The position that is noted at the end of the read, by ``KernelModel/ReadPositionNote``: how far this read
        /// has come, or the previous one.
        var position: Int64 = 0
        /// The next page of user memory; `nil` for a buffer that is always present.
        var memory: PageNumber?
        /// The direction.
        var phase: Phase
        /// How many pages of the batch are not copied yet.
        var leftInBatch: UInt16 = 0
        /// The file.
        let file: FileID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("next", next)
            visitor.visit("left", left)
            visitor.visit("copied", copied)
            visitor.visit("position", position)
            visitor.visit("memory", memory)
            visitor.visit("phase", phase)
            visitor.visit("leftInBatch", leftInBatch)
            visitor.visit("file", file)
        }

        /// Reads `pages` pages of `file`.
        static func reading(_ pages: Int, at first: PageIndex, of file: FileID, into memory: PageNumber?) -> Self {
            Self(next: first, left: pages, memory: memory, phase: .reading, file: file)
        }

        /// Writes `pages` pages of `file`.
        static func writing(_ pages: Int, at first: PageIndex, of file: FileID, from memory: PageNumber?) -> Self {
            Self(next: first, left: pages, memory: memory, phase: .writing, file: file)
        }

        /// Moves on past a page that is copied.
        fileprivate mutating func advance() {
            next = next + 1
            left -= 1
            copied += 1
            memory = memory.map { $0 + 1 }
        }
    }

    static var number: RoutineNumber { .fileTransfer }
    static func needsOwnMap(_ frame: Frame) -> Bool { frame.memory != nil }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        switch stage {
        case .begin:
            guard frame.left > 0 else { return .done }
            if frame.phase == .writing { return .call(machine.taking(.inode(frame.file), .write), then: .inodeLocked) }
            guard machine.model.readPositionNote != .everyPage else { return .next(.getPages) }
            frame.position = machine.files[frame.file.index].readahead.previousPosition
            return .next(.getPages)

        case .inodeLocked:
            return .call(machine.calling(.writeBegin, on: frame.file), then: .faultIn)

        case .getPages:
            return .call(machine.calling(.read(frame.next, pages: frame.left), on: frame.file), then: .gotPages)

        case .gotPages:
            switch resumed.result(FileResult.self) {
            case .failed(let errno): return endRead(frame, errno, task, &machine)
            case .ready(let ready):
                take(ready, &frame, task, &machine)
                return .next(.copyPage)
            case .done, .pages:
                misuse("FileOperations.step: a read ends with .ready or .failed, not with .done or .pages")
            }

        case .copyPage:
            guard frame.leftInBatch > 0 else {
                let isEmpty = machine.folioBatch(of: task).isEmpty
                machine.cutBatch(of: task, to: 0)
                if frame.left == 0 || frame.phase == .readingEnd || isEmpty {
                    return endRead(frame, nil, task, &machine)
                }
                return .next(.getPages)
            }
            if let page = frame.memory {
                return .call(machine.accessing(page, .write, copies: true), then: .pageCopied)
            }
            advanceRead(&frame, task, &machine)
            return .next(.copyPage)

        case .pageCopied:
            if let errno = resumed.errno {
                noteRead(frame.next, &frame, &machine)
                return endRead(frame, errno, task, &machine)
            }
            if let page = frame.memory {
                // Reclaim may have come between the access and the copy. In the kernel, the copy and its access are
                // one.
                let entry = machine.entry(of: page, in: machine.map(of: task))
                if machine.swapSlot(of: entry) != nil {
                    return .call(machine.accessing(page, .write), then: .pageCopied)
                }
                let stamp = batchStamp(frame, task, machine)
                machine.copyIn(stamp: stamp, to: page, in: machine.map(of: task))
            }
            advanceRead(&frame, task, &machine)
            return .next(.copyPage)

        case .faultIn:
            if frame.left > 0, machine.model.writeThrottle == .beforePage,
                machine.asksForThrottling(frame.file, task)
            {
                return .call(machine.throttling(), then: .copyNext)
            }
            return copyNext(frame, task, &machine)

        case .copyNext:
            return copyNext(frame, task, &machine)

        case .faultedIn:
            if let errno = resumed.errno { return endWrite(frame, errno, task, &machine) }
            if machine.hasFatalSignal(task) { return endWrite(frame, .interrupted, task, &machine) }
            return .call(machine.calling(.write(frame.next), on: frame.file), then: .pagePrepared)

        case .pagePrepared:
            if let errno = resumed.errno { return endWrite(frame, errno, task, &machine) }
            guard writePage(&frame, task, &machine) else { return .next(.faultIn) }
            guard machine.model.writeThrottle == .afterPage, machine.asksForThrottling(frame.file, task) else {
                return .next(.faultIn)
            }
            return .call(machine.throttling(), then: .throttled)

        case .throttled:
            return .next(.faultIn)
        }
    }

    // MARK: What it calls

    // MARK: Reading

    /// Starts on the pages that the file system has made ready in the batch.
    private static func take(_ ready: ReadyPages, _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine) {
        let inBatch = machine.folioBatch(of: task).count
        guard let count = UInt16(exactly: ready.count), ready.count <= inBatch else {
            misuse(
                "FileOperations.step: a read returned \(ready.count) ready pages with \(inBatch) in the batch; return as "
                    + "many as there are, and at most 65,535")
        }
        machine.cutBatch(of: task, to: ready.count)
        frame.leftInBatch = count
        frame.phase = ready.reachesEnd ? .readingEnd : .reading
    }

    /// The next page of the batch to copy.
    private static func nextFolio(_ frame: Frame, _ task: TaskID, _ machine: Machine) -> FrameNumber {
        let batch = machine.folioBatch(of: task)
        return batch[batch.count - Int(frame.leftInBatch)]
    }

    /// The content of that page.
    private static func batchStamp(_ frame: Frame, _ task: TaskID, _ machine: Machine) -> UInt32 {
        let folio = nextFolio(frame, task, machine)
        return folio == .none ? 0 : machine.stamp(of: folio)
    }

    private static func advanceRead(_ frame: inout Frame, _ task: TaskID, _ machine: inout Machine) {
        machine.tasks[task.index].outcome.stamp = batchStamp(frame, task, machine)
        let folio = nextFolio(frame, task, machine)
        if folio != .none, !wasReadLast(frame, machine) { machine.markAccessed(folio) }
        let page = frame.next
        machine.tasks[task.index].outcome.bytes += machine.bytes(of: page, of: frame.file)
        frame.advance()
        frame.leftInBatch -= 1
        noteRead(page, &frame, &machine)
    }

    /// Whether the first page of a call is the page that was read last, because reading a page in pieces counts as one use.
    /// Never on tmpfs.
    private static func wasReadLast(_ frame: Frame, _ machine: Machine) -> Bool {
        guard frame.copied == 0, !machine.files[frame.file.index].traits.contains(.shmem) else { return false }
        let position = machine.files[frame.file.index].readahead.previousPosition
        let last = machine.model.readPositionNote == .lastPageAtEnd ? position : position - 1
        return last >= 0 && UInt64(last) >> UInt64(machine.geometry.pageShift) == frame.next.rawValue
    }

    /// Remembers how far the read has come, so that readahead recognises a sequential reader: `ra->prev_pos`. `page` is
    /// the page that was copied last, or could not be copied.
    private static func noteRead(_ page: PageIndex, _ frame: inout Frame, _ machine: inout Machine) {
        let shift = UInt64(machine.geometry.pageShift)
        var end = Int64(bitPattern: frame.next.rawValue << shift)
        // The position ends where the file does.
        if frame.next == page + 1 {
            end -= Int64(machine.geometry.pageSize) - Int64(machine.bytes(of: page, of: frame.file))
        }
        switch machine.model.readPositionNote {
        case .everyPage: keep(end, frame.file, &machine)
        case .endOfCall: frame.position = end
        case .lastPageAtEnd: frame.position = Int64(bitPattern: page.rawValue << shift)
        }
    }

    /// Stores the position for readahead, which tmpfs does not have.
    private static func keep(_ position: Int64, _ file: FileID, _ machine: inout Machine) {
        guard !machine.files[file.index].traits.contains(.shmem) else { return }
        machine.noteWrite(.file(file))
        machine.files[file.index].readahead.previousPosition = position
    }

    private static func endRead(
        _ frame: Frame, _ errno: Errno?, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        machine.cutBatch(of: task, to: 0)
        if machine.model.readPositionNote != .everyPage { keep(frame.position, frame.file, &machine) }
        return end(frame, errno)
    }

    /// Ends the call: pages that were copied take precedence over an error.
    private static func end(_ frame: Frame, _ errno: Errno?) -> RoutineStep<Stage, CallResult> {
        if frame.copied == 0, let errno { return .failed(errno) }
        return .returned(frame.copied)
    }

    // MARK: Writing

    /// Makes sure that the source of the next page is present, or ends the call.
    private static func copyNext(
        _ frame: Frame, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        guard frame.left > 0 else { return endWrite(frame, nil, task, &machine) }
        guard let page = frame.memory else { return .next(.faultedIn) }
        return .call(machine.accessing(page, .read, mostTries: 1), then: .faultedIn)
    }

    /// Copies into the prepared page and ends its write: `write_end`. The page is then dirty, and the file reaches at
    /// least to it.
    ///
    /// - Returns: Whether it could copy: the source may be gone since it was faulted in. Then nothing is written, and a
    ///   new page of tmpfs is a page of zeroes.
    private static func writePage(_ frame: inout Frame, _ task: TaskID, _ machine: inout Machine) -> Bool {
        let folio = machine.folioBatch(of: task)[0]
        var stamp: UInt32? = Machine.stamp(after: machine.stamp(of: folio), writtenBy: task)
        if let page = frame.memory { stamp = machine.copyOut(of: page, in: machine.map(of: task)) }
        if let stamp {
            machine.chargePageCopy()
            machine.setStamp(of: folio, stamp)
            machine.setFlags(of: folio, adding: .uptodate)
            machine.markDirtyByWrite(folio, by: task)
            machine.extend(frame.file, throughPageBefore: frame.next.value + 1)
            machine.tasks[task.index].outcome.bytes += Int(machine.geometry.pageSize)
            frame.advance()
        } else if machine.flags(of: folio).contains(.shmem) {
            // shmem_write_end() extends the file to where the copy ended, and zeroes what was not copied, even if that
            // is all.
            machine.extend(frame.file, throughPageBefore: frame.next.value)
            if !machine.flags(of: folio).contains(.uptodate) {
                machine.setStamp(of: folio, 0)
                machine.setFlags(of: folio, adding: .uptodate)
            }
            machine.markDirtyByWrite(folio, by: task)
        }
        machine.unlock(folio)
        machine.cutBatch(of: task, to: 0)
        return stamp != nil
    }

    private static func endWrite(
        _ frame: Frame, _ errno: Errno?, _ task: TaskID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        machine.unlock(.inode(frame.file), by: task)
        return end(frame, errno)
    }
}

// MARK: - What it reads and holds

extension FileTransferRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let memory = frame.memory.map { view.entry($0, in: view.map) } ?? []
        let file: Footprint = [.file(frame.file)]
        switch stage {
        case .begin: return file
        case .inodeLocked, .getPages, .throttled: return []
        case .gotPages, .copyPage: return view.batch.union(file)
        case .pageCopied: return view.batch.union(file, memory)
        case .faultIn, .copyNext: return view.dirtyPages.union(view.releasing(.inode(frame.file)))
        case .faultedIn: return view.releasing(.inode(frame.file))
        case .pagePrepared: return view.batch.union(file, memory, view.dirtyPages, view.releasing(.inode(frame.file)))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.inode(frame.file), .write, if: frame.phase == .writing && stage != .begin)
    }
}
