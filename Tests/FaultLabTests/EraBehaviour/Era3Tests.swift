import FaultSimulator
import Testing

/// For each pair of neighbouring models something that programs can see, not only a count.
@Suite("What each kernel does that its neighbour does not: 2014 and 3.x", .timeLimit(.minutes(60)))
struct Era3Tests {
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
                MapRequest(pages: 64, access: .read, file: file, placement: .fixed(PageNumber(512))), in: task)
            try world.perform(.read(area, page: 5), in: task)
            #expect(world.presentPages(of: area).count == mapped, "\(model.name)")
        }
    }

    @Test(
        "2014: two faults on neighbouring pages can wait for each other forever, if each locks the pages around first")
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
                world.start(.read(try world.map(file, .read, in: task), page: page), in: task)
            }
            let reason = world.run()
            #expect((reason == .finished) == ends, "\(model.name)")
            #expect(reason.violations.isEmpty)
        }
    }

    @Test("a killed read of the kernel ends at once from 3.19 on, and before only when the page is there")
    func killedKernelRead() throws {
        for (model, endsAtOnce) in [(KernelModel.linux2_6_37, false), (.linux3_15, false), (.linux3_19, true)] {
            var world = try World(model)
            let file = try world.file(pages: 4)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(.kernelTouch(.read, area[0], .kernelWithFixup), in: task)
            world.run()
            world.kill(task)
            world.run()
            #expect(world.machine.hasExited(task) == endsAtOnce, "\(model.name)")
            world.completeReads()
            world.run()
            #expect(world.machine.hasExited(task))
        }
    }

    @Test("2014: reads of neighbours can take the page of the fault away again, so that the access never comes to it")
    func aroundLivelock() throws {
        for (model, ends) in [(KernelModel.torvalds2014, false), (.linux3_15, true), (.shutemov2014, true)] {
            var settings = MachineSettings()
            settings.frameLimit = 3
            settings.faultAroundPages = 4
            settings.readaheadPages = 0
            var world = try World(model, disk: .latency(nanoseconds: 100), settings: settings)
            let file = try world.file(pages: 8)
            let task = world.task()
            world.start(.read(try world.map(file, .read, in: task)), in: task)
            // Far more stages than a fault takes.
            let reason = world.machine.run(limit: 20_000)
            #expect((reason == .finished) == ends, "\(model.name)")
            #expect(reason == (ends ? .finished : .limitReached) && reason.violations.isEmpty, "\(model.name)")
            if !ends { #expect(world.machine.events.pgmajfault > 100) }
            world.kill(task)
            #expect(world.machine.run(limit: 20_000) == .finished)
        }
    }
}
