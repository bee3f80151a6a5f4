/// How far readahead has come in an open file. Models `struct file_ra_state`.
@frozen
package struct ReadaheadState: Equatable, BitwiseCopyable, Sendable {
    /// The first page of the current window.
    package var start: PageIndex = 0
    /// How many pages the window has.
    package var size: Int = 0
    /// The next window is begun when this many pages of the window are left.
    package var asyncSize: Int = 0
    /// How many mapped misses there were, less the hits: `mmap_miss`.
    package var mmapMiss: Int = 0
    /// How far read(2) has come, by ``KernelModel/ReadPositionNote``, in bytes: `prev_pos`; -1 at first.
    package var previousPosition: Int64 = -1
    /// The largest window: `ra_pages`.
    package var maximum: Int

    /// A freshly opened file on a device with this window.
    package init(maximum: Int) { self.maximum = maximum }
}
