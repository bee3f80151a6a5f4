/// How large a file is, or is to be. The last page of a file may be partial: its size in bytes need not be a multiple of the
/// page size.
@frozen
public enum FileSize: Equatable, BitwiseCopyable, Sendable {
    /// This many whole pages, 0 or more.
    case pages(Int)
    /// This many bytes, 0 or more.
    case bytes(Int)

    /// The bytes, with pages of `1 << pageShift` bytes; `nil` for less than 0, and for more than an offset in a file can be
    /// (`loff_t`, 63 bits).
    package func bytes(pageShift: UInt64) -> Int? {
        let bytes: Int
        switch self {
        case .pages(let pages):
            guard pages >= 0, UInt64(pages) < 1 << (63 - pageShift) else { return nil }
            bytes = pages << Int(pageShift)
        case .bytes(let some): bytes = some
        }
        return bytes < 0 ? nil : bytes
    }
}

extension FileSize: FieldList {
    /// Shows whether it is in bytes, and the number under its unit.
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        switch self {
        case .pages(let pages):
            visitor.visit("isInBytes", false)
            visitor.visit("pages", pages)
        case .bytes(let bytes):
            visitor.visit("isInBytes", true)
            visitor.visit("bytes", bytes)
        }
    }
}

extension FileSize: CustomStringConvertible {
    /// Such as `3 pages` or `5000 bytes`.
    public var description: String {
        switch self {
        case .pages(let pages): FieldText.count(pages, "page")
        case .bytes(let bytes): FieldText.count(bytes, "byte")
        }
    }
}

extension Machine {
    /// The size of a file in pages: `i_size`, rounded up.
    public func pages(of file: FileID) -> Int { files[index(of: file)].pages }

    /// The size of a file in bytes: `i_size`.
    public func bytes(of file: FileID) -> Int {
        let place = index(of: file)
        return files[place].pages << Int(geometry.pageShift) - files[place].bytesBehindEnd
    }

    /// Whether the last page of a file is partial: the file ends within it.
    package func endsWithinPage(_ file: FileID) -> Bool { files[file.index].bytesBehindEnd > 0 }

    /// How many bytes of a page belong to the file, if the page lies in it.
    package func bytes(of page: PageIndex, of file: FileID) -> Int {
        let isLast = page.value == files[file.index].pages - 1
        return Int(geometry.pageSize) - (isLast ? files[file.index].bytesBehindEnd : 0)
    }

    /// How many pages a file of that size has, the partial one included.
    package func pages(in size: FileSize) -> Int {
        switch size {
        case .pages(let pages): pages
        case .bytes(let bytes): bytes >> Int(geometry.pageShift) + (bytes & Int(geometry.pageSize - 1) == 0 ? 0 : 1)
        }
    }

    /// Changes the size of a file: `i_size_write()`.
    package mutating func setSize(of file: FileID, _ size: FileSize) {
        noteWrite(.file(file))
        let pages = pages(in: size)
        files[file.index].pages = pages
        files[file.index].bytesBehindEnd =
            switch size {
            case .pages: 0
            case .bytes(let bytes): pages << Int(geometry.pageShift) - bytes
            }
    }

    /// Extends a file to the end of a page, unless it is larger, as a write of the whole page does.
    package mutating func extend(_ file: FileID, throughPageBefore end: Int) {
        if end > pages(of: file) || end == pages(of: file) && endsWithinPage(file) { setSize(of: file, .pages(end)) }
    }

    /// Counts bytes that a call of a task has moved from or to a file.
    package mutating func countMoved(_ bytes: Int, by task: TaskID) { tasks[task.index].outcome.bytes += bytes }

    /// Counts bytes that a call of a task has read from a page, and notes the content of the page:
    /// ``OperationOutcome/stamp``.
    package mutating func noteMoved(_ bytes: Int, content stamp: UInt32, by task: TaskID) {
        tasks[task.index].outcome.stamp = stamp
        tasks[task.index].outcome.bytes += bytes
    }

    /// The stamp of a page with content `old` after the bytes from `bytes` on were zeroed. Zeroes stay zeroes.
    package static func stamp(of old: UInt32, cutTo bytes: Int) -> UInt32 {
        old == 0 ? 0 : UInt32(truncatingIfNeeded: Mixing.mix(UInt64(old), UInt64(bytes) | 1 << 32)) | 1
    }
}
