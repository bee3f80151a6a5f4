import FaultArchitectures
import FaultSimulator
import Testing

@Suite("Entries of other architectures", .timeLimit(.minutes(60)))
struct ArchitectureTests {
    @Test("the table has every entry that the series of 2022 touched, each once, but x86")
    func table() {
        let names = Architecture.all.map(\.name.description)
        #expect(names == names.sorted() && Set(names).count == 22)
        for row in Architecture.all {
            #expect(row.checks.all.sorted { $0.rawValue < $1.rawValue } == Architecture.Check.allCases, "\(row.name)")
            #expect(Architecture.named(row.name.description) == row)
            #expect(row.source.description.hasSuffix(".c"))
        }
        #expect(Architecture.named("x86") == nil)
    }

    @Test("no order of tests tests RETRY before COMPLETED, or a signal after either", arguments: Architecture.all)
    func order(_ architecture: Architecture) {
        let order = architecture.checks.all
        #expect(order.first == .signal)
        #expect(order.firstIndex(of: .completed)! < order.firstIndex(of: .retry)!)
    }

    @Test("a cold read retries once with TRIED, and is major", arguments: Architecture.all)
    func coldRead(_ architecture: Architecture) throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)
        #expect(world.mmapLock(of: task).isFree)
        world.completeReads()
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry], .noPage])
        #expect(report.attempts.map { $0.flags.contains(.tried) } == [false, true])
        #expect(report.majorFaults == 1 && report.counters.exceptions == 1)
    }

    @Test("the first store to a shared page completes without another attempt", arguments: Architecture.all)
    func completes(_ architecture: Architecture) throws {
        for system in [World.FileSystem.ext4, .tmpfs] {
            var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
            let file = try world.file(pages: 4, on: system, resident: system == .ext4 ? .all : .none)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            let report = try world.perform(.write(area[1]), in: task)
            // nios2 has assigned the flags of a store, and may drop nothing.
            let completes: FaultResult = architecture == .nios2 ? .locked : [.locked, .completed]
            #expect(report.attempts.map(\.result) == [completes])
            #expect(report.attempts[0].flags == (architecture == .nios2 ? .write : [.default, .user, .write]))
            #expect(report.minorFaults == 1 && world.mmapLock(of: task).isFree)
            #expect(report.counters.mmapReadLocks == 1)
        }
    }

    @Test("nios2 waits for the disk with the lock held if it stores, and without it if it loads")
    func nios2() throws {
        for isStore in [true, false] {
            var world = try World(.linux6_1, entry: ArchFaultEntry(.nios2))
            let file = try world.file(pages: 64)
            let task = world.task()
            let area = try world.map(file, .readWrite, .shared, in: task)
            world.start(isStore ? .write(area[9]) : .read(area[9]), in: task)
            #expect(world.run() == .blocked)
            #expect(world.mmapLock(of: task).isFree == !isStore)
            if isStore {
                world.kill(task)
                #expect(world.run() == .blocked, "nothing ends its wait")
            }
            world.completeReads()
            #expect(world.run() == .finished)
            let results: [FaultResult] = isStore ? [[.major, .locked]] : [[.major, .retry], .noPage]
            #expect(isStore || world.report(of: task).attempts.map(\.result) == results)
        }
    }

    @Test("an ordinary signal cuts the retry short, but not on um", arguments: Architecture.all)
    func signal(_ architecture: Architecture) throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)
        world.send(.user1, to: task)
        world.completeReads()
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.counters.exceptions == (architecture == .um ? 1 : 2))
        #expect(report.counters.handledSignals == 1)
    }

    @Test(
        "a fatal signal ends the exception of a program that waits for the disk, on um, too",
        arguments: Architecture.all.filter { $0 != .nios2 }, [KernelModel.linux3_15, .linux4_19, .linux6_1])
    func fatalSignal(_ architecture: Architecture, _ kernel: KernelModel) throws {
        var world = try World(kernel, entry: ArchFaultEntry(architecture))
        let file = try world.file(pages: 64)
        let task = world.task()
        let area = try world.map(file, .read, .shared, in: task)
        world.start(.read(area, page: 9), in: task)
        #expect(world.run() == .blocked)
        world.kill(task)
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.attempts.map(\.result) == [[.major, .retry]] && report.isGone)
    }

    @Test("what no area allows is a signal, and an errno for a copy", arguments: Architecture.all)
    func refusals(_ architecture: Architecture) throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
        let file = try world.file(pages: 1)
        let task = world.task()
        let area = try world.map(file, pages: 2, .read, .shared, in: task)
        #expect(try world.perform(.write(area[0]), in: task).signal == .segv(.accessDenied))
        #expect(try world.perform(.read(area[2]), in: task).signal == .segv(.notMapped))
        #expect(try world.perform(.read(area[1]), in: task).signal == .bus(.noSuchAddress))
        #expect(try world.perform(.read(architecture.geometry.userLimit), in: task).signal == .segv(.notMapped))
        #expect(try world.perform(.kernelTouch(.write, area[0], .kernelWithFixup), in: task).errno == .badAddress)
        let atomic = try world.perform(.kernelTouch(.read, area[0], .kernelAtomic), in: task)
        #expect(atomic.errno == .badAddress && atomic.attempts.isEmpty)
        #expect(try world.perform(.execute(area[0]), in: task).signal == .segv(.accessDenied))
        #expect(world.mmapLock(of: task).isFree)
    }

    @Test("a stray kernel access gives up if the lock is taken, where the entry tries it first")
    func tryLock() throws {
        for architecture in Architecture.all {
            var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
            let task = world.task()
            let other = world.thread(of: task)
            let area = try world.map(anonymousPages: 1, in: task)
            world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: other)
            while world.machine.holds(.mmap(area.map), other) == nil { world.machine.step(other) }
            world.start(.kernelTouch(.write, area[0], .kernelWithoutFixup), in: task)
            // One that waits for the lock waits in the entry; one that has died of it, in its exit.
            while world.machine.wait(of: task) == nil { world.machine.step(task) }
            let isInEntry = world.machine.backtrace(of: task).contains { $0.routine == "faultEntry" }
            #expect(isInEntry == (architecture.lookUp == .lock), "\(architecture)")
            #expect(world.report(of: task).outcome.oops == !isInEntry, "\(architecture)")
        }
    }

    @Test("a stack grows", arguments: Architecture.all)
    func stack(_ architecture: Architecture) throws {
        var world = try World(.linux6_1, entry: ArchFaultEntry(architecture))
        let task = world.task()
        let area = try world.map(
            MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .hint(PageNumber(0x2000))), in: task)
        let report = try world.perform(.write(area.start - 3), in: task)
        #expect(report.signal == nil && report.counters.mmapWriteLocks == 1)
        #expect(world.machine.areas(of: area.map).first?.start == area.start - 3)
    }

    @Test("random programs keep every law", arguments: Architecture.all)
    func laws(_ architecture: Architecture) throws {
        for seed in 0..<12 as Range<UInt64> {
            var storm = try ArchStorm(architecture, seed: seed)
            if let failure = storm.run(rounds: 10) { Issue.record("\(architecture.name), seed \(seed): \(failure)") }
        }
    }

    @Test("random programs with callers that take no exception keep every law on x86 too")
    func lawsOfX86() throws {
        for seed in 0..<24 as Range<UInt64> {
            let model: KernelModel = seed % 2 == 0 ? .linux6_1 : .linux6_12
            var storm = try ArchStorm(X86FaultEntry(), model, seed: seed)
            if let failure = storm.run(rounds: 10) { Issue.record("seed \(seed): \(failure)") }
        }
    }

    @Test(
        "random programs find out entries that break a law",
        arguments: [
            (.s390AsPosted, .staleArea), (Self.unaware, .faultLockReleasedOnce),
        ] as [(Architecture, Law)])
    func findsOut(_ architecture: Architecture, _ law: Law) throws {
        var failures: [String] = []
        for seed in 0..<20 as Range<UInt64> {
            var storm = try ArchStorm(architecture, seed: seed)
            if let failure = storm.run(rounds: 10) { failures.append(failure) }
        }
        #expect(failures.contains { $0.hasPrefix("law \(law.number) ") })
    }

    /// An entry that has never heard of `COMPLETED`.
    static var unaware: Architecture {
        var unaware = Architecture.sh
        unaware.completion = .unknown
        return unaware
    }

    @Test(
        "random programs keep every law under every kernel whose entries are shaped like those of 6.1",
        arguments: KernelModel.presets.filter { $0.throttledSharedWrite == .completes }.map(\.name.description))
    func lawsOfKernels(_ model: String) throws {
        for (number, architecture) in Architecture.all.enumerated() {
            for seed in 0..<2 as Range<UInt64> {
                var storm = try ArchStorm(
                    architecture, KernelModel.preset(named: model)!, seed: seed * 100 + UInt64(number))
                if let failure = storm.run(rounds: 8) {
                    Issue.record("\(model), \(architecture.name), seed \(seed): \(failure)")
                }
            }
        }
    }
}
