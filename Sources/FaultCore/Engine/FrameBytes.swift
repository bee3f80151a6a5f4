/// Storage for the frame of any routine. Only the engine sees it in this form: other code works with the frame's own
/// type.
@frozen
@usableFromInline
struct FrameBytes: BitwiseCopyable, Sendable {
    @usableFromInline
    var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Storage without a frame.
    @inlinable
    @inline(__always)
    init() { words = (0, 0, 0, 0, 0, 0) }

    /// Stores the bytes of a frame.
    @inlinable
    @inline(__always)
    init<Frame: RoutineFrame>(_ frame: Frame) {
        words = (0, 0, 0, 0, 0, 0)
        withFrame(Frame.self) { $0 = frame }
    }

    /// Calls `body` with the frame that is stored in the bytes.
    @inlinable
    @inline(__always)
    mutating func withFrame<Frame: RoutineFrame, Answer>(
        _: Frame.Type, _ body: (inout Frame) -> Answer
    ) -> Answer {
        if MemoryLayout<Frame>.size > MemoryLayout<Self>.size { Self.refuse(Frame.self, MemoryLayout<Frame>.size) }
        if MemoryLayout<Frame>.alignment > MemoryLayout<Self>.alignment { Self.refuseAlignment(of: Frame.self) }
        return withUnsafeMutableBytes(of: &words) { bytes in
            body(&bytes.baseAddress!.assumingMemoryBound(to: Frame.self).pointee)
        }
    }

    @usableFromInline
    @inline(never)
    static func refuse(_ frame: Any.Type, _ size: Int) -> Never {
        misuse(
            "\(String(reflecting: frame)) has \(size) bytes, and a frame has room for 48: use narrower fields, or keep less "
                + "from stage to stage")
    }

    @usableFromInline
    @inline(never)
    static func refuseAlignment(of frame: Any.Type) -> Never {
        misuse("\(String(reflecting: frame)) must be aligned to more than 8 bytes: keep vectors as single numbers")
    }

    /// The frame that is stored in the bytes.
    @inlinable
    @inline(__always)
    func frame<Frame: RoutineFrame>(_: Frame.Type) -> Frame {
        var copy = self
        return copy.withFrame(Frame.self) { $0 }
    }
}

/// The frame with which a routine begins, packed for the engine.
@frozen
public struct CallFrame: BitwiseCopyable, Sendable {
    @usableFromInline
    let bytes: FrameBytes

    /// Packs a frame.
    @inlinable
    public init<Frame: RoutineFrame>(_ frame: Frame) { bytes = FrameBytes(frame) }
}
