import FaultSimulator
import Testing

/// For each pair of neighbouring models something that programs can see, not only a count.
@Suite("What each kernel does that its neighbour does not", .timeLimit(.minutes(15)))
struct EraBehaviourTests {
    /// A process with a cold file mapped, one of whose threads reads a page of it, and sleeps.
    private struct ColdRead {
        var world: World
        let file: FileID
        let reader: TaskID
        let other: TaskID
        let area: Area

        init(_ model: KernelModel, pages: Int = 64, page: Int = 3) throws {
            world = try World(model)
            file = try world.file(pages: pages)
            reader = world.task()
            other = world.thread(of: reader)
            area = try world.map(file, .read, in: reader)
            world.start(reader, .read(area, page: page))
            let reason = world.run()
            #expect(reason == .blocked)
        }

        /// Whether the process's mmap lock is held while the read is waited for.
        var holdsLock: Bool { !world.mmapLock(of: reader).isFree }

        /// Lets the device finish, and everybody go on.
        mutating func finish() -> OperationReport {
            repeat { world.run() } while world.completeReads() > 0
            return world.report(reader)
        }
    }

    /// Lets an idle thread hold the mmap lock of its process, which no law allows. Answers whether it was free.
    private func hold(_ mode: LockMode, by thread: TaskID, _ world: inout World) -> Bool {
        world.machine.isChecking = false
        return world.machine.tryLock(.mmap(world.machine.map(of: thread)), mode, for: thread)
    }

    // MARK: 2006

    @Test(
        "2006: who goes back to the program drops the lock again for a page that is gone; who retries in the kernel keeps it"
    )
    func userModeRetry() throws {
        for (model, keepsLock) in [(KernelModel.herrenschmidt2006, false), (.waychison2006, true)] {
            var read = try ColdRead(model)
            #expect(!read.holdsLock)
            read.world.machine.finishHeld(on: read.world.disk)
            // The page goes after the attempt that has waited for it, and before there is another.
            while read.world.machine.backtrace(of: read.reader).contains(where: { $0.routine == "pageFault" }) {
                read.world.machine.step(read.reader)
            }
            let evictor = read.world.task()
            read.world.start(evictor, .dropCache(read.file))
            while read.world.machine.isBusy(evictor), read.world.machine.step(evictor) {}
            read.world.run()
            #expect(read.world.machine.isBusy(read.reader), "it waits for a second read: \(model.name)")
            #expect(read.holdsLock == keepsLock, "\(model.name)")
            _ = read.finish()
        }
    }

    @Test("2006: with a program's every exception a first attempt, the second waits without the lock, too")
    func everyExceptionIsFirst() throws {
        for (model, exceptions, attempts) in [(KernelModel.herrenschmidt2006, 2, 2), (.waychison2006, 1, 2)] {
            var read = try ColdRead(model)
            let report = read.finish()
            #expect(report.counters.exceptions == exceptions && report.attempts.count == attempts, "\(model.name)")
        }
    }

    @Test("2006: a process with one thread keeps its lock over the read, if a sole user need not drop it")
    func soleUser() throws {
        for (model, keepsLock) in [
            (KernelModel.waychison2006, false), (.mortonSoleUser2006, true), (.mortonSequence2006, false),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 4)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(task, .read(area))
            world.run()
            #expect(!world.mmapLock(of: task).isFree == keepsLock, "\(model.name)")
            let read = try ColdRead(model)
            #expect(!read.holdsLock, "with two threads nobody keeps it: \(model.name)")
        }
    }

    @Test("2006: with a sequence a fault goes on where it was, unless somebody has had the lock for writing meanwhile")
    func sequence() throws {
        var undisturbed = try ColdRead(.mortonSequence2006)
        #expect(undisturbed.finish().attempts.map(\.result) == [[.major, .locked]])
        var disturbed = try ColdRead(.mortonSequence2006)
        try disturbed.world.perform(.mmap(MapRequest(pages: 1, flags: .readWrite)), in: disturbed.other)
        #expect(disturbed.finish().attempts.map(\.result) == [[.major, .retry], .locked])
        var unmapped = try ColdRead(.mortonSequence2006)
        try unmapped.world.perform(.munmap(unmapped.area), in: unmapped.other)
        #expect(unmapped.finish().signal == .segv(.notMapped))
    }

    @Test("2006: with pagefault_args a signal's handler runs while the page is still being read")
    func signalDuringWait() throws {
        for (model, runs) in [(KernelModel.mortonSequence2006, 0), (.pagefaultArgs2006, 1), (.waychison2006, 0)] {
            var read = try ColdRead(model)
            read.world.signal(.user1, read.reader)
            read.world.run()
            #expect(read.world.report(read.reader).counters.handledSignals == runs, "\(model.name)")
            #expect(read.finish().isDone)
        }
    }

    // MARK: 2.6.36, 2.6.37

    @Test("another thread can map memory while a page is read, from 2.6.37 on, and with the patches of 2006")
    func mapsMeanwhile() throws {
        for (model, succeeds) in [
            (KernelModel.pagefaultArgs2006, true), (.linux2_6_36, false), (.linux2_6_37, true), (.linux3_19, true),
            (.bacik2018, false), (.kara2018, false), (.linux5_1, true),
        ] {
            var read = try ColdRead(model)
            read.world.start(read.other, .mmap(MapRequest(pages: 1, flags: .readWrite)))
            read.world.run()
            #expect(read.world.report(read.other).isDone == succeeds, "\(model.name)")
            #expect(read.finish().signal == nil)
            #expect(read.world.report(read.other).isDone)
        }
    }

    // MARK: 2014

    @Test("2014: faulting neighbours in one by one reads them from storage; finding them, or mapping them, does not")
    func aroundReadsStorage() throws {
        for (model, resident) in [
            (KernelModel.linux2_6_37, 1), (.torvalds2014, 16), (.shutemov2014, 1), (.linux3_15, 1),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 64)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            try world.perform(.madvise(area, .random), in: task)
            try world.perform(.read(area), in: task)
            #expect(world.residentPages(of: file).count == resident, "\(model.name)")
        }
    }

    @Test("2014: a fault on a cached page maps none, 16 or 32 pages, with or without the marked one")
    func aroundReach() throws {
        for (model, mapped) in [
            (KernelModel.linux2_6_37, 1), (.torvalds2014, 16), (.shutemov2014, 32), (.linux3_15, 16), (.linux5_1, 16),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 64, resident: .all)
            let task = world.task()
            let area = try world.map(
                MapRequest(pages: 64, flags: .read, file: file, placement: .fixed(PageNumber(512))), in: task)
            try world.perform(.read(area, page: 5), in: task)
            #expect(world.presentPages(of: area).count == mapped, "\(model.name)")
        }
    }

    @Test(
        "2014: two faults on neighbouring pages can wait for each other for ever, if each locks the pages around first")
    func aroundDeadlock() throws {
        for (model, ends) in [(KernelModel.shutemov2014, false), (.linux3_15, true), (.torvalds2014, true)] {
            var settings = MachineSettings()
            settings.processors = 2
            var costs = CostModel()
            costs.faultStageNanoseconds = 10
            var world = try World(model, settings: settings, costs: costs)
            let file = try world.file(pages: 8, resident: .all)
            for page in 0..<2 {
                let task = world.task()
                world.start(task, .read(try world.map(file, .read, in: task), page: page))
            }
            let reason = world.run()
            #expect((reason == .finished) == ends, "\(model.name)")
            #expect(reason.violations.isEmpty)
        }
    }

    // MARK: 3.15 to 4.19

    @Test("a killed read of the kernel ends at once from 3.19 on, and before only when the page is there")
    func killedKernelRead() throws {
        for (model, endsAtOnce) in [(KernelModel.linux2_6_37, false), (.linux3_15, false), (.linux3_19, true)] {
            var world = try World(model)
            let file = try world.file(pages: 4)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(task, .kernelTouch(.read, area[0], .kernelWithFixup))
            world.run()
            world.kill(task)
            world.run()
            #expect(world.machine.hasExited(task) == endsAtOnce, "\(model.name)")
            world.completeReads()
            world.run()
            #expect(world.machine.hasExited(task))
        }
    }

    @Test(
        "2018: btrfs prepares a page once if the kept page, or its own metadata, tells it; as mailed it does so twice")
    func mkwriteWork() throws {
        for (model, reservations) in [
            (KernelModel.linux5_1, 1), (.bacik2018, 2), (.chinner2018, 1), (.kara2018, 1),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 4, on: .btrfs, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            try world.perform(.read(area), in: task)
            world.start(task, .write(area))
            var requests = 0
            var locks: [Bool] = []
            while true {
                world.run()
                guard world.machine.isBusy(task) else { break }
                locks.append(!world.mmapLock(of: task).isFree)
                requests += world.completeReads()
            }
            #expect(requests == reservations, "\(model.name)")
            let mayDrop = model.mkwriteProtocol != .keepsLock
            #expect(locks.first == !mayDrop, "the first is waited for with the lock held: \(model.name)")
            #expect(world.report(task).attempts.count == (mayDrop ? 2 : 1))
            #expect(world.report(task).signal == nil)
        }
    }

    @Test(
        "2018: a store to ext4 drops the lock under a helper for all, and not where the file system knows of its block")
    func ext4Store() throws {
        for (model, attempts) in [(KernelModel.bacik2018, 1), (.chinner2018, 2), (.kara2018, 1), (.linux5_1, 1)] {
            var world = try World(model)
            let file = try world.file(pages: 4, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            let report = try world.perform(.write(area), in: task)
            #expect(report.attempts.count == attempts, "\(model.name)")
        }
    }

    @Test("2018: a page that is kept for the second attempt can't be dropped from the cache before it")
    func keptPage() throws {
        for (model, stays) in [(KernelModel.bacik2018, true), (.kara2018, false)] {
            var world = try World(model)
            let file = try world.file(pages: 1)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(world.task(), .read(file, page: 0))
            world.run()
            world.start(task, .read(area))
            world.run()
            let writer = world.thread(of: task)
            let isFree = hold(.write, by: writer, &world)
            #expect(isFree, "the wait for a page that was found is without the lock")
            world.completeReads()
            world.run()
            try world.perform(.dropCache(file), in: world.task())
            #expect(world.residentPages(of: file) == (stays ? [0] : []), "\(model.name)")
            world.machine.unlock(.mmap(world.machine.map(of: writer)), by: writer)
            repeat { world.run() } while world.completeReads() > 0
            #expect(!world.machine.isBusy(task))
        }
    }

    // MARK: 5.1 to 6.1

    @Test("who is throttled for dirtying holds the lock up to 5.4, and not from 5.5 on")
    func throttling() throws {
        for (model, holds) in [(KernelModel.linux5_1, true), (.linux5_5, false), (.linux6_1, false)] {
            var settings = MachineSettings()
            settings.dirtyLimitPages = 0
            var world = try World(model, settings: settings)
            let file = try world.file(pages: 4, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            world.start(task, .write(area))
            let reason = world.run()
            #expect(reason == .blocked)
            #expect(!world.mmapLock(of: task).isFree == holds, "\(model.name)")
        }
    }

    @Test("a signal's handler runs before the page is mapped from 5.7 on, and after it before")
    func signalFirst() throws {
        for (model, isMapped) in [(KernelModel.linux5_5, true), (.linux5_7, false), (.linux6_1, false)] {
            var read = try ColdRead(model)
            let reader = read.reader
            read.world.signal(.user1, reader)
            read.world.completeReads()
            read.world.run(until: .predicate { $0.counters(of: reader).handledSignals == 1 })
            #expect(read.world.presentPages(of: read.area).contains(3) == isMapped, "\(model.name)")
        }
    }

    @Test(
        "a page that the swap cache refers to as well is copied by a store in 5.9, and written in place before and after"
    )
    func reuse() throws {
        for (model, copies) in [(KernelModel.linux5_7, false), (.linux5_9, true), (.linux5_19, false)] {
            var world = try World(model)
            let swap = try world.addSwap(pages: 16)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.machine.finishHeld(on: swap)
            world.evictSwapCache()
            world.start(task, .read(area))
            repeat { world.run() } while world.machine.finishHeld(on: swap) > 0
            let before = world.machine.entry(of: area[0], in: area.map).frame
            #expect(world.machine.swapCachedPages == 1)
            try world.perform(.write(area), in: task)
            let after = world.machine.entry(of: area[0], in: area.map).frame
            #expect((before != after) == copies, "\(model.name)")
        }
    }

    @Test("with an invalidate lock a first attempt behind a truncation waits with the mmap lock held")
    func invalidateLock() throws {
        for (model, holds) in [(KernelModel.linux5_9, false), (.linux5_19, true)] {
            var world = try World(model)
            let file = try world.file(pages: 8)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(world.task(), .read(file, page: 0))  // has pages read, which the truncation waits for
            world.run()
            world.start(world.task(), .truncate(file, pages: 2))
            world.run()
            world.start(task, .read(area))
            let reason = world.run()
            #expect(reason == .blocked)
            #expect(!world.mmapLock(of: task).isFree == holds, "\(model.name)")
        }
    }

    @Test("a stack grows beside a reader of the map up to 5.19, and waits for it in 6.1")
    func stackGrowth() throws {
        for (model, grows) in [(KernelModel.linux5_19, true), (.linux6_1, false)] {
            var world = try World(model)
            let task = world.task()
            let reader = world.thread(of: task)
            let stack = try world.map(
                MapRequest(pages: 2, flags: [.read, .write, .growsDown], placement: .fixed(PageNumber(0x40000))),
                in: task)
            #expect(hold(.read, by: reader, &world))
            world.start(task, .write(stack, page: -3))
            world.run()
            #expect(world.machine.isBusy(task) == !grows, "\(model.name)")
            world.machine.unlock(.mmap(world.machine.map(of: reader)), by: reader)
            world.run()
            #expect(world.report(task).signal == nil && !world.machine.isBusy(task))
        }
    }

    @Test("a program may touch its stack far below its stack pointer from 4.20 on")
    func stackPointer() throws {
        for (model, signal) in [(KernelModel.linux3_19, Signal.segv(.notMapped)), (.linux5_1, nil)] {
            for page in [-3, -40] {
                var world = try World(model)
                let task = world.task()
                let stack = try world.map(
                    MapRequest(pages: 2, flags: [.read, .write, .growsDown], placement: .fixed(PageNumber(0x40000))),
                    in: task)
                world.machine.setStackPointer(of: task, to: PageNumber(0x40001).rawValue << 12)
                let report = try world.perform(.write(stack, page: page), in: task)
                #expect(report.signal == (page == -40 ? signal : nil), "\(model.name)")
            }
        }
    }

    @Test("a stack with an area right below can't be touched on its lowest page while a page guards it")
    func guardPage() throws {
        for (model, signal) in [(KernelModel.linux3_19, Signal.bus(.noSuchAddress)), (.linux5_1, nil)] {
            var world = try World(model)
            let task = world.task()
            _ = try world.map(
                MapRequest(pages: 1, flags: .readWrite, placement: .fixed(PageNumber(0x3FFFF))), in: task)
            let stack = try world.map(
                MapRequest(pages: 2, flags: [.read, .write, .growsDown], placement: .fixed(PageNumber(0x40000))),
                in: task)
            let report = try world.perform(.write(stack), in: task)
            #expect(report.signal == signal, "\(model.name)")
        }
    }

    @Test("writers between readers in the queue of a lock are overtaken from 5.4 on")
    func wakeUp() throws {
        for (model, overtakes) in [(KernelModel.linux5_1, false), (.linux5_5, true)] {
            var world = try World(model)
            let task = world.task()
            let holder = world.thread(of: task)
            let area = try world.map(anonymousPages: 4, in: task)
            #expect(hold(.write, by: holder, &world))
            var order: [TaskID] = []
            for operation in [
                Operation.readProcMaps(area.map), .mmap(MapRequest(pages: 1, flags: .readWrite)),
                .readProcMaps(area.map),
            ] {
                let thread = world.thread(of: task)
                order.append(thread)
                world.start(thread, operation)
                world.run()
            }
            world.machine.unlock(.mmap(world.machine.map(of: holder)), by: holder)
            let readers = world.mmapLock(of: task).readers
            #expect((readers.count == 2) == overtakes, "\(model.name)")
        }
    }

    // MARK: 6.4 to 6.19

    @Test("which faults go on while another thread of the process has the mmap lock for writing")
    func faultsBesideWriter() throws {
        let reach: [(KernelModel, Set<String>)] = [
            (.linux6_1, []), (.linux6_4, ["anonymous"]), (.linux6_6, ["anonymous", "cached"]),
            (.linux6_8, ["anonymous", "cached", "miss"]), (.linux6_12, ["anonymous", "cached", "miss", "refusal"]),
            (.linux6_19, ["anonymous", "cached", "miss", "refusal", "advice"]),
        ]
        for (model, goOn) in reach {
            for what in ["anonymous", "cached", "miss", "refusal", "advice"] {
                var world = try World(model)
                let task = world.task()
                let writer = world.thread(of: task)
                let memory = try world.map(anonymousPages: 4, in: task)
                try world.perform(.write(memory), in: task)  // so that it has its anon_vma
                let cached = try world.map(try world.file(pages: 32, resident: .all), .read, in: task)
                let cold = try world.map(try world.file(pages: 32), .read, in: task)
                let isFree = hold(.write, by: writer, &world)
                #expect(isFree)
                let operation: Operation =
                    switch what {
                    case "anonymous": .write(memory, page: 1)
                    case "cached": .read(cached, page: 5)
                    case "miss": .read(cold, page: 5)
                    case "refusal": .write(cached, page: 5)
                    default: .madvise(memory, .dontNeed)
                    }
                world.start(task, operation)
                world.run()
                // A miss that waits for its page, and not for the lock, has begun to read it.
                let hasGoneOn =
                    what == "miss" ? !world.machine.requestsUnderWay.isEmpty : !world.machine.isBusy(task)
                #expect(hasGoneOn == goOn.contains(what), "\(what) under \(model.name)")
                world.machine.unlock(.mmap(world.machine.map(of: writer)), by: writer)
                repeat { world.run() } while world.completeReads() > 0
                #expect(!world.machine.isBusy(task))
                #expect(world.report(task).signal == (what == "refusal" ? .segv(.accessDenied) : nil))
            }
        }
    }

    @Test("in 5.19 a throttled store to tmpfs faults twice over, and in 6.1 once")
    func completes() throws {
        for (model, results) in [
            (KernelModel.linux5_19, [[.locked, .retry], []]), (.linux6_1, [[.locked, .completed]]),
        ] as [(KernelModel, [FaultResult])] {
            var world = try World(model)
            let file = try world.file(pages: 1, on: .tmpfs)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            #expect(try world.perform(.write(area), in: task).attempts.map(\.result) == results, "\(model.name)")
        }
    }

    @Test("a kernel with SMAP dies of a stray access from 5.12 on; before, the exception table ends it")
    func violation() throws {
        for (model, dies) in [(KernelModel.linux5_9, false), (.linux5_19, true)] {
            var world = try World(model, entry: X86FaultEntry(hasSMAP: true))
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            let report = try world.perform(.kernelTouch(.read, area[0], .kernelUnopened), in: task)
            #expect(report.outcome.oops == dies, "\(model.name)")
        }
    }
}
