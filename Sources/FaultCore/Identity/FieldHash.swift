/// Hashes the fields of a routine's frame. If a field names a page, it takes only whether there is a page. The content
/// of the page is hashed with memory, because it can change while the frame stays the same.
public struct FieldHash: FieldVisitor, Sendable {
    var sink = HashSink()

    /// A hash of no fields.
    init() {}

    /// The hash of all fields so far.
    var value: UInt64 { sink.value }

    /// Takes a word.
    public mutating func visit(_ name: StaticString, word: UInt64) { sink.add(word) }

    /// Takes whether there is a page.
    public mutating func visit(_ name: StaticString, _ folio: FrameNumber) { sink.add(folio != .none) }
}

/// Passes the fields of a frame to a sink, without the pages that it names, like ``FieldHash``.
struct OwnFields<Sink: StateSink>: FieldVisitor {
    var sink: Sink

    @inline(__always)
    mutating func visit(_ name: StaticString, word: UInt64) { sink.add(word) }

    @inline(__always)
    mutating func visit(_ name: StaticString, _ folio: FrameNumber) { sink.add(folio != .none) }
}

/// Finds the pages that a frame names.
struct NamedFolios: FieldVisitor {
    private(set) var folios: (FrameNumber, FrameNumber, FrameNumber) = (.none, .none, .none)
    private(set) var count = 0

    @inline(__always)
    mutating func visit(_ name: StaticString, word: UInt64) {}

    @inline(__always)
    mutating func visit(_ name: StaticString, _ folio: FrameNumber) {
        guard folio != .none else { return }
        switch count {
        case 0: folios.0 = folio
        case 1: folios.1 = folio
        case 2: folios.2 = folio
        default: misuse("a frame names at most three pages")
        }
        count += 1
    }
}
