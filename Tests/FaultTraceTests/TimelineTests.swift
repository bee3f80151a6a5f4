import FaultSimulator
import Testing

@Suite("Timelines", .timeLimit(.minutes(60)))
struct TimelineTests {
    static let kernels: [KernelModel] = [.linux2_6_36, .linux6_1, .linux6_12]

    @Test("a reader behind a writer behind a reader of the disk: the chain leads to the disk's request")
    func chain() throws {
        var made = try ChainWorld()
        let timeline = made.world.timeline(names: made.names) { $0.run() }
        let last = try #require(timeline.waits.indices.last { timeline.waits[$0].task == made.second })
        let chain = timeline.chain(from: last)
        #expect(chain.map(\.task) == [made.second, made.mapper, made.reader])
        #expect(chain.map(\.nanoseconds) == [8_000_000, 8_000_000, 8_000_000])
        #expect(chain.map(\.mmapHeld) == [nil, nil, .read])
        #expect(timeline.root(of: last) == .io(made.world.disk, of: made.reader))
        #expect(timeline.longestWait.map { timeline.waits[$0].task } == made.second)
        #expect(
            timeline.description.hasSuffix(
                "reader waits 8 ms for I/O on page 9 of data file, holding the mmap lock (read)"))
    }

    @Test("who waited for whom is a table, with whose I/O it came down to")
    func attribution() throws {
        var made = try ChainWorld()
        let timeline = made.world.timeline(names: made.names) { $0.run() }
        let attribution = timeline.attribution
        #expect(attribution.rows.map(\.waiter) == [made.reader, made.mapper, made.second])
        #expect(attribution.rows.map(\.blocker) == [.none, made.reader, made.mapper])
        #expect(attribution.rows.allSatisfy { $0.root == .io(made.world.disk, of: made.reader) })
        #expect(attribution.rows.allSatisfy { $0.times == 1 && $0.longest == 8_000_000 })
        #expect(attribution.rows.map { timeline.waits[$0.longestWait].task } == attribution.rows.map(\.waiter))
        let lines = "\(attribution)".split(separator: "\n")
        #expect(lines.count == 4 && lines[3].hasPrefix("second <reader>  the mmap lock of map 0 (read)   mapper"))
    }

    @Test("while it lasts, a wait is behind whom it found there, to the held request")
    func blocked() throws {
        var made = try ChainWorld(disk: .held)
        let timeline = made.world.timeline { $0.run() }
        #expect(timeline.axis == .order, "no time passes")
        let last = try #require(timeline.waits.indices.last { timeline.waits[$0].task == made.second })
        #expect(timeline.chain(from: last).map(\.task) == [made.second, made.mapper, made.reader])
        #expect(timeline.root(of: last) == .stillWaiting)
        let request = try #require(timeline.row(of: .device(made.world.disk))?.spans.first)
        #expect(request.isOpen && request.end == timeline.end)
    }

    @Test("an attempt lies in its fault, a fault in its operation, and nothing overlaps in a lane", arguments: kernels)
    func nesting(_ kernel: KernelModel) throws {
        for isFree in [false, true] {
            let timeline = try BusyWorld.run(kernel, free: isFree).timeline()
            var faults = 0
            for row in timeline.rows {
                for (one, next) in zip(row.spans, row.spans.dropFirst()) where one.lane == next.lane {
                    #expect(one.end.order <= next.begin.order && one.end.time <= next.begin.time, "\(row.name)")
                }
                guard case .task = row.subject else { continue }
                faults += row.spans(.fault).count
                for lane in 2...4 {
                    let outer = row.spans.filter { $0.lane == (lane == 3 ? 2 : 1) }
                    for span in row.spans where span.lane == lane && (lane != 3 || span.what.isUnderException) {
                        let isInside = outer.contains { $0.begin <= span.begin && span.end <= $0.end }
                        #expect(isInside, "\(row.name): \(timeline.text(span, of: row.subject)) in \(kernel.name)")
                    }
                }
            }
            #expect(faults > 20)
        }
    }

    @Test("each sleep is there with its beginning, end and cause, and each hold of a lock", arguments: kernels)
    func complete(_ kernel: KernelModel) throws {
        let world = try BusyWorld.run(kernel)
        let timeline = world.timeline()
        #expect(timeline.waits.map(\.begin.time) == world.machine.waits.map(\.begin))
        #expect(timeline.waits.map(\.end.time) == world.machine.waits.map { $0.end ?? world.clock })
        #expect(timeline.waits.map(\.cause) == world.machine.waits.map(\.link.cause))
        #expect(timeline.waits.count > 10)
        let statistics = world.machine.lockStatistics(of: MapID(0))
        let row = try #require(timeline.row(of: .mmap(MapID(0))))
        let held = row.spans(.hold).reduce(0) { $0 + timeline.nanoseconds($1) }
        let waited = row.spans(.wait).reduce(0) { $0 + timeline.nanoseconds($1) }
        #expect(held == statistics.readHolds.total + statistics.writeHolds.total)
        #expect(waited == statistics.readWaits.total + statistics.writeWaits.total)
        let counted = timeline.rows.flatMap(\.marks).count { if case .counts = $0.what { true } else { false } }
        let counters = (0..<world.machine.taskCount).map { world.machine.counters(of: TaskID($0)) }
        #expect(counted == counters.reduce(0) { $0 + $1.minorFaults + $1.majorFaults })
    }

    @Test("who waits for the readers of an area stands in the row of its lock")
    func areas() throws {
        var waiters = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            let timeline = try BusyWorld.run(.linux6_12, seed: seed).timeline()
            let areas = timeline.rows.filter { if case .area = $0.subject { true } else { false } }
            #expect(areas.contains { $0.spans.contains { if case .holds(_, .read) = $0.what { true } else { false } } })
            #expect(
                areas.contains { $0.spans.contains { if case .holds(_, .write) = $0.what { true } else { false } } })
            waiters += areas.flatMap { $0.spans(.wait) }.count
        }
        #expect(waiters > 0)
    }

    @Test("recording a timeline changes neither what happens nor the trace", arguments: kernels)
    func unchanged(_ kernel: KernelModel) throws {
        var plain = try ChainWorld(kernel)
        var recorded = plain
        plain.world.machine.isTracing = true
        recorded.world.recordsTimeline = true
        plain.world.run()
        recorded.world.run()
        #expect(plain.world.machine.trace == recorded.world.machine.trace)
        #expect(plain.world.machine == recorded.world.machine)
        #expect(plain.world.machine.traceNotes.isEmpty && !recorded.world.machine.traceNotes.isEmpty)
    }

    @Test("what is under way when the record begins is there from the beginning")
    func joined() throws {
        var made = try ChainWorld()
        made.world.run(until: .time(1_000_000))
        let timeline = made.world.timeline { $0.run() }
        #expect(timeline.begin.time == 1_000_000)
        #expect(timeline.waits.prefix(3).map(\.begin.time) == [1_000_000, 1_000_000, 1_000_000])
        #expect(timeline.holders(of: .mmap(made.area.map)) == [made.reader, made.mapper, made.second])
        #expect(timeline.longestHold(of: .mmap(made.area.map), by: made.reader) == 7_000_000)
        #expect(timeline.row(of: .device(made.world.disk))?.spans.count == 1)
        #expect(!made.world.recordsTimeline && !made.world.machine.isTracing)
    }

    @Test("a killed wait ends by the signal, in the task's row and in the lock's")
    func killed() throws {
        var made = try ChainWorld(.linux6_1, disk: .held)
        let area = made.area
        made.world.recordsTimeline = true
        made.world.run()
        made.world.kill(made.reader)
        made.world.completeReads()
        made.world.run()
        let timeline = made.world.timeline()
        #expect(timeline.waits.contains { if case .signal = $0.wakeUp { true } else { false } })
        #expect(timeline.row(of: .mmap(area.map))?.spans.allSatisfy { !$0.isOpen } == true)
    }

    @Test("the counters say how many sleep, wait for devices, and have faulted")
    func counters() throws {
        let world = try BusyWorld.run(.linux6_1)
        let counters = world.timeline().counters
        func last(_ name: String) -> Int? { counters.first { $0.name == name }?.points.last?.value }
        #expect(last("tasks asleep") == 0 && last("requests under way") == 0)
        let majors = (0..<world.machine.taskCount).reduce(0) {
            $0 + world.machine.counters(of: TaskID($1)).majorFaults
        }
        #expect(last("major faults") == majors)
    }
}

extension Timeline.Span.What {
    /// Whether the attempt is one of an exception, and not of a call that faults pages in.
    var isUnderException: Bool {
        if case .attempt(_, let flags, _) = self { flags.contains(.user) } else { false }
    }
}

@Suite("Names in timelines", .timeLimit(.minutes(60)))
struct TimelineNameTests {
    @Test("a timeline calls tasks, files and areas as the world does, unless it is told otherwise")
    func ofTheWorld() throws {
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 1_000))
        let reader = world.task("reader")
        let file = try world.file("log", pages: 4)
        let area = try world.map(file, named: "buffer", in: reader)
        world.start(.read(area, page: 1), in: reader)
        var again = world
        let timeline = world.timeline { $0.run() }
        #expect(timeline.row(of: reader)?.name == "reader")
        #expect("\(timeline.attribution)".contains("page 1 of log"))
        #expect(timeline.names.text(area[1], of: area.map) == "page 1 of buffer")
        let told = again.timeline(names: TimelineNames([(reader, "first")])) { $0.run() }
        #expect(told.row(of: reader)?.name == "first")
    }
}
