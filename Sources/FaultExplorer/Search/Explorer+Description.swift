import FaultCore

extension Explorer: CustomStringConvertible, CustomReflectable {
    /// The options and the machine.
    public var description: String { "explorer, \(options), from\n\(start)" }

    /// A mirror with the options; the machine has a description of its own.
    public var customMirror: Mirror { Mirror(self, children: ["options": options], displayStyle: .struct) }
}

extension Explorer.Options: CustomStringConvertible {
    /// Such as `depthFirst by stage, completions all, at most 10000000 states`.
    public var description: String {
        var text = "\(order) by \(grain), completions \(completions), at most \(stateLimit) states"
        if !injections.isEmpty {
            text += ", injecting " + FieldText.list(injections.map(\.description), atMost: 2)
        }
        if !checksLaws { text += ", laws unchecked" }
        return FieldText.cut(text)
    }
}

extension Injection: CustomStringConvertible {
    /// Such as `SIGKILL to task 0, once, while it is asleep`.
    public var description: String {
        var text = "\(event), \(times == 1 ? "once" : "\(times) times")"
        if case .asleep(let task) = timing { text += ", while \(task) is asleep" }
        return text
    }
}

extension Injection.Event: CustomStringConvertible {
    /// Such as `SIGKILL to task 0` or `start fork in task 1`.
    public var description: String {
        switch self {
        case .signal(let signal, let task): "\(signal) to \(task)"
        case .start(let operation, let task): "start \(operation) in \(task)"
        case .breakBlocks(let file, let run): "break blocks \(run) of \(file)"
        case .repairBlocks(let file): "repair the blocks of \(file)"
        case .failAllocation(let point): "fail an allocation of \(point)"
        }
    }
}

extension Injection.Timing: CustomStringConvertible {
    /// `always` or `while task 0 is asleep`.
    public var description: String {
        switch self {
        case .always: "always"
        case .asleep(let task): "while \(task) is asleep"
        }
    }
}
