import FaultTestSupport
import Synchronization
import Testing

/// What a failing expectation prints.
func printed(by body: () -> Void) -> String {
    let texts = Mutex<[String]>([])
    withKnownIssue {
        body()
    } matching: { issue in
        texts.withLock { $0.append("\(issue)") }
        return true
    }
    return texts.withLock { $0.joined(separator: "\n") }
}

@Suite("Expectations that read as sentences", .timeLimit(.minutes(60)))
struct StoryTests {
    /// A reader of a disk that takes 8 ms, a thread that maps memory behind it, and a third one behind both.
    struct Chain {
        var world: World
        let reader, mapper, monitor: TaskID

        init(_ kernel: KernelModel) throws {
            world = try World(kernel, disk: .latency(.milliseconds(8)))
            reader = world.task("reader")
            mapper = world.thread("mapper", of: reader)
            monitor = world.task("monitor")
            let area = try world.map(world.file("log", pages: 64), in: reader)
            world.start(.read(area, page: 9), in: reader)
            world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
            world.start(.readProcMaps(of: area), in: monitor)
        }
    }

    @Test("a cold read retried once, was major once, and never slept holding the mmap lock")
    func coldRead() throws {
        var chain = try Chain(.linux6_1)
        let story = chain.world.story { $0.run() }.story(of: chain.reader)
        #expect(story.succeeded && story.retriedOnce && !story.neverRetried && !story.completed)
        #expect(story.wasMajorOnce && !story.wasMinorOnce)
        #expect(story.counts(minor: 0, major: 1, exceptions: 1, attempts: 2))
        #expect(!story.counts(attempts: 3) && !story.counts(minor: 1) && !story.counts(copies: 1))
        #expect(story.neverSleptHoldingTheMmapLock && !story.neverSlept && story.holdsNothing)
        #expect(story.waited(for: .io) && !story.waited(for: .mmapLock))
        #expect(story.waited(inAllAtMost: .milliseconds(8)) && !story.waited(inAllAtMost: .milliseconds(7)))
    }

    @Test("under a kernel that keeps the lock, the others waited for the reader's I/O, in a chain")
    func chainOfWaits() throws {
        var chain = try Chain(.linux2_6_36)
        let (reader, mapper, monitor) = (chain.reader, chain.mapper, chain.monitor)
        let story = chain.world.story { $0.run() }
        #expect(!story.nobodySlept && !story.nobodySleptHoldingTheMmapLock)
        #expect(!story.story(of: reader).neverSleptHoldingTheMmapLock)
        #expect(story.chain(of: monitor, mapper, reader))
        #expect(!story.chain(of: monitor, reader) && !story.chain(of: reader, mapper))
        #expect(story.waited(mapper, behind: reader, for: .mmapLock))
        #expect(!story.waited(mapper, behind: reader, for: .io) && !story.waited(reader, behind: mapper))
        #expect(story.waited(monitor, forIOOf: reader) && !story.waited(monitor, forIOOf: mapper))
        #expect(story.nobodyWaited(longerThan: .milliseconds(8)) && !story.nobodyWaited(longerThan: .milliseconds(7)))
        #expect(story.nobodyWaited(longerThan: .zero, for: .pageLock))
        #expect(!story.nobodyWaited(longerThan: .milliseconds(7), for: .mmapLock))
        #expect(story.everybodyIsDone && story.allLawsHold)
    }

    @Test("a store to tmpfs completed; a killed reader was ended by its signal; a touch of nothing failed")
    func ends() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(world.file(pages: 8, on: .tmpfs), .readWrite, .shared, in: task)
        try world.perform(.write(area, page: 3), in: task)
        #expect(world.story(of: task).completed && world.story(of: task).wasMinorOnce)
        try world.perform(.munmap(PageNumber(3), pages: 0), in: task)
        #expect(world.story(of: task).failed(with: .invalid) && !world.story(of: task).succeeded)
        world.start(.sleep(.seconds(1)), in: task)
        world.run(until: .asleep(task))
        world.kill(task)
        world.run()
        #expect(world.story(of: task).ended(by: .kill))
    }

    @Test("without a record, nothing is true of waits, and the story says how to record")
    func unrecorded() throws {
        var chain = try Chain(.linux6_1)
        chain.world.run()
        let story = chain.world.story
        #expect(!story.isRecorded && !story.nobodySlept && !story.nobodyWaited(longerThan: .seconds(9)))
        #expect(!story.nobodySleptHoldingTheMmapLock && !story.story(of: chain.reader).neverSlept)
        #expect("\(story)".contains("set recordsTimeline before the run"))
        #expect("\(story.story(of: chain.reader))".contains("set recordsTimeline before the run"))
    }

    @Test("a failing expectation tells the whole story: operation, counts, attempts, waits, by name")
    func wholeStory() throws {
        var chain = try Chain(.linux2_6_36)
        let whole = chain.world.story { $0.run() }
        let story = whole.story(of: chain.reader)
        let text = printed { #expect(story.retriedOnce) }
        for part in [
            "reader: read page 0x", "done", "minorFaults 0, majorFaults 1", "exceptions 1",
            "-> MAJOR|LOCKED", "reader waits 8 ms for I/O on page 9 of log, holding the mmap lock (read)",
            ").retriedOnce",
        ] {
            #expect(text.contains(part), "\(part) is not in: \(text)")
        }
        let waits = printed { #expect(whole.nobodyWaited(longerThan: .milliseconds(5))) }
        for part in [
            "linux2_6_36 at 8000000 ns", "mapper waits 8 ms for the mmap lock of map 0 (write), behind reader",
            "monitor waits 8 ms for the mmap lock of map 0 (read), behind mapper", "nobodyWaited(longerThan:",
        ] {
            #expect(waits.contains(part), "\(part) is not in: \(waits)")
        }
    }

    @Test("what is left at the end is named; what a cache keeps is no leak")
    func leaks() throws {
        var world = try World(.linux6_1)
        let task = world.task("keeper")
        let file = try world.file(pages: 8)
        let before = world
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.write(area, pages: 4), in: task)
        let leaks = world.leaks(since: before)
        #expect(!leaks.isEmpty)
        #expect("\(leaks)".contains("4 pages more than before") && "\(leaks)".contains("1 area more"))
        try world.perform(.munmap(area), in: task)
        try world.perform(.read(file, pages: 4), in: task)
        #expect(world.residentPages(of: file).count >= 4)
        #expect(world.leaks(since: before).isEmpty, "\(world.leaks(since: before))")
        world.start(.directRead(file, pages: 1, into: try world.map(anonymousPages: 1, in: task)), in: task)
        world.run()
        #expect("\(world.leaks(since: before))".contains("keeper is not done"))
    }

    @Test("sets of pages are written as lists of pages and runs, and print so")
    func pageSets() throws {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 64, resident: .pages([0...3, 9...9]))
        #expect(world.resident(of: file) == [0...3, 9])
        #expect("\(world.resident(of: file))" == "0-3, 9 of 64")
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        #expect(world.present(in: area) == [] && world.present(in: area).isEmpty)
        try world.perform(.write(area, page: 2), in: task)
        #expect(world.present(in: area) == [2] && world.present(in: area).contains(2))
        #expect(world.present(in: area) != [1...2])
        #expect(PageSet([3, 1, 3]).first == 1 && PageSet([3, 1, 3]).last == 3 && PageSet([]).first == nil)
        #expect(PageSet([3, 1, 3]).pages == [1, 3] && "\(PageSet([]))" == "none")
    }
}
