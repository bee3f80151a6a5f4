/// What is to be done with a routine once its number is known: the answer of a `switch` over all of them, written once.
@usableFromInline
package protocol RoutineUser {
    associatedtype First
    associatedtype Second
    associatedtype Third
    associatedtype Fourth
    associatedtype Answer

    /// Uses a routine.
    static func use<R: Routine>(
        _: R.Type, _ first: inout First, _ second: inout Second, _ third: inout Third, _ fourth: inout Fourth
    ) -> Answer
}

/// The core's own routines by number: its registry. What plugs in has its own.
enum CoreRoutines {
    /// Lets `user` work with the routine of that number; answers `nil` for one that is plugged in.
    @discardableResult
    @inline(__always)
    static func route<User: RoutineUser>(
        _ number: RoutineNumber, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer? {
        switch number {
        case .touch: User.use(TouchRoutine.self, &first, &second, &third, &fourth)
        case .userAccess: User.use(UserAccessRoutine.self, &first, &second, &third, &fourth)
        case .pageFault: User.use(PageFault.self, &first, &second, &third, &fourth)
        case .takeLock: User.use(LockRoutine.self, &first, &second, &third, &fourth)
        case .lockFolio: User.use(LockFolioRoutine.self, &first, &second, &third, &fourth)
        case .munmap: User.use(MunmapRoutine.self, &first, &second, &third, &fourth)
        case .getUserPages: User.use(GetUserPagesRoutine.self, &first, &second, &third, &fourth)
        case .populate: User.use(PopulateRoutine.self, &first, &second, &third, &fourth)
        case .madvise: User.use(MadviseRoutine.self, &first, &second, &third, &fourth)
        case .faultCaller: User.use(FaultCallerRoutine.self, &first, &second, &third, &fourth)
        case .remoteRead: User.use(RemoteReadRoutine.self, &first, &second, &third, &fourth)
        case .throttle: User.use(ThrottleRoutine.self, &first, &second, &third, &fourth)
        case .reclaim: User.use(ReclaimRoutine.self, &first, &second, &third, &fourth)
        case .fileTransfer: User.use(FileTransferRoutine.self, &first, &second, &third, &fourth)
        case .fileCommand: User.use(FileCommandRoutine.self, &first, &second, &third, &fourth)
        case .mmap: User.use(MmapRoutine.self, &first, &second, &third, &fourth)
        case .mprotect: User.use(MprotectRoutine.self, &first, &second, &third, &fourth)
        case .mremap: User.use(MremapRoutine.self, &first, &second, &third, &fourth)
        case .mlock: User.use(MlockRoutine.self, &first, &second, &third, &fourth)
        case .mlockAll: User.use(MlockAllRoutine.self, &first, &second, &third, &fourth)
        case .brk: User.use(BrkRoutine.self, &first, &second, &third, &fourth)
        case .msync: User.use(MsyncRoutine.self, &first, &second, &third, &fourth)
        case .mincore: User.use(MincoreRoutine.self, &first, &second, &third, &fourth)
        case .fork: User.use(ForkRoutine.self, &first, &second, &third, &fourth)
        case .exit: User.use(ExitRoutine.self, &first, &second, &third, &fourth)
        case .readProcMaps: User.use(ReadProcMapsRoutine.self, &first, &second, &third, &fourth)
        case .swapOff: User.use(SwapOffRoutine.self, &first, &second, &third, &fourth)
        case .pause: User.use(PauseRoutine.self, &first, &second, &third, &fourth)
        case .faultEntry, .handlerFault, .handlerMkwrite, .fileCall: nil
        }
    }
}

/// Does one stage of a routine.
@usableFromInline
package enum StageRunner: RoutineUser {
    @inlinable
    @inline(__always)
    package static func use<R: Routine>(
        _: R.Type, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ answer: inout StageAnswer
    ) -> StageAnswer.Kind { activation.run(R.self, &fault, &machine, &answer) }
}

/// Shows the fields of a routine's frame to a visitor.
@usableFromInline
package enum FrameViewer<Visitor: FieldVisitor>: RoutineUser {
    @inlinable
    @inline(__always)
    package static func use<R: Routine>(
        _: R.Type, _ activation: inout Activation, _ visitor: inout Visitor, _ none: inout Void, _ more: inout Void
    ) { activation.bytes.frame(R.Frame.self).visit(&visitor) }
}

extension Activation {
    /// Shows the fields of its frame. The routine must be the core's own.
    @inline(__always)
    func visitFrame<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        var copy = self
        var none: Void = ()
        var more: Void = ()
        CoreRoutines.route(routine, to: FrameViewer<Visitor>.self, &copy, &visitor, &none, &more)
    }
}

/// Names a stage of a routine.
@usableFromInline
package enum StageNamer: RoutineUser {
    @inlinable
    package static func use<R: Routine>(
        _: R.Type, _ stage: inout UInt8, _ none: inout Void, _ more: inout Void, _ last: inout Void
    ) -> String? { R.Stage(rawValue: stage).map { "\($0)" } }
}

extension RoutineNumber {
    /// The name of a stage, if the routine is the core's own and has it.
    func stageName(_ stage: UInt8) -> String? {
        var stage = stage
        var none: Void = ()
        var more: Void = ()
        var last: Void = ()
        return CoreRoutines.route(self, to: StageNamer.self, &stage, &none, &more, &last) ?? nil
    }
}
