/// A routine to run, with the frame that it begins with.
///
/// What makes one says what it does: ``Machine/taking(_:_:_:)``, ``Machine/locking(_:_:)``, ``Machine/handleMMFault()``
/// and their like.
@frozen
public struct Call: BitwiseCopyable, Sendable {
    /// Which routine.
    public var routine: RoutineNumber
    /// Which of its calls a plug-in is to do, where it has several.
    @usableFromInline
    var selector: UInt8
    /// The number of the plugged-in object, where the routine is one's.
    @usableFromInline
    var plugIn: UInt32
    /// A frame to work on. The caller keeps its reference.
    public var frame: FrameNumber
    @usableFromInline
    var bytes: FrameBytes

    public var option: UInt8 { selector }
    public var owner: UInt32 { plugIn }
    public var first: UInt64 {
        get { bytes.words.0 }
        set { bytes.words.0 = newValue }
    }
    public var second: UInt64 {
        get { bytes.words.1 }
        set { bytes.words.1 = newValue }
    }

    /// A routine of the core.
    @inline(__always)
    init<R: CoreRoutine>(_: R.Type, _ frame: R.Frame) {
        routine = R.number
        selector = 0
        plugIn = 0
        bytes = FrameBytes(frame)
        self.frame = .none
    }

    /// A routine that is plugged in.
    @inline(__always)
    init(_ routine: RoutineNumber, of plugIn: UInt16, selector: UInt8 = 0, _ bytes: FrameBytes) {
        self.routine = routine
        self.selector = selector
        self.plugIn = UInt32(plugIn)
        self.bytes = bytes
        self.frame = .none
    }

    /// Makes a call.
    public init(
        _ routine: RoutineNumber, option: UInt8 = 0, owner: UInt32 = 0, frame: FrameNumber = .none, first: UInt64 = 0,
        second: UInt64 = 0
    ) {
        self.routine = routine
        self.selector = option
        plugIn = owner
        self.frame = frame
        bytes = FrameBytes()
        bytes.words.0 = first
        bytes.words.1 = second
    }
}
