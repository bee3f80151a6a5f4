import FaultCore

/// New numbers for the tasks of a machine: which task gets which number. Tasks from number 16 on keep theirs.
struct Arrangement: BitwiseCopyable, Equatable, Sendable {
    /// Four bits for each old number: the new one.
    private(set) var word: UInt64 = 0xFEDC_BA98_7654_3210

    /// Tasks with a number below this one can get another number.
    static let most = 16

    /// Leaves all tasks their numbers.
    init() {}

    /// Whether all tasks keep their numbers.
    var isIdentity: Bool { self == Self() }

    /// The new number of a task.
    subscript(task: Int) -> Int {
        get { task < Self.most ? Int(word >> UInt64(4 * task) & 15) : task }
        set {
            let place = UInt64(4 * task)
            word = word & ~(15 << place) | UInt64(newValue) << place
        }
    }

    /// The new number of a task.
    subscript(task: TaskID) -> TaskID { TaskID(self[task.index]) }

    /// Exchanges the new numbers `a` and `b`.
    mutating func exchange(_ a: Int, _ b: Int) {
        for task in 0..<Self.most {
            if self[task] == a { self[task] = b } else if self[task] == b { self[task] = a }
        }
    }

    /// The arrangement that gives the tasks their old numbers back.
    var inverse: Self {
        var inverse = Self()
        if isIdentity { return inverse }
        for task in 0..<Self.most { inverse[self[task]] = task }
        return inverse
    }

    /// First this one, then another one.
    func followed(by next: Self) -> Self {
        var both = Self()
        for task in 0..<Self.most { both[task] = next[self[task]] }
        return both
    }

    /// A set of tasks, a bit for each, under the new numbers.
    func renamed(_ set: UInt32) -> UInt32 {
        var renamed: UInt32 = 0
        var rest = set
        while rest != 0 {
            renamed |= 1 << UInt32(self[rest.trailingZeroBitCount])
            rest &= rest - 1
        }
        return renamed
    }

    /// The same move under the new numbers.
    func renamed(_ move: Move) -> Move {
        switch move {
        case .step(let task): .step(self[task])
        case .run(let task): .run(self[task])
        case .expire(let task): .expire(self[task])
        case .finish, .inject: move
        }
    }
}

extension Machine {
    /// Gives the tasks new numbers.
    ///
    /// - Precondition: It is possible; see ``Machine/exchange(_:_:)``.
    mutating func arrange(_ arrangement: Arrangement) {
        if arrangement.isIdentity { return }
        var left = arrangement
        for number in 0..<Arrangement.most {
            while left[number] != number {
                let other = left[number]
                guard exchange(TaskID(number), TaskID(other)) else {
                    misuse("Machine.arrange: task \(number) and task \(other) can't be exchanged")
                }
                // The task that had `number` has reached its new number.
                left[number] = left[other]
                left[other] = other
            }
        }
    }
}
