import FaultCore

/// `page_cache_ra_unbounded()` (mm/readahead.c, Linux 5.8 to 6.12): puts the missing pages of a window into the page
/// cache and starts reading them.
///
///     lockInvalidate ─▶ readWindow ─▶ windowSubmitted
///           └─[the kernel has no such lock]─▲
///
/// All readahead uses this routine: of faults, of read(2), and of fadvise(2). The caller holds no lock of the file, and
/// may hold the fault lock. The invalidate lock is held for reading while the pages are inserted, so that a page which
/// is being removed does not come back, and until the reads are submitted. It is not held while the reads are under
/// way.
enum WindowRead: Routine {
    enum Stage: UInt8, RoutineStage {
        case lockInvalidate
        case readWindow
        case windowSubmitted
    }

    struct Frame: RoutineFrame {
        /// The window to read.
        let window: ReadaheadWindow
        /// The file.
        let file: FileID
        /// Whether it has already tried to make room for the pages. It tries once; pages that do not fit are not read
        /// ahead.
        var hasMadeRoom = false

        init(_ window: ReadaheadWindow, of file: FileID) {
            self.window = window
            self.file = file
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("window", window)
            visitor.visit("file", file)
            visitor.visit("hasMadeRoom", hasMadeRoom)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let file = frame.file
        switch stage {
        case .lockInvalidate:
            guard machine.hasInvalidateLocks else { return .next(.readWindow) }
            return .call(machine.taking(.invalidate(file), .read), then: .readWindow)

        case .readWindow:
            let pages = frame.window.pages
            if !frame.hasMadeRoom, machine.lacksRoom(forPages: pages) {
                frame.hasMadeRoom = true
                return .call(machine.makingRoom(forPages: pages), then: .readWindow)
            }
            Readahead.read(frame.window, of: file, by: machine.currentTask, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .windowSubmitted) }
            return .next(.windowSubmitted)

        case .windowSubmitted:
            machine.unlock(.invalidate(file), by: machine.currentTask)
            return .done
        }
    }
}

extension Machine {
    /// The call that reads a window of a file ahead. It returns ``FileResult/done``.
    func readingAhead(_ window: ReadaheadWindow, of file: FileID) -> RoutineCall {
        calling(.readahead(window.start, pages: window.pages, lookahead: window.lookahead), on: file)
    }
}

// MARK: - What it reads and holds

extension WindowRead {
    /// A window of so many pages is declared page by page, a larger one as all of the file.
    private static let mostPagesNamed = 8

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file = frame.file
        switch stage {
        case .lockInvalidate: return []
        case .readWindow:
            let window = frame.window
            let reads = view.submitting(of: file).union([.file(file)])
            guard window.pages <= mostPagesNamed else { return reads.union(view.cache(of: file)) }
            return (0..<window.pages).reduce(reads) { $0.union(view.cached(window.start + $1, of: file)) }
        case .windowSubmitted: return view.releasing(.invalidate(file))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.invalidate(frame.file), .read, if: stage != .lockInvalidate)
    }
}
