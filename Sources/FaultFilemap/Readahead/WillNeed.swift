import FaultCore

/// `force_page_cache_ra()` (mm/readahead.c, Linux 6.1), which `POSIX_FADV_WILLNEED`, `MADV_WILLNEED` and readahead(2)
/// come to: starts reading, without marks, and waits for nothing but the invalidate lock.
///
///     cutRequest ─▶ planChunk ◀─▶ WindowRead
///
/// What is asked for goes to the device in chunks of 2 MiB, each cut at the end that the file has when its turn comes.
/// Behind a truncation pages are read that the file has no longer: the size is looked at before the lock is taken.
enum WillNeed: Routine {
    enum Stage: UInt8, RoutineStage {
        case cutRequest
        case planChunk
    }

    struct Frame: RoutineFrame {
        /// The first page that is yet to be read.
        var first: PageIndex
        /// How many pages are left.
        var pages: Int
        /// The file.
        let file: FileID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("pages", pages)
            visitor.visit("file", file)
        }
    }

    private static let bytesPerChunk = 2 << 20

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let file = frame.file
        switch stage {
        case .cutRequest:
            // To the largest that the device takes, or to the readahead window if that is larger.
            let largest = max(machine.settings.largestRequestPages, machine[readaheadOf: file].maximum)
            frame.pages = min(frame.pages, largest)
            return .next(.planChunk)

        case .planChunk:
            let chunk = min(frame.pages, max(1, bytesPerChunk / Int(machine.geometry.pageSize)))
            guard
                let window = ReadaheadWindow(
                    frame.first, chunk, lookahead: 0, ofFileWith: machine.pages(of: file))
            else { return .done }
            frame.first = frame.first + chunk
            frame.pages -= chunk
            return .call(machine.readingAhead(window, of: file), then: .planChunk)
        }
    }
}

// MARK: - What it reads

extension WillNeed {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { [.file(frame.file)] }
}
