/// The userfaultfds: which processes have them, and which tasks wait for them. Every change of one goes through here.
extension Machine {
    /// How many descriptors there are, including closed ones.
    public var userfaultCount: Int { userfaults.count }

    /// The memory that a descriptor handles.
    public func map(of descriptor: UserfaultID) -> MapID { userfaults[index(of: descriptor)].map }

    /// The features that were requested for a descriptor.
    public func features(of descriptor: UserfaultID) -> UserfaultFeatures { userfaults[index(of: descriptor)].features }

    /// How a descriptor was opened.
    public func opening(of descriptor: UserfaultID) -> UserfaultOpening { userfaults[index(of: descriptor)].opening }

    /// How many faults wait for a descriptor.
    public func userfaultQueue(of descriptor: UserfaultID) -> UserfaultQueueLength {
        let context = userfaults[index(of: descriptor)]
        return UserfaultQueueLength(
            pending: context.pending.count, total: context.pending.count + context.delivered.count)
    }

    /// Whether memory that a descriptor handles is changing, so that the descriptor fills nothing: `mmap_changing`.
    /// With ``KernelModel/ChangingFills/areDone``, this is not checked.
    public func isChanging(_ descriptor: UserfaultID) -> Bool {
        userfaults[index(of: descriptor)].changes > 0 && model.changingFills == .areRefused
    }

    /// Whether a descriptor was closed by all processes that had it, and no call on it is under way.
    public func isReleased(_ descriptor: UserfaultID) -> Bool { userfaults[index(of: descriptor)].isReleased }

    /// The descriptors that the process with this map has open, in the order in which they were made.
    public func userfaultDescriptors(of map: MapID) -> [UserfaultID] {
        userfaults.indices.filter { userfaults[$0].holders.contains(map) }.map { UserfaultID($0) }
    }

    /// The first descriptor that the process with this map has open, and that was made after another one, or at all.
    package func nextUserfault(of map: MapID, after descriptor: UserfaultID) -> UserfaultID? {
        let first = descriptor == .none ? 0 : descriptor.index + 1
        return userfaults[first...].firstIndex { $0.holders.contains(map) }.map { UserfaultID($0) }
    }

    /// The fault for which a task waits, asleep or not, until a descriptor answers it; `nil` if there is none.
    public func userfault(of task: TaskID) -> Userfault? {
        guard isUserfaultWait(tasks[index(of: task)].wait.kind) else { return nil }
        let context = userfaults[Int(tasks[task.index].wait.value)]
        return (context.pending + context.delivered).first { $0.task == task }?.fault
    }

    private func isUserfaultWait(_ kind: TaskWait.Kind) -> Bool { kind == .userfault || kind == .spin }

    /// The messages that the last read of a task from a descriptor got, in order.
    public func userfaultMessages(of task: TaskID) -> [UserfaultMessage] { tasks[index(of: task)].userfaultMessages }

    func index(of descriptor: UserfaultID, _ caller: StaticString = "Machine") -> Int {
        guard userfaults.indices.contains(descriptor.index) else {
            misuse(
                "\(caller): there is no userfaultfd \(descriptor.rawValue) in this world, which has \(userfaults.count) of "
                    + "them; use an ID that it returned")
        }
        return descriptor.index
    }

    private mutating func change(_ descriptor: UserfaultID, _ body: (inout UserfaultContext) -> Void) {
        noteWrite(.userfault(descriptor))
        body(&userfaults[descriptor.index])
    }

    // MARK: Descriptors

    /// Makes a descriptor: `new_userfaultfd()`; `nil` if there are as many as areas can name.
    ///
    /// - Parameter holder: The process that has it; none for the child of a fork, whose descriptor no process has yet.
    package mutating func addUserfault(
        of map: MapID, _ opening: UserfaultOpening, _ features: UserfaultFeatures, heldBy holder: MapID
    ) -> UserfaultID? {
        guard userfaults.count < VMAFlags.mostUserfaults else { return nil }
        let descriptor = UserfaultID(userfaults.count)
        noteWrite(.world)
        noteWrite(.userfault(descriptor))
        hasUserfaults = true
        userfaults.append(UserfaultContext(map, opening, features, holders: holder == .none ? [] : [holder]))
        return descriptor
    }

    /// Gives a process a descriptor: `fd_install()`.
    package mutating func hold(_ descriptor: UserfaultID, by process: MapID) {
        change(descriptor) { $0.holders.append(process) }
    }

    /// Gives a child the descriptors of its parent: `copy_files()`.
    mutating func inheritUserfaults(from parent: MapID, to child: MapID) {
        for number in userfaults.indices where userfaults[number].holders.contains(parent) {
            hold(UserfaultID(number), by: child)
        }
    }

    /// Whether a process has a descriptor.
    package func hasOpen(_ descriptor: UserfaultID, _ process: MapID) -> Bool {
        userfaults[index(of: descriptor)].holders.contains(process)
    }

    /// Takes a descriptor from a process that may have it. Returns whether the descriptor is released now: no process
    /// has it, and no call on it is under way.
    package mutating func close(_ descriptor: UserfaultID, by process: MapID) -> Bool {
        if let place = userfaults[descriptor.index].holders.firstIndex(of: process) {
            change(descriptor) { $0.holders.remove(at: place) }
        }
        guard isUnused(descriptor), !userfaults[descriptor.index].isReleased else { return false }
        change(descriptor) { $0.isReleased = true }
        return true
    }

    private func isUnused(_ descriptor: UserfaultID) -> Bool {
        userfaults[descriptor.index].holders.isEmpty && userfaults[descriptor.index].calls == 0
    }

    /// Begins a call on a descriptor: `fdget()`.
    mutating func beginCall(on descriptor: UserfaultID) { change(descriptor) { $0.calls += 1 } }

    /// Ends a call on a descriptor: `fdput()`. Returns whether the descriptor must be released because of that.
    mutating func endCall(on descriptor: UserfaultID) -> Bool {
        change(descriptor) { $0.calls -= 1 }
        return isUnused(descriptor)
    }

    /// Releases a descriptor that no process ever had.
    package mutating func release(_ descriptor: UserfaultID) { change(descriptor) { $0.isReleased = true } }

    // MARK: Faults

    /// Counts that an attempt was handed over to a program: `handle_userfault()`.
    package mutating func countUserfault(of fault: VMFault) { count(userfaultOf: fault) }

    /// Adds a fault to the end of those that are not read yet.
    package mutating func enqueue(_ fault: Userfault, on descriptor: UserfaultID) {
        change(descriptor) { $0.pending.append(UserfaultContext.Waiter(fault: fault)) }
    }

    /// Removes a task's fault, read or not, if it is still queued.
    package mutating func dequeue(_ task: TaskID, from descriptor: UserfaultID) {
        guard isQueued(task, on: descriptor) else { return }
        change(descriptor) { context in
            context.pending.removeAll { $0.task == task }
            context.delivered.removeAll { $0.task == task }
        }
    }

    /// Whether a task's fault is queued, read or not: the task has not been woken for it.
    package func isQueued(_ task: TaskID, on descriptor: UserfaultID) -> Bool {
        let context = userfaults[descriptor.index]
        return context.pending.contains { $0.task == task } || context.delivered.contains { $0.task == task }
    }

    /// Wakes the tasks that wait for pages of `range`, or all for `nil`: `__wake_userfault()`. Tasks whose faults are
    /// not read yet come first. In both groups, the last to arrive is woken first.
    package mutating func wakeUserfaults(of descriptor: UserfaultID, in range: Range<PageNumber>?) {
        let context = userfaults[descriptor.index]
        for waiter in context.pending.reversed() + context.delivered.reversed() {
            guard range?.contains(waiter.fault.page) ?? true || mistaken(.answerWakesAll) else { continue }
            // A task that a signal has woken removes itself. A task that is about to sleep is woken anyway, and will
            // not sleep.
            scheduler.tasksLookedAt.insertEveryTask()
            guard tasks[waiter.task.index].status == .sleeping || !isInterrupted(waiter.task) else { continue }
            if mistaken(.onlySleepersAnswered), tasks[waiter.task.index].status != .sleeping { continue }
            dequeue(waiter.task, from: descriptor)
            wake(waiter.task)
        }
    }

    /// Whether a signal is pending that ends the wait of a task's fault for its answer: `userfaultfd_signal_pending()`.
    package func isInterrupted(_ task: TaskID) -> Bool {
        switch userfaultWait(of: tasks[task.index].fault) {
        case .interruptible: hasSignal(task)
        case .killable: hasFatalSignal(task)
        case .uninterruptible: false
        }
    }

    /// Which signals end the wait of a fault for its answer: `userfaultfd_get_blocking_state()`.
    package func userfaultWait(of fault: VMFault) -> TaskWait.Mode {
        if model.userfaultSignal == .isDone {
            return fault.flags.contains([.user, .killable]) ? .interruptible : .killable
        }
        if fault.flags.contains(.interruptible) { return .interruptible }
        return fault.flags.contains(.killable) ? .killable : .uninterruptible
    }

    /// Wakes the tasks that wait to read a message.
    package mutating func wakeUserfaultReaders(of descriptor: UserfaultID) {
        wakeAll(.userfaultMessage(of: descriptor))
        wakeAll(.anyUserfaultMessage)
    }

    /// Whether there is something to read: a fault or an event that is not read yet.
    public func hasMessage(_ descriptor: UserfaultID) -> Bool {
        let context = userfaults[index(of: descriptor)]
        return !context.pending.isEmpty || !context.events.isEmpty
    }

    /// Takes and returns the oldest message, faults before events; `nil` if there is none.
    ///
    /// If the message is an event, wakes the task that waits for it to be read.
    package mutating func takeMessage(of descriptor: UserfaultID) -> UserfaultMessage? {
        let context = userfaults[descriptor.index]
        if let waiter = context.pending.first {
            change(descriptor) {
                $0.pending.removeFirst()
                $0.delivered.append(waiter)
            }
            var fault = waiter.fault
            if !context.features.contains(.threadID) { fault.thread = .none }
            return .fault(fault)
        }
        guard let event = context.events.first else { return nil }
        change(descriptor) { $0.events.removeFirst() }
        wake(event.task)
        return event.message
    }

    /// Notes what a read has returned so far.
    package mutating func noteMessage(_ message: UserfaultMessage?, to task: TaskID) {
        if let message {
            tasks[task.index].userfaultMessages.append(message)
            if tasks[task.index].outcome.message == nil { tasks[task.index].outcome.message = message }
        } else {
            tasks[task.index].userfaultMessages.removeAll()
        }
    }

    /// Notes how many pages a call that is about to end has filled.
    package mutating func noteFilled(_ pages: Int, by task: TaskID) {
        tasks[task.index].outcome.filledPages = UInt32(truncatingIfNeeded: pages)
    }
}
