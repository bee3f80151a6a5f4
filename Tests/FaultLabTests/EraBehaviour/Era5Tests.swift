import FaultSimulator
import Testing

/// For each pair of neighbouring models something that programs can see, not only a count.
@Suite("What each kernel does that its neighbour does not: 4.19 to 6.1", .timeLimit(.minutes(60)))
struct Era5Tests {
    @Test("a task that is throttled for dirtying holds the lock up to 5.4, and not from 5.5 on")
    func throttling() throws {
        for (model, holds) in [(KernelModel.linux5_1, true), (.linux5_4, true), (.linux5_5, false), (.linux6_1, false)]
        {
            var settings = MachineSettings()
            settings.dirtyLimitPages = 0
            var world = try World(model, settings: settings)
            let file = try world.file(pages: 4, resident: .all)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            world.start(.write(area), in: task)
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
            read.world.send(.user1, to: reader)
            read.world.completeReads()
            read.world.run(until: .predicate { $0.counters(of: reader).handledSignals == 1 })
            #expect(read.world.presentPages(of: read.area).contains(3) == isMapped, "\(model.name)")
        }
    }

    @Test(
        "a store copies a page that the swap cache refers to from 5.9 to 5.15, and writes it in place before and after"
    )
    func reuse() throws {
        for (model, copies) in [
            (KernelModel.linux5_7, false), (.linux5_9, true), (.linux5_10, true), (.linux5_15, true),
            (.linux5_19, false),
        ] {
            var world = try World(model)
            let swap = try world.addSwap(pages: 16)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            try world.perform(.madvise(area, .pageOut), in: task)
            world.machine.finishHeld(on: swap)
            world.evictSwapCache()
            world.start(.read(area), in: task)
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
        for (model, holds) in [(KernelModel.linux5_10, false), (.linux5_15, true)] {
            var world = try World(model)
            let file = try world.file(pages: 8)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(.read(file, page: 0), in: world.task())  // has pages read, which the truncation waits for
            world.run()
            world.start(.truncate(file, pages: 2), in: world.task())
            world.run()
            world.start(.read(area), in: task)
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
                MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
                in: task)
            let isFree = world.hold(.read, by: reader)
            #expect(isFree)
            world.start(.write(stack, page: -3), in: task)
            world.run()
            #expect(world.machine.isBusy(task) == !grows, "\(model.name)")
            world.machine.unlock(.mmap(world.machine.map(of: reader)), by: reader)
            world.run()
            #expect(world.report(of: task).signal == nil && !world.machine.isBusy(task))
        }
    }

    @Test("a program may touch its stack far below its stack pointer from 5.0 on")
    func stackPointer() throws {
        for (model, signal) in [
            (KernelModel.linux3_19, TaskSignal.segv(.notMapped)), (.linux4_19, .segv(.notMapped)), (.linux5_1, nil),
        ] {
            for page in [-3, -40] {
                var world = try World(model)
                let task = world.task()
                let stack = try world.map(
                    MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
                    in: task)
                world.machine.setStackPointer(of: task, to: PageNumber(0x40001).rawValue << 12)
                let report = try world.perform(.write(stack, page: page), in: task)
                #expect(report.signal == (page == -40 ? signal : nil), "\(model.name)")
            }
        }
    }

    @Test("a stack with an area right below can't be touched on its lowest page while a page guards it")
    func guardPage() throws {
        for (model, signal) in [(KernelModel.linux3_19, TaskSignal.bus(.noSuchAddress)), (.linux4_19, nil)] {
            var world = try World(model)
            let task = world.task()
            _ = try world.map(
                MapRequest(pages: 1, access: .readWrite, placement: .fixed(PageNumber(0x3FFFF))), in: task)
            let stack = try world.map(
                MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
                in: task)
            let report = try world.perform(.write(stack), in: task)
            #expect(report.signal == signal, "\(model.name)")
        }
    }

    @Test("writers between readers in the queue of a lock are overtaken from 5.3 on")
    func wakeUp() throws {
        for (model, overtakes) in [(KernelModel.linux5_1, false), (.linux5_4, true)] {
            var world = try World(model)
            let task = world.task()
            let holder = world.thread(of: task)
            let area = try world.map(anonymousPages: 4, in: task)
            let isFree = world.hold(.write, by: holder)
            #expect(isFree)
            var order: [TaskID] = []
            for operation in [
                TaskOperation.readProcMaps(area.map), .mmap(MapRequest(pages: 1, access: .readWrite)),
                .readProcMaps(area.map),
            ] {
                let thread = world.thread(of: task)
                order.append(thread)
                world.start(operation, in: thread)
                world.run()
            }
            world.machine.unlock(.mmap(world.machine.map(of: holder)), by: holder)
            let readers = world.mmapLock(of: task).readers
            #expect((readers.count == 2) == overtakes, "\(model.name)")
        }
    }

    @Test("munmap downgrades its lock from 4.20 on, and from 5.8 to 6.1 not right below a stack")
    func unmapDowngrade() throws {
        for (model, elsewhere, belowStack) in [
            (KernelModel.linux4_19, 0, 0), (.linux5_1, 1, 1), (.linux5_7, 1, 1), (.linux5_9, 1, 0), (.linux6_1, 1, 0),
            (.linux6_6, 1, 1),
        ] {
            var world = try World(model)
            let task = world.task()
            func map(_ page: UInt64, _ flags: MapFlags = []) throws -> Area {
                try world.map(
                    MapRequest(
                        pages: 4, access: .readWrite, flags: flags, placement: .fixed(PageNumber(page))),
                    in: task)
            }
            let alone = try map(0x50000)
            let below = try map(0x30000)
            _ = try map(0x40000, .growsDown)
            let downgrades = try [below, alone].map { area in
                try world.perform(.munmap(area), in: task).counters.mmapReadLocks
            }
            #expect(downgrades == [belowStack, elsewhere], "\(model.name)")
        }
    }

    @Test("a read two pages behind the last one begins a stream from 5.11 on, and is a read of one page before")
    func readPosition() throws {
        for (model, resident) in [
            (KernelModel.linux2_6_36, [3, 5]), (.linux5_10, [3, 5]), (.linux5_15, [3, 5, 6, 7, 8]),
            (.linux6_12, [3, 5, 6, 7, 8]),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 64)
            let task = world.task()
            try world.perform(.read(file, page: 3), in: task)
            try world.perform(.read(file, page: 5), in: task)
            repeat { world.run() } while world.completeReads() > 0
            #expect(world.residentPages(of: file) == resident, "\(model.name)")
        }
    }

    @Test("a page between two that it could join one of joins the lower one up to 6.0, the upper one in 6.1")
    func newAreaMerge() throws {
        for (model, bounds) in [
            (KernelModel.linux5_19, [0x1000, 0x1006]), (.linux6_1, [0x1000, 0x1004]), (.linux6_12, [0x1000, 0x1006]),
        ] {
            var world = try World(model)
            let task = world.task()
            func map(_ page: UInt64, pages: Int) throws -> Area {
                try world.map(
                    MapRequest(pages: pages, access: .readWrite, placement: .fixed(PageNumber(page))), in: task)
            }
            // Each has an anon_vma of its own, so that the two can't become one.
            for page: UInt64 in [0x1000, 0x1006] { try world.perform(.write(try map(page, pages: 4)), in: task) }
            let between = try map(0x1004, pages: 2)
            let areas = world.machine.areas(of: between.map)
            #expect(areas.map { Int($0.start.rawValue) } == bounds, "\(model.name)")
        }
    }

    @Test("mprotect gives a written page back writable from 6.0 on; before, the next store faults")
    func writableEntries() throws {
        for (model, faults) in [(KernelModel.linux5_15, 1), (.linux5_19, 1), (.linux6_1, 0), (.linux6_4, 0)] {
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            try world.perform(.mprotect(area, .read), in: task)
            try world.perform(.mprotect(area, .readWrite), in: task)
            let report = try world.perform(.write(area), in: task)
            #expect(report.counters.exceptions == faults, "\(model.name)")
        }
    }

    @Test("5.10 differs from 5.9 in no rule")
    func twins() {
        #expect(KernelModel.linux5_10.differences(from: .linux5_9).isEmpty)
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
        for (model, dies) in [(KernelModel.linux5_10, false), (.linux5_15, true), (.linux5_19, true)] {
            var world = try World(model, entry: X86FaultEntry(hasSMAP: true))
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            let report = try world.perform(.kernelTouch(.read, area[0], .kernelUnopened), in: task)
            #expect(report.outcome.oops == dies, "\(model.name)")
        }
    }
}
