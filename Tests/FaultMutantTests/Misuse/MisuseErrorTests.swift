import FaultSimulator
import Testing

/// One wrong use of the API of each kind that throws an error or returns one.
@Suite("Wrong use throws a sentence that says what to do", .timeLimit(.minutes(60)))
struct MisuseErrorTests {
    private func sentence(_ body: (inout World, TaskID) throws -> Void) throws -> String {
        var world = try World(.linux6_1)
        let task = world.task()
        do {
            try body(&world, task)
            return "nothing is thrown"
        } catch let error as WorldError {
            return error.description
        }
    }

    @Test("areas, files and swap of a size that can't be")
    func sizes() throws {
        for pages in [-1, 0, 1 << 40] {
            let said = try sentence { _ = try $0.map(anonymousPages: pages, in: $1) }
            #expect(said.contains("pages must be 1 to 2^24"))
        }
        let mapped = try sentence { _ = try $0.map(try $0.file(pages: 4), pages: -1, in: $1) }
        #expect(mapped.contains("pages must be 1 to 2^24"))
        let offset = try sentence { _ = try $0.map(try $0.file(pages: 4), offset: -1, in: $1) }
        #expect(offset.contains("offset must be at least 0"))
        let file = try sentence { world, _ in _ = try world.file(pages: -1) }
        #expect(file.contains("pages must be 0 to 2^24"))
        let resident = try sentence { world, _ in _ = try world.file(pages: 2, resident: .pages([1...2])) }
        #expect(resident.contains("can't be resident in a file of 2 pages"))
        let swap = try sentence { world, _ in _ = try world.addSwap(pages: 0) }
        #expect(swap.contains("pages must be 1 to 2^24"))
        for page in [-1, .min, 1 << 24, .max] {
            let touched = try sentence { world, _ in
                _ = try world.touch(.read, page: page, of: try world.file(pages: 2))
            }
            #expect(touched.contains("page must be 0 to 2^24 - 1"))
        }
        let group = try sentence { world, _ in try world.addMemoryGroup(limit: 0) }
        #expect(group.contains("give at least 1 and 0"))
    }

    @Test("settings and models that contradict themselves")
    func settings() throws {
        var settings = MachineSettings()
        settings.faultAroundPages = 3
        do {
            _ = try World(.linux6_1, settings: settings)
            Issue.record("a world has them")
        } catch { #expect(error.description.contains("a power of two")) }
        var model = KernelModel.linux6_1
        model.stackGuard = .page
        do {
            _ = try World(model)
            Issue.record("a world takes it")
        } catch { #expect(error.description.contains("set ")) }
    }

    @Test("ranges that a simulated kernel refuses: negative, overlapping, too long, of nothing")
    func ranges() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 4, in: play.task)
        #expect(try play.perform(.munmap(area.start, pages: -1)).errno == .invalid)
        #expect(try play.perform(.munmap(area.start, pages: 0)).errno == .invalid)
        #expect(try play.perform(.mincore(area.start, pages: -1)).errno == .noMemory)
        #expect(try play.perform(.mlock(area.start, pages: -1)).errno == .invalid)
        #expect(try play.perform(.mprotect(area.start, pages: -1, .read)).errno == .noMemory)
        let overlapping = TaskOperation.mremap(area.start, pages: 4, newPages: 4, .fixed(area[2]))
        #expect(try play.perform(overlapping).errno == .invalid)
        #expect(try play.perform(.unpin(PinID(3, of: play.task))).errno == .invalid)
        #expect(play.world.machine.checkInvariants().isEmpty)
    }
}
