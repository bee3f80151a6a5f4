import FaultTestSupport
import Testing

@Suite("A database asks: fsync, direct reads, remote reads and restores", .timeLimit(.minutes(60)))
struct ReadersWritebackTests {
    @Test("after fsync(2) the next store to a page of ext4 faults again, to be told of; on tmpfs it does not")
    func syncedPagesFaultAgain() throws {
        func exceptions(onDisk: Bool) throws -> [Int] {
            var world = try World(.linux6_1)
            let task = world.task()
            let file =
                onDisk
                ? try world.file("log", pages: 4, resident: .all) : try world.file("log", pages: 4, on: .tmpfs)
            let area = try world.map(file, .readWrite, .shared, in: task)
            let first = try world.perform(.write(area, page: 1), in: task).counters.exceptions
            let second = try world.perform(.write(area, page: 1), in: task).counters.exceptions
            try world.perform(.fsync(file), in: task)
            let third = try world.perform(.write(area, page: 1), in: task).counters.exceptions
            return [first, second, third]
        }
        #expect(try exceptions(onDisk: true) == [1, 0, 1])
        #expect(try exceptions(onDisk: false) == [1, 0, 0])
    }

    @Test("lazy restore of 4 pages takes 4 round trips; each is a major fault in 6.1 and a minor one in 6.12")
    func lazyRestore() throws {
        func restore(_ kernel: KernelModel) throws -> (Duration, minor: Int, major: Int) {
            var world = try World(kernel)
            let task = world.task("restored")
            let heap = try world.map(anonymousPages: 4, in: task)
            let descriptor = try world.userfaultfd(in: task)
            try world.register(heap, with: descriptor, for: .missing, by: task)
            world.startMonitor(.postCopy(latency: .microseconds(200)), of: descriptor)
            let report = try world.perform(.write(heap, pages: 4), in: task)
            return (world.elapsed, report.minorFaults, report.majorFaults)
        }
        #expect(try restore(.linux6_1) == (.microseconds(800), 0, 4))
        #expect(try restore(.linux6_12) == (.microseconds(800), 4, 0))
    }

    @Test("a direct read that is under way at a fork: 6.1 loses it if the parent stores meanwhile, 6.12 does not")
    func directReadBesideFork() throws {
        func arrives(_ kernel: KernelModel) throws -> Bool {
            var world = try World(kernel)
            let file = try world.file("table", pages: 1)
            let task = world.task("database")
            let worker = world.thread("worker", of: task)
            let buffer = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(buffer), in: task)
            world.start(.directRead(file, into: buffer), in: worker)
            #expect(world.run() == .blocked)
            _ = try world.fork(task)
            let stored = try world.perform(.write(buffer), in: task).outcome.stamp
            world.completeReads()
            world.run()
            return try world.perform(.read(buffer), in: task).outcome.stamp != stored
        }
        #expect(try arrives(.linux6_1) == false)
        #expect(try arrives(.linux6_12))
    }

    @Test("process_vm_readv(2) of a cold page waits without the other's mmap lock, /proc/PID/mem with it")
    func remoteReads() throws {
        func lockIsFree(_ operation: (Area) -> TaskOperation) throws -> Bool {
            var world = try World(.linux6_1)
            let task = world.task("database")
            let area = try world.map(world.file("table", pages: 64), .read, in: task)
            world.start(operation(area), in: world.task("debugger"))
            #expect(world.run() == .blocked)
            return world.mmapLock(of: task).isFree
        }
        #expect(try lockIsFree { .readRemoteMemory($0, page: 9) })
        #expect(try !lockIsFree { .readProcMem($0, page: 9) })
    }

    @Test("the worst order of a read and two evictions: two attempts in 6.1, four where each fault begins anew")
    func worstOrder() throws {
        func never(_ attempts: Int, _ kernel: KernelModel) throws -> Verdict {
            var world = try World(kernel)
            let file = try world.file("table", pages: 1)
            let task = world.task("reader")
            let root = world.task("root")
            let area = try world.map(file, .read, in: task)
            world.start(.read(area), in: task)
            let property = Property.finally("fewer than \(attempts)") {
                $0.report(of: task).counters.attempts < attempts
            }
            return world.checkSchedules(.exhaustive, for: [.lawsAtEnd, property]) {
                $0.injections = [Injection(.start(.dropCache(file), in: root), times: 2)]
            }
        }
        #expect(try never(3, .linux6_1).holds)
        #expect(try !never(2, .linux6_1).foundNothing)
        #expect(try never(5, .herrenschmidt2006).holds)
        #expect(try !never(4, .herrenschmidt2006).foundNothing)
    }
}
