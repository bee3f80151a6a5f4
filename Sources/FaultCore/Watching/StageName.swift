/// The name of a stage of a routine, as traces print it: `munmap.tearDown`, `handlerFault.woken`.
///
/// The routine belongs to the core, or is a kind of plug-in: `faultEntry`, `handlerFault`, `handlerMkwrite`. A call of
/// a file system has the call's name: `sync.submit`. In a search for a stage, `fileCall` stands for any call.
public struct StageName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The routine.
    public let routine: String
    /// Its stage.
    public let stage: String

    /// Names a stage.
    public init(_ routine: String, _ stage: String) {
        self.routine = routine
        self.stage = stage
    }

    /// Parses a name: `"munmap.tearDown"`.
    ///
    /// - Precondition: It has one dot.
    public init(stringLiteral text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 2 else {
            misuse("StageName: \"\(text)\" is not of the form routine.stage, as munmap.tearDown is")
        }
        self.init(parts[0], parts[1])
    }

    /// The name as it is written: `munmap.tearDown`.
    public var description: String { "\(routine).\(stage)" }
}

/// A stage of a routine: a ``StageName`` as numbers.
struct StageKey: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The routine.
    var routine: RoutineNumber
    /// The number of the stage.
    var stage: UInt8
    /// The number of the plug-in, if the routine belongs to one; see ``Machine/name(of:)``.
    var owner: UInt16 = 0
    /// The call of the plug-in, likewise.
    var option: UInt8 = 0

    /// Makes the key of a stage.
    init(_ routine: RoutineNumber, _ stage: UInt8) {
        self.routine = routine
        self.stage = stage
    }

    /// The key of the stage that an activation runs next.
    init(_ call: Activation) {
        self.init(call.routine, call.stageNumber)
        guard routine.isPluggedIn else { return }
        owner = call.plugIn
        option = call.selector
    }

    /// The first detail of a trace event: the routine, and the call of a plug-in.
    var word: UInt64 { UInt64(routine.rawValue) | UInt64(option) << 8 | UInt64(owner) << 16 }

    /// The key from which ``word`` was made; `nil` if it names no routine.
    init?(word: UInt64, stage: UInt64) {
        guard let routine = RoutineNumber(rawValue: UInt8(truncatingIfNeeded: word)) else { return nil }
        self.init(routine, UInt8(truncatingIfNeeded: stage))
        option = UInt8(truncatingIfNeeded: word >> 8)
        owner = UInt16(truncatingIfNeeded: word >> 16)
    }

    /// Whether both name the same stage of the same routine.
    static func == (a: Self, b: Self) -> Bool { a.routine == b.routine && a.stage == b.stage }

    /// The routine and its stage, by name if it belongs to the core. ``Machine/name(of:)`` also names those of
    /// plug-ins.
    var description: String { name.description }

    /// The routine and its stage, by name if it belongs to the core.
    var name: StageName { StageName("\(routine)", ownName ?? String(stage)) }

    /// The stage's name, if the routine belongs to the core.
    var ownName: String? {
        routine.stageName(stage)
    }
}

extension RoutineNumber {
    /// Whether the routine is plugged in, so that only its machine knows the names of its stages.
    var isPluggedIn: Bool {
        switch self {
        case .faultEntry, .handlerFault, .handlerMkwrite, .fileCall, .fileTransfer, .throttle, .userfaultRoutine: true
        default: false
        }
    }
}

extension MachineConfiguration {
    /// The name of a stage, including stages of plug-ins; a stage without a name is named by its number.
    func name(of key: StageKey) -> StageName {
        let number = key.stage
        var routine = "\(key.routine)"
        let name: String?
        switch key.routine {
        case .faultEntry: name = entry.stageName(number)
        case .handlerFault, .handlerMkwrite:
            let kind = Int(key.owner) - 1
            let isMkwrite = key.routine == .handlerMkwrite
            name =
                vmOperations.indices.contains(kind)
                ? vmOperations[kind].stageName(number, of: isMkwrite ? .pageMkwrite : .fault, in: model)
                : nil
        case .fileCall:
            let kind = Int(key.owner)
            if fileOperations.indices.contains(kind), let call = FileCall.Kind(rawValue: key.option) {
                routine = "\(call)"
                name = fileOperations[kind].stageName(number, of: call)
            } else {
                name = nil
            }
        case .fileTransfer: name = pageCache.stageName(number, of: .transfer)
        case .throttle: name = pageCache.stageName(number, of: .throttle)
        case .userfaultRoutine:
            let kind = UserfaultRoutine(rawValue: key.option)
            if let kind { routine = "userfault \(kind)" }
            name = kind.flatMap { userfaults?.stageName(number, of: $0) }
        default: name = key.ownName
        }
        return StageName(routine, name ?? String(number))
    }

    /// An event as its description, with all stages by name.
    func text(of event: TraceEvent) -> String {
        guard event.kind == .stage, let key = StageKey(word: event.a, stage: event.b) else {
            return event.description
        }
        return "\(event.time) \(event.task) \(event.kind) \(name(of: key))"
    }
}

extension Machine {
    /// The name of a stage, including stages of plug-ins; a stage without a name is named by its number.
    func name(of key: StageKey) -> StageName { configuration.name(of: key) }

    /// An event as its description, with all stages by name, and with the names that objects have.
    public func text(of event: TraceEvent) -> String {
        let isOfTask = tasks.indices.contains(event.task.index)
        return (isOfTask ? names(for: tasks[event.task.index]) : names).applied(to: configuration.text(of: event))
    }

    /// The stage that begins with an event, including stages of plug-ins; `nil` if none does.
    public func stage(of event: TraceEvent) -> StageName? {
        guard event.kind == .stage, let key = StageKey(word: event.a, stage: event.b) else { return nil }
        return name(of: key)
    }
}
