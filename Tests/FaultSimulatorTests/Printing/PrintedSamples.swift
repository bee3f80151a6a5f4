import FaultArchitectures
import FaultTestSupport

@testable import FaultCore
@testable import FaultExplorer
@testable import FaultFuzzing
@testable import FaultLab
@testable import FaultSimulator

/// A value of each public type that a test can hold.
struct PrintedSamples {
    /// A world in which a read waits for the disk and an unmapping for the reader.
    private(set) var world: World
    /// What became of the read before.
    private let report: OperationReport
    private var all: [Any] = []

    /// All of them.
    static func make() throws -> [Any] {
        var samples = try PrintedSamples()
        samples.addVocabulary()
        samples.addUserfaults()
        try samples.addWorld()
        samples.addEngine()
        samples.addArchitectures()
        samples.addTimeline()
        try samples.addLab()
        try samples.addTestSupport()
        return samples.all
    }

    private init() throws {
        world = try World(.linux6_1)
        let file = try world.file(pages: 64, resident: .pages([0...7, 32...32]))
        let task = world.task()
        let thread = world.thread(of: task)
        let area = try world.map(file, in: task)
        world.machine.isTracing = true
        world.machine.recordsWaits = true
        report = try world.perform(.read(area, page: 16), in: task)
        world.start(.read(area, page: 36), in: task)
        world.start(.munmap(area, page: 40), in: thread)
        world.run()
    }

    private mutating func add(_ values: Any...) { all += values }

    private mutating func addVocabulary() {
        add(Errno.noMemory, TaskSignal.bus(.noSuchAddress), PageNumber(16), PageIndex(9), TaskID(0), FrameNumber(3))
        add(StaticName("name"), "literal" as StaticName, SplitMix64(seed: 1))
        add(world.machine.geometry, world.machine.settings, CostModel())
        add(
            KernelModel.linux6_1, KernelModel.rules[0],
            IllegalKernelModel(name: StaticName("a"), problems: [.areaLockForever]))
        add(TraceEvent.Detail.attemptEnded(PageNumber(16), [.major, .retry]), Protection.readWrite)
        add(
            VMAFlags.growsDown, MapFlags.shared, GUPFlags.write, LockFlags.onFault, LockAllFlags.current,
            FaultFlags.default)
        add(FaultResult.retry, FrameFlags.cached, FileTraits.shmem, PTE.Bits.present, VMOperationSet.mapPages)
        add(TaskOperation.read(PageNumber(16)), MapRequest(pages: 4, access: .readWrite), MapRequest.Placement.anywhere)
        add(
            WriteErrors.openFile, KernelVersion("5.15.167")!,
            KernelModel.preset(nearest: "5.15.167")!)
        add(RemapTarget.mayMove, FaultRequest(.fixup, .write, PageNumber(16)), ArchWords())
        add(
            SignalDetail(page: PageNumber(16), code: 4, trap: 14),
            FaultException(.read, .user, translationPresent: false))
        add(
            MemoryGroup(
                limit: 64, swapLimit: .max, charged: 60, stock: 4, swapCharged: 12, events: MemoryGroupEvents()),
            MemoryGroupEvents())
        add(RequestID(rawValue: 3), PageRun(0, 3), ReadyPages(count: 4, reachesEnd: true), ReadaheadState(maximum: 32))
        add(
            TaskWait.time(100), LockName.mmap(MapID(0)), HeldLock(.mmap(MapID(0)), .read), WaitCause.request,
            WaitLink.Cause.timer)
        add(
            StopCondition.idle, Choice.step(TaskID(0)), Injection(.repairBlocks(FileID(0))),
            Injection.Event.repairBlocks(FileID(0)))
        add(Injection.Timing.always, Explorer.Options(), LockContract.table[0], StageName("munmap", "tearDown"))
        add(
            FileCall.truncate(to: .pages(4)), FileCall.truncate(to: .bytes(5000)), FileSize.pages(1),
            FileSize.bytes(5000), FileRequest(.writeback, on: FileID(0)), FileResult.failed(.noSpace),
            TransferRequest(.read, FileID(0), 8, pages: 4, memory: PageNumber(16)), Filemap.pageCache)
        add(
            World.DiskSpeed.held, World.Resident.pages([0...3]), WorldError.refused(.noMemory), World.Handler(number: 3)
        )
    }

    private mutating func addWorld() throws {
        let machine = world.machine
        let task = TaskID(0)
        add(world, machine, machine.configuration, Explorer(machine), report, report.outcome)
        add(
            machine.counters(of: task), machine.events, machine.lockStatistics(of: MapID(0)), machine.lruPages,
            machine.size)
        add(DurationStatistics(), world.rss(of: task), machine.areas(of: MapID(0))[0], machine.tasks[0].fault)
        add(machine.tasks[0].fault.area, report.attempts[0], report.results[0])
        add(
            machine.requestsUnderWay[0], world.mmapLock(of: task), machine.waitLinks[0], machine.waits[0],
            machine.waitTotals[0])
        add(
            machine.entryRuns(of: MapID(0), in: PageNumber(0)..<machine.geometry.userLimit, numberedFrom: PageNumber(0))
        )
        let timeline = LockTimeline(of: .mmap(MapID(0)), in: machine.trace, until: 100)
        add(timeline, timeline.spans[0], machine.trace[0], PTE(FrameNumber(1), .present))
        add(Area(map: MapID(0), start: PageNumber(16), pages: 4), StopReason(.blocked))
        var broken = try BrokenLaw.byHandlers[0].machine()
        add(broken.verify(after: StopReason(.finished)).violations[0])
        var options = Explorer.Options()
        options.grain = .untilSleep
        options.stateLimit = 100
        let found = world.explore(options)
        add(found, found.outcomes[0])
        let violation = broken.violations[0]
        add(Exploration.BrokenLaw(violation: violation, schedule: [.step(task)]))
        add(Exploration.Deadlock(waits: machine.waitLinks, schedule: []))
        addChecks(machine)
    }

    private mutating func addTestSupport() throws {
        let story = world.story
        let idle = world.task()
        let sweep = world.failingEachOnce(.sleep(.milliseconds(1)), in: idle, limit: 2) { _ in false }
        add(story, story.story(of: TaskID(0)), sweep, sweep.failures[0], sweep.points[0], world.leaks(since: world))
        let set: PageSet = [0...3, 9]
        let golden: RecordedTrace = "a\nb"
        let difference = golden.difference(from: "a\nc")
        add(set, PageSet.Run(integerLiteral: 9), Seed(7), golden, difference, difference.lines[0])
        let waiting = WaitingMemory(.channel(7))
        add(waiting, waiting.wait, WaitingMemory.AreaState(), ToyEntry(), HoleyFiles(), HoleyFiles.InodeState())
        let disk = UnevenDisk(usually: .microseconds(80), rarely: .milliseconds(8), oneIn: 100)
        add(disk, UnevenDisk.State(), HoleyMemory(on: world.disk))
        add(world.register(HoleyFiles(), mappedBy: HoleyMemory(on: world.disk)))
    }

    private mutating func addChecks(_ machine: Machine) {
        let verdict = world.checkSchedules(.exhaustive, for: [.outcomes([])])
        add(verdict, verdict.coverage)
        if let found = verdict.counterexample { add(found, found.kind, found.token) }
        add(TurnGrain.preempted(times: 2), TurnScript(.untilOthersWake))
        add(Verdict.Stop.states(10), Strategy.random(seed: 1, runs: 10), Property.laws, ScheduleCheck())
        add(ScheduleCheck.Searches.deadlock, ScheduleCheck.Reductions.commuting, ScheduleCheck.Limits())
        add(ScheduleCheck.Progress(states: 100, depth: 7))
        add(RequestName(.read, of: 3, of: FileID(0), on: DeviceID(0), by: TaskID(1)))
    }

    private mutating func addUserfaults() {
        let fault = Userfault(.missing, PageNumber(16), isWrite: true, thread: TaskID(0))
        add(UserfaultFeatures.eventFork, UserfaultOpening.blocking, UserfaultModes.missing)
        add(UserfaultFillOptions.dontWake, UserfaultID(rawValue: 2), fault, UserfaultMessage.fault(fault))
        add(UserfaultCall.wake(PageNumber(16), pages: 4), UserfaultQueueLength(pending: 1, total: 2), Userfaultfd())
        add(Userfaultfd.code)
        add(UserfaultRequest(.close, on: UserfaultID(rawValue: 2)))
        add(UserfaultMonitor.postCopy(latency: .microseconds(200)), UserfaultMonitor.State())
    }

    private mutating func addEngine() {
        add(StateLocation.entry(MapID(0), PageNumber(16)), Footprint.everything, Holdings.lock(.mmap(MapID(0)), .read))
        add(StageView(of: TaskID(0), resumed: .plain, world.machine), Resumption.failed(.busy), CallResult.value(3))
        add(Completion.failed(.busy), EntryOutcome.emulated(1))
        let id = PinID(0, of: TaskID(1))
        add(
            id,
            PagePin(
                id: id, kind: .pin, isForWriting: true, map: MapID(0), page: PageNumber(16), frames: [FrameNumber(3)]))
    }

    private mutating func addArchitectures() {
        add(X86FaultEntry(), X86Registers(.user), X86KeyRights.initial, X86ErrorCode.write, X86PTE(rawValue: 0))
        add(X86FaultEntry.Reply.signal(.kill), X86FaultEntry.VsyscallAnswer.done(.time))
        add(Architecture.all[0], Architecture.all[0].checks, ArchFaultEntry(Architecture.all[0]))
        add(ArchFaultEntry.Reply.outcome(.killed), S390Guest(), Sparc64Buffer(ArchWords()))
        add(Disk(), ShmemFileOperations(), Ext4FileOperations(), JournaledInode(), PunchedHole(first: 2, end: 4))
    }

    private mutating func addTimeline() {
        var recorded = world
        let timeline = recorded.timeline {
            $0.completeReads()
            $0.run()
        }
        let row = timeline.rows[0]
        add(timeline, row, row.subject, row.spans[0], row.spans[0].what, timeline.begin, timeline.counters[0])
        let mark = timeline.rows.flatMap(\.marks)[0]
        add(mark, mark.what, timeline.waits[0], timeline.waits[0].wakeUp, TimelineNames([(TaskID(0), "reader")]))
        let attribution = timeline.attribution
        add(attribution, attribution.rows[0], attribution.rows[0].root, TimelinePicture([timeline], heading: "a"))
        let note = TraceNote(position: 0, time: 100, content: .ends(TaskID(0), at: 100))
        add(note, note.content)
    }

    private mutating func addLab() throws {
        add(RetryOf2006(), RetryOf2010(), FaultAroundOf2014(), MonitorsOf2017(), DropOf2018(), PostedOf2018())
        add(CompletedOf2022(), AreaLocksOf2023(), PositionsOf2026())
        add(LabVerdict(.differs, "of another machine"))
        let play = try AccountingExample.cachedRead.play(under: .linux6_1)
        add(play, play.counts, ModelOverrides.Variant(model: .linux6_1, base: .linux6_1), Waiting())
        add(FuzzedProgram(bytes: []), FuzzedProgram(bytes: []).run())
        add(ProgramFeatures.all, ProgramEnd.hangs(.victimWaits), KernelHang.victimWaits)
        add(AccountingMatrix.Cell(example: .cachedRead, kernel: "a", expected: play.counts, counted: play.counts))
        addRows(world.timeline())
    }

    /// Rows of results, and outcomes of one row.
    private mutating func addRows(_ picture: Timeline) {
        let rates = RetryOf2010.Rates(model: "a", thinkNanoseconds: 5, reads: 18.2, mappings: 15_000)
        let pages = FaultAroundOf2014.Reading(model: "a", what: .whole, pages: 64, faults: 4, attempts: 4, mapped: 64)
        let count = FaultAroundOf2014.Count(order: 4, faults: 4, mappedPerRead: 16)
        let run = CompletedOf2022.Run(
            model: "a", pgfault: 1, faults: 1, attempts: 1, minorFaults: 1, majorFaults: 0, lockAcquisitions: 1,
            nanoseconds: 1000)
        let waiting = Waiting()
        let around = FaultAroundOf2014.Outcome(
            readings: [pages], sequential: [count], random: [count], sparse: [count], timelines: [picture])
        add(rates, pages, count, run, around, around.measurements[0])
        add(
            MonitorsOf2017.Run(
                model: "a", what: .preCopy, faults: 2, attempts: 3, minorFaults: 1, majorFaults: 1, lockAcquisitions: 3,
                forMonitor: waiting, longestHold: 5, mapperForLock: waiting, otherForFile: waiting))
        add(
            PostedOf2018.Behaviour(
                model: "a", holdsLock: true, attempt: 2, mapperWait: 100, preparations: 1, attempts: 2,
                mapperWaitInStore: 5))
        add(
            RetryOf2006.Read(
                model: "a", hasMapper: true, hold: 5, mapperWait: 5, exceptions: 1, attempts: 2, locks: 2),
            RetryOf2006.Chase(model: "a", thief: .reclaim, rounds: 4, attempts: 5, retries: 4, hasEnded: true),
            RetryOf2006.Bound(model: "a", attempts: [1, 2], alwaysEnds: true))
        add(
            DropOf2018.Waits(
                model: "a", what: .miss, hasWriter: true, ioClass: .throttled, monitor: 5, writer: 6, hold: 7,
                chain: "task 0 waits"))
        add(
            AreaLocksOf2023.Run(
                model: "a", what: .file, faultsPerSecond: 1, locksPerFault: 1, waiting: 0.5, longestWait: 5,
                mapperWaiting: 0.5, mappingsPerSecond: 7))
        add(
            PositionsOf2026.Run(
                model: "a", reads: 1, attemptsPerFault: 1, mmapLocksPerFault: 1, majorFaults: 1, mappings: 1,
                misses: 1, readersForIO: waiting, readersForMmap: waiting, mapperForMmap: waiting,
                mapperForAreas: waiting, monitorForMmap: waiting, chain: "task 0 waits"),
            PositionsOf2026.Worst(
                model: "a", behindFirst: [.fork], behindSecond: [], attempts: [1, 2], attemptsOnPageUnderRead: [1],
                alwaysEnds: true, states: 50))
    }
}
