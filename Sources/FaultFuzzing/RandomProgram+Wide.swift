import FaultSimulator

/// The memory limits of a random program.
struct MemoryLimits {
    var frames = Int.max
    var swapReadaheadPages = MachineSettings().swapReadaheadPages
    /// The limits of a memory group, if there is one.
    var groupPages: Int?
    var groupSlots = Int.max

    /// Whether there is a limit.
    var isShort: Bool { frames < .max || groupPages != nil }

    /// No limits.
    init() {}

    /// Few frames, or a group with a low limit, or neither.
    init(_ random: inout ProgramChoices) {
        swapReadaheadPages = random.pick([1, 4, 8])
        switch random.below(5) {
        case 0, 1: frames = 22 + random.below(36)
        case 2, 3:
            groupPages = 4 + random.below(24)
            if random.below(4) == 0 { groupSlots = random.below(20) }
        default: break
        }
    }
}

/// The additional features of random programs.
extension RandomProgram {
    /// Up to two more swap areas.
    mutating func addSwapAreas(held: Bool) throws {
        for _ in 0..<random.below(3) {
            let isSynchronous = random.below(2) == 0
            let disk = try world.addSwap(
                pages: 4 + random.below(20), held: held && !isSynchronous, isSynchronous: isSynchronous,
                isRotational: random.below(2) == 0, priority: random.pick([nil, 0, 5, 5]))
            add(swapDisk: disk)
        }
    }

    /// Additional events from outside.
    mutating func disturbMore() {
        switch random.below(8) {
        case 0, 1:
            guard features.contains(.errors) else { return }
            let area = random.below(world.machine.swapAreaCount)
            let first = 1 + random.below(world.machine.swapPages(ofArea: area))
            let slot = world.machine.swapSlot(at: first, inArea: area)
            let slots = slot...slot + random.below(3)
            tell("bad swap slots: \(slots)")
            world.machine.breakSwapSlots(slots)
        case 2:
            guard features.contains(.errors) else { return }
            tell("swap slots are repaired")
            world.machine.repairSwapSlots()
        case 3:
            guard features.contains(.errors) else { return }
            let disk = random.pick([world.disk] + swapDisks)
            let isRefused = random.below(2) == 0
            tell("readahead \(isRefused ? "is refused" : "is not refused") by \(disk)")
            world.machine.setReadaheadIsRefused(isRefused, by: disk)
        case 4:
            guard world.machine.memoryGroup != nil else { return }
            let limit = 4 + random.below(50)
            tell("the limit is \(limit) pages")
            world.machine.setMemoryLimit(limit)
        case 5:
            guard world.machine.memoryGroup != nil else { return }
            let pages = random.below(20)
            tell("\(pages) pages are reclaimed from the group")
            world.machine.reclaimFromMemoryGroup(pages)
        case 6:
            tell("requests of swap disks complete")
            for disk in swapDisks { world.machine.finishHeld(on: disk, writes: random.below(2) == 0) }
        default:
            tell("the swap cache is evicted")
            world.evictSwapCache()
        }
    }

    /// Lets tasks and devices take turns in any order for a number of stages.
    mutating func takeTurns() {
        for _ in 0..<random.below(128) {
            let choices = world.machine.turns(.stage)
            let chosen = random.below(choices.count + 1)
            if chosen < choices.count {
                tell("turn: \(choices[chosen])")
                world.machine.replay([choices[chosen]])
            } else {
                tell("the next event")
                guard world.machine.stepEvent() || !choices.isEmpty else { return }
            }
        }
    }

    /// An additional operation; `nil` for an ordinary one.
    mutating func wideOperation(_ area: Area, _ page: PageNumber, _ pages: Int, _ file: FileID) -> TaskOperation? {
        if features.contains(.userfaults), random.below(5) == 0 { return userfaultOperation(area, page, pages) }
        if features.contains(.pressure), random.below(4) == 0 {
            return pressureOperation(random.below(2) == 0 ? page : anonymousArea[0], pages)
        }
        if features.contains(.partialPages), random.below(16) == 0 {
            return .truncate(file, to: .bytes(random.below(24 << Int(world.machine.geometry.pageShift))))
        }
        if features.contains(.rareOperations), random.below(8) == 0 { return rareOperation(area, page, pages) }
        guard features.contains(.moreOperations), random.below(4) == 0 else { return nil }
        let index = PageIndex(random.below(16))
        let other = random.pick(areas)
        let otherTask = TaskID(random.below(world.machine.taskCount))
        switch random.below(22) {
        case 0...2: return .directRead(file, index, pages: pages, into: page)
        case 3: return .brk(random.below(8) - 3)
        case 4: return .execute(page, pages: pages)
        case 5: return .mlock2(page, pages: pages, .onFault)
        case 6: return random.below(2) == 0 ? .mlockAll(random.pick(Self.lockAllFlags)) : .munlockAll
        case 7: return .readRemoteMemory(other.map, other[random.below(other.pages)], pages: pages)
        case 8: return .readProcMem(other.map, other[random.below(other.pages)], pages: pages)
        case 9: return .mincore(page, pages: pages)
        case 10: return .adviseFile(file, random.pick(FileAdvice.allCases))
        case 11: return .readAhead(file, index, pages: pages)
        case 12, 13: return .mremap(page, pages: pages, newPages: 1 + random.below(8), .fixed(other[1]))
        case 14, 15:
            let caller = random.pick(FaultCaller.allCases)
            return .faultIn(FaultRequest(caller, random.pick([.read, .write]), page, pages: pages))
        case 16: return .kill(otherTask, random.below(6) == 0 ? .kill : .user1)
        case 17:
            let flags: [GUPFlags] = [.force, [.write, .force], [.write, .get], .pin]
            return .getUserPages(page, pages: pages, random.pick(flags))
        case 18: return .kernelTouch(.write, page, .kernelWithFixup)
        case 19: return .exit
        default:
            let sharing: MapFlags = random.below(2) == 0 ? .shared : []
            return .mmap(
                MapRequest(
                    pages: pages, access: random.pick([.readWrite, .read, .all]), flags: sharing,
                    file: random.below(3) == 0 ? .none : file, offset: index,
                    placement: random.below(2) == 0 ? .fixed(page) : .anywhere, populate: random.below(2) == 0))
        }
    }

    private mutating func rareOperation(_ area: Area, _ page: PageNumber, _ pages: Int) -> TaskOperation {
        let other = random.pick(areas)
        switch random.below(10) {
        case 0, 1: return .writeProcMem(other.map, other[random.below(other.pages)], pages: pages)
        case 2: return .jump(page, offset: UInt16(random.below(4) * 1024))
        case 3...6 where features.contains(.architectures): return .execute(area[0], pages: pages)
        case 3: return .vsyscall(random.pick(X86Vsyscall.allCases))
        case 4, 5:
            let key = UInt8(random.below(4))
            return .mprotectWithKey(page, pages: pages, random.pick([.read, .readWrite, .all]), key: key)
        case 6: return .setKeyRights(X86KeyRights(rawValue: UInt32(random.below(256))))
        case 7: return .compute(nanoseconds: UInt64(random.below(3_000)))
        case 8: return random.below(4) == 0 ? .exitGroup : .execute(page, pages: pages)
        default:
            let count = world.machine.userfaultCount
            guard count > 0 else { return .mlock2(page, pages: pages, .onFault) }
            let timeout = random.below(2) == 0 ? Duration.nanoseconds(500) : nil
            return .poll(UserfaultID(random.below(count)), timeout: timeout)
        }
    }

    /// The private memory, which is the only memory that is swapped and freed lazily.
    private var anonymousArea: Area { areas[files.count] }

    /// Uses up memory, or swaps it out.
    private mutating func pressureOperation(_ page: PageNumber, _ pages: Int) -> TaskOperation {
        switch random.below(12) {
        case 0: .swapOff(random.below(world.machine.swapAreaCount))
        case 1...4: .madvise(page, pages: pages + 4, .pageOut)
        case 5: .madvise(page, pages: pages + 4, .cold)
        case 6, 7: .madvise(page, pages: pages + 4, .free)
        case 8, 9: .write(page, pages: pages + 4)
        default: .read(page, pages: pages + 4)
        }
    }

    private static let lockAllFlags: [LockAllFlags] = [
        .current, .future, [.current, .future], [.current, .onFault], [.future, .onFault],
    ]

    /// Ends calls of swapoff(2). If memory is short, the pages that such a call has read in for one process are swapped
    /// out again while it reads those of the next. The call then starts again, until a signal arrives. A comment in
    /// `try_to_unuse()` says so: under global memory pressure entries can reappear, and "we just keep retrying".
    ///
    /// - Returns: Whether there was one.
    mutating func interruptSwapOff() -> Bool {
        guard features.contains(.pressure) else { return false }
        return killAll {
            guard case .swapOff = $0.report(of: $1).operation else { return false }
            return true
        }
    }

    /// Ends calls that populate memory, in kernels whose attempt leaves a missing page to the next attempt. A second
    /// attempt may not drop the lock, and so waits for the page. But populating makes a first attempt each time. So if
    /// readahead finds no memory, every attempt leaves the page to the next one, and the call loops until a signal
    /// arrives.
    ///
    /// - Returns: Whether there was one.
    mutating func interruptPopulating() -> Bool {
        guard features.contains(.pressure), world.machine.model.fileFault == .leavesAfterSubmission
        else { return false }
        return killAll { world, task in world.machine.backtrace(of: task).contains { $0.routine == "populate" } }
    }

    /// Sends SIGKILL to all tasks for which `isMeant` is true and which are not dying already.
    private mutating func killAll(_ isMeant: (World, TaskID) -> Bool) -> Bool {
        var isAny = false
        for number in 0..<world.machine.taskCount {
            let task = TaskID(number)
            guard world.machine.isBusy(task), !world.machine.hasFatalSignal(task), isMeant(world, task) else {
                continue
            }
            world.kill(task)
            isAny = true
        }
        return isAny
    }

    // MARK: Faults in user space

    private mutating func userfaultOperation(_ area: Area, _ page: PageNumber, _ pages: Int) -> TaskOperation {
        let count = world.machine.userfaultCount
        guard count > 0, random.below(count < 3 ? 4 : 30) > 0 else {
            let features: [UserfaultFeatures] = [
                [], [], .sigbus, .eventFork, .eventRemap, .eventRemove, .eventUnmap, .wpUnpopulated, .wpAsync,
                [.eventFork, .eventRemap, .eventRemove, .eventUnmap],
            ]
            return .userfaultfd(random.pick(features), random.pick([[], [], .userModeOnly]))
        }
        return .userfault(UserfaultID(random.below(count)), userfaultCall(area, page, pages))
    }

    private mutating func userfaultCall(_ area: Area, _ page: PageNumber, _ pages: Int) -> UserfaultCall {
        let options: UserfaultFillOptions = random.pick([[], [], [], .dontWake, .writeProtect, .allowSourceHoles])
        switch random.below(16) {
        case 0...3:
            let modes: [UserfaultModes] = [.missing, .missing, .writeProtect, .minor, [.missing, .writeProtect]]
            return .register(area[0], pages: random.pick([area.pages, pages]), random.pick(modes))
        case 4: return .unregister(page, pages: pages)
        case 5: return .wake(page, pages: pages)
        case 6, 7: return .copy(page, pages: pages, from: random.below(2) == 0 ? nil : random.pick(areas)[1], options)
        case 8: return .zeropage(page, pages: pages, options)
        case 9: return .continue(page, pages: pages, options)
        case 10: return .poison(page, pages: pages, options)
        case 11: return .move(page, pages: pages, from: random.pick(areas)[1], options)
        case 12, 13: return .writeProtect(page, pages: pages, protects: random.below(2) == 0, options)
        case 14: return random.below(4) == 0 ? .close : .wake(area[0], pages: area.pages)
        default: return .read(most: 4)
        }
    }

    /// Ends the tasks that wait for a program which will not act: to answer a fault, or to read an event or a message.
    ///
    /// - Returns: Whether there was one.
    mutating func killWaitersForPrograms() -> Bool {
        guard features.contains(.userfaults), world.machine.userfaultCount > 0 else { return false }
        let waiting = world.machine.waitLinks.filter(\.isForProgram).map(\.task)
        return killAll { waiting.contains($1) }
    }
}

extension WaitLink {
    /// Whether it waits for a program to act on a descriptor.
    fileprivate var isForProgram: Bool {
        switch cause {
        case .userfault, .spin, .userfaultEvent, .userfaultMessage: true
        default: false
        }
    }
}
