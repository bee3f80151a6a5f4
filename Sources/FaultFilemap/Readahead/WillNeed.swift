import FaultCore

/// `POSIX_FADV_WILLNEED` and `MADV_WILLNEED`: starts reading, and waits for nothing but the invalidate lock.
enum WillNeed: Routine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case read
        case unlock
    }

    struct Frame: RoutineFrame {
        /// The first page.
        let first: PageIndex
        /// How many pages.
        let pages: Int
        /// How many the file has. That is looked at before the lock is taken, so behind a truncation pages are read
        /// that the file has no longer.
        var filePages = 0
        /// The file.
        let file: FileID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("pages", pages)
            visitor.visit("filePages", filePages)
            visitor.visit("file", file)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        let file = frame.file
        switch stage {
        case .lock:
            frame.filePages = machine.pages(of: file)
            guard frame.first < PageIndex(frame.filePages) else { return .done }  // nothing to read: no lock
            return .call(machine.taking(.invalidate(file), .read), then: .read)

        case .read:
            Readahead.force(
                file, ofPages: frame.filePages, at: frame.first, pages: frame.pages, by: task, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .unlock) }
            return .next(.unlock)

        case .unlock:
            machine.unlock(.invalidate(file), by: task)
            return .done
        }
    }
}

// MARK: - What it reads and holds

extension WillNeed {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let file = frame.file
        switch stage {
        case .lock: return [.file(file)]
        case .read: return view.submitting(of: file).union([.file(file)], view.cache(of: file))
        case .unlock: return view.releasing(.invalidate(file))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.invalidate(frame.file), .read, if: stage != .lock)
    }
}
