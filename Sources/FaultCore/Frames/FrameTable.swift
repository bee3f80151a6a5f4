/// All page frames, in chunks of 128, 32 chunks a group, with a free list threaded through the free ones. Frame 0 is the
/// zero page.
///
/// A copy shares all groups. A change copies one chunk, and the references to the chunks of its group.
struct FrameTable: Sendable {
    private var groups: [[[PageFrame]]]
    private var firstFree: UInt32 = 0
    private(set) var count: UInt32 = 1
    private(set) var inUse: Int = 0

    private static let shift: UInt32 = 7
    private static let mask: UInt32 = 127
    private static let groupShift: UInt32 = 12
    private static let groupMask: UInt32 = 31

    /// Makes a table that holds only the zero page.
    init() { groups = [[[PageFrame()]]] }

    /// The frame with this number.
    @inline(__always)
    subscript(_ frame: FrameNumber) -> PageFrame {
        get { self[chunkOf: frame][Int(frame.rawValue & Self.mask)] }
        _modify { yield &self[chunkOf: frame][Int(frame.rawValue & Self.mask)] }
    }

    /// The chunk that holds a frame, for runs over many frames. The numbers of its frames differ only in the low 7
    /// bits.
    @inline(__always)
    subscript(chunkOf frame: FrameNumber) -> [PageFrame] {
        _read {
            yield groups[Int(frame.rawValue >> Self.groupShift)][Int(frame.rawValue >> Self.shift & Self.groupMask)]
        }
        _modify {
            yield &groups[Int(frame.rawValue >> Self.groupShift)][Int(frame.rawValue >> Self.shift & Self.groupMask)]
        }
    }

    /// Takes a free frame. Its words are zero, except for the link of the free list.
    @inline(__always)
    mutating func allocate() -> FrameNumber {
        inUse &+= 1
        if firstFree != 0 {
            let frame = FrameNumber(rawValue: firstFree)
            firstFree = self[frame].index
            return frame
        }
        return addFrame(PageFrame())
    }

    /// Takes a free frame and sets its words to these.
    @inline(__always)
    mutating func allocate(_ words: PageFrame) -> FrameNumber {
        inUse &+= 1
        guard firstFree != 0 else { return addFrame(words) }
        let frame = FrameNumber(rawValue: firstFree)
        firstFree = self[frame].index
        self[frame] = words
        return frame
    }

    /// Makes a frame that was never used. A chunk grows as frames are added, so that a small machine has little to
    /// copy.
    @inline(__always)
    private mutating func addFrame(_ words: PageFrame) -> FrameNumber {
        let frame = FrameNumber(rawValue: count)
        if count & Self.mask == 0 { addChunk() }
        count &+= 1
        self[chunkOf: frame].append(words)
        return frame
    }

    @inline(never)
    private mutating func addChunk() {
        guard count < .max - Self.mask else {
            misuse("Machine: 2^32 frames are in use, and there are no more numbers: set a frameLimit")
        }
        if Int(count >> Self.groupShift) == groups.count { groups.append([]) }
        var chunk: [PageFrame] = []
        chunk.reserveCapacity(128)
        groups[groups.count - 1].append(chunk)
    }

    /// Gives back a frame.
    @inline(__always)
    mutating func free(_ frame: FrameNumber) {
        inUse &-= 1
        var empty = PageFrame()
        empty.index = firstFree
        self[frame] = empty
        firstFree = frame.rawValue
    }

    /// Calls `body` with each frame that differs from the frame in an `earlier` table, from which this table was made:
    /// its number, the old words and the new ones. Skips the pieces that both tables share.
    func forEachChange(since earlier: FrameTable, _ body: (FrameNumber, PageFrame, PageFrame) -> Void) {
        for group in groups.indices {
            let old = group < earlier.groups.count ? earlier.groups[group] : []
            if groups[group].sharesStorage(with: old) { continue }
            for piece in groups[group].indices {
                let before = piece < old.count ? old[piece] : []
                let now = groups[group][piece]
                if now.sharesStorage(with: before) { continue }
                let first = UInt32(group) << Self.groupShift | UInt32(piece) << Self.shift
                for place in now.indices {
                    let words = place < before.count ? before[place] : PageFrame()
                    if words != now[place] { body(FrameNumber(rawValue: first | UInt32(place)), words, now[place]) }
                }
            }
        }
    }

    /// Skips `frames` numbers, so that a test can show that nothing depends on frame numbers.
    mutating func skipNumbers(_ frames: Int) {
        var taken: [FrameNumber] = []
        for _ in 0..<frames { taken.append(allocate()) }
        for frame in taken { free(frame) }
    }
}
