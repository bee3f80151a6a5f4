import FaultCore

/// A ``Choice`` as a search makes it. A request is named by its index, which is fast, but has a meaning in this state
/// only.
enum Move: Equatable, BitwiseCopyable, Sendable {
    case step(TaskID)
    case run(TaskID)
    /// The request with this number in ``Machine/requestsUnderWay``.
    case finish(Int)
    case expire(TaskID)
    case inject(Int)

    /// The move in 32 bits, as the tree of a search keeps it.
    var packed: UInt32 {
        switch self {
        case .step(let task): UInt32(bitPattern: task.rawValue) << 3
        case .run(let task): UInt32(bitPattern: task.rawValue) << 3 | 1
        case .finish(let number): UInt32(number) << 3 | 2
        case .expire(let task): UInt32(bitPattern: task.rawValue) << 3 | 3
        case .inject(let number): UInt32(number) << 3 | 4
        }
    }

    init(packed: UInt32) {
        let number = Int(packed >> 3)
        switch packed & 7 {
        case 0: self = .step(TaskID(number))
        case 1: self = .run(TaskID(number))
        case 2: self = .finish(number)
        case 3: self = .expire(TaskID(number))
        default: self = .inject(number)
        }
    }

    /// The task that makes the move; `nil` if it is not a move of a task.
    var runner: TaskID? {
        switch self {
        case .step(let task), .run(let task): task
        case .finish, .expire, .inject: nil
        }
    }
}

extension Machine {
    /// The task that a move belongs to: the task of the stage or timer, or the task that has submitted the request; `nil`
    /// for an injection.
    func task(of move: Move) -> TaskID? {
        switch move {
        case .step(let task), .run(let task), .expire(let task): task
        case .finish(let place): requestsUnderWay[place].task
        case .inject: nil
        }
    }

    /// The choice that a move means in this state.
    func choice(of move: Move) -> Choice {
        switch move {
        case .step(let task): .step(task)
        case .run(let task): .run(task)
        case .finish(let place): .finish(name(ofRequest: place, requestsUnderWay))
        case .expire(let task): .expire(task)
        case .inject(let number): .inject(number)
        }
    }

    /// The move that a choice means in this state; `nil` if its request is not under way.
    func move(for choice: Choice) -> Move? {
        switch choice {
        case .step(let task): .step(task)
        case .run(let task): .run(task)
        case .finish(let name): place(of: name).map { .finish($0) }
        case .expire(let task): .expire(task)
        case .inject(let number): .inject(number)
        }
    }

    /// The choices that moves from this state on mean.
    func schedule(of moves: [Move], _ options: Explorer.Options) -> [Choice] {
        guard moves.contains(where: { if case .finish = $0 { true } else { false } }) else {
            return moves.map { choice(of: $0) }
        }
        var machine = self
        return moves.map { move in
            let choice = machine.choice(of: move)
            _ = machine.perform(move, options.injections, turnLimit: options.turnLimit)
            return choice
        }
    }
}
