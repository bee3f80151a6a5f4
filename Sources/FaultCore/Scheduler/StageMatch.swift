/// The stages that a ``StopCondition`` names, as numbers, so that names are looked up only once per run.
struct StageMatch: Sendable {
    /// A stage of a routine. If the routine belongs to a plug-in, also which one.
    private struct Stage: Equatable, Sendable {
        let number: UInt8
        /// The number of the plug-in: of an area's or of a file's operations.
        var plugIn = 0
        /// For a file system, the call.
        var call: FileCall.Kind?
    }

    private var routine = RoutineNumber.touch
    private var stages: [Stage] = []

    /// Looks up the name in `condition`, if it is one of a stage. (An initialiser would begin with a copy of the machine.)
    static func of(_ condition: StopCondition, in machine: Machine) -> StageMatch {
        var match = StageMatch()
        guard case .stage(_, let name, let type) = condition else { return match }
        match.resolve(name, type, machine)
        guard match.stages.isEmpty else { return match }
        misuse("StopCondition.stage: no \(name)\(type.map { " of \($0)" } ?? ""); \(hint(name, machine))")
    }

    /// Whether the next stage of a routine is one of these.
    func matches(_ activation: Activation, _ machine: Machine) -> Bool {
        guard activation.routine == routine else { return false }
        switch routine {
        case .handlerFault, .handlerMkwrite:
            return stages.contains(Stage(number: activation.stageNumber, plugIn: Int(activation.plugIn) - 1))
        case .fileCall:
            let plugIn = Int(activation.plugIn)
            return stages.contains(
                Stage(number: activation.stageNumber, plugIn: plugIn, call: activation.fileCall))
        default: return stages.contains(Stage(number: activation.stageNumber))
        }
    }

    private mutating func resolve(_ name: StageName, _ type: Any.Type?, _ machine: Machine) {
        let configuration = machine.configuration
        for meant in Self.routines(named: name.routine) {
            routine = meant.routine
            for (number, plugIn) in Self.plugIns(of: routine, configuration).enumerated() {
                if let type, plugIn.map({ Swift.type(of: $0) == type }) != true { continue }
                let names = Self.stageNames(of: routine, meant.call, number, machine)
                for (stage, text) in names where text == name.stage {
                    stages.append(Stage(number: stage, plugIn: number, call: meant.call))
                }
            }
        }
    }

    // MARK: Names

    /// The routines of that name; every call of a file system for `fileCall`.
    private static func routines(named text: String) -> [(routine: RoutineNumber, call: FileCall.Kind?)] {
        let routine = RoutineNumber.allCases.first { "\($0)" == text }
        if let routine, routine != .fileCall { return [(routine, nil)] }
        return calls.filter { routine == .fileCall || "\($0)" == text }.map { (.fileCall, $0) }
    }

    private static var calls: [FileCall.Kind] { FileCall.Kind.allCases }

    /// The plug-ins that implement a routine; for a routine of the core, a single `nil`.
    private static func plugIns(of routine: RoutineNumber, _ configuration: MachineConfiguration) -> [Any?] {
        switch routine {
        case .faultEntry: [configuration.entry]
        case .handlerFault, .handlerMkwrite: configuration.vmOperations
        case .fileCall: configuration.fileOperations
        case .fileTransfer, .throttle: [configuration.pageCache]
        default: [nil]
        }
    }

    /// The stages of a routine, with their names.
    private static func stageNames(
        of routine: RoutineNumber, _ call: FileCall.Kind?, _ plugIn: Int, _ machine: Machine
    ) -> [(UInt8, String)] {
        let configuration = machine.configuration
        return (0...UInt8.max).compactMap { stage -> (UInt8, String)? in
            let name: String? =
                switch routine {
                case .faultEntry: configuration.entry.stageName(stage)
                case .handlerFault:
                    configuration.vmOperations[plugIn].stageName(stage, of: .fault, in: machine.model)
                case .handlerMkwrite:
                    configuration.vmOperations[plugIn].stageName(stage, of: .pageMkwrite, in: machine.model)
                case .fileCall: call.flatMap { configuration.fileOperations[plugIn].stageName(stage, of: $0) }
                case .fileTransfer: configuration.pageCache.stageName(stage, of: .transfer)
                case .throttle: configuration.pageCache.stageName(stage, of: .throttle)
                default: StageKey(routine, stage).ownName
                }
            return name.map { (stage, $0) }
        }
    }

    /// Says what the name could have meant.
    private static func hint(_ name: StageName, _ machine: Machine) -> String {
        var known: [String] = []
        for meant in routines(named: name.routine) {
            for number in plugIns(of: meant.routine, machine.configuration).indices {
                for (_, text) in stageNames(of: meant.routine, meant.call, number, machine) where !known.contains(text)
                {
                    known.append(text)
                }
            }
        }
        if !known.isEmpty { return "the stages of \(name.routine) are \(known.joined(separator: ", "))" }
        let routines = RoutineNumber.allCases.filter { $0 != .fileCall }.map { "\($0)" } + calls.map { "\($0)" }
        return "the routines are \(routines.joined(separator: ", "))"
    }
}

extension StopCondition {
    /// When a task's next stage is this stage of a fault entry of that type. The stage has not run.
    public static func stage<Entry: FaultEntry>(_ task: TaskID, of _: Entry.Type, _ stage: Entry.Stage) -> Self {
        .stage(task, StageName("\(RoutineNumber.faultEntry)", "\(stage)"), of: Entry.self)
    }

    /// When a task's next stage is this stage of a handler's `fault`. The stage has not run.
    public static func stage<Handler: VMOperations>(
        _ task: TaskID, of _: Handler.Type, _ stage: Handler.Stage
    ) -> Self {
        .stage(task, StageName("\(RoutineNumber.handlerFault)", "\(stage)"), of: Handler.self)
    }

    /// When a task's next stage is this stage of a file system, in a call of that kind if one is given. The stage has
    /// not run.
    public static func stage<FileSystem: FileOperations>(
        _ task: TaskID, of _: FileSystem.Type, _ stage: FileSystem.Stage, in call: FileCall.Kind? = nil
    ) -> Self {
        .stage(
            task, StageName(call.map { "\($0)" } ?? "\(RoutineNumber.fileCall)", "\(stage)"), of: FileSystem.self)
    }

    /// When a task's next stage is this stage of a handler's `pageMkwrite`. The stage has not run.
    public static func stage<Handler: VMOperations>(
        _ task: TaskID, of _: Handler.Type, mkwrite stage: Handler.MkwriteStage
    ) -> Self {
        .stage(task, StageName("\(RoutineNumber.handlerMkwrite)", "\(stage)"), of: Handler.self)
    }
}
