/// The state of one page frame. Models the parts of `struct page` and `struct folio` that faults look at.
struct PageFrame: Equatable, BitwiseCopyable, Sendable {
    /// What the page is, and what is being done with it.
    var flags: FrameFlags = []
    /// The content stamp: equal stamps mean equal contents. 0 is a page of zeroes.
    var stamp: UInt32 = 0
    /// How many references it has: one for the page cache, one for each entry, one for each holder.
    var references: Int32 = 0
    /// How many present entries map it.
    var mappings: Int32 = 0
    /// The file whose cache it is in, as a number from 1; for anonymous memory, its `anon_vma`. Unused in a free frame.
    var owner: UInt32 = 0
    /// The page of the file, or the linear index in anonymous memory. In a free frame, the next free one.
    var index: UInt32 = 0
    /// The sum over the places that refer to the frame, for the fingerprint.
    var places: UInt64 = 0

    /// What the frame adds to the fingerprint: its content, mixed with where it is; not its number.
    ///
    /// References and mappings count places, and the places tell frames apart already. So the counts are only added
    /// with weights, and another entry costs just two mixes.
    @inline(__always)
    var contribution: UInt64 {
        Mixing.fold(places, content)
            &+ UInt64(truncatingIfNeeded: references) &* Self.referenceWeight
            &+ UInt64(truncatingIfNeeded: mappings) &* Self.mappingWeight
    }

    private static var referenceWeight: UInt64 { 0xD6E8_FEB8_6659_FD93 }
    private static var mappingWeight: UInt64 { 0xA3B1_9535_4A39_B70D }

    /// What another entry adds to the ``contribution`` besides the result of ``addMapping(at:)``.
    static var weightOfMapping: UInt64 { referenceWeight &+ mappingWeight }

    /// What the page is and holds, as one word that is not 0.
    @inline(__always)
    private var content: UInt64 { UInt64(flags.rawValue) | UInt64(stamp) << 32 ^ 0xD1B5_4A32_D192_ED03 }

    /// Maps the page through an entry at `place`, with a reference of its own. Returns the change of the
    /// ``contribution`` without ``weightOfMapping``, which is the same for every page.
    @inline(__always)
    mutating func addMapping(at place: UInt64) -> UInt64 {
        let before = Mixing.fold(places, content)
        references &+= 1
        mappings &+= 1
        places &+= place
        return Mixing.fold(places, content) &- before
    }
}

extension PageFrame {
    /// A frame that was just taken, with one reference, from `place`.
    @inline(__always)
    init(new flags: FrameFlags, index: PageIndex, stamp: UInt32, place: UInt64) {
        self.flags = flags.union(.inUse)
        self.stamp = stamp
        references = 1
        self.index = UInt32(truncatingIfNeeded: index.rawValue)
        places = place
    }
}

/// The kinds of page that rss tells apart. Models `MM_FILEPAGES` and its siblings.
package enum PageKind: UInt8, BitwiseCopyable, Sendable {
    /// Private memory: `MM_ANONPAGES`.
    case anonymous = 0
    /// A page of a file on a device: `MM_FILEPAGES`.
    case file = 1
    /// A page of tmpfs: `MM_SHMEMPAGES`.
    case shmem = 2
}
