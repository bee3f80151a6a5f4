import FaultCore

/// Dirty throttling, a short form of `balance_dirty_pages()` (mm/page-writeback.c, Linux 6.1).
///
/// Above the limit of dirty pages, the files' dirty pages are handed to their devices, and the task sleeps until the
/// devices have written enough.
///
/// Differs: there is no flusher thread, so a throttled task starts the writeback itself, without waiting for a page.
/// Below the limit, no task sleeps. The sleep has no time limit, because at the limit a task of the kernel would only
/// go back to sleep.
///
/// So if pages that no device writes use up the limit, a store to a page of a file never ends, in any kernel model. Its
/// page is clean and write-protected again each time that the fault has waited. In Linux, the flusher may be slower
/// than the store, but need not be.
///
/// A fatal signal ends the sleep. It never fails.
enum DirtyThrottle: Routine {
    enum Stage: UInt8, RoutineStage {
        case check
        case writeFile
        case slept
    }

    struct Frame: RoutineFrame {
        /// The number of the next file to be written back; known from `writeFile` on.
        var nextFile = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("nextFile", nextFile) }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        switch stage {
        case .check:
            guard machine.hasTooManyDirtyPages else { return .done }
            frame.nextFile = 0
            return .next(.writeFile)

        case .writeFile:
            if frame.nextFile < machine.fileCount {
                let file = FileID(frame.nextFile)
                frame.nextFile += 1
                guard isWrittenBack(file, machine) else { return .next(.writeFile) }
                return .call(machine.calling(.writeback, on: file), then: .writeFile)
            }
            guard machine.hasTooManyDirtyPages else { return .done }
            // A page that was skipped because it was locked may be free again.
            let canWrite = (0..<machine.fileCount).contains {
                isWrittenBack(FileID($0), machine) && Writeback.hasWritablePage(FileID($0), machine)
            }
            if canWrite { return .next(.check) }
            return .sleep(TaskWait(.dirtyThrottle, .killable, value: .max), then: .slept)

        case .slept:
            return resumed.wasInterrupted ? .done : .next(.check)
        }
    }
}

extension DirtyThrottle {
    /// Whether the pages of a file are written back.
    private static func isWrittenBack(_ file: FileID, _ machine: Machine) -> Bool {
        machine.traits(of: file).contains(.writeback)
    }
}

// MARK: - What it reads

extension DirtyThrottle {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .check: view.dirtyPages
        case .writeFile:
            (0..<view.machine.fileCount).reduce(view.dirtyPages.union([.world])) {
                $0.union(view.cache(of: FileID($1)))
            }
        case .slept: []
        }
    }
}
