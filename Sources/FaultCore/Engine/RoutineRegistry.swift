/// A registry of the routines of a plug-in, each with a key.
///
/// A plug-in that conforms writes one `switch` over its routines, ``route``. From it follow the functions by which the
/// engine does a stage, names it, shows a frame to a visitor, and asks for declarations.
///
/// The plug-in must be a type without generic parameters, because the compiler does not specialise the witnesses of a
/// generic type.
@usableFromInline
package protocol RoutineRegistry {
    /// The key of a routine.
    associatedtype Key

    /// Calls `user` with the type of the routine that has this key.
    func route<User: RoutineUser>(
        _ key: Key, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer
}

// What the engine calls; see ``VMOperationTable`` for an example of the requirements.
extension RoutineRegistry {
    /// Does one stage of the routine.
    @inlinable
    @inline(__always)
    package func step(
        _ key: Key, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        route(key, to: StageRunner.self, &activation, &fault, &machine, &payload)
    }

    /// Shows the fields of the routine's frame.
    @inlinable
    package func visit<Visitor: FieldVisitor>(_ key: Key, _ activation: Activation, _ visitor: inout Visitor) {
        var copy = activation
        var none = Unused()
        var more = Unused()
        route(key, to: FrameViewer<Visitor>.self, &copy, &visitor, &none, &more)
    }

    /// Shows the fields of the routine's frame to a hash.
    @inlinable
    package func hash(_ key: Key, _ activation: Activation, into hash: inout FieldHash) {
        visit(key, activation, &hash)
    }

    /// The name of a stage.
    @inlinable
    package func stageName(_ stage: UInt8, of key: Key) -> String? { routineStageName(stage, of: key) }

    /// The name of a stage, for a type that implements ``stageName(_:of:)`` itself for some of its routines.
    @inlinable
    package func routineStageName(_ stage: UInt8, of key: Key) -> String? {
        var stage = stage
        var none = Unused()
        var more = Unused()
        var last = Unused()
        return route(key, to: StageNamer.self, &stage, &none, &more, &last)
    }

    /// What the routine's next stage may read.
    @inlinable
    package func reads(_ key: Key, _ activation: Activation, _ view: StageView) -> Footprint {
        var activation = activation
        var view = view
        var none = Unused()
        var more = Unused()
        return route(key, to: ReadsDeclarer.self, &activation, &view, &none, &more)
    }

    /// Which locks the routine holds before its next stage.
    @inlinable
    package func holds(_ key: Key, _ activation: Activation, _ view: StageView) -> Holdings {
        var activation = activation
        var view = view
        var none = Unused()
        var more = Unused()
        return route(key, to: HoldingsDeclarer.self, &activation, &view, &none, &more)
    }
}
