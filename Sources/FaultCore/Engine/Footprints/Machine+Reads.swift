/// The declarations of routines, put together for a task.
extension Machine {
    /// What the next stage of a task may read and write: what its routine declares, and what every stage reads.
    ///
    /// Two stages are independent if neither writes what the other reads or writes.
    package func reads(by task: TaskID) -> Footprint {
        // Almost any stage may allocate or free a page; `.memory` is written only where that matters.
        var reads: Footprint = [.task(task), .memory]
        // Charging a page may reclaim any other page.
        if hasGroup { return .everything }
        guard let next = tasks[index(of: task)].stack.last else { return reads }
        reads.formUnion(declaredReads(of: next, StageView(of: task, resumed: next.resumed, self)))
        return reads
    }

    /// The locks that a task's routines are responsible for, as they declare it: those of the innermost last.
    ///
    /// A lock that a called routine is about to take is not held yet. A lock that the kernel does not have is never
    /// held.
    package func holdings(of task: TaskID) -> [Holdings] {
        let stack = tasks[index(of: task)].stack
        return stack.indices.map { place in
            let callee = place + 1 < stack.count ? stack[place + 1] : nil
            let resumed = callee == nil ? stack[place].resumed : .plain
            var held = declaredHoldings(of: stack[place], StageView(of: task, resumed: resumed, callee: callee, self))
            held.locks.removeAll { !exists($0.lock) || callee.map(Self.lockToTake) == $0.lock }
            return held
        }
    }

    private static func lockToTake(_ call: Activation) -> LockName? {
        call.routine == .takeLock ? call.bytes.frame(LockRoutine.Frame.self).lock : nil
    }

    private func declaredReads(of call: Activation, _ view: StageView) -> Footprint {
        switch call.routine {
        case .faultEntry: return configuration.entry.reads(call, view)
        case .handlerFault: return configuration.vmOperations[Int(call.plugIn) - 1].reads(.fault, call, view)
        case .handlerMkwrite: return configuration.vmOperations[Int(call.plugIn) - 1].reads(.pageMkwrite, call, view)
        case .fileCall: return configuration.fileOperations[Int(call.plugIn)].reads(call.fileCall, call, view)
        case .fileTransfer, .throttle: return configuration.pageCache.reads(call.pageCacheRoutine, call, view)
        case .userfaultRoutine: return configuration.userfaults?.reads(call.userfaultRoutine, call, view) ?? []
        default:
            var call = call
            var view = view
            var none = Unused()
            var more = Unused()
            return CoreRoutines.route(call.routine, to: ReadsDeclarer.self, &call, &view, &none, &more)!
        }
    }

    private func declaredHoldings(of call: Activation, _ view: StageView) -> Holdings {
        switch call.routine {
        case .faultEntry: return configuration.entry.holds(call, view)
        case .handlerFault: return configuration.vmOperations[Int(call.plugIn) - 1].holds(.fault, call, view)
        case .handlerMkwrite: return configuration.vmOperations[Int(call.plugIn) - 1].holds(.pageMkwrite, call, view)
        case .fileCall: return configuration.fileOperations[Int(call.plugIn)].holds(call.fileCall, call, view)
        case .fileTransfer, .throttle: return configuration.pageCache.holds(call.pageCacheRoutine, call, view)
        case .userfaultRoutine: return configuration.userfaults?.holds(call.userfaultRoutine, call, view) ?? .nothing
        default:
            var call = call
            var view = view
            var none = Unused()
            var more = Unused()
            return CoreRoutines.route(call.routine, to: HoldingsDeclarer.self, &call, &view, &none, &more)!
        }
    }
}

/// Asks a routine what its next stage may read.
@usableFromInline
package enum ReadsDeclarer: RoutineUser {
    @usableFromInline
    package static func use<R: Routine>(
        _: R.Type, _ activation: inout Activation, _ view: inout StageView, _ none: inout Unused, _ more: inout Unused
    ) -> Footprint { R.reads(activation.stage(), activation.bytes.frame(R.Frame.self), view) }
}

/// Asks a routine which locks it is responsible for before its next stage.
@usableFromInline
package enum HoldingsDeclarer: RoutineUser {
    @usableFromInline
    package static func use<R: Routine>(
        _: R.Type, _ activation: inout Activation, _ view: inout StageView, _ none: inout Unused, _ more: inout Unused
    ) -> Holdings { R.holds(activation.stage(), activation.bytes.frame(R.Frame.self), view) }
}

extension Activation {
    /// The stage that comes next.
    @inlinable
    func stage<Stage: RoutineStage>(_: Stage.Type = Stage.self) -> Stage {
        guard let stage = Stage(rawValue: stageNumber) else { noSuchStage(Stage.self, stageNumber) }
        return stage
    }
}
