/// What a file system can be asked for: the calls of ``FileOperations``.
@frozen
public enum FileCall: Equatable, BitwiseCopyable, Sendable {
    /// Makes pages ready to copy from, one batch per call: the loop of `filemap_read()` without the copy. The pages are
    /// left in the task's folio batch. It ends with ``FileResult/ready(_:)``.
    case read(PageIndex, pages: Int)
    /// Makes one page ready to copy into: `write_begin`. The page is left locked in the task's folio batch; the copy
    /// and `write_end` follow.
    case write(PageIndex)
    /// Does what comes before the first page of a write, with the inode lock held: updates the times of the file.
    case writeBegin
    /// Reads pages from the device into memory of the task, past the page cache: `O_DIRECT`. It ends with
    /// ``FileResult/pages(_:)``.
    case readDirect(PageIndex, pages: Int, into: PageNumber)
    /// Changes the size.
    case truncate(to: FileSize)
    /// Writes the dirty pages among these (`nil`: up to the end of the file), and waits, for the inode, too: `fsync`.
    case sync(PageIndex, pages: Int?)
    /// Writes the dirty pages among these (`nil`: up to the end), and waits: `filemap_write_and_wait_range()`.
    case writeAndWait(PageIndex, pages: Int?)
    /// Drops clean unmapped pages: `POSIX_FADV_DONTNEED`.
    case dropCache
    /// Starts reading: `POSIX_FADV_WILLNEED`, `MADV_WILLNEED`.
    case willNeed(PageIndex, pages: Int)
    /// Frees the blocks of pages.
    case punchHole(PageIndex, pages: Int)
    /// Starts writing dirty pages and does not wait: background writeback.
    case writeback
    /// Removes these pages (`nil`: up to the end) from the page cache: the part that truncate and punchHole share.
    case removePages(PageIndex, pages: Int?)
    /// Brings a page back that is swapped out. It is left locked in the task's folio batch, as the last one. It ends
    /// with ``FileResult/pages(_:)``, or with ``FileResult/done`` if the page was no longer swapped out.
    case swapIn(PageIndex)
    /// Reads a window of pages ahead: puts the missing pages into the page cache and starts reading them, as
    /// `page_cache_ra_unbounded()` and `->readahead()` do. The page that is `lookahead` pages before the window's end
    /// gets the mark; 0 sets no mark. If a file system does nothing, its pages are read one by one as they are needed.
    case readahead(PageIndex, pages: Int, lookahead: Int)

    /// The kinds of call, without arguments.
    public enum Kind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// ``FileCall/read(_:pages:)``.
        case read
        /// ``FileCall/write(_:)``.
        case write
        /// ``FileCall/writeBegin``.
        case writeBegin
        /// ``FileCall/readDirect(_:pages:into:)``.
        case readDirect
        /// ``FileCall/truncate(to:)``.
        case truncate
        /// ``FileCall/sync(_:pages:)``.
        case sync
        /// ``FileCall/writeAndWait(_:pages:)``.
        case writeAndWait
        /// ``FileCall/dropCache``.
        case dropCache
        /// ``FileCall/willNeed(_:pages:)``.
        case willNeed
        /// ``FileCall/punchHole(_:pages:)``.
        case punchHole
        /// ``FileCall/writeback``.
        case writeback
        /// ``FileCall/removePages(_:pages:)``.
        case removePages
        /// ``FileCall/swapIn(_:)``.
        case swapIn
        /// ``FileCall/readahead(_:pages:lookahead:)``.
        case readahead
    }

    /// The kind of call.
    public var kind: Kind {
        switch self {
        case .read: .read
        case .write: .write
        case .writeBegin: .writeBegin
        case .readDirect: .readDirect
        case .truncate: .truncate
        case .sync: .sync
        case .writeAndWait: .writeAndWait
        case .dropCache: .dropCache
        case .willNeed: .willNeed
        case .punchHole: .punchHole
        case .writeback: .writeback
        case .removePages: .removePages
        case .swapIn: .swapIn
        case .readahead: .readahead
        }
    }
}

extension FileCall: FieldList {
    /// Shows the kind and the arguments.
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("kind", kind)
        switch self {
        case .write(let page), .swapIn(let page): visitor.visit("page", page)
        case .truncate(let size): visitor.visit("to", size)
        case .read(let first, let pages), .willNeed(let first, let pages), .punchHole(let first, let pages):
            visitor.visit("first", first)
            visitor.visit("pages", pages)
        case .sync(let first, let pages), .writeAndWait(let first, let pages), .removePages(let first, let pages):
            visitor.visit("first", first)
            visitor.visit("pages", pages)
        case .readDirect(let first, let pages, let memory):
            visitor.visit("first", first)
            visitor.visit("pages", pages)
            visitor.visit("into", memory)
        case .readahead(let start, let pages, let lookahead):
            visitor.visit("start", start)
            visitor.visit("pages", pages)
            visitor.visit("lookahead", lookahead)
        case .writeBegin, .dropCache, .writeback: break
        }
    }
}

/// The result of a call on a file.
@frozen
public enum FileResult: Equatable, RoutineResult {
    /// It has done what it was asked for.
    case done
    /// It has done this many pages.
    case pages(Int)
    /// Pages can be copied from.
    case ready(ReadyPages)
    /// It has failed.
    case failed(Errno)

    /// The result, for resuming the caller.
    @inlinable
    public var resumption: Resumption {
        switch self {
        case .done: .done
        case .pages(let pages): .value(pages)
        case .ready(let ready): .ready(ready)
        case .failed(let errno): .failed(errno)
        }
    }

    /// The result with which a caller was resumed.
    @inlinable
    public init(_ resumption: Resumption) {
        switch resumption {
        case .done: self = .done
        case .value(let pages): self = .pages(pages)
        case .ready(let ready): self = .ready(ready)
        case .failed(let errno): self = .failed(errno)
        default: mismatch(resumption, "the result of a call on a file")
        }
    }
}

extension RoutineStep where Result == FileResult {
    /// The call failed.
    @inlinable
    public static func failed(_ errno: Errno) -> Self { .done(.failed(errno)) }

    /// The call has done what it was asked for.
    @inlinable
    public static var done: Self { .done(.done) }
}

extension Machine {
    /// The call that makes the file system of `file` do `call`.
    ///
    /// - Precondition: The machine's configuration has the operations of the file.
    public func calling(_ call: FileCall, on file: FileID) -> RoutineCall {
        let frame = fileSystem(of: file, "Machine.calling").beginning(of: call, on: file)
        let operations = files[file.index].operations
        return RoutineCall(.fileCall, of: operations, selector: call.kind.rawValue, frame.bytes)
    }

    /// The file system of `file`. Ends the process if the configuration does not have it.
    @inline(__always)
    func fileSystem(of file: FileID, _ caller: StaticString) -> any FileOperationTable {
        let operations = Int(files[index(of: file, caller)].operations)
        guard configuration.fileOperations.indices.contains(operations) else {
            misuse("\(caller): \(file) has the operations \(operations), which the configuration does not have")
        }
        return configuration.fileOperations[operations]
    }
}

extension Activation {
    /// The kind of call on a file.
    var fileCall: FileCall.Kind {
        guard let kind = FileCall.Kind(rawValue: selector) else {
            misuse("no call on a file has the number \(selector)")
        }
        return kind
    }
}
