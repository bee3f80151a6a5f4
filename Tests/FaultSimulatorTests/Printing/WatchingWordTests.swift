@testable import FaultCore
import FaultExplorer
import FaultSimulator
import Testing

@Suite("Words for what was watched", .timeLimit(.minutes(60)))
struct WatchingWordTests {
    @Test("a trace of some kinds of events has these, in order, and no others")
    func traceOfKinds() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let file = try world.file(pages: 1)
        let area = try world.map(file, .read, in: task)
        world.machine.trace(only: [.ioSubmitted, .attemptEnded])
        world.start(.read(area), in: task)
        repeat { world.run() } while world.completeReads() > 0
        #expect(world.machine.trace.map(\.kind) == [.ioSubmitted, .attemptEnded, .attemptEnded])
        #expect(world.machine.isTracing)
    }

    @Test("a machine tells which tasks hold the locks of areas, and which task changes them")
    func areaLocks() throws {
        var test = try AreaLockWorld()
        let other = try test.world.map(anonymousPages: 2, in: test.first)
        test.begin(.write(test.sleepy), in: test.first)
        let reading = "\(test.world.machine)"
        let place = "lock of the area at \(test.sleepy.start) of map 0: read by task 0"
        #expect(reading.contains(place) && !reading.contains("a writer waiting"), "\(reading)")
        // munmap of both areas has locked the first one when it waits for the second.
        let first = min(other.start, test.sleepy.start)
        let end = max(other.start + 2, test.sleepy.start + 8)
        test.begin(.munmap(first, pages: end - first), in: test.second)
        let waiting = "\(test.world.machine)"
        #expect(waiting.contains("of map 0: read by task 0; a writer waiting"), "\(waiting)")
        #expect(test.wake() == .finished)
        #expect(!"\(test.world.machine)".contains("lock of the area"))
    }

    @Test("a page whose lock is held is told with its place in the cache")
    func pageLock() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 2, resident: .all)
        let task = world.task()
        world.start(.sleep(nanoseconds: 100), in: task)
        let folio = try #require(world.machine.cachedFolio(at: 1, of: file))
        let isLocked = world.machine.tryLock(folio, by: task)
        #expect(isLocked && "\(world.machine)".contains("page 1 of file 0: locked by task 0"))
        world.machine.unlock(folio)
    }

    @Test("each note of a timeline is told in words")
    func notes() {
        let task = TaskID(0)
        let request = RequestID(rawValue: 3)
        let contents: [(TraceNote.Content, String)] = [
            (.beginning, "the record begins"), (.tookProcessor(task, 1), "task 0 gets processor 1"),
            (.lostProcessor(task), "task 0 loses its processor"),
            (.began(task, .exit, MapID(0)), "task 0 begins to \(TaskOperation.exit)"),
            (.ends(task, at: 9), "task 0 ends its operation at 9 ns"),
            (.slept(task, .memory, owner: .none), "task 0 falls asleep for \(WaitLink.Cause.memory)"),
            (
                .slept(task, .pageLock(FileID(0), 4), owner: TaskID(1)),
                "task 0 falls asleep for \(WaitLink.Cause.pageLock(FileID(0), 4)), of task 1"
            ),
            (.woken(task, by: .none, request: nil), "task 0 is woken"),
            (.woken(task, by: TaskID(1), request: nil), "task 0 is woken by task 1"),
            (.woken(task, by: .none, request: request), "task 0 is woken by \(request)"),
            (.completed(request), "\(request) is done"),
            (.readsArea(task, MapID(0), PageNumber(16)), "task 0 reads the area at \(PageNumber(16)) of map 0"),
            (
                .writesArea(task, MapID(0), PageNumber(16), pages: 2),
                "task 0 writes the area of 2 pages at \(PageNumber(16)) of map 0"
            ),
            (
                .held(task, .mmap(MapID(0)), .read),
                "task 0 holds the \(LockName.mmap(MapID(0))) (\(LockMode.read))"
            ),
        ]
        for (content, text) in contents {
            #expect("\(content)" == text)
            #expect("\(TraceNote(position: 0, time: 120, content: content))" == "120: \(text)")
        }
    }

    @Test("a call of a file system is told with its pages")
    func fileCalls() {
        let calls: [(FileCall, String)] = [
            (.read(8, pages: 4), "read 4 pages from page 8"), (.willNeed(0, pages: 1), "willNeed 1 page from page 0"),
            (.sync(2, pages: nil), "sync from page 2 to the end"),
            (.punchHole(3, pages: 2), "punchHole 2 pages from page 3"),
            (.write(5), "write page 5"), (.swapIn(6), "swapIn page 6"),
            (.readahead(4, pages: 8, lookahead: 0), "readahead 8 pages from page 4"),
            (.readahead(4, pages: 8, lookahead: 2), "readahead 8 pages from page 4, mark 2 before the end"),
        ]
        for (call, text) in calls { #expect("\(call)" == text) }
    }

    @Test("each kind of counterexample is told in words, with the tasks that it is about")
    func counterexamples() {
        let kinds: [(Counterexample.Kind, String)] = [
            (.livelock([TaskID(0)]), "livelock: task 0 runs forever without progress"),
            (.livelock([TaskID(0), TaskID(2)]), "livelock: task 0, task 2 run forever without progress"),
            (.starvation([TaskID(1)]), "starvation: task 1 never gets on, while others do"),
            (.starvation([TaskID(1), TaskID(2)]), "starvation: task 1, task 2 never get on, while others do"),
            (.predicate("one"), "does not hold: one"), (.never("two"), "never holds: two"),
            (.outcome("three"), "not allowed: three"),
        ]
        for (kind, text) in kinds { #expect("\(kind)" == text) }
    }

    @Test("options of an explorer tell what is injected, and that laws are unchecked")
    func options() throws {
        var options = Explorer.Options()
        #expect(!"\(options)".contains("injecting") && !"\(options)".contains("laws"))
        options.injections = [Injection(.signal(.kill, TaskID(0)))]
        options.checksLaws = false
        #expect("\(options)".hasSuffix(", injecting \(options.injections[0]), laws unchecked"), "\(options)")
    }

    @Test("a device reads from a pin what the program has written, page by page")
    func pinContent() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        let pin = try world.pin(area, in: task)
        let stamps = (0..<2).map { world.machine.stamp(of: world.machine.entry(of: area[$0], in: area.map).frame) }
        #expect((0..<2).map { world.machine.stamp(in: pin, page: $0) } == stamps)
        #expect(stamps.allSatisfy { $0 != 0 })
    }

    @Test("a slot of swap is told by its area and its place there, from 1 on")
    func swapPlaces() throws {
        var world = try World(.linux6_1)
        try world.addSwap(pages: 8, isRotational: true)
        try world.addSwap(pages: 8, isRotational: true)
        let task = world.task()
        let area = try world.map(anonymousPages: 12, in: task)
        try world.perform(.write(area, pages: 12), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        let places = (0..<12).compactMap { page in
            world.machine.swapSlot(of: world.machine.entry(of: area[page], in: area.map))
                .map { world.machine.swapPlace(of: $0) }
        }
        #expect(Set(places.filter { $0.area == 0 }.map(\.offset)) == Set(1...8))
        #expect(places.filter { $0.area == 1 }.count == 4)
    }
}
