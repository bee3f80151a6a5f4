import FaultSimulator
import ScenarioFormat

/// A thread of a scenario.
struct PlayedThread: Equatable, Sendable {
    /// Its id; empty for the first thread of the first process.
    let id: String
    /// Its task.
    let task: TaskID
    /// Its process, as an index.
    let process: Int
    /// Whether it has ended.
    var isGone = false
    /// Whether its current or last operation was seen to run forever, so that its counts mean nothing.
    var isEndless = false
    /// The operation that it did last.
    var last: PlayedOperation?
    /// The last operation with `start`, for `wait`.
    var lastStarted: PlayedOperation?

    /// Whether its operation is under way.
    var isBusy: Bool { last.map { $0.ending == nil } ?? false }

    init(id: String, task: TaskID, process: Int) {
        self.id = id
        self.task = task
        self.process = process
    }
}

/// A running or ended operation of a thread.
struct PlayedOperation: Equatable, Sendable {
    /// What was counted, and how it ended.
    struct Ending: Equatable, Sendable {
        var counters: TaskCounters
        var returns: [String: Int]
        var outcome: OperationOutcome
        /// What was read from a descriptor.
        var messages: [UserfaultMessage] = []
    }

    let operation: ScenarioOperation
    /// The counters of its thread before it.
    let countersBefore: TaskCounters
    /// What `handle_mm_fault()` returned in its earlier touches.
    var earlierReturns: [String: Int] = [:]
    /// The position at which `mmap` or `mremap` puts the area.
    var newStart: PageNumber?
    /// Whether it was seen to spin, so that some counts mean nothing.
    var hasSpun = false
    /// How it ended; nil while it is running, and always nil if its thread ended first.
    var ending: Ending?
}

/// The threads that had ended, and those that were busy, before a line.
struct ThreadStates {
    let busy: [Bool]
    let gone: [Bool]

    init(_ runner: SimulatorRunner) {
        busy = runner.threads.map(\.isBusy)
        gone = runner.threads.map(\.isGone)
    }
}

extension SimulatorRunner {
    /// Makes a thread in the process of the line's thread.
    mutating func makeThread(_ id: String, _ line: Line) throws(PlayError) {
        let process = threads[try idleThread(line.in, line)].process
        let task = world.machine.addTask(in: processes[process].map)
        threads.append(PlayedThread(id: id, task: task, process: process))
    }

    /// Sends a signal to a thread; SIGKILL goes to all threads of its process, that one first.
    mutating func send(_ signal: SentSignal, to receiver: Int) {
        switch signal {
        case .user1: world.machine.send(.user1, to: threads[receiver].task)
        case .kill:
            let order = Array(threads.indices[receiver...]) + Array(threads.indices[..<receiver])
            for index in order where threads[index].process == threads[receiver].process && !threads[index].isGone {
                world.machine.send(.kill, to: threads[index].task)
            }
        }
    }

    /// Records whether the operation of a thread, or the thread itself, has ended.
    mutating func noteEnd(ofThread index: Int) {
        let task = threads[index].task
        guard !threads[index].isGone else { return }
        if world.machine.hasExited(task) {
            threads[index].isGone = true
        } else if threads[index].isBusy, !world.machine.isBusy(task), var played = threads[index].last {
            played.ending = progress(of: played, in: task)
            if case .uffdRead = played.operation {
                played.ending?.messages = world.machine.userfaultMessages(of: task)
            }
            if threads[index].lastStarted?.ending == nil, threads[index].lastStarted != nil {
                threads[index].lastStarted = played
            }
            threads[index].last = played
            applyEffect(of: played, by: index)
        }
    }

    /// What an operation has counted so far.
    func progress(of played: PlayedOperation, in task: TaskID) -> PlayedOperation.Ending {
        let report = world.machine.report(of: task)
        return PlayedOperation.Ending(
            counters: world.machine.counters(of: task) - played.countersBefore,
            returns: Self.returns(report.results, addedTo: played.earlierReturns), outcome: report.outcome)
    }

    static func returns(_ results: [ResultCount], addedTo earlier: [String: Int] = [:]) -> [String: Int] {
        var returns = earlier
        for result in results { returns[result.result.description, default: 0] += result.count }
        return returns
    }

    // MARK: Seeing

    /// Whether the kernel has area locks, which are then reported.
    var areasHaveLocks: Bool { world.machine.model.areaLocks != .none }

    /// The state of an operation: with all counts if it has ended, otherwise with what its thread waits for.
    func seen(of played: PlayedOperation?, in index: Int) -> Saw {
        var saw = Saw()
        guard let played else {
            saw.state = threads[index].isGone ? .gone : .done
            return saw
        }
        if let ending = played.ending {
            saw.state = .done
            saw.count(ending, of: played.operation, areasHaveLocks: areasHaveLocks)
            if case .uffdRead(let read) = played.operation, !ending.messages.isEmpty {
                saw.messages = messages(ending.messages, to: read.descriptor)
            }
        } else if threads[index].isGone {
            saw.state = .gone
        } else if neverRests, threads[index].isEndless {
            saw.state = .running
        } else {
            let progress = progress(of: played, in: threads[index].task)
            let waiting = waitingThread(index, in: world.machine.waitLinks)
            saw.state = .waiting
            saw.waitsFor = waiting?.waitsFor
            saw.area = waiting?.area
            saw.page = waiting?.page
            saw.reason = waiting?.reason
            saw.slot = waiting?.slot
            saw.holds = waiting?.holds
            saw.handled = waiting?.handled
            saw.attempts = progress.counters.attempts
            saw.countAreaLock(progress.counters, areasHaveLocks: areasHaveLocks)
            saw.faults = progress.counters.exceptions
        }
        if played.hasSpun { saw.forgetSpins() }
        return saw
    }

    /// What the thread with this index sleeps for; `links` are all waits of the machine.
    private func waitingThread(_ index: Int, in links: [WaitLink]) -> Saw.WaitingThread? {
        let task = threads[index].task
        guard let link = links.first(where: { $0.task == task }) else { return nil }
        var (reason, page) = link.cause.inScenario
        // Recordings name a lock by the function that waits for it. If fallocate(2) itself takes the invalidate lock,
        // that function also takes the inode lock, and recordings report the inode lock.
        if reason == .invalidateLock, case .punch? = threads[index].last?.operation,
            world.machine.model.holePunching == .locksFirst
        {
            reason = .inodeLock
        }
        let holds: Saw.LockHold =
            switch link.mmapHeld {
            case .read: .read
            case .write: .write
            case nil: .notHeld
            }
        let slot = link.swapSlot.map { world.machine.swapPlace(of: $0).offset }
        var waiting = Saw.WaitingThread(waitsFor: reason, page: page, slot: slot, holds: holds)
        if let fault = userfault(of: index) {
            waiting.area = fault.page.area
            waiting.page = fault.page.page
            waiting.reason = fault.reason
        }
        if let played = threads[index].last {
            let handled = progress(of: played, in: task).counters.handledSignals
            if handled > 0 { waiting.handled = handled }
        }
        return waiting
    }

    /// Adds `others` and `finished` for the threads except `doer`, and `gone` for all threads.
    func addOthers(except doer: Int?, since before: ThreadStates, to saw: inout Saw) {
        var others: [String: Saw.WaitingThread] = [:]
        var finished: [String] = []
        var gone: [String: Saw.GoneThread] = [:]
        let links = threads.contains(where: \.isBusy) ? world.machine.waitLinks : []
        for (index, thread) in threads.enumerated() {
            let wasBusy = index < before.busy.count && before.busy[index]
            let wasGone = index < before.gone.count && before.gone[index]
            if thread.isGone {
                if !wasGone { gone[thread.id] = goneThread(thread) }
            } else if index == doer {
                continue
            } else if thread.isBusy {
                if thread.isEndless, neverRests { continue }
                if let waiting = waitingThread(index, in: links) { others[thread.id] = waiting }
            } else if wasBusy {
                finished.append(thread.id)
            }
        }
        saw.queue = queues
        saw.others = others.isEmpty ? nil : others
        saw.finished = finished.isEmpty ? nil : finished
        // For an endless operation only its end is reported.
        saw.gone = gone.isEmpty || threads.contains { $0.isGone && $0.isEndless } ? nil : gone
    }

    private func goneThread(_ thread: PlayedThread) -> Saw.GoneThread {
        guard let played = thread.last, played.ending == nil else { return Saw.GoneThread() }
        let progress = progress(of: played, in: thread.task)
        var saw = Saw()
        saw.faults = progress.counters.exceptions
        saw.kernelFaults = progress.counters.kernelExceptions > 0 ? progress.counters.kernelExceptions : nil
        saw.attempts = progress.counters.attempts
        saw.returns = progress.returns.isEmpty ? nil : progress.returns
        saw.countAreaLock(progress.counters, areasHaveLocks: areasHaveLocks)
        if played.hasSpun {
            saw.forgetSpins()
            saw.kernelFaults = progress.counters.kernelExceptions
        }
        return Saw.GoneThread(
            faults: saw.faults, kernelFaults: saw.kernelFaults, attempts: saw.attempts,
            vmaLockAttempts: saw.vmaLockAttempts, vmaLockUserfaults: saw.vmaLockUserfaults, returns: saw.returns,
            userfaults: saw.userfaults)
    }
}

extension WaitLink.Cause {
    /// The format's word for the cause, and the page in its file if it is a page.
    fileprivate var inScenario: (Saw.WaitReason, page: Int?) {
        switch self {
        case .io(let file, let index): (.io, file == .none ? nil : index.value)
        case .pageLock(let file, let index): (.pageLock, file == .none ? nil : index.value)
        case .lock(let lock, let mode):
            switch lock.kind {
            case .mmap: (mode == .read ? .mmapRead : .mmapWrite, nil)
            case .inode: (.inodeLock, nil)
            case .invalidate, .none: (.invalidateLock, nil)
            case .mapChanging: (.uffd, nil)
            }
        case .areaLock: (.vmaLock, nil)
        case .dirtyThrottle: (.dirtyThrottle, nil)
        case .userfault: (.uffd, nil)
        case .spin: (.spin, nil)
        case .userfaultEvent: (.uffdEvent, nil)
        case .userfaultMessage: (.uffdMessage, nil)
        case .request, .submission, .timer, .channel, .memory: (.io, nil)
        }
    }
}
