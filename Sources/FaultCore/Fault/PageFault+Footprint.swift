// What the stages of a page fault read and write. The fault lock keeps the areas in place, so every stage names them.
extension PageFault {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let fault = view.fault
        guard fault.map != .none else { return .everything }  // every fault has a map
        // A task without the fault lock looks at no area.
        let areas: Footprint = fault.lock == .none ? [] : [.areas(fault.map)]
        let entry = view.entry(fault.page, in: fault.map)
        // An attempt that may end here gives back what it has kept. One that may end because it needs the mmap lock
        // also gives back the lock of the area.
        let end = areas.union(view.page(fault.keptFolio))
        let abandon = end.union(view.pagesOfFault, needsMmapLock(view))
        switch stage {
        case .enter: return []
        case .lookUp: return mistaken(.entryUndeclared) ? abandon : abandon.union(entry)
        case .anonymousPrepare:
            return end.union(
                view.newEntry(fault.page, in: fault.map), anonymousPreparation(view), growingStack(view))
        case .anonymousInstall: return end.union(entry, view.page(fault.copy))
        case .faultAround: return abandon.union(faultAround(view))
        case .copyPrepare, .copyReclaimed: return abandon.union(anonymousPreparation(view))
        case .callHandler: return abandon.union(entry)
        case .handlerReturned: return end.union(view.page(fault.copy))
        case .folioLocked: return areas.union(view.pagesOfFault)
        case .callMkwrite: return areas
        case .mkwriteReturned: return abandon
        case .mkwriteLocked: return abandon.union(view.cached(fault.index, of: fault.file), entry)
        case .finish: return abandon.union(finish(view))
        case .writeProtected, .reuseLocked: return abandon.union(entry, anonymousPreparation(view))
        case .copyInstall: return abandon.union(entry)
        case .sharedReused: return []
        case .handedOver: return end
        case .dirtyShared: return abandon.union(view.dirtyPages, view.droppingFaultLock)
        case .throttled: return abandon.union(view.pins(of: fault.file))
        case .swapLookUp: return abandon.union(view.entries(of: view.fault.map), view.swap, [.areas(view.fault.map)])
        case .swapRecheck: return end.union(entry)
        case .swapRelaxed: return end
        case .swapLock, .swapWoken, .swapLocked: return abandon.union(view.droppingFaultLock)
        case .swapMap:
            let sleepers = view.sleepers { $0.kind == .timer }
            return abandon.union(entry, [.swap], anonymousPreparation(view), sleepers)
        case .aroundNext: return end.union([.entries(fault.map)])
        case .aroundReturned: return []
        case .aroundLocked: return abandon.union(entry)
        }
    }

    /// The lock of an area. An attempt that needs the mmap lock gives it back.
    private static func needsMmapLock(_ view: StageView) -> Footprint {
        view.fault.lock == .area ? view.releasingArea : []
    }

    /// An `anon_vma` belongs to the area. Under the area's lock, making one takes a trylock of the mmap lock.
    private static func anonymousPreparation(_ view: StageView) -> Footprint {
        guard view.fault.lock == .area, AreaLockPolicy(view.model).allowsAnonVMA else { return needsMmapLock(view) }
        guard view.machine.currentArea(view.fault.area).anonVMA == 0 else { return needsMmapLock(view) }
        return needsMmapLock(view).union(view.releasing(.mmap(view.fault.map)))
    }

    /// A stack with a guard page grows by a fault on its lowest page.
    private static func growingStack(_ view: StageView) -> Footprint {
        view.model.stackGuard == .page ? view.changingAreas(of: view.fault.map) : []
    }

    private static func faultAround(_ view: StageView) -> Footprint {
        let fault = view.fault
        let area = view.machine.currentArea(fault.area)
        let pages = view.machine.settings.faultAroundPages
        guard area.operations != 0 else { return .everything }
        let (first, last) = FaultAround.window(
            around: fault.page, at: fault.index, of: area, pages: max(1, pages), view.machine.geometry)
        return view.machine.configuration.vmOperations[Int(area.operations) - 1]
            .mapPagesReads(from: first, through: last, view)
            .union(view.entry(fault.page, in: fault.map))
    }

    /// The handler's page is mapped, and those around it, if the handler has locked them.
    private static func finish(_ view: StageView) -> Footprint {
        let fault = view.fault
        let hasNeighbours = !view.machine.tasks[view.task.index].aroundBatch.isEmpty
        return hasNeighbours ? [.entries(fault.map)] : view.newEntry(fault.page, in: fault.map)
    }
}

extension StageView {
    /// What is read and written to map those pages of a file that are ready, around the page of the fault.
    package func mappingReadyPages(from first: PageIndex, through last: PageIndex) -> Footprint {
        guard fault.file != .none, first <= last else { return [.areas(fault.map)] }
        var reads: Footprint = [.areas(fault.map), .file(fault.file)]
        let hasTable = machine.hasTable(for: fault.page, in: fault.map)
        if !hasTable { reads.insert(.entries(fault.map)) }
        for number in first.value...last.value {
            reads.formUnion(cached(PageIndex(number), of: fault.file))
            if hasTable { reads.formUnion(entry(fault.page + (number - fault.index.value), in: fault.map)) }
        }
        return reads
    }
}
