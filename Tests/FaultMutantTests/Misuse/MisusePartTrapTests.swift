import FaultExplorer
import FaultSimulator
import Testing

/// Parts of a machine that it does not have: page frames, locks, swap slots, waits. One way of each kind.
@Suite("A part that the machine has not got ends with a sentence that says what to do", .timeLimit(.minutes(60)))
struct MisusePartTrapTests {
    @Test("the flags of a page frame of another world")
    func flagsOfUnknownFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.flags(of: FrameNumber(900))
        }
        #expect(MisuseTrapTests.text(result).contains("flags(of:): there is no page frame 900"))
    }

    @Test("the content of a page frame of another world")
    func stampOfUnknownFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.stamp(of: FrameNumber(900))
        }
        #expect(MisuseTrapTests.text(result).contains("stamp(of:): there is no page frame 900"))
    }

    @Test("the mappings of a page frame of another world")
    func mappingsOfUnknownFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.mappings(of: FrameNumber(900))
        }
        #expect(MisuseTrapTests.text(result).contains("mappings(of:): there is no page frame 900"))
    }

    @Test("whether a page frame of another world is pinned")
    func pinOfUnknownFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.isMaybePinned(FrameNumber(900))
        }
        #expect(MisuseTrapTests.text(result).contains("isMaybePinned(_:): there is no page frame 900"))
    }

    @Test("the lock of a page frame of another world")
    func lockOfUnknownFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.unlock(FrameNumber(900))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.unlock: there is no page frame 900"))
    }

    @Test("a call that locks a page frame of another world")
    func callOfUnknownFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.locking(FrameNumber(900))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.locking: there is no page frame 900"))
    }

    @Test("a page lock for a task of another world")
    func lockerOfAnotherWorld() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let file = try world.file(pages: 1, resident: .all)
            let folio = try #require(world.machine.cachedFolio(at: 0, of: file))
            _ = world.machine.tryLock(folio, by: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.tryLock: there is no task 7"))
    }

    @Test("a lock that a task of another world releases")
    func releaseByUnknownTask() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.unlock(.inode(try world.file(pages: 1)), by: TaskID(7))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.unlock: there is no task 7"))
    }

    @Test("the mmap lock of a map of another world")
    func viewOfUnknownLock() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.lockView(.mmap(MapID(5)))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.lockView: there is no map 5"))
    }

    @Test("a look at no lock")
    func viewOfNoLock() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.lockView(.none)
        }
        #expect(MisuseTrapTests.text(result).contains("LockName.none is the name of no lock; name a lock"))
    }

    @Test("a call that takes a lock of a file of another world")
    func callOfUnknownLock() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.taking(.inode(FileID(3)), .read)
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.taking: there is no file 3"))
    }

    @Test("the swapped-out pages of a file of another world")
    func swappedPagesOfUnknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.swappedPages(of: FileID(3))
        }
        #expect(MisuseTrapTests.text(result).contains("swappedPages(of:): there is no file 3"))
    }

    @Test("the runs of swapped-out pages of a file of another world")
    func swappedRunsOfUnknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.swappedRuns(of: FileID(3))
        }
        #expect(MisuseTrapTests.text(result).contains("swappedRuns(of:): there is no file 3"))
    }

    @Test("whether a page of a file of another world is only in swap")
    func swappedPageOfUnknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.isOnlyInSwap(0, of: FileID(3))
        }
        #expect(MisuseTrapTests.text(result).contains("isOnlyInSwap(_:of:): there is no file 3"))
    }

    @Test("the device of a file of another world")
    func deviceOfUnknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.device(of: FileID(3))
        }
        #expect(MisuseTrapTests.text(result).contains("device(of:): there is no file 3"))
    }

    @Test("blocks of a file of another world that work again")
    func repairUnknownFile() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.repairBlocks(of: FileID(3), PageRun(0, 1))
        }
        #expect(MisuseTrapTests.text(result).contains("Machine.repairBlocks: there is no file 3"))
    }

    @Test("a swap slot of a number below 0")
    func negativeSlot() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.swapCount(of: -1)
        }
        #expect(
            MisuseTrapTests.text(result).contains("Machine.swapCount: no slot has the number -1; slots begin with 1"))
    }

    @Test("the page of a swap slot of a number below 0")
    func pageOfNegativeSlot() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).machine.swapCachedFolio(of: -1)
        }
        #expect(
            MisuseTrapTests.text(result).contains(
                "Machine.swapCachedFolio: no slot has the number -1; slots begin with 1"))
    }

    @Test("bad swap slots that no swap area has")
    func slotOfNoArea() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            try world.addSwap(pages: 4)
            world.machine.breakSwapSlots(9...12)
        }
        #expect(MisuseTrapTests.text(result).contains("slot 9 lies in no swap area; there are slots 1 to"))
    }

    @Test("a wait that a timeline does not have")
    func unknownWait() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try World(.linux6_1).timeline().chain(from: 3)
        }
        #expect(
            MisuseTrapTests.text(result).contains(
                "Timeline: there is no wait 3 among the 0 of this timeline; take an index of `waits`"))
    }

    @Test("-1 random schedules")
    func negativeRuns() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.checkSchedules(.random(seed: 1, runs: -1), for: [.laws])
        }
        #expect(MisuseTrapTests.text(result).contains("Strategy.random: -1 runs can't be made; give at least 0"))
    }

    @Test("schedules of depth 0")
    func depthOfNothing() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.checkSchedules(.pct(seed: 1, depth: 0, runs: 3), for: [.laws])
        }
        #expect(MisuseTrapTests.text(result).contains("Strategy.pct: depth 0 and 3 runs; give at least 1 and 0"))
    }

    @Test("at most -1 preemptions")
    func negativePreemptions() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.checkSchedules(.preemptions(atMost: -1), for: [.laws])
        }
        #expect(MisuseTrapTests.text(result).contains("Strategy.preemptions: at most -1 can't be had; give at least 0"))
    }

    @Test("a name in a timeline for -3 pages")
    func negativeNamedArea() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var names = TimelineNames()
            names.name(MapID(0), from: PageNumber(5), pages: -3, "x")
        }
        #expect(MisuseTrapTests.text(result).contains("TimelineNames.name: an area has 0 pages or more, not -3"))
    }
}
