public import FaultCore

/// userfaultfd(2): faults that a program resolves (fs/userfaultfd.c, mm/userfaultfd.c, Linux 6.1 and 6.12).
///
/// Memory of hugetlbfs, huge pages and migration are not modelled.
public struct Userfaultfd: UserfaultOperations {
    /// The code, for `MachineConfiguration.userfaults`.
    public static var code: UserfaultCode { UserfaultCode(Self()) }

    package init() {}

    /// Its name.
    package var name: StaticName { StaticName("userfaultfd") }

    /// The frame of the routine.
    package func beginning(of routine: UserfaultRoutine, for request: UserfaultRequest?) -> CallFrame {
        switch (routine, request?.call) {
        case (.handleMissing, _): CallFrame(HandleUserfault.Frame(reason: .missing))
        case (.handleWriteProtect, _): CallFrame(HandleUserfault.Frame(reason: .writeProtect))
        case (.handleMinor, _): CallFrame(HandleUserfault.Frame(reason: .minor))
        case (.tellEvents, _): CallFrame(TellEvents.Frame())
        case (.closeAll, _): CallFrame(CloseDescriptors.Frame(closing: .none))
        case (_, let call?): beginning(of: call, on: request?.descriptor ?? .none)
        case (_, nil): CallFrame(EmptyFrame())
        }
    }

    private func beginning(of call: UserfaultCall, on descriptor: UserfaultID) -> CallFrame {
        switch call {
        case .register(let page, let pages, let modes):
            CallFrame(Register.Frame(page, pages: pages, modes, on: descriptor))
        case .unregister(let page, let pages): CallFrame(Unregister.Frame(page, pages: pages, on: descriptor))
        case .wake(let page, let pages): CallFrame(Wake.Frame(page: page, pages: pages, descriptor: descriptor))
        case .copy(let page, let pages, let source, let options):
            CallFrame(Fill.Frame(.copy, page, pages: pages, from: source, options, on: descriptor))
        case .zeropage(let page, let pages, let options):
            CallFrame(Fill.Frame(.zeropage, page, pages: pages, options, on: descriptor))
        case .continue(let page, let pages, let options):
            CallFrame(Fill.Frame(.continue, page, pages: pages, options, on: descriptor))
        case .poison(let page, let pages, let options):
            CallFrame(Fill.Frame(.poison, page, pages: pages, options, on: descriptor))
        case .move(let page, let pages, let source, let options):
            CallFrame(MovePages.Frame(page, pages: pages, from: source, options, on: descriptor))
        case .writeProtect(let page, let pages, let protects, let options):
            CallFrame(WriteProtect.Frame(page, pages: pages, protects: protects, options, on: descriptor))
        case .read(let most): CallFrame(ReadMessages.Frame(most: most, descriptor: descriptor))
        case .poll(let timeout): CallFrame(PollMessages.Frame(descriptor, timeout: timeout))
        case .pollAny(let set, let timeout): CallFrame(PollMessages.Frame(descriptor, of: set, timeout: timeout))
        case .close: CallFrame(CloseDescriptors.Frame(closing: descriptor))
        }
    }
}

extension Userfaultfd: CustomStringConvertible {
    /// Its name.
    public var description: String { "userfaultfd" }
}

extension Userfaultfd: RoutineRegistry {
    @usableFromInline
    package typealias Key = UserfaultRoutine

    @inline(__always)
    @usableFromInline
    package func route<User: RoutineUser>(
        _ routine: UserfaultRoutine, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer {
        switch routine {
        case .handleMissing, .handleWriteProtect, .handleMinor:
            User.use(HandleUserfault.self, &first, &second, &third, &fourth)
        case .tellEvents: User.use(TellEvents.self, &first, &second, &third, &fourth)
        case .closeAll, .close: User.use(CloseDescriptors.self, &first, &second, &third, &fourth)
        case .register: User.use(Register.self, &first, &second, &third, &fourth)
        case .unregister: User.use(Unregister.self, &first, &second, &third, &fourth)
        case .wake: User.use(Wake.self, &first, &second, &third, &fourth)
        case .fill: User.use(Fill.self, &first, &second, &third, &fourth)
        case .move: User.use(MovePages.self, &first, &second, &third, &fourth)
        case .writeProtect: User.use(WriteProtect.self, &first, &second, &third, &fourth)
        case .read: User.use(ReadMessages.self, &first, &second, &third, &fourth)
        case .poll: User.use(PollMessages.self, &first, &second, &third, &fourth)
        }
    }
}
