import FaultSimulator

/// What random programs with a second model beside them do.
extension ContentsRun {
    /// What comes from outside.
    mutating func disturb() {
        let file = files[0]
        if features.contains(.swap) {
            switch random.below(16) {
            case 0: world.evictSwapCache()
            case 1: if world.machine.memoryGroup != nil { world.machine.setMemoryLimit(30 + random.below(40)) }
            default: break
            }
        }
        guard features.contains(.errors) else { return }
        switch random.below(24) {
        case 0, 1, 2:
            let first = random.below(20)
            let pages = first...first + random.below(4)
            world.machine.breakBlocks(of: file, PageRun(pages.lowerBound, pages.upperBound))
            model.breakBlocks(of: file, pages)
        case 3, 4: repair()
        case 5:
            guard features.contains(.swap), random.below(2) == 0 else { return }
            // Where the first slots that are used lie, on a device that turns and on one that does not.
            let first = random.pick([1, 257]) + random.below(40)
            world.machine.breakSwapSlots(first...first + random.below(30))
            model.mayLoseSwap = true
        case 6: if features.contains(.swap) { world.machine.repairSwapSlots() }
        default: break
        }
    }

    private mutating func repair() {
        world.machine.repairBlocks(of: files[0])
        model.repairBlocks(of: files[0])
    }

    /// The next operation of `task`.
    mutating func operation(of task: TaskID) -> TaskOperation {
        let process = model.processes[task.index]!
        let mapped = process.pages.keys.sorted()
        guard !mapped.isEmpty, random.below(12) > 0 else {
            var request = mapping(mapped)
            request.populate = request.populate && canTell(.mmap(request), process)
            return .mmap(request)
        }
        let page = PageNumber(random.pick(mapped))
        let pages = 1 + random.below(4)
        if features.contains(.pins), random.below(4) == 0 { return pinOperation(page, pages, of: task) }
        let operation =
            if features.contains(.swap), random.below(4) == 0 {
                swapOperation(page, pages, process)
            } else if features.contains(.errors), random.below(4) == 0 {
                errorOperation(page, pages)
            } else {
                ordinaryOperation(page, pages, mapped, process)
            }
        return canTell(operation, process) ? operation : .mincore(page, pages: pages)
    }

    /// Whether the model can tell what comes of it: not how far pages were faulted in, if one may fail that need not. Where a block
    /// can't be read that goes on forever, besides; so devices are repaired first.
    private mutating func canTell(_ operation: TaskOperation, _ process: ContentsModel.Process) -> Bool {
        var range: [ContentsModel.Page?] = []
        switch operation {
        case .mlock(let page, let pages), .madvise(let page, let pages, .populateRead),
            .madvise(let page, let pages, .populateWrite), .mprotect(let page, let pages, _):
            range = (0..<pages).map { process.pages[(page + $0).rawValue] }
            if case .mprotect = operation, !range.contains(where: { $0?.isLocked == true }) { return true }
        case .mremap(let page, let pages, let newPages, _):
            guard newPages > pages, let last = process.pages[(page + pages - 1).rawValue], last.isLocked else {
                return true
            }
            range = (1...newPages - pages).map { last.following($0) }
        case .mmap(let request):
            guard request.populate, request.file != .none else { return true }
            range = (0..<request.pages).map {
                let backing = ContentsModel.Backing.file(request.file, request.offset.value + $0, isShared: true)
                return ContentsModel.Page(backing: backing, access: .read)
            }
        case .directRead: return !features.contains(.errors)
        default: return true
        }
        repair()
        return !range.contains { $0.map { model.mayFail($0) } ?? false }
    }

    private mutating func swapOperation(
        _ page: PageNumber, _ pages: Int, _ process: ContentsModel.Process
    ) -> TaskOperation {
        switch random.below(12) {
        case 0...3: return .madvise(page, pages: pages + 3, .pageOut)
        case 4, 5: return .madvise(page, pages: pages, .free)
        case 6: return .madvise(page, pages: pages, .cold)
        case 7: return .read(page, pages: pages + 3)
        case 8: return .madvise(page, pages: pages, .remove)
        case 9:
            // A page that looks untouched may be lost, too.
            return .write(page, pages: pages)
        case 10: return .directReadOrRead(files[0], PageIndex(random.below(12)), pages, page, process)
        default: return random.below(6) == 0 ? .swapOff(0) : .madvise(page, pages: pages, .pageOut)
        }
    }

    /// What may come to a failed read or write of the disk, or find out about it later.
    private mutating func errorOperation(_ page: PageNumber, _ pages: Int) -> TaskOperation {
        let index = PageIndex(random.below(16))
        switch random.below(8) {
        case 0, 1: return .write(files[0], index, pages: pages, from: nil)
        case 2: return .dropCache(files[0])
        case 3: return .fsync(files[0])
        case 4, 5: return .read(files[0], index, pages: pages, into: random.below(2) == 0 ? nil : page)
        case 6: return .write(page, pages: pages)
        default: return .read(page, pages: pages)
        }
    }

    /// A pin, or the end of one.
    private mutating func pinOperation(_ page: PageNumber, _ pages: Int, of task: TaskID) -> TaskOperation {
        if random.below(3) == 0 {
            let ids = model.pins.keys.sorted()
            guard !ids.isEmpty, random.below(8) > 0 else {
                return .unpin(PinID(random.below(9), of: task), makesDirty: true)
            }
            let id = random.pick(ids)
            return .unpin(id, makesDirty: model.pins[id]!.isForWriting)
        }
        let flags: GUPFlags = random.pick([
            [.pin, .write], [.pin, .write], .pin, [.get, .write], .get, [.get, .pin],
        ])
        let range = (0..<pages).map { model.processes[task.index]!.pages[(page + $0).rawValue] }
        // Where a page is lost, how far it came is not told.
        let mayFail = range.contains { $0.map { model.mayFail($0) } ?? false }
        // Whether a page that looks untouched was populated, one that was forked copied, or one that may be gone is, the model
        // does not know.
        let isKnown = range.allSatisfy { found in
            guard let found else { return true }
            if found.copy == nil { return found.backing != .zeroes }
            return !found.mayBeGone && (found.isExclusive || flags.contains(.pin))
        }
        return .pinUserPages(page, pages: mayFail ? 1 : pages, isKnown ? flags : flags.union(.write))
    }

    private mutating func ordinaryOperation(
        _ page: PageNumber, _ pages: Int, _ mapped: [UInt64], _ process: ContentsModel.Process
    ) -> TaskOperation {
        let file = random.pick(files)
        let index = PageIndex(random.below(20))
        switch random.below(36) {
        case 34, 35: return .mlock(page, pages: pages)
        case 0...5: return .read(page, pages: pages)
        case 6...11: return .write(page, pages: pages)
        case 12: return .execute(page, pages: pages)
        case 13: return .kernelTouch(random.pick([.read, .write]), page, .kernelWithFixup)
        case 14: return .munmap(page, pages: 1 + pages / 3)
        case 15:
            return .mprotect(page, pages: pages, random.pick([.read, .readWrite, .readWrite, .all, .noAccess]))
        case 16, 17:
            let advice: [Advice] = [
                .dontNeed, .dontNeed, .dontNeedLocked, .dontFork, .doFork, .wipeOnFork, .keepOnFork, .random,
                .sequential, .willNeed, .free,
            ]
            return .madvise(page, pages: pages, random.pick(advice))
        case 18, 19:
            let newPages = 1 + random.below(7)
            let place = PageNumber(random.pick(mapped)) + random.below(3)
            return .mremap(
                page, pages: pages, newPages: newPages, random.pick([.mayMove, .mayMove, .inPlace, .fixed(place)]))
        case 20:
            let populate = random.pick([Advice.populateRead, .populateWrite])
            switch random.below(3) {
            case 0: return .mlock(page, pages: pages)
            case 1: return .munlock(page, pages: pages)
            default: return .madvise(page, pages: pages, populate)
            }
        case 21: return .brk(random.below(6) - 2)
        case 22: return model.processes.count < 4 ? .fork : model.processes.count > 1 ? .exit : .brk(1)
        case 23: return .read(file, index, pages: pages, into: random.below(4) == 0 ? nil : page)
        case 24: return .read(file, index, pages: pages, into: page)
        case 25: return .write(file, index, pages: pages, from: nil)
        case 26: return .write(file, index, pages: pages, from: page)
        case 27: return .truncate(file, pages: random.below(24))
        case 28: return .punchHole(file, index, pages: pages)
        case 29: return random.below(2) == 0 ? .fsync(file) : .dropCache(file)
        case 30:
            return .getUserPages(page, pages: pages, random.pick([[], .write, .unlockable, [.write, .unlockable]]))
        case 31, 32:
            let owner = random.pick(model.processes.keys.sorted())
            let theirs = model.processes[owner]!.pages.keys.sorted()
            guard !theirs.isEmpty else { return .msync(page, pages: pages) }
            let map = world.machine.map(of: TaskID(owner))
            let there = PageNumber(random.pick(theirs))
            return random.below(2) == 0
                ? .readRemoteMemory(map, there, pages: pages) : .readProcMem(map, there, pages: pages)
        default: return random.below(2) == 0 ? .msync(page, pages: pages) : .mincore(page, pages: pages)
        }
    }

    private mutating func mapping(_ mapped: [UInt64]) -> MapRequest {
        let pages = 2 + random.below(8)
        let access: Protection = random.pick([.readWrite, .readWrite, .read, .all])
        let flags: MapFlags = random.below(2) == 0 ? .shared : []
        let place: MapRequest.Placement =
            mapped.isEmpty || random.below(4) > 0 ? .anywhere : .fixed(PageNumber(random.pick(mapped)))
        var request = MapRequest(
            pages: pages, access: access, flags: flags, placement: place, populate: random.below(3) == 0)
        if random.below(3) > 0 {
            request.file = random.pick(files)
            request.offset = PageIndex(random.below(8))
        }
        return request
    }
}

extension TaskOperation {
    /// A direct read where all of the buffer can be written to, so that it can't fail in the middle; else an ordinary one.
    fileprivate static func directReadOrRead(
        _ file: FileID, _ index: PageIndex, _ pages: Int, _ page: PageNumber, _ process: ContentsModel.Process
    ) -> Self {
        let isWritable = (0..<pages).allSatisfy {
            guard let found = process.pages[(page + $0).rawValue] else { return false }
            return found.access.contains(.write) && found.backing == .zeroes
        }
        return isWritable
            ? .directRead(file, index, pages: pages, into: page) : .read(file, index, pages: pages, into: page)
    }
}
