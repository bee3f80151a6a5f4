import FaultSimulator
import Testing

@testable import FaultCore

/// A world in which task 0 reads page 9 of a cold file, and task 1, a thread of the same process, wants to fork.
private struct WaitingWorld {
    var world: World
    let area: Area

    init(_ model: KernelModel = .linux6_1) throws {
        world = try World(model)
        let file = try world.file(pages: 64)
        let reader = world.task()
        let thread = world.thread(of: reader)
        area = try world.map(file, .read, in: reader)
        world.start(.read(area, page: 9), in: reader)
        world.start(.fork, in: thread)
        world.run()
    }
}

@Suite("What worlds, reports and models print", .timeLimit(.minutes(60)))
struct DescriptionTests {
    @Test("a world prints its tasks, areas, locks, requests and files")
    func world() throws {
        let world = try WaitingWorld(.linux2_6_36).world
        #expect(
            world.description.split(separator: "\n") == [
                "linux2_6_36 at 0 ns: 32 pages in use",
                "task 0: read page 0x7fffff7c8 (page 9 of file 0); waits for I/O on page 9 of file 0, "
                    + "holding the mmap lock (read), since 0 ns, at lockFolio.take",
                "task 1: fork; waits for the mmap lock of map 0 (write), behind task 0, since 0 ns, at takeLock.woken",
                "map 0 of task 0, task 1: 0 anon, 0 file, 0 shmem",
                "  0x7fffff7bf-0x7fffff7ff r--p file 0 from page 0",
                "mmap lock of map 0: read by task 0; task 1 waiting",
                "request 1: read 32 pages of file 0 from page 0 on device 0, by task 0, since 0 ns, readahead, held",
                "file 0: 64 pages, resident none, 32 cached without their data",
            ])
    }

    @Test("a world with many of everything prints less than a screen, and says how much it leaves out")
    func large() throws {
        var world = try World(.linux6_1)
        for number in 0..<40 {
            let file = try world.file(pages: 4)
            let task = world.task()
            for offset in 0..<4 { _ = try world.map(file, pages: 1, offset: offset, in: task) }
            if number % 2 == 0 { world.start(.read(file), in: task) }
        }
        world.run()
        let lines = world.description.split(separator: "\n")
        #expect(lines.count == 23)
        #expect(lines.filter { $0.hasPrefix("... and ") }.count == 4)
        #expect(lines.contains("... and 38 more files") || lines.contains("... and 39 more files"))
        #expect(Mirror(reflecting: world).children.count == 1)
    }

    @Test("a world of 100,000 processes prints at once, because only what is printed is looked at")
    func processes() throws {
        var world = try World(.linux6_1)
        for _ in 0..<100_000 { _ = world.task() }
        let lines = world.description.split(separator: "\n")
        #expect(lines.count <= 23)
        #expect(lines.contains("map 0 of task 0: 0 anon, 0 file, 0 shmem"))
        #expect(lines.last == "... and 99995 more lines of maps")
    }

    @Test("kinds of events print as words in a list, too")
    func eventKinds() {
        let kinds = TraceEvent.Kind.allCases
        #expect("\(kinds.prefix(2))" == "[operationStarted, operationEnded]")
        #expect("\([kinds.last, .violation])" == "[Optional(areaLockReleased), Optional(violation)]")
        #expect(Set(kinds.map(\.description)).count == kinds.count)
    }

    @Test("an operation's report prints its outcome, counters and attempts")
    func report() throws {
        var waiting = try WaitingWorld()
        waiting.world.completeReads()
        waiting.world.run()
        let flags = "ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE"
        #expect(
            waiting.world.report(of: TaskID(0)).description.split(separator: "\n") == [
                "read page 0x7fffff7c8: done, 0",
                "minorFaults 0, majorFaults 1, exceptions 1, attempts 2, pgfault 2, mmapReadLocks 2, pgmajfault 1",
                "page 0x7fffff7c8 \(flags) -> MAJOR|RETRY, lock released",
                "page 0x7fffff7c8 ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE -> NOPAGE, lock held",
            ])
    }

    @Test("a preset prints its name, a changed one what it does otherwise as well")
    func model() {
        for preset in KernelModel.presets { #expect("\(preset)" == "\(preset.name)") }
        var model = KernelModel.linux6_1
        model.throttledSharedWrite = .keepsLock
        #expect("\(model)" == "linux6_1 but throttledSharedWrite: completes -> keepsLock")
        model.pageWait = .uninterruptible
        model.soleUser = .keepsLock
        #expect("\(model)".hasSuffix("; and 1 more"))
    }

    @Test(
        "operations print in the kernel's words",
        arguments: [
            (.read(PageNumber(16)), "read page 0x10"),
            (.write(PageNumber(16), pages: 4, stride: 2), "write 4 pages from page 0x10, 2 apart"),
            (.munmap(PageNumber(16), pages: 4), "munmap 4 pages from page 0x10"),
            (
                .mmap(MapRequest(pages: 4, access: .read, flags: .shared, file: FileID(0))),
                "mmap 4 pages of file 0 from page 0, read|shared"
            ),
            (.read(FileID(0), 9, pages: 1, into: PageNumber(16)), "pread page 9 of file 0 into page 0x10"),
            (.kill(TaskID(1), .kill), "kill task 1 with SIGKILL"),
            (.faultIn(FaultRequest(.fixup, .write, PageNumber(16))), "fault in, fixup: write page 0x10"),
        ] as [(TaskOperation, String)])
    func operations(_ operation: TaskOperation, _ text: String) { #expect("\(operation)" == text) }

    @Test("option sets print as their members are written")
    func optionSets() {
        #expect("\(VMAFlags(.readWrite).union(.shared))" == "read|write|shared")
        #expect("\(VMAFlags())" == "none")
        #expect("\(FrameFlags([.uptodate, .underRead]))" == "uptodate|underRead")
        #expect("\(GUPFlags([.write, .unlockable]))" == "write|unlockable")
        #expect("\(FaultFlags([.write, .tried]))" == "WRITE|TRIED")
    }

    @Test("a violation names the stages of its task, those of what plugs in too")
    func violation() throws {
        var machine = try #require(BrokenLaw.byHandlers.first).machine()
        let violation = try #require(machine.verify(after: StopReason(.finished)).violations.first)
        let lines = violation.description.split(separator: "\n")
        let head = "law 1 (faultLockReleasedOnce) broken by task 0 at 0 ns: \(violation.message)"
        #expect(violation.summary == head && head.hasPrefix(lines.first ?? "none"))
        #expect(
            lines.contains("in touch.exceptionHandled > faultEntry.handled > pageFault.handlerReturned"), "\(violation)"
        )
        #expect(lines.contains { $0.hasSuffix("stage handlerFault.begin") }, "\(violation)")
        let stages = lines.filter { $0.contains(" stage ") }
        #expect(stages.allSatisfy { $0.last.map { !$0.isNumber } == true }, "\(violation)")
    }
}
