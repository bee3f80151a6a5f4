public import FaultCore

/// A program that answers the messages of a descriptor; ``World/startMonitor(_:of:in:)`` starts it.
///
///     let descriptor = try world.userfaultfd(in: task)
///     try world.register(area, with: descriptor, for: .missing, by: task)
///     world.startMonitor(.postCopy(latency: .microseconds(200)), of: descriptor)
///
/// The monitor reads one message at a time, and answers it before it reads the next:
///
/// | message | answer |
/// |---|---|
/// | a missing page | after the latency, in which it fetches the page, `UFFDIO_COPY` |
/// | a store to a protected page | after the latency, in which it saves the page, `UFFDIO_WRITEPROTECT` lifts the protection |
/// | a page that is only in the page cache | after the latency, `UFFDIO_CONTINUE` |
/// | a fork | the child's descriptor is read from then on, and its faults are answered in the same way |
/// | another event | none: the event ends when it is read |
///
/// The kernel refuses a call with `EAGAIN` while the memory is changing. The monitor repeats such a call 10
/// microseconds after it has read all messages. If it has read another fault meanwhile, it also answers the pages
/// between the two faults. After any other error it wakes the tasks that wait for the page: another task has filled the
/// page, or the page is gone, and the new access finds out which.
///
/// It reads its own descriptor first, then those of children, the oldest first. It serves a child's descriptor if that
/// is one of the fifteen descriptors made after its own. It closes any other, and the memory of that child becomes
/// ordinary memory. It closes a descriptor when its process has exited, and ends when it has closed the last one.
public struct UserfaultMonitor: TaskProgram {
    /// The descriptor that it answers for.
    var descriptor = UserfaultID.none
    /// The time from a message to its answer.
    let latencyNanoseconds: UInt64
    /// The area that it works through by itself while no task waits; none if it only answers.
    let area: Area?
    /// The time for each page of that area.
    let intervalNanoseconds: UInt64
    /// Whether it protects the area first, and then lifts the protection page by page.
    let isSnapshot: Bool

    /// The time before it repeats a call that was refused with `EAGAIN`.
    private static let retryNanoseconds: UInt64 = 10_000

    private init(latency: Duration, _ area: Area?, interval: Duration, isSnapshot: Bool = false) {
        latencyNanoseconds = latency.virtualNanoseconds
        self.area = area
        intervalNanoseconds = interval.virtualNanoseconds
        self.isSnapshot = isSnapshot
    }

    /// Fetches each missing page when a task faults on it, like the target of a post-copy migration or a lazy restore.
    ///
    /// - Parameters:
    ///   - latency: How long it takes to fetch a page, in virtual time.
    ///   - area: An area that it fetches page by page while no task waits. It ends after the last page, unless it has
    ///     children to serve. By default there is none, and it never ends.
    ///   - interval: How long it takes to fetch such a page.
    /// - Precondition: No duration is negative.
    public static func postCopy(
        latency: Duration = .zero, fetching area: Area? = nil, every interval: Duration = .zero
    ) -> Self {
        Self(latency: latency, area, interval: interval)
    }

    /// Write-protects an area and saves it page by page, first the pages that a task wants to write. It ends after the
    /// last page, unless it has children to serve.
    ///
    /// - Parameters:
    ///   - area: The area to save, registered for `UserfaultModes.writeProtect`.
    ///   - latency: How long it takes to save a page that a task waits for, in virtual time.
    ///   - interval: How long it takes to save any other page.
    /// - Precondition: No duration is negative.
    public static func snapshot(of area: Area, latency: Duration = .zero, every interval: Duration = .zero) -> Self {
        Self(latency: latency, area, interval: interval, isSnapshot: true)
    }

    /// Maps each page that is already in the page cache when a task faults on it. It never ends.
    ///
    /// - Parameter latency: How long it takes to check the contents of the page, in virtual time.
    /// - Precondition: The latency is not negative.
    public static func minorFaults(latency: Duration = .zero) -> Self { Self(latency: latency, nil, interval: .zero) }

    /// The state of the monitor: which pages it has been asked for, and how far it has come.
    public struct State: PluginState {
        enum Phase: UInt8 {
            case begin, protected, read, answer, answered, work, ended
        }

        /// The next page of the area.
        var next: UInt32 = 0
        private var low: UInt32 = 0
        private var high: UInt16 = 0
        /// The descriptors that it serves: its own is bit 0, the one made next is bit 1, and so on.
        private(set) var served: UInt16 = 1
        /// The descriptor that it reads from, or answers through, as its bit in ``served``.
        private(set) var current: UInt8 = 0
        /// How many pages still need an answer.
        private(set) var pages: UInt8 = 0
        /// The kind of fault that the monitor read last; all the pages get an answer of this kind.
        private(set) var reason = Userfault.Reason.missing
        /// What it did last, or does next.
        var phase = Phase.begin

        /// The state at the start: no messages yet.
        public init() {}

        /// Shows the fields.
        public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("next", Int(next))
            visitor.visit("low", Int(low))
            visitor.visit("high", Int(high))
            visitor.visit("served", Int(served))
            visitor.visit("current", Int(current))
            visitor.visit("pages", Int(pages))
            visitor.visit("reason", Int(reason.rawValue))
            visitor.visit("phase", Int(phase.rawValue))
        }

        /// The first page that needs an answer.
        private(set) var page: PageNumber {
            get { PageNumber(UInt64(low) | UInt64(high) << 32) }
            set { (low, high) = (UInt32(truncatingIfNeeded: newValue.rawValue), UInt16(newValue.rawValue >> 32)) }
        }

        /// Adds a page to those that need an answer; `false` if they would then span more than 255 pages.
        mutating func add(_ wanted: PageNumber, _ reason: Userfault.Reason) -> Bool {
            let first = pages == 0 ? wanted : min(page, wanted)
            let end = pages == 0 ? wanted + 1 : max(page + Int(pages), wanted + 1)
            guard let span = UInt8(exactly: end - first) else { return false }
            (page, pages, self.reason) = (first, span, reason)
            return true
        }

        /// Whether it serves any descriptor besides its own.
        var hasChildren: Bool { served & ~1 != 0 }

        /// Also serves the descriptor that was made `offset` descriptors after its own; `false` if that is not 0 to 15.
        mutating func serve(_ offset: Int) -> Bool {
            guard 0..<UInt16.bitWidth ~= offset else { return false }
            served |= 1 << UInt16(offset)
            return true
        }

        /// Stops serving the current descriptor.
        mutating func dropCurrent() {
            served &= ~(1 << UInt16(current))
            pages = 0
            startRound()
        }

        /// Makes the first descriptor the current one, if there is one.
        mutating func startRound() { current = UInt8(served.trailingZeroBitCount) }

        /// Makes the next descriptor the current one; `false` if the current one was the last.
        mutating func goToNext() -> Bool {
            let later = served & ~(2 << UInt16(current) &- 1)
            guard later != 0 else { return false }
            current = UInt8(later.trailingZeroBitCount)
            return true
        }

        /// Removes the first page from those that need an answer.
        mutating func pass() {
            page = page + 1
            pages -= 1
        }
    }

    /// The descriptor that it reads from, or answers through.
    private func current(_ state: State) -> UserfaultID { UserfaultID(descriptor.index + Int(state.current)) }

    /// The next operation.
    public func next(after last: OperationOutcome, task: TaskID, _ state: inout State) -> TaskOperation? {
        switch state.phase {
        case .begin:
            guard isSnapshot, let area else { return read(&state) }
            state.phase = .protected
            return .writeProtect(descriptor, area)
        case .protected: return read(&state)
        case .read: return takeUp(last, &state)
        case .answer: return answer(&state)
        case .answered: return goOn(after: last, &state)
        case .work: return work(&state)
        case .ended: return nil
        }
    }

    private func read(_ state: inout State) -> TaskOperation {
        state.phase = .read
        return .userfault(current(state), .read(most: 1))
    }

    /// Begins a new round with its own descriptor.
    private func readFirst(_ state: inout State) -> TaskOperation {
        state.startRound()
        return read(&state)
    }

    /// Handles the result of a read, which may have returned no message.
    private func takeUp(_ last: OperationOutcome, _ state: inout State) -> TaskOperation? {
        switch last.message {
        case .fault(let fault)?:
            guard state.add(fault.page, fault.reason) else {
                return .userfault(current(state), .wake(fault.page, pages: 1))
            }
            return answer(&state, in: latencyNanoseconds)
        case .fork(let child)?:
            return state.serve(child.index - descriptor.index) ? read(&state) : .userfault(child, .close)
        case _?: return read(&state)
        case nil: break
        }
        switch last.errno {
        case nil, .interrupted?:  // it has polled, woken or closed
            return state.pages > 0 ? read(&state) : readFirst(&state)
        case .tryAgain?: return nothingRead(&state)
        default: return nil
        }
    }

    private func nothingRead(_ state: inout State) -> TaskOperation? {
        if state.pages > 0 { return answer(&state, in: Self.retryNanoseconds) }
        if state.goToNext() { return read(&state) }
        state.startRound()
        guard let area, state.served & 1 != 0, state.next < area.pages else { return wait(&state) }
        guard intervalNanoseconds > 0 else { return work(&state) }
        state.phase = .work
        return .sleep(nanoseconds: intervalNanoseconds)
    }

    /// Decides what to do when no task waits.
    private func wait(_ state: inout State) -> TaskOperation? {
        if state.hasChildren {
            let polled = state.served >> UInt16(state.current)
            return .userfault(current(state), .pollAny(of: polled, timeoutNanoseconds: -1))
        }
        return area == nil ? .userfault(current(state), .poll(timeoutNanoseconds: -1)) : nil
    }

    /// Answers the next page of the area, without a fault on it.
    private func work(_ state: inout State) -> TaskOperation? {
        guard let area else { return nil }
        _ = state.add(area[Int(state.next)], isSnapshot ? .writeProtect : .missing)
        state.next += 1
        return answer(&state)
    }

    private func answer(_ state: inout State, in nanoseconds: UInt64) -> TaskOperation {
        guard nanoseconds > 0 else { return answer(&state) }
        state.phase = .answer
        return .sleep(nanoseconds: nanoseconds)
    }

    private func answer(_ state: inout State) -> TaskOperation {
        state.phase = .answered
        switch state.reason {
        case .missing: return .userfault(current(state), .copy(state.page, pages: 1, from: nil, []))
        case .writeProtect:
            return .userfault(current(state), .writeProtect(state.page, pages: 1, protects: false, []))
        case .minor: return .userfault(current(state), .continue(state.page, pages: 1, []))
        }
    }

    /// Handles the result of an answer.
    private func goOn(after last: OperationOutcome, _ state: inout State) -> TaskOperation? {
        switch last.errno {
        case .tryAgain?: return read(&state)
        case .badDescriptor?: return nil
        case .noSuchProcess?, .noSpace?:  // the process has exited
            let gone = current(state)
            state.dropCurrent()
            state.phase = state.served == 0 ? .ended : .read
            return .userfault(gone, .close)
        case let refusal:
            let page = state.page
            state.pass()
            if refusal != nil {
                state.phase = state.pages > 0 ? .answer : .read
                return .userfault(current(state), .wake(page, pages: 1))
            }
            return state.pages > 0 ? answer(&state) : readFirst(&state)
        }
    }
}

extension UserfaultMonitor: CustomStringConvertible {
    /// Such as `answers on userfaultfd 0, after 200000 ns`.
    public var description: String {
        let kind = isSnapshot ? "snapshot" : "answers"
        let whom = descriptor == .none ? "" : " on \(descriptor)"
        let pace = area.map { ", one of \($0.pages) pages every \(intervalNanoseconds) ns" } ?? ""
        return "\(kind)\(whom), after \(latencyNanoseconds) ns\(pace)"
    }
}

extension UserfaultMonitor.State: CustomStringConvertible {
    /// Such as `2 pages from page 0x10, answer`.
    public var description: String {
        "\(FieldText.pages(Int(pages), from: page)), \(phase)" + (next > 0 ? ", next \(next)" : "")
    }
}

extension World {
    /// Starts a program that answers the messages of a descriptor.
    ///
    /// A monitor that never ends waits in `poll(2)` while there is nothing to do. So when everything else is done, a
    /// run stops with `StopReason.Kind.blocked`.
    ///
    /// - Parameters:
    ///   - monitor: The program.
    ///   - descriptor: The descriptor that it reads from, and answers through.
    ///   - task: The task that runs it, of a process that has the descriptor; by default a new thread of the process
    ///     that owns the memory.
    /// - Returns: The task that runs it.
    /// - Precondition: Reads of the descriptor don't wait. The process of the task has the descriptor open, and the task
    ///   has ended its last operation. The area that the monitor works through is in the memory that the descriptor
    ///   handles, and has fewer than 2^32 pages.
    @discardableResult
    public mutating func startMonitor(
        _ monitor: UserfaultMonitor, of descriptor: UserfaultID, in task: TaskID? = nil
    ) -> TaskID {
        guard !machine.opening(of: descriptor).contains(.blocking) else {
            misuse("World.startMonitor: reads of \(descriptor) wait, and can't be polled; open it without .blocking")
        }
        if let area = monitor.area, UInt32(exactly: area.pages) == nil {
            misuse("World.startMonitor: it works through at most \(UInt32.max) pages, not the \(area.pages) of \(area)")
        }
        let handled = machine.map(of: descriptor)
        if let area = monitor.area, area.map != handled {
            misuse("World.startMonitor: \(area) is not memory that \(descriptor) handles; give an area of \(handled)")
        }
        if let task, !machine.userfaultDescriptors(of: machine.map(of: task)).contains(descriptor) {
            misuse("World.startMonitor: \(task) has not got \(descriptor); take a task of a process that has it open")
        }
        let runner = task ?? machine.addTask(in: handled)
        var program = monitor
        program.descriptor = descriptor
        start(program, in: runner)
        return runner
    }
}
