// What it reads and holds.
extension MadviseRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.map
        let unlock = view.releasing(.mmap(map))
        switch stage {
        case .lock, .locked: return []
        case .visit: return visit(frame, view)
        case .readAhead, .removed, .told: return pinned(frame, view)
        case .swapIn: return view.swap.union([.entries(map)])
        case .populate: return unlock.union([.areas(map)])
        case .populated, .populateRelocked, .populateRange, .rangePopulated, .rangeRelocked, .removeRelocked:
            return unlock
        case .swapInFile, .pageOut: return .everything  // reclaim looks at every memory map
        case .findWithoutLock: return [.areas(map)]
        case .lockArea: return view.changingAreas(of: map).union([.areaLocks(map)])
        case .toldRelocked:
            return unlock.union([.areas(map)], view.entries(in: frame.page..<frame.partEnd, of: map))
        case .visitLocked:
            return view.faultLock.union([.areas(map)], view.entries(in: frame.page..<frame.end, of: map))
        }
    }

    private static func pinned(_ frame: Frame, _ view: StageView) -> Footprint {
        frame.pin == .none ? [] : view.pins(of: frame.pin.file).union([.file(frame.pin.file)])
    }

    private static func visit(_ frame: Frame, _ view: StageView) -> Footprint {
        let map = view.map
        var reads = view.changingAreas(of: map).union(view.releasing(.mmap(map)))
        switch frame.advice {
        case .dontNeed, .dontNeedLocked, .free, .cold:
            if frame.page < frame.end { reads.formUnion(view.entries(in: frame.page..<frame.end, of: map)) }
        case .willNeed, .remove:
            if let area = view.machine.area(endingAfter: frame.page, in: map), area.file != .none {
                reads.formUnion(view.pins(of: area.file).union([.file(area.file)]))
            }
        case .normal, .random, .sequential, .dontFork, .doFork, .wipeOnFork, .keepOnFork, .populateRead,
            .populateWrite, .pageOut:
            break
        }
        return reads
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        let lock = LockName.mmap(view.map)
        switch stage {
        case .lock, .readAhead, .removed, .findWithoutLock, .lockArea, .visitLocked, .told: return .nothing
        case .locked: return .lock(lock, frame.advice.changesFlags ? .write : .read, if: view.resumed.errno == nil)
        case .visit: return .lock(lock, frame.advice.changesFlags ? .write : .read).and(view.heldToTell)
        case .swapIn, .swapInFile, .populate, .populateRelocked, .populateRange, .rangeRelocked, .pageOut,
            .removeRelocked, .toldRelocked:
            return .lock(lock, .read)
        case .populated: return view.heldAfterLending(view.map)
        case .rangePopulated: return .lock(lock, .read, if: view.callee == nil && view.fault.lock != .none)
        }
    }
}
