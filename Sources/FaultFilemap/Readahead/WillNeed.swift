import FaultCore

/// `force_page_cache_ra()` (mm/readahead.c, Linux 6.1), which `POSIX_FADV_WILLNEED`, `MADV_WILLNEED` and readahead(2)
/// call: starts reading, without marks, and waits only for the invalidate lock.
///
///     cutRequest ─▶ planChunk ◀─▶ WindowRead
///
/// The request goes to the device in chunks of 2 MiB. Each chunk is cut at the end that the file has at that moment.
/// The size is read before the lock is taken, so after a truncation this may read pages that the file no longer has.
enum WillNeed: Routine {
    enum Stage: UInt8, RoutineStage {
        case cutRequest
        case planChunk
    }

    struct Frame: RoutineFrame {
        /// The first page that still has to be read.
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
