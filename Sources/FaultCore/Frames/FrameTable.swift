/// All page frames, in chunks of 128, with a free list threaded through the free ones. Frame 0 is the zero page.
struct FrameTable: Sendable {
    private var chunks: [[Frame]]
    private var firstFree: UInt32 = 0
    private(set) var count: UInt32 = 1
    private(set) var inUse: Int = 0

    private static let shift: UInt32 = 7
    private static let mask: UInt32 = 127

    /// Makes a table that holds the zero page only.
    init() { chunks = [[Frame](repeating: Frame(), count: 128)] }

    /// The frame with this number.
    @inline(__always)
    subscript(_ frame: FrameNumber) -> Frame {
        get { chunks[Int(frame.rawValue >> Self.shift)][Int(frame.rawValue & Self.mask)] }
        _modify { yield &chunks[Int(frame.rawValue >> Self.shift)][Int(frame.rawValue & Self.mask)] }
    }

    /// The chunk that holds a frame, for runs over many frames: those whose numbers agree but for the low 7 bits.
    @inline(__always)
    subscript(chunkOf frame: FrameNumber) -> [Frame] {
        _read { yield chunks[Int(frame.rawValue >> Self.shift)] }
        _modify { yield &chunks[Int(frame.rawValue >> Self.shift)] }
    }

    /// Takes a free frame. Its words are zero but for the free list's.
    @inline(__always)
    mutating func allocate() -> FrameNumber {
        inUse &+= 1
        if firstFree != 0 {
            let frame = FrameNumber(rawValue: firstFree)
            firstFree = self[frame].index
            return frame
        }
        let frame = FrameNumber(rawValue: count)
        if frame.rawValue & Self.mask == 0 { chunks.append([Frame](repeating: Frame(), count: 128)) }
        count &+= 1
        return frame
    }

    /// Gives back a frame.
    @inline(__always)
    mutating func free(_ frame: FrameNumber) {
        inUse &-= 1
        var empty = Frame()
        empty.index = firstFree
        self[frame] = empty
        firstFree = frame.rawValue
    }

    /// Skips `frames` numbers, so that a test can show that nothing depends on them.
    mutating func skipNumbers(_ frames: Int) {
        var taken: [FrameNumber] = []
        for _ in 0..<frames { taken.append(allocate()) }
        for frame in taken { free(frame) }
    }
}
