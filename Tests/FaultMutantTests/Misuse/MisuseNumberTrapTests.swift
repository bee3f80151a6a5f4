import FaultArchX86
import FaultExplorer
import FaultFilemap
import FaultSimulator
import Testing

/// Numbers that no caller can mean, and what a machine has not got, one way of each kind.
@Suite("An impossible number ends the process with a sentence that says what to do", .timeLimit(.minutes(60)))
struct MisuseNumberTrapTests {
    @Test("the pages of an area of -1 pages")
    func negativeArea() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.presentPages(of: Area(map: MapID(0), start: PageNumber(16), pages: -1))
        }
        #expect(MisuseTrapTests.text(result).contains("an area has 0 to 2^24 pages, not -1"))
    }

    @Test("a failure after -1 allocations")
    func negativeSkip() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.failAllocation(at: .copyPage, skipping: -1)
        }
        #expect(MisuseTrapTests.text(result).contains("-1 can't be skipped; give at least 0"))
    }

    @Test("a fixup of -1 pages")
    func negativeFaults() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.start(.faultIn(FaultRequest(.fixup, .read, PageNumber(16), pages: -1)), in: world.task())
        }
        #expect(MisuseTrapTests.text(result).contains("a caller wants 0 pages or more, not -1"))
    }

    @Test("a wait of less than no time")
    func negativeTime() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = UserfaultMonitor.minorFaults(latency: .seconds(-1))
        }
        #expect(MisuseTrapTests.text(result).contains("is negative; virtual time only increases"))
    }

    @Test("no attempts to be kept")
    func noAttempts() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.attemptLimit = 0
        }
        #expect(MisuseTrapTests.text(result).contains("0 attempts can't be kept; at least 1"))
    }

    @Test("no reports to be kept")
    func noReports() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.reportLimit = 0
        }
        #expect(MisuseTrapTests.text(result).contains("0 reports can't be kept; at least 1"))
    }

    @Test("a limit of memory without a memory group")
    func noGroup() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            world.machine.setMemoryLimit(4)
        }
        #expect(MisuseTrapTests.text(result).contains("the machine has no memory group; add one"))
    }

    @Test("a memory group whose limit becomes 0")
    func noLimit() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            try world.addMemoryGroup(limit: 4)
            world.machine.setMemoryLimit(0)
        }
        #expect(MisuseTrapTests.text(result).contains("the limit is 0; give at least 1"))
    }

    @Test("17 injections")
    func manyInjections() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            _ = world.explore(injecting: (0..<17).map { _ in Injection(.failAllocation(.copyPage)) })
        }
        #expect(MisuseTrapTests.text(result).contains("at most 16 injections, not 17"))
    }

    @Test("an exploration of -1 states")
    func noTurns() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let world = try World(.linux6_1)
            var options = Explorer.Options()
            options.stateLimit = -1
            _ = world.explore(options)
        }
        #expect(MisuseTrapTests.text(result).contains("set at least 0 and 1"))
    }

    @Test("a machine with settings that no machine has")
    func settings() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var settings = MachineSettings()
            settings.faultAroundPages = 3
            _ = MachineConfiguration(model: .linux6_1, settings: settings, entry: X86FaultEntry())
        }
        #expect(MisuseTrapTests.text(result).contains("MachineConfiguration: "))
    }

    @Test("a monitor whose reads wait")
    func blockingMonitor() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let descriptor = try world.userfaultfd(in: world.task(), .blocking)
            _ = world.startMonitor(.minorFaults(), of: descriptor)
        }
        #expect(MisuseTrapTests.text(result).contains("open it without .blocking"))
    }

    @Test("a stage that no routine has")
    func stageName() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let task = world.task()
            world.start(.fork, in: task)
            world.run(until: .stage(task, "munmap.dance"))
        }
        #expect(MisuseTrapTests.text(result).contains("StopCondition.stage: no munmap.dance"))
    }

    @Test("a stage's name without a dot")
    func stageForm() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = StageName("munmap")
        }
        #expect(MisuseTrapTests.text(result).contains("is not of the form routine.stage"))
    }

    @Test("a page resident past the end of its file")
    func residentBehindEnd() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var world = try World(.linux6_1)
            let file = try world.file(pages: 4)
            Filemap.makeResident(4, of: file, &world.machine)
        }
        #expect(MisuseTrapTests.text(result).contains("is beyond the end of file 0"))
    }

    @Test("page tables of no levels")
    func geometry() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = PageGeometry(pageShift: 12, levels: 0, bitsPerLevel: 9, userLimit: PageNumber(1))
        }
        #expect(MisuseTrapTests.text(result).contains("levels must be 1 to 6"))
    }

    @Test("a protection key that there is not")
    func key() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = X86KeyRights.all.denyingAccess(16)
        }
        #expect(MisuseTrapTests.text(result).contains("there is no protection key 16"))
    }
}
