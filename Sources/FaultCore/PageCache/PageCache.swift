/// The slots of one page cache: chunks of 512 frame numbers, made when first used. Models `i_pages`.
struct PageCache: Sendable {
    private(set) var chunks: [[UInt32]] = []
    private(set) var count = 0

    /// The frame at `index`, ``FrameNumber/none`` if there is none.
    @inline(__always)
    subscript(_ index: PageIndex) -> FrameNumber {
        let chunk = Int(truncatingIfNeeded: index.rawValue >> 9)
        guard chunk < chunks.count, !chunks[chunk].isEmpty else { return .none }
        return FrameNumber(rawValue: chunks[chunk][Int(index.rawValue & 511)])
    }

    mutating func set(_ frame: FrameNumber, at index: PageIndex) {
        let chunk = Int(truncatingIfNeeded: index.rawValue >> 9)
        while chunks.count <= chunk { chunks.append([]) }
        if chunks[chunk].isEmpty {
            if frame == .none { return }
            chunks[chunk] = [UInt32](repeating: 0, count: 512)
        }
        let slot = Int(index.rawValue & 511)
        count += (frame == .none ? 0 : 1) - (chunks[chunk][slot] == 0 ? 0 : 1)
        chunks[chunk][slot] = frame.rawValue
    }

    /// The first cached page at or after `index`, and its frame.
    func first(from index: PageIndex) -> (PageIndex, FrameNumber)? {
        var chunk = Int(truncatingIfNeeded: index.rawValue >> 9)
        var slot = Int(index.rawValue & 511)
        while chunk < chunks.count {
            if !chunks[chunk].isEmpty {
                while slot < 512 {
                    if chunks[chunk][slot] != 0 {
                        return (PageIndex(chunk << 9 + slot), FrameNumber(rawValue: chunks[chunk][slot]))
                    }
                    slot += 1
                }
            }
            chunk += 1
            slot = 0
        }
        return nil
    }
}
