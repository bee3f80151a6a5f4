import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Readahead of faults in later kernels", .timeLimit(.minutes(60)))
struct ReadaheadByKernelTests {
    @Test("6.12: fault-around gives no miss back for pages that came back after they were reclaimed")
    func refaultingPages() {
        for (model, left) in [(KernelModel.linux6_8, 24), (.linux6_12, 29)] {
            var world = MappedFile(pages: 64, resident: [PageRun(0, 63)], model: model)
            for page in [3, 4, 5, 9, 15, 16] {
                guard let folio = world.machine.cachedFolio(at: PageIndex(page), of: world.file) else { continue }
                world.machine.setFlags(of: folio, adding: .workingset)
            }
            world.machine[readaheadOf: world.file].mmapMiss = 40
            world.touch(.read, [0])
            #expect(world.state.mmapMiss == left, "\(model.name): 16 pages, five of them refaulting")
        }
    }

    @Test("misses are counted up to 1,000, and without a limit in kernels up to 2.6.39")
    func mostMisses() {
        for (model, before, after) in [
            (KernelModel.linux2_6_37, 999, 999), (.linux2_6_37, 1_000, 1_000), (.linux3_15, 999, 999),
            (.linux3_15, 1_000, 999), (.linux6_12, 1_000, 999),
        ] {
            var world = MappedFile(pages: 64, flags: [.read], model: model)
            world.machine[readaheadOf: world.file].mmapMiss = before
            // The second attempt finds the page, and gives one miss back.
            world.touch(.read, [32])
            #expect(world.state.mmapMiss == after, "\(model.name)")
            #expect(world.cached == [32], "nothing is read around it")
        }
    }

    @Test("6.19: a fault that finds a page which is still being read subtracts no miss")
    func lockedPage() {
        for (model, left) in [(KernelModel.linux6_12, 39), (.linux6_19, 40)] {
            var settings = MachineSettings()
            settings.faultAroundPages = 1  // which would give misses back, too
            var world = MappedFile(pages: 64, resident: [PageRun(0, 63)], settings: settings, model: model)
            let other = world.machine.addTask()
            guard let folio = world.machine.cachedFolio(at: 3, of: world.file) else { return }
            world.bare.hold(folio, by: other)
            world.machine[readaheadOf: world.file].mmapMiss = 40
            world.machine.start(.read(world.base + 3), in: world.task)
            #expect(world.run() == .blocked)
            #expect(world.state.mmapMiss == left, "\(model.name)")
        }
    }

    @Test(
        "6.19: of a program's code the pages from the missing one to the area's end are read, advice or not, unmarked")
    func code() {
        for (model, advice, read) in [
            (KernelModel.linux6_12, VMAFlags.read, 4...35), (.linux6_19, .read, 20...39),
            (.linux6_12, .randomRead, 20...20), (.linux6_19, .randomRead, 20...39),
        ] {
            var world = MappedFile(
                pages: 256, flags: [.read, .execute, advice], areaPages: 40, model: model)
            world.touch(.read, [20])
            #expect(world.cached == Array(read), "\(model.name)")
            #expect(world.marked.isEmpty == (read.lowerBound == 20), "\(model.name)")
            // What is not code is read around as ever.
            var other = MappedFile(pages: 256, areaPages: 40, model: model)
            other.touch(.read, [20])
            #expect(other.cached == Array(4...35))
        }
    }
}
