/// A routine to run, with its first frame.
///
/// The functions that make a call document what it does: ``Machine/taking(_:_:_:)``, ``Machine/locking(_:_:)``,
/// ``Machine/handleMMFault()`` and others.
@frozen
public struct RoutineCall: BitwiseCopyable, Sendable {
    /// The routine.
    @usableFromInline
    let routine: RoutineNumber
    /// The call that a plug-in is to do, if it has several.
    @usableFromInline
    let selector: UInt8
    /// The number of the plug-in, if the routine belongs to one.
    @usableFromInline
    let plugIn: UInt16
    @usableFromInline
    let bytes: FrameBytes

    /// A routine of the core.
    @inline(__always)
    init<R: CoreRoutine>(_: R.Type, _ frame: R.Frame) {
        routine = R.number
        selector = 0
        plugIn = 0
        bytes = FrameBytes(frame)
    }

    /// A routine that is plugged in.
    @inline(__always)
    init(_ routine: RoutineNumber, of plugIn: UInt16, selector: UInt8 = 0, _ bytes: FrameBytes) {
        self.routine = routine
        self.selector = selector
        self.plugIn = plugIn
        self.bytes = bytes
    }

    /// No call: a placeholder for a stage that calls nothing.
    @inline(__always)
    static var none: Self { Self(.pause, of: 0, FrameBytes()) }
}
