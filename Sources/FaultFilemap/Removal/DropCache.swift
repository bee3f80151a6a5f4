import FaultCore

/// `POSIX_FADV_DONTNEED`: `generic_fadvise()` with `invalidate_mapping_pagevec()` (mm/fadvise.c, mm/truncate.c, Linux
/// 6.1).
///
/// Starts writing what is dirty, if anything is, and then drops each page that is clean, unlocked, not under writeback,
/// and that nobody but the page cache refers to, so in particular one that is not mapped. It waits for nothing, so that
/// what it writes is still there afterwards; that is to go as soon as it is written. What reclaim remembers of pages of the
/// file that it took is forgotten. tmpfs has no device to read from again, and ignores it.
enum DropCache: Routine {
    enum Stage: UInt8, RoutineStage {
        case dropBatch
        case dropAfterWrite
    }

    struct Frame: RoutineFrame {
        /// The next page to look at.
        var next: PageIndex = 0
        /// The file.
        let file: FileID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("next", next)
            visitor.visit("file", file)
        }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let file = frame.file
        switch stage {
        case .dropBatch, .dropAfterWrite:
            let isFirst = stage == .dropBatch && frame.next == 0
            if isFirst, Writeback.firstDirty(of: file, in: PageRange.whole, machine) != nil {
                return .call(machine.calling(.writeback, on: file), then: .dropAfterWrite)
            }
            for _ in 0..<machine.folioBatchSize {
                guard let (index, folio) = machine.firstCached(of: file, from: frame.next) else {
                    machine.forgetShadows(of: file, from: 0, through: PageRange.end)
                    return .done
                }
                frame.next = index + 1
                let flags = machine.flags(of: folio)
                guard !flags.contains(.locked) else { continue }
                let isClean = flags.isDisjoint(with: [.dirty, .writeback])
                if isClean, machine.references(of: folio) == 1 || mistaken(.dropsPagesInUse) {
                    machine.removeFromCache(folio)
                } else {
                    machine.deactivateFilePage(folio)
                }
            }
            return .next(stage)
        }
    }
}

// MARK: - What it reads

extension DropCache {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        view.cache(of: frame.file).union([.file(frame.file)])
    }
}
