import FaultExplorer
import FaultSimulator
import Testing

@testable import FaultCore

/// A world in which `reader` reads page 9 of the cold file `log` through `buffer`, holding the mmap lock that `forker`
/// wants.
private struct NamedWorld {
    var world: World
    let reader: TaskID
    let forker: TaskID

    init(isNamed: Bool = true, traces: Bool = false) throws {
        world = try World(.linux2_6_36)
        let file = try world.file(isNamed ? "log" : nil, pages: 64)
        reader = world.task(isNamed ? "reader" : nil)
        forker = world.thread(isNamed ? "forker" : nil, of: reader)
        let area = try world.map(file, .read, named: isNamed ? "buffer" : nil, in: reader)
        world.machine.isTracing = traces
        world.machine.recordsWaits = true
        world.start(.read(area, page: 9), in: reader)
        world.start(.fork, in: forker)
        world.run()
    }
}

@Suite("Names that a test gives", .timeLimit(.minutes(60)))
struct ObjectNameTests {
    @Test("a wait chain names tasks, files and memory")
    func chain() throws {
        var named = try NamedWorld()
        let reason = named.world.run()
        let expected = """
            blocked
            forker waits for the mmap lock of map 0 (write), behind reader <- \
            reader waits for I/O on page 9 of log, holding the mmap lock (read)
            """
        #expect("\(reason)".split(separator: "\n") == expected.split(separator: "\n"))
        #expect("\(named.world.mmapLock(of: named.reader))" == "read by reader; forker waiting")
    }

    @Test("a world lists what has a name with its number too")
    func screen() throws {
        let world = try NamedWorld().world
        let expected = """
            linux2_6_36 at 0 ns: 32 pages in use
            reader (task 0): read page 9 of buffer (page 9 of log); waits for I/O on page 9 of log, \
            holding the mmap lock (read), since 0 ns, at lockFolio.take
            forker (task 1): fork; waits for the mmap lock of map 0 (write), behind reader, since 0 ns, \
            at takeLock.woken
            map 0 of reader, forker: 0 anon, 0 file, 0 shmem
              0x7fffff7bf-0x7fffff7ff r--p log from page 0, buffer
            mmap lock of map 0: read by reader; forker waiting
            request 1: read 32 pages of log from page 0 on device 0, by reader, since 0 ns, readahead, held
            log (file 0): 64 pages, resident none, 32 cached without their data
            """
        #expect(world.description.split(separator: "\n") == expected.split(separator: "\n"))
    }

    @Test("a report, a trace, a lock's timeline and waits use names")
    func reports() throws {
        var named = try NamedWorld(traces: true)
        named.world.completeReads()
        named.world.run()
        let machine = named.world.machine
        let report = named.world.report(of: named.reader).description
        #expect(report.hasPrefix("read page 9 of buffer: done, 0\n"))
        #expect(report.contains("\npage 9 of buffer USER -> "))
        let trace = machine.trace.map { machine.text(of: $0) }
        #expect(trace.contains("0 reader attemptStarted page 9 of buffer USER"))
        #expect(trace.contains("0 forker lockQueued mmap lock of map 0 write"))
        #expect(!trace.contains { $0.contains("task 0") })
        let timeline = LockTimeline(of: .mmap(machine.map(of: named.reader)), in: machine)
        #expect("\(timeline)".contains("reader holds from 0 ns"))
        #expect("\(machine.waits[0])" == "reader from 0 ns to 0 ns for I/O on log")
        #expect("\(machine.waitTotals[0])".hasPrefix("reader waited 1 times for I/O on log: "))
        #expect(machine.outcomeText.hasPrefix("reader: "))
    }

    @Test("a broken law names the task that broke it, and the events that led there")
    func violation() throws {
        let named = try NamedWorld(traces: true)
        let violation = Violation(
            .faultLockReleasedOnce, named.reader, "\(named.reader) is wrong", in: named.world.machine)
        #expect(violation.summary.hasSuffix("broken by reader at 0 ns: reader is wrong"))
        #expect(violation.description.contains("reader attemptStarted page 9 of buffer"))
    }

    @Test("a schedule's story, deadlocks and outcomes use names")
    func exploring() throws {
        var world = try World(.linux6_1)
        let task = world.task("writer")
        let area = try world.map(anonymousPages: 2, named: "heap", in: task)
        world.start(.write(area, page: 1), in: task)
        let exploration = world.explore(injecting: [Injection(.signal(.kill, task))])
        let outcome = try #require(exploration.outcomes.first { $0.text.contains("SIGKILL") })
        #expect(outcome.text.hasPrefix("writer: "))
        let story = world.machine.story(of: outcome.schedule, injections: [Injection(.signal(.kill, task))])
        #expect(story.contains { $0.contains(". writer ") })
        #expect(story.contains { $0.contains("from outside: SIGKILL to writer") })
        #expect(world.replay(outcome.schedule, injections: [Injection(.signal(.kill, task))]) > 0)
    }

    @Test("names are found again, and copies of a world keep them")
    func lookUp() throws {
        let named = try NamedWorld()
        let copy = named.world
        #expect(copy.task(named: "forker") == named.forker)
        #expect(copy.file(named: "log") == FileID(0))
        #expect(copy.area(named: "buffer", in: named.reader).pages == 64)
        #expect(copy.machine.task(named: "log") == nil)
        #expect(copy.machine.name(of: named.reader) == "reader")
        #expect(copy.machine.name(of: copy.disk) == nil)
        #expect(copy.machine.name(of: PageNumber(1), in: copy.map(of: named.reader)) == nil)
    }

    @Test("a child's memory has the names of its parent's")
    func fork() throws {
        var world = try World(.linux6_1)
        let parent = world.task("parent")
        let area = try world.map(anonymousPages: 4, named: "heap", in: parent)
        let child = try world.fork(parent, named: "child")
        #expect(world.area(named: "heap", in: child).start == area.start)
        let report = try world.perform(.write(area, page: 2), in: child)
        #expect(report.description.hasPrefix("write page 2 of heap: done"))
        #expect(world.machine.named("entry of \(area[2]) of \(area.map)") == "entry of page 2 of heap of map 0")
    }

    @Test("a device that has a name is called by it")
    func device() throws {
        var world = try World(.linux6_1)
        let disk = world.addDisk("flash")
        let file = try world.file("data", pages: 8, device: disk)
        world.start(.read(file), in: world.task("reader"))
        world.run()
        #expect(world.description.contains("of data from page 0 on flash, by reader"))
        #expect(world.device(named: "flash") == disk)
    }

    @Test("memory that the test maps without a name takes the name of what was there")
    func remapping() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let first = try world.map(anonymousPages: 4, named: "old", in: task)
        try world.perform(.munmap(first), in: task)
        let request = MapRequest(pages: 2, access: .read, placement: .fixed(first[1]))
        _ = try world.map(request, in: task)
        #expect(world.machine.name(of: first.start, in: first.map) == nil)
    }

    @Test("names are no state: machines that differ in them alone are equal and have one fingerprint")
    func identity() throws {
        let named = try NamedWorld().world
        let plain = try NamedWorld(isNamed: false).world
        #expect(named == plain)
        #expect(named.machine.fingerprint == plain.machine.fingerprint)
        #expect(named.machine.canonicalWords == plain.machine.canonicalWords)
        #expect(named.machine.waitLinks == plain.machine.waitLinks)
        #expect(named.report(of: TaskID(0)) == plain.report(of: TaskID(0)))
        #expect(named.differences(from: plain) == [])
        let (some, none) = (named.explore(), plain.explore())
        #expect(some.states == none.states && some.transitions == none.transitions)
    }

    @Test(
        "only whole names are replaced",
        arguments: [
            ("task 1 and task 12", "b and task 12"), ("subtask 1", "subtask 1"), ("task 1x", "task 1x"),
            ("task 99999999999999999999", "task 99999999999999999999"), ("no task", "no task"),
            ("page 0x10", "page 0 of c"), ("page 0x12", "page 0x12"), ("page 0x10 of map 3", "page 0x10 of map 3"),
            ("2 pages from page 0x11 of map 0", "2 pages from page 1 of c"), ("page 16", "page 16"), ("task ", "task "),
        ])
    func texts(_ text: String, _ expected: String) throws {
        var world = try World(.linux6_1)
        _ = world.task("a")
        _ = world.task("b")
        world.machine.setName("c", of: PageNumber(0x10)..<PageNumber(0x12), in: MapID(0))
        #expect(world.machine.named(text, for: TaskID(0)) == expected)
    }

    @Test("a name can be given only once, and is not empty")
    func refusals() async throws {
        var world = try World(.linux6_1)
        let file = try world.file("log", pages: 1)
        let task = world.task("a")
        let area = try world.map(file, named: "m", in: task)
        #expect(throws: WorldError.invalid("file 0 is named \"log\" already; take another name")) {
            try world.file("log", pages: 1)
        }
        #expect(throws: WorldError.self) { try world.map(file, named: "m", in: task) }
        world.machine.setName("a", of: task)
        world.machine.setName("b", of: task)
        #expect(world.task("a") != task)
        world.machine.setName(nil, of: area.start..<area[1], in: area.map)
        #expect(world.machine.pages(named: "m", in: area.map) == nil)
        await #expect(processExitsWith: .failure) {
            var world = try World(.linux6_1)
            _ = world.task("a")
            _ = world.task("a")
        }
        await #expect(processExitsWith: .failure) {
            var world = try World(.linux6_1)
            _ = world.task("")
        }
        await #expect(processExitsWith: .failure) { _ = try World(.linux6_1).task(named: "a") }
    }
}
