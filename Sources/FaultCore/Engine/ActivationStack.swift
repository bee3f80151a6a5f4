/// What a task runs: its activations, the innermost last.
///
/// The first few are stored in the task itself. So forking a machine, and continuing one of the two copies, copies
/// words and counts no references. Few tasks ever have more.
struct ActivationStack: RandomAccessCollection, MutableCollection, Sendable {
    private var near: (Activation, Activation, Activation, Activation, Activation, Activation)
    /// The activations beyond those in the task.
    private var far: [Activation]?
    private(set) var count = 0

    /// How many a task may have: far more than any call of the kernel itself needs.
    static var most: Int { 128 }

    /// How many are stored in the task.
    private static let nearCount = 6

    /// An empty stack.
    init() {
        let none = Activation(RoutineCall.none)
        near = (none, none, none, none, none, none)
    }

    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(index: Int) -> Activation {
        @inline(__always)
        get {
            precondition(index >= 0 && index < count, "ActivationStack: no such activation")
            return switch index {
            case 0: near.0
            case 1: near.1
            case 2: near.2
            case 3: near.3
            case 4: near.4
            case 5: near.5
            default: far![index - Self.nearCount]
            }
        }
        @inline(__always)
        set {
            precondition(index >= 0 && index < count, "ActivationStack: no such activation")
            switch index {
            case 0: near.0 = newValue
            case 1: near.1 = newValue
            case 2: near.2 = newValue
            case 3: near.3 = newValue
            case 4: near.4 = newValue
            case 5: near.5 = newValue
            default: far![index - Self.nearCount] = newValue
            }
        }
    }

    /// Whether a routine is under way for which the closure returns true.
    @inline(__always)
    func hasAny(where isMeant: (Activation) -> Bool) -> Bool {
        for index in 0..<count where isMeant(self[index]) { return true }
        return false
    }

    /// Puts a routine on top.
    @inline(__always)
    mutating func append(_ call: Activation) {
        count &+= 1
        if count <= Self.nearCount { self[count &- 1] = call } else { appendFar(call) }
    }

    @inline(never)
    private mutating func appendFar(_ call: Activation) { far = (far ?? []) + [call] }

    /// Removes the innermost routine.
    @inline(__always)
    mutating func popLast() -> Activation? {
        guard count > 0 else { return nil }
        let call = self[count &- 1]
        count &-= 1
        if count >= Self.nearCount { popFar() }
        return call
    }

    @inline(never)
    private mutating func popFar() {
        far!.removeLast()
        if far!.isEmpty { far = nil }
    }
}
