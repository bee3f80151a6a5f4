import FaultTestSupport
import Foundation
import Testing

@Suite("Tutorial: who waits for whom", .timeLimit(.minutes(60)))
struct WhoWaitsForWhom {
    /// A process that reads a file and maps memory, and a monitor that looks at it.
    private struct Three {
        var world: World
        let reader, mapper, monitor: TaskID

        init(_ kernel: KernelModel) throws {
            world = try World(kernel, disk: .latency(.milliseconds(8)))
            reader = world.task("reader")
            mapper = world.thread("mapper", of: reader)
            monitor = world.task("monitor")
            let buffer = try world.map(world.file("log", pages: 64), named: "buffer", in: reader)
            world.start(.read(buffer, page: 9), in: reader)
            world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
            world.start(.readProcMaps(of: buffer), in: monitor)
        }
    }

    @Test("under an old kernel the monitor waits for somebody else's disk")
    func old() throws {
        var three = try Three(.linux2_6_36)
        let (reader, mapper, monitor) = (three.reader, three.mapper, three.monitor)

        let story = three.world.story { $0.run() }
        #expect(story.chain(of: monitor, mapper, reader))
        #expect(story.waited(mapper, behind: reader, for: .mmapLock))
        #expect(story.waited(monitor, forIOOf: reader))
        #expect(!story.nobodySleptHoldingTheMmapLock)

        #expect(
            "\(story)" == """
                linux2_6_36 at 8000000 ns
                reader: read page 9 of buffer: done, 0
                mapper: mmap 1 anonymous page, read|write: done, 34359736254
                monitor: read /proc/PID/maps of map 0: done, 2
                reader waits 8 ms for I/O on page 9 of log, holding the mmap lock (read)
                mapper waits 8 ms for the mmap lock of map 0 (write), behind reader
                monitor waits 8 ms for the mmap lock of map 0 (read), behind mapper
                """)
        #expect(
            "\(story.timeline.attribution)" == """
                task     waits for                       behind  because of                 times  in all  longest
                reader   I/O on page 9 of log            -       I/O of reader on device 0      1    8 ms     8 ms
                mapper   the mmap lock of map 0 (write)  reader  I/O of reader on device 0      1    8 ms     8 ms
                monitor  the mmap lock of map 0 (read)   mapper  I/O of reader on device 0      1    8 ms     8 ms
                """)

        let page = FileManager.default.temporaryDirectory.appending(path: "who-waits-\(UUID()).html")
        try story.timeline.html.write(to: page, atomically: true, encoding: .utf8)
    }

    @Test("under a newer one nobody waits but the reader")
    func new() throws {
        var three = try Three(.linux6_1)
        let reader = three.reader

        let story = three.world.story { $0.run() }
        #expect(story.timeline.waits.map(\.task) == [reader])
        #expect(story.nobodySleptHoldingTheMmapLock)
        #expect(story.nobodyWaited(longerThan: .zero, for: .mmapLock))
    }

    @Test("and in no order does it")
    func everyOrder() throws {
        func neverHoldsForIO(_ kernel: KernelModel) throws -> Verdict {
            let three = try Three(kernel)
            return three.world.checkSchedules(
                .exhaustive,
                for: [
                    .always("nobody waits for I/O holding the mmap lock") { machine in
                        machine.waitLinks.allSatisfy { Awaited($0.cause) != .io || $0.mmapHeld == nil }
                    }
                ])
        }
        #expect(try neverHoldsForIO(.linux6_1).holds)
        let found = try #require(try neverHoldsForIO(.linux2_6_36).counterexample)
        #expect(
            found.story.last == """
                19. reader lockFolio.take: reader waits for I/O on page 9 of log, holding the mmap lock (read)
                """)
    }
}
