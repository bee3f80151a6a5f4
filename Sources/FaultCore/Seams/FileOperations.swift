/// What a file system does: the seam for reading, writing, truncating and syncing files. Models `file_operations` with
/// `address_space_operations`.
public protocol FileOperations: BitwiseCopyable, Sendable {
    /// What it remembers of a file, at most 16 bytes: see ``Machine/state(of:of:)``. Models what `i_private` leads to.
    associatedtype InodeState: PluginState = NoState

    /// The name in traces and reports.
    var name: StaticName { get }

    /// The name of a stage of a call, for traces; `nil` if it has none.
    func stageName(_ stage: UInt8, of call: FileCall) -> String?

    /// Does one stage of a call on a file.
    ///
    /// The call's words: ``Activation/option`` is the ``FileCall``, `words.0` the page, `words.1` how many pages,
    /// and ``Activation/owner`` the number of the ``FileID``.
    func step(_ call: inout Activation, _ machine: inout Machine) -> OldStep<HandlerStage>

    /// Is told that a device has finished a request: pages become uptodate, or clean, and are unlocked.
    ///
    /// - Parameter failed: The pages of the request that could not be read; empty if all went well.
    func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine)
}

extension FileOperations {
    /// No names.
    public func stageName(_ stage: UInt8, of call: FileCall) -> String? { nil }
}

/// The calls of ``FileOperations``.
public enum FileCall: UInt8, BitwiseCopyable, Sendable {
    /// Makes pages ready to copy from, one batch a call: the loop of `filemap_read()` without the copy. They are left in
    /// the task's folio batch; the result is a ``ReadyPages``, or an error.
    case read
    /// Makes one page ready to copy into: `write_begin`. It is left locked in the task's folio batch; the copy and
    /// `write_end` follow.
    case write
    /// What comes before the first page of a write, with the inode lock held: the file gets new times.
    case writeBegin
    /// Reads `words.1` pages from the device into memory of the task, past the page cache: `O_DIRECT`. Where to is
    /// ``Machine/directReadTarget(of:)``. The result is the number of pages, or an error.
    case readDirect
    /// Changes the size: `words.0` is the new number of pages.
    case truncate
    /// Writes the dirty pages among `words.1` pages, 0 for all, and waits, for the inode too: `fsync`.
    case sync
    /// Writes the dirty pages among `words.1` pages, 0 for all, and waits: `filemap_write_and_wait_range()`.
    case writeAndWait
    /// Drops clean unmapped pages: `POSIX_FADV_DONTNEED`.
    case dropCache
    /// Starts reading: `POSIX_FADV_WILLNEED`, `MADV_WILLNEED`.
    case willNeed
    /// Frees the blocks of pages.
    case punchHole
    /// Starts writing dirty pages and does not wait: background writeback.
    case writeback
    /// Takes `words.1` pages, 0 for all behind `words.0`, out of the page cache: the part that truncate and punchHole
    /// share.
    case removePages
}
