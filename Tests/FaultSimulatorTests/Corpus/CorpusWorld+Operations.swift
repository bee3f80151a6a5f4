import FaultArchitectures
import FaultSimulator

/// Random operations.
extension CorpusWorld {
    /// The next operation of a task: accesses to memory half of the time, and every other operation.
    ///
    /// - Parameter isInList: Whether it is one of a list that the task does one after the other.
    mutating func operation(isInList: Bool) -> TaskOperation {
        let area = random.pick(areas)
        let page = area[random.below(area.pages + 1)]
        let pages = 1 + random.below(5)
        if isQuiet, random.below(2) == 0 { return atOnce(area, page, pages) }
        switch random.below(20) {
        case 0...4: return .read(page, pages: pages, stride: random.pick([1, 1, 1, 2, -1]))
        case 5...9: return .write(page, pages: pages, stride: random.pick([1, 1, 1, 2, -1]))
        case 10...12: return change(area, page, pages)
        case 13...16: return file(page, pages)
        default: return other(area, page, pages, isInList)
        }
    }

    /// What shortcuts are for: first accesses, hits, reads of cached pages, new areas and their end.
    private mutating func atOnce(_ area: Area, _ page: PageNumber, _ pages: Int) -> TaskOperation {
        switch random.below(8) {
        case 0: return .munmap(page, pages: pages)
        case 1: return .mmap(mapping(page, pages))
        case 2:
            let place: MapRequest.Placement = random.below(2) == 0 ? .anywhere : .fixed(page)
            return .mmap(MapRequest(pages: pages, access: random.pick([.readWrite, .read, .all]), placement: place))
        case 3, 4, 5: return .write(page, pages: pages)
        case 6: return .execute(page, pages: pages)
        default: return .read(page, pages: pages)
        }
    }

    /// What changes areas.
    private mutating func change(_ area: Area, _ page: PageNumber, _ pages: Int) -> TaskOperation {
        switch random.below(16) {
        case 0: return .munmap(page, pages: pages)
        case 1, 2: return .mprotect(page, pages: pages, random.pick([.read, .readWrite, .noAccess, .all]))
        case 3: return .mprotectWithKey(page, pages: pages, .readWrite, key: UInt8(random.below(3)))
        case 4...7: return .madvise(page, pages: pages, random.pick(Self.advice))
        case 8, 9:
            let target: RemapTarget = random.pick([.inPlace, .mayMove, .mayMove, .fixed(random.pick(areas)[1])])
            return .mremap(page, pages: pages, newPages: random.below(9), target)
        case 10: return .mlock(page, pages: pages)
        case 11: return random.below(2) == 0 ? .munlock(page, pages: pages) : .munlockAll
        case 12:
            return .mlockAll(
                random.pick([.current, .future, [.current, .future], [.current, .onFault], [.future, .onFault]]))
        case 13: return .brk(random.below(8) - 3)
        default: return .mmap(mapping(page, pages))
        }
    }

    private static let advice: [Advice] = [
        .normal, .random, .sequential, .willNeed, .dontNeed, .dontNeedLocked, .free, .populateRead, .populateWrite,
        .dontFork, .doFork, .wipeOnFork, .keepOnFork, .cold, .pageOut, .pageOut,
    ]

    private mutating func mapping(_ page: PageNumber, _ pages: Int) -> MapRequest {
        var flags = VMAFlags(random.pick([Protection.readWrite, .readWrite, .read, .all]))
        if random.below(2) == 0 { flags.insert(.shared) }
        if random.below(8) == 0 { flags.insert(.locked) }
        if random.below(8) == 0 { flags.insert(.noReserve) }
        let place: MapRequest.Placement = random.pick([.anywhere, .hint(page), .fixed(page), .fixedNoReplace(page)])
        return MapRequest(
            pages: pages, access: flags.protection, flags: MapFlags(flags),
            file: random.below(2) == 0 ? .none : random.pick(files),
            offset: PageIndex(random.below(8)), placement: place, populate: random.below(3) == 0)
    }

    /// What is done to files.
    private mutating func file(_ page: PageNumber, _ pages: Int) -> TaskOperation {
        let file = random.pick(files)
        let index = PageIndex(random.below(24))
        switch random.below(16) {
        case 0...2: return .read(file, index, pages: pages, into: random.below(3) == 0 ? nil : page)
        case 3...5: return .write(file, index, pages: pages, from: random.below(3) == 0 ? nil : page)
        case 6, 7: return .directRead(file, index, pages: pages, into: page)
        case 8, 9: return .truncate(file, pages: random.below(30))
        case 10: return .punchHole(file, index, pages: pages)
        case 11, 12: return .fsync(file)
        case 13: return .msync(page, pages: pages)
        default: return .dropCache(file)
        }
    }

    /// What looks, pins, forks, signals or waits.
    private mutating func other(_ area: Area, _ page: PageNumber, _ pages: Int, _ isInList: Bool) -> TaskOperation {
        let tasks = world.machine.taskCount
        switch random.below(24) {
        case 0, 1: return .execute(page, pages: pages)
        case 2: return jump(page)
        case 3, 4: return .kernelTouch(random.pick([.read, .write, .execute]), page, random.pick(Self.modes))
        case 5: return .setArchWords(words())
        case 6, 7, 8: return .getUserPages(page, pages: pages, random.pick(Self.pins))
        case 9, 10, 11:
            let caller = random.pick(Self.callers)
            let access: FaultException.Access = random.pick([.read, .write])
            return .faultIn(
                FaultRequest(caller, access, page, pages: pages, in: random.below(3) == 0 ? area.map : .none))
        case 12: return .readRemoteMemory(area.map, page, pages: pages)
        case 13: return .readProcMem(area.map, page, pages: pages)
        case 14, 15: return .readProcMaps(area.map)
        case 16: return .mincore(page, pages: pages)
        case 17, 18: return tasks < 7 ? .fork : random.below(4) == 0 ? .exit : .munlockAll
        case 19: return .kill(TaskID(random.below(tasks)), random.below(4) == 0 ? .kill : .user1)
        case 20: return random.below(3) == 0 ? .exit : compute(isInList)
        case 21: return compute(isInList)
        default: return .sleep(nanoseconds: UInt64(random.below(1500)))
        }
    }

    /// Unwatched, where all else is free, what follows in a list does not wait today for the end of a computation.
    private mutating func compute(_ isInList: Bool) -> TaskOperation {
        let nanoseconds = UInt64(random.below(400))
        return isInList && world.machine.configuration.costs.isFree
            ? .sleep(nanoseconds: nanoseconds) : .compute(nanoseconds: nanoseconds)
    }

    private static let modes: [FaultException.Mode] = [
        .kernelWithFixup, .kernelWithFixup, .kernelAtomic, .kernelUnopened,
    ]

    private static let pins: [GUPFlags] = [
        [], .write, .unlockable, [.write, .unlockable], [.write, .force], .noWait, [.write, .touch, .unlockable],
    ]

    private static let callers: [FaultCaller] = [.fixup, .fixupUnlockable, .futex, .hmm, .breakKSM, .coprocessor]

    /// A page of the kernel's own memory.
    private static let kernelPage = PageNumber(0xF_FFFF_8100_0000)

    private mutating func jump(_ page: PageNumber) -> TaskOperation {
        guard isX86, random.below(2) == 0 else { return .jump(page, offset: UInt16(random.below(4096))) }
        if random.below(3) == 0 { return .read(Self.kernelPage) }
        return .jump(X86FaultEntry.vsyscallPage, offset: random.pick([0, 0x400, 0x800, 0x1000 - 1]))
    }

    private mutating func words() -> ArchWords {
        if runsGuests { return random.below(2) == 0 ? ArchWords() : S390Guest(hasPseudoFaults: true).words }
        guard isX86 else { return ArchWords() }
        let rights: X86KeyRights = random.pick([.all, .initial, X86KeyRights.all.denyingWrites(1)])
        return ArchWords(first: UInt64(rights.rawValue))
    }
}
