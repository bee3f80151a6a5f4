/// One task that sleeps: what it sleeps for, and which tasks it waits for.
public struct WaitLink: Equatable, Sendable, CustomStringConvertible {
    /// The things that a task can sleep for, in a kernel engineer's words.
    public enum Cause: Equatable, BitwiseCopyable, Sendable {
        /// A page that a device reads, or that is being written back.
        case io(FileID, PageIndex)
        /// A page that a task has locked.
        case pageLock(FileID, PageIndex)
        /// A lock, wanted in this mode.
        case lock(LockName, LockMode)
        /// A request of its own, or the commit of a journal.
        case request
        /// A device that throttles submissions.
        case submission
        /// Too many dirty pages.
        case dirtyThrottle
        /// A time.
        case timer
        /// A page of memory, while a process is dying for it.
        case memory
        /// The lock of an area of this map, wanted for writing: the faults under it have to end.
        case areaLock(MapID)
        /// Something that a handler waits for.
        case channel(UInt64)
        /// The answer to a fault that was handed over to a descriptor.
        case userfault(Userfault, UserfaultID)
        /// The same, but the task spins instead of sleeping, because a signal is pending.
        case spin(Userfault, UserfaultID)
        /// An event that the task caused, to be read from a descriptor.
        case userfaultEvent(UserfaultID)
        /// A message of a descriptor.
        case userfaultMessage(UserfaultID)
    }

    /// The task that sleeps.
    public let task: TaskID
    /// What it sleeps for.
    public let cause: Cause
    /// The swap slot of the page that it sleeps for, if the page is in the swap cache.
    public let swapSlot: Int?
    /// The tasks that must act first: holders of the lock, or tasks before it in the queue.
    public let behind: [TaskID]
    /// The mode in which it holds the mmap lock of the map it works on, if it does.
    public let mmapHeld: LockMode?
    /// When it fell asleep.
    public let since: UInt64
    /// The names of tasks, files and memory.
    let names: ObjectNames

    /// A line such as `task 2 waits for the mmap lock of map 0 (write), behind task 0`, with the names that objects
    /// have.
    public var description: String { names.applied(to: "\(task) \(waiting)") }

    /// The description without the task, and without names.
    var waiting: String {
        let behind = behind.isEmpty ? "" : ", behind " + self.behind.map(\.description).joined(separator: ", ")
        let holding = mmapHeld.map { ", holding the mmap lock (\($0))" } ?? ""
        return "waits for \(cause)\(behind)\(holding)"
    }

    /// The longest chain of tasks that wait for each other, on one line.
    public static func chain(of links: [WaitLink]) -> String {
        longestPath(in: links).map(\.description).joined(separator: " <- ")
    }

    /// The longest chain of tasks that wait for each other; of several equally long ones, the first.
    static func longestPath(in links: [WaitLink]) -> [WaitLink] { WaitGraph(links).longestChain() }

    /// Tasks that wait for each other in a ring, if there are any.
    ///
    /// A task is stuck if a task that it waits for is stuck, or is the task itself. So only tasks in the ring or behind
    /// it count.
    public static func ring(in links: [WaitLink]) -> [TaskID]? { WaitGraph(links).ring() }
}

extension WaitLink.Cause: CustomStringConvertible {
    /// The cause, such as `I/O on page 9 of file 0` or `the mmap lock of map 0 (write)`.
    public var description: String {
        switch self {
        case .io(let file, let index): "I/O on page \(index) of \(file)"
        case .pageLock(let file, let index): "the lock of page \(index) of \(file)"
        case .lock(let lock, let mode): "the \(lock) (\(mode))"
        case .request: "its own request, or a commit"
        case .submission: "the device to take its request"
        case .dirtyThrottle: "fewer dirty pages"
        case .timer: "a timer"
        case .memory: "free memory"
        case .areaLock(let map): "the lock of an area of \(map) (write)"
        case .channel(let channel): "channel \(channel)"
        case .userfault(let fault, let descriptor): "\(descriptor) to answer its \(fault.what)"
        case .spin(let fault, let descriptor): "\(descriptor) to answer its \(fault.what), in circles"
        case .userfaultEvent(let descriptor): "its event to be read from \(descriptor)"
        case .userfaultMessage(let descriptor): "a message of \(descriptor)"
        }
    }
}

extension Machine {
    /// What each sleeping task sleeps for, and behind which tasks, by task.
    public var waitLinks: [WaitLink] {
        var known = KnownLocks()
        return tasks.filter { $0.status == .sleeping }.map { link(of: $0, &known) }
    }

    /// What one task sleeps for, and which tasks it waits for.
    func link(of task: TaskState) -> WaitLink {
        var known = KnownLocks()
        return link(of: task, &known)
    }

    private func link(of task: TaskState, _ known: inout KnownLocks) -> WaitLink {
        let cause = cause(ofSleep: task, &known)
        var behind: [TaskID] = []
        switch task.wait.kind {
        case .folio: behind = lockOwner(of: task.wait.frame).map { [$0] } ?? []
        case .lock:
            let name = LockName(rawValue: UInt32(truncatingIfNeeded: task.wait.value))
            let lock = semaphore(name)
            let place = known.place(of: task.id, inQueueOf: name, in: self)
            behind = known.holders(of: name, in: self)
            if behind.isEmpty || lock.writer == .none && place.map({ lock.queue[$0].mode }) == .read {
                behind = lock.queue.prefix(place ?? lock.queue.count).map(\.task) + behind
            }
        case .areaReaders:
            behind = maps[Int(task.wait.value)].areaLocks.readers.filter(\.isAwaited).map(\.task)
        case .userfault, .spin, .userfaultEvent, .userfaultMessage:
            behind = answerers(of: UserfaultID(Int(task.wait.value)), but: task)
        case .memory: behind = tasks.filter(\.isDyingVictim).map(\.id)
        case .writeback, .request, .submission, .dirtyThrottle, .timer, .none, .channel: break
        }
        var slot: Int?
        if task.wait.isForFolio, frames[task.wait.frame].flags.contains(.swapCache) {
            slot = Int(frames[task.wait.frame].owner)
        }
        var map = task.workingMap
        if case .userfault(let descriptor, _) = task.operation { map = userfaults[descriptor.index].map }
        var held = map == .none ? nil : holds(.mmap(map), task.id)
        if case .swapOff = task.operation { held = heldLocks(of: task.id).first { $0.lock.kind == .mmap }?.mode }
        return WaitLink(
            task: task.id, cause: cause, swapSlot: slot, behind: behind, mmapHeld: held, since: task.sleepingSince,
            names: names(for: task))
    }
}

extension Machine {
    /// What a task sleeps for.
    func cause(ofSleep task: TaskState) -> WaitLink.Cause {
        var known = KnownLocks()
        return cause(ofSleep: task, &known)
    }

    private func cause(ofSleep task: TaskState, _ known: inout KnownLocks) -> WaitLink.Cause {
        switch task.wait.kind {
        case .folio, .writeback:
            let frame = frames[task.wait.frame]
            let file = frame.flags.contains(.cached) ? FileID(Int(frame.owner)) : .none
            let index = PageIndex(Int(frame.index))
            let isLocked = task.wait.kind == .folio && lockOwner(of: task.wait.frame) != nil
            return isLocked ? .pageLock(file, index) : .io(file, index)
        case .lock:
            let name = LockName(rawValue: UInt32(truncatingIfNeeded: task.wait.value))
            let place = known.place(of: task.id, inQueueOf: name, in: self)
            return .lock(name, place.map { semaphore(name).queue[$0].mode } ?? .read)
        case .request: return .request
        case .submission: return .submission
        case .dirtyThrottle: return .dirtyThrottle
        case .timer, .none: return task.wait.polled.map { .userfaultMessage($0) } ?? .timer
        case .areaReaders: return .areaLock(MapID(Int(task.wait.value)))
        case .channel: return .channel(task.wait.value)
        case .userfault, .spin, .userfaultEvent, .userfaultMessage:
            return userfaultCause(of: task, UserfaultID(Int(task.wait.value)))
        case .memory: return .memory
        }
    }

    /// The tasks that could answer a fault of a descriptor, if all of them sleep. Empty if one of them runs, because it
    /// may answer.
    private func answerers(of descriptor: UserfaultID, but waiter: TaskState) -> [TaskID] {
        let context = userfaults[descriptor.index]
        // Without copies of the tasks: many may wait.
        let able = tasks.indices.filter { context.holders.contains(tasks[$0].map) && tasks[$0].status != .exited }
        return able.allSatisfy { tasks[$0].status == .sleeping } ? able.map { tasks[$0].id } : []
    }

    private func userfaultCause(of task: TaskState, _ descriptor: UserfaultID) -> WaitLink.Cause {
        guard let fault = userfault(of: task.id) else {
            return task.wait.kind == .userfaultMessage ? .userfaultMessage(descriptor) : .userfaultEvent(descriptor)
        }
        return task.wait.kind == .spin ? .spin(fault, descriptor) : .userfault(fault, descriptor)
    }
}

extension TaskState {
    /// The map that its operation works on: its own, or another that it reads.
    var workingMap: MapID {
        switch operation {
        case .readRemoteMemory(let other, _, _), .readProcMem(let other, _, _), .writeProcMem(let other, _, _),
            .readProcMaps(let other):
            other
        case .faultIn(let request) where request.map != .none: request.map
        default: map
        }
    }
}
