import FaultCore

/// `POSIX_FADV_DONTNEED`: `generic_fadvise()` with `invalidate_mapping_pagevec()` (mm/fadvise.c, mm/truncate.c, Linux
/// 6.1).
///
/// It first starts to write dirty pages, if there are any. Then it drops each page that is clean, unlocked, not under
/// writeback, and referenced only by the page cache, so in particular not mapped. It waits for nothing, so the pages
/// that it writes stay in the cache; reclaim takes them as soon as they are written. The shadows of evicted pages of the
/// file are dropped. Tmpfs has no device from which a page could be read again, and ignores the call.
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
                if isClean || mistaken(.dropsDirtyPages),
                    machine.references(of: folio) == 1 || mistaken(.dropsPagesInUse)
                {
                    machine.checkDropping(of: folio)
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
