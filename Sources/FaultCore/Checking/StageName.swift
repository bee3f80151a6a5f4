/// Names a stage of a routine.
public struct StageName: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// The routine.
    public var routine: RoutineNumber
    /// The number of the stage.
    public var stage: UInt8
    /// Which of the plugged-in objects of its kind runs, where the routine is one's; see ``Machine/text(of:)-swift.method``.
    var owner: UInt16 = 0
    /// Which of its calls it is, likewise.
    var option: UInt8 = 0

    /// Names a stage.
    public init(_ routine: RoutineNumber, _ stage: UInt8) {
        self.routine = routine
        self.stage = stage
    }

    /// The stage that an activation takes next.
    init(_ call: Activation) {
        self.init(call.routine, call.stageNumber)
        guard routine.isPluggedIn else { return }
        owner = call.plugIn
        option = call.selector
    }

    /// The first detail of a trace event: the routine, and which plugged-in call it is.
    var word: UInt64 { UInt64(routine.rawValue) | UInt64(option) << 8 | UInt64(owner) << 16 }

    /// What ``word`` was made from; `nil` if that names no routine.
    init?(word: UInt64, stage: UInt64) {
        guard let routine = RoutineNumber(rawValue: UInt8(truncatingIfNeeded: word)) else { return nil }
        self.init(routine, UInt8(truncatingIfNeeded: stage))
        option = UInt8(truncatingIfNeeded: word >> 8)
        owner = UInt16(truncatingIfNeeded: word >> 16)
    }

    /// Whether both name the same stage of the same routine.
    public static func == (a: Self, b: Self) -> Bool { a.routine == b.routine && a.stage == b.stage }

    /// The routine and its stage, by name where it is the core's own. ``Machine/text(of:)-swift.method`` names all.
    public var description: String { "\(routine).\(ownName ?? String(stage))" }

    /// The stage's name, of a routine of the core.
    private var ownName: String? {
        routine.stageName(stage)
    }
}

extension RoutineNumber {
    /// Whether what it does is plugged in, so that only its machine knows the names of its stages.
    var isPluggedIn: Bool {
        switch self {
        case .faultEntry, .handlerFault, .handlerMkwrite, .fileCall: true
        default: false
        }
    }
}

extension Machine {
    /// The routine and its stage by name, those of what plugs in too.
    public func text(of stage: StageName) -> String {
        let number = stage.stage
        let name: String?
        switch stage.routine {
        case .faultEntry: name = configuration.entry.stageName(number)
        case .handlerFault, .handlerMkwrite:
            let kind = Int(stage.owner) - 1
            let isMkwrite = stage.routine == .handlerMkwrite
            name =
                configuration.vmOperations.indices.contains(kind)
                ? configuration.vmOperations[kind].stageName(number, of: isMkwrite ? .pageMkwrite : .fault, in: model)
                : nil
        case .fileCall:
            let kind = Int(stage.owner)
            guard configuration.fileOperations.indices.contains(kind), let call = FileCall.Kind(rawValue: stage.option)
            else { return "\(stage)" }
            return "\(call).\(configuration.fileOperations[kind].stageName(number, of: call) ?? String(number))"
        default: name = nil
        }
        return name.map { "\(stage.routine).\($0)" } ?? stage.description
    }

    /// An event as its description has it, with all stages by name.
    public func text(of event: TraceEvent) -> String {
        guard event.kind == .stage, let stage = StageName(word: event.a, stage: event.b) else {
            return event.description
        }
        return "\(event.time) \(event.task) \(event.kind) \(text(of: stage))"
    }
}
