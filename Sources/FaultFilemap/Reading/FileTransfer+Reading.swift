import FaultCore

/// The steps of read(2): `filemap_read()` (mm/filemap.c, Linux 6.1).
extension FileTransfer {
    /// Starts on the pages that the file system has made ready in the batch, or ends the read.
    static func gotPages(
        _ frame: inout Frame, _ resumed: Resumption, _ task: TaskID, _ machine: inout Machine
    ) -> Step {
        switch resumed.result(FileResult.self) {
        case .failed(let errno): return endRead(frame, errno, task, &machine)
        case .ready(let ready):
            take(ready, &frame, task, &machine)
            return .next(.copyPage)
        case .done, .pages:
            misuse("FileOperations.step: a read ends with .ready or .failed, not with .done or .pages")
        }
    }

    /// Copies the next page of the batch, or goes on after it. A copy to user memory begins with an access to it. The page
    /// of the file counts as used before that, so that it is in use for reclaim that the access starts.
    @inline(__always)
    static func copyPage(_ frame: inout Frame, _ task: TaskID, _ machine: inout Machine) -> Step {
        guard frame.leftInBatch > 0 else {
            let isEmpty = machine.folioBatch(of: task).isEmpty
            machine.cutBatch(of: task, to: 0)
            if frame.left == 0 || frame.phase == .readingEnd || isEmpty {
                return endRead(frame, nil, task, &machine)
            }
            return .next(.getPages)
        }
        let folio = nextFolio(frame, task, machine)
        if folio != .none, !wasReadLast(frame, machine) { machine.markAccessed(folio) }
        if let page = frame.memory {
            return .call(machine.accessing(page, .write, copies: true), then: .pageCopied)
        }
        advanceRead(folio, &frame, task, &machine)
        return .next(.copyPage)
    }

    /// Copies a page to user memory, to which there was an access.
    @inline(__always)
    static func pageCopied(
        _ frame: inout Frame, _ resumed: Resumption, _ task: TaskID, _ machine: inout Machine
    ) -> Step {
        if let errno = resumed.errno {
            noteRead(frame.next, short: 0, &frame, &machine)
            return endRead(frame, errno, task, &machine)
        }
        let folio = nextFolio(frame, task, machine)
        if let page = frame.memory {
            // Reclaim may have come between the access and the copy. In the kernel, the copy and its access are one.
            guard machine.copiesIn(stamp: content(of: folio, machine), to: page, in: machine.currentMap) else {
                return .call(machine.accessing(page, .write), then: .pageCopied)
            }
        }
        advanceRead(folio, &frame, task, &machine)
        return .next(.copyPage)
    }

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
        machine.folio(inBatchOf: task, fromEnd: Int(frame.leftInBatch))
    }

    /// The content of a page of the batch; a hole is read as zeroes.
    private static func content(of folio: FrameNumber, _ machine: Machine) -> UInt32 {
        folio == .none ? 0 : machine.stamp(of: folio)
    }

    private static func advanceRead(
        _ folio: FrameNumber, _ frame: inout Frame, _ task: TaskID, _ machine: inout Machine
    ) {
        let page = frame.next
        let bytes = machine.bytes(of: page, of: frame.file)
        machine.noteMoved(bytes, content: content(of: folio, machine), by: task)
        frame.advance()
        frame.leftInBatch -= 1
        noteRead(page, short: Int(machine.geometry.pageSize) - bytes, &frame, &machine)
    }

    /// Whether the first page of a call is the page that was read last, because reading a page in pieces counts as one
    /// use. Never on tmpfs.
    private static func wasReadLast(_ frame: Frame, _ machine: Machine) -> Bool {
        guard frame.copied == 0, !machine.traits(of: frame.file).contains(.shmem) else { return false }
        let position = machine.readPosition(of: frame.file)
        let last = machine.model.readPositionNote == .lastPageAtEnd ? position : position - 1
        return last >= 0 && UInt64(last) >> UInt64(machine.geometry.pageShift) == frame.next.rawValue
    }

    /// Remembers how far the read has come, so that readahead recognises a sequential reader: `ra->prev_pos`. `page` is
    /// the page that was copied last, or could not be copied; the file ends `short` bytes before the end of a page that was
    /// copied, and so does the position.
    private static func noteRead(
        _ page: PageIndex, short: Int, _ frame: inout Frame, _ machine: inout Machine
    ) {
        let shift = UInt64(machine.geometry.pageShift)
        let end = Int64(bitPattern: frame.next.rawValue << shift) - Int64(short)
        switch machine.model.readPositionNote {
        case .everyPage: keep(end, frame.file, &machine)
        case .endOfCall: frame.position = end
        case .lastPageAtEnd: frame.position = Int64(bitPattern: page.rawValue << shift)
        }
    }

    /// Stores the position for readahead, which tmpfs does not have.
    private static func keep(_ position: Int64, _ file: FileID, _ machine: inout Machine) {
        guard !machine.traits(of: file).contains(.shmem) else { return }
        machine.setReadPosition(of: file, to: position)
    }

    private static func endRead(
        _ frame: Frame, _ errno: Errno?, _ task: TaskID, _ machine: inout Machine
    ) -> Step {
        machine.cutBatch(of: task, to: 0)
        if machine.model.readPositionNote != .everyPage { keep(frame.position, frame.file, &machine) }
        return end(frame, errno)
    }
}
