import FaultCore

/// The routines of something that plugs in, each under a key: its registry. One `switch` over them, ``route``, answers all
/// that the engine asks of a routine.
///
/// What plugs in stays a type of its own, without parameters: the compiler does not specialise what a generic type does for
/// a protocol.
protocol RoutineRegistry {
    /// What names a routine.
    associatedtype Key

    /// Lets `user` work with the routine of that key.
    func route<User: RoutineUser>(
        _ key: Key, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer
}

// What the engine asks. Public, so that it answers for a type that plugs in where the engine knows a routine by its key.
extension RoutineRegistry {
    /// Does one stage of the routine.
    @inline(__always)
    package func step(
        _ key: Key, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ answer: inout StageAnswer
    ) -> StageAnswer.Kind {
        route(key, to: StageRunner.self, &activation, &fault, &machine, &answer)
    }

    /// Shows the fields of the routine's frame.
    package func visit<Visitor: FieldVisitor>(_ key: Key, _ activation: Activation, _ visitor: inout Visitor) {
        var copy = activation
        var none = Unused()
        var more = Unused()
        route(key, to: FrameViewer<Visitor>.self, &copy, &visitor, &none, &more)
    }

    /// Shows the fields of the routine's frame to a hash.
    package func hash(_ key: Key, _ activation: Activation, into hash: inout FieldHash) {
        visit(key, activation, &hash)
    }

    /// The name of a stage.
    package func stageName(_ stage: UInt8, of key: Key) -> String? { routineStageName(stage, of: key) }

    /// The name of a stage, for a type that answers ``stageName(_:of:)`` itself for some of its routines.
    func routineStageName(_ stage: UInt8, of key: Key) -> String? {
        var stage = stage
        var none = Unused()
        var more = Unused()
        var last = Unused()
        return route(key, to: StageNamer.self, &stage, &none, &more, &last)
    }

    /// Asks the routine what its next stage may read.
    package func reads(_ key: Key, _ activation: Activation, _ view: StageView) -> Footprint {
        var activation = activation
        var view = view
        var none = Unused()
        var more = Unused()
        return route(key, to: ReadsDeclarer.self, &activation, &view, &none, &more)
    }

    /// Asks the routine which locks it has charge of before its next stage.
    package func holds(_ key: Key, _ activation: Activation, _ view: StageView) -> Holdings {
        var activation = activation
        var view = view
        var none = Unused()
        var more = Unused()
        return route(key, to: HoldingsDeclarer.self, &activation, &view, &none, &more)
    }
}
