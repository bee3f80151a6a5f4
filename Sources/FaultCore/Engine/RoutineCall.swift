/// A routine to run, with the frame that it begins with.
///
/// What makes one says what it does: ``Machine/taking(_:_:_:)``, ``Machine/locking(_:_:)``, ``Machine/handleMMFault()``
/// and their like.
@frozen
public struct RoutineCall: BitwiseCopyable, Sendable {
    /// Which routine.
    @usableFromInline
    let routine: RoutineNumber
    /// Which of its calls a plug-in is to do, where it has several.
    @usableFromInline
    let selector: UInt8
    /// The number of the plugged-in object, where the routine is one's.
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

    /// Nothing to call: what a stage's answer holds that calls nothing.
    @inline(__always)
    static var none: Self { Self(.pause, of: 0, FrameBytes()) }
}
