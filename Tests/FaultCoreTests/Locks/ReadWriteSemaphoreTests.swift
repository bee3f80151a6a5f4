import Testing

@testable import FaultCore

@Suite("The reader/writer semaphore", .timeLimit(.minutes(60)))
struct ReadWriteSemaphoreTests {
    private static func rules(
        _ wake: KernelModel.LockWakeRule, _ handover: KernelModel.LockHandover
    ) -> ReadWriteSemaphore.Rules {
        var model = KernelModel.linux6_1
        model.lockWake = wake
        model.lockHandover = handover
        return ReadWriteSemaphore.Rules(model)
    }

    private let today = rules(.allQueuedReaders, .takenWhenRunning)
    private let a = TaskID(0)
    private let b = TaskID(1)
    private let c = TaskID(2)
    private let d = TaskID(3)

    /// A lock that `a` holds in `mode`, with these tasks behind it.
    private func held(_ mode: LockMode, then waiters: (TaskID, LockMode)...) -> ReadWriteSemaphore {
        var lock = ReadWriteSemaphore()
        let isHeld = lock.tryLock(mode, for: a)
        precondition(isHeld, "a new lock is free")
        for (task, mode) in waiters { lock.enqueue(task, mode, at: 0) }
        return lock
    }

    @Test("readers share it, a writer is alone")
    func sharing() {
        var lock = held(.read)
        #expect(lock.tryLock(.read, for: b) && lock.readers == 2)
        let writerGetsIt = lock.tryLock(.write, for: c)
        #expect(!writerGetsIt)
        var other = held(.write)
        #expect(!other.tryLock(.read, for: b) && !other.tryLock(.write, for: b) && other.writer == a)
    }

    @Test("a reader does not overtake a waiting writer, although other readers hold the lock")
    func fairness() {
        var lock = held(.read, then: (b, .write))
        #expect(!lock.tryLock(.read, for: c) && lock.readers == 1)
    }

    @Test(
        "if a reader is first, all queued readers get the lock from 5.3 on, and before that those up to the first writer"
    )
    func wakeUp() {
        let waiting = held(.write, then: (b, .read), (c, .write), (d, .read))
        var all = waiting
        #expect(all.unlock(.write, today).map(\.task) == [b, d] && all.readers == 2)
        #expect(all.queue.map(\.task) == [c])
        var leading = waiting
        #expect(leading.unlock(.write, Self.rules(.leadingReaders, .takenWhenRunning)).map(\.task) == [b])
        #expect(leading.readers == 1 && leading.queue.map(\.task) == [c, d])
    }

    @Test("a writer that is first is woken, and the lock is free until it runs; earlier kernels hand it the lock")
    func handover() {
        let waiting = held(.read, then: (b, .write), (c, .read))
        var free = waiting
        #expect(free.unlock(.read, today).map(\.task) == [b] && free.isFree && !free.mayBeTaken)
        let overtakes = free.tryLock(.read, for: d)
        #expect(!overtakes, "a trylock fails while a task waits")
        #expect(free.claim(b) == 0 && free.writer == b && free.queue.map(\.task) == [c])
        var given = waiting
        #expect(given.unlock(.read, Self.rules(.allQueuedReaders, .given)).map(\.task) == [b])
        #expect(given.writer == b && given.queue.map(\.task) == [c])
    }

    @Test("a lock that a woken writer has not taken yet can be stolen, once")
    func stealing() {
        var lock = held(.read, then: (b, .write))
        _ = lock.unlock(.read, today)
        #expect(lock.steal(.write, for: c) && lock.writer == c)
        #expect(lock.claim(b) == nil && lock.isQueued(b))
        #expect(lock.unlock(.write, today).map(\.task) == [b])
        #expect(!lock.steal(.write, for: d) && !lock.steal(.read, for: d), "it is owed to the writer now")
        #expect(lock.claim(b) == 0 && lock.writer == b)
    }

    @Test("when the writer at the head gives up, the readers behind it share the lock with its holders")
    func givingUp() {
        var lock = held(.read, then: (b, .write), (c, .read))
        #expect(lock.cancel(b, today).map(\.task) == [c] && lock.readers == 2 && lock.queue.isEmpty)
        var writer = held(.write, then: (b, .write), (c, .read))
        #expect(writer.cancel(b, today).isEmpty && writer.readers == 0 && writer.queue.map(\.task) == [c])
    }

    @Test("a downgrade lets the readers at the head in, and no writer")
    func downgrade() {
        var readers = held(.write, then: (b, .read), (c, .write), (d, .read))
        #expect(readers.downgrade(today).map(\.task) == [b, d] && readers.readers == 3 && readers.writer == .none)
        var writer = held(.write, then: (b, .write), (c, .read))
        #expect(writer.downgrade(today).isEmpty && writer.readers == 1 && writer.queue.count == 2)
    }

    @Test(
        "whatever is done to it, a writer is alone, and when all have released it no task is left waiting",
        arguments: 1...50)
    func random(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let rules = Self.rules(
            random.below(2) == 0 ? .allQueuedReaders : .leadingReaders,
            random.below(2) == 0 ? .takenWhenRunning : .given)
        var lock = ReadWriteSemaphore()
        var held: [TaskID: LockMode] = [:]
        var woken: Set<TaskID> = []
        /// Notes the tasks that a release wakes. A writer that is only woken has to claim the lock.
        func note(_ granted: [ReadWriteSemaphore.Waiter]) {
            for waiter in granted {
                if waiter.mode == .write, lock.writer != waiter.task {
                    woken.insert(waiter.task)
                } else {
                    held[waiter.task] = waiter.mode
                }
            }
        }
        func check() {
            #expect(lock.readers == held.values.count { $0 == .read })
            #expect((lock.writer != .none ? 1 : 0) == held.values.count { $0 == .write })
            #expect(lock.writer == .none || lock.readers == 0)
        }
        func claim(_ task: TaskID) {
            woken.remove(task)
            if lock.claim(task) != nil { held[task] = .write }
        }
        func release(_ task: TaskID) {
            if let mode = held.removeValue(forKey: task) { note(lock.unlock(mode, rules)) }
        }
        for _ in 0..<200 {
            let task = TaskID(Int(random.below(6)))
            if held[task] != nil {
                if held[task] == .write, random.below(4) == 0 {
                    held[task] = .read
                    note(lock.downgrade(rules))
                } else {
                    release(task)
                }
            } else if woken.contains(task) {
                claim(task)
            } else if lock.isQueued(task) {
                if random.below(4) == 0 { note(lock.cancel(task, rules)) }
            } else {
                let mode: LockMode = random.below(3) == 0 ? .write : .read
                if lock.tryLock(mode, for: task) || lock.steal(mode, for: task) {
                    held[task] = mode
                } else {
                    lock.enqueue(task, mode, at: 0)
                }
            }
            check()
        }
        for _ in 0..<20 {
            for task in woken.sorted() { claim(task) }
            for task in held.keys.sorted() { release(task) }
            check()
        }
        #expect(lock.isFree && lock.queue.isEmpty)
    }
}
