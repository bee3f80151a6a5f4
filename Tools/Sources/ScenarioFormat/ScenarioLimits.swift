/// The limits of a scenario. A scenario beyond them is an input error.
public enum ScenarioLimits {
    /// Pages of a file or an area: 64 GiB.
    public static let pages = 1 << 24
    /// How far below its first page a `growsdown` area may be used: 1 GiB, the distance to the next area.
    public static let pagesBelow = 1 << 18
    /// Touches of one `read`, `write` or `exec`.
    public static let touches = 1 << 20
    /// Swap devices of a machine.
    static let swapDevices = 8
    /// The last entry of a page table.
    public static let lastSlot = 511
    /// Bytes of a line.
    public static let lineBytes = 1 << 20
    /// Bytes of a file.
    public static let fileBytes = 1 << 24
    /// Lines of a file, the header included.
    public static let lines = 1 << 12
    /// The number of files of one scenario; and of its areas, of its descriptors, and of its threads and children.
    public static let ids = 1 << 8
    /// Pages of files and memory in use at one time: 16 GiB.
    public static let pagesInUse = 1 << 22
    /// Page tables at one time: 512 MiB of them.
    public static let pageTables = 1 << 17
    /// Areas of all processes at one time, as the kernel counts them.
    public static let areasInUse = 1 << 20
    /// Units of work of a whole scenario, and of all its orders. One unit is a step of the simulator (16 units if turns
    /// are chosen), or eight touches. At the end of a line, which is observed, one unit is 64 pages in use, where a
    /// page table counts as 512 pages, an area, a file and each 65,536 pages of it, a thread, a run of pages that was seen, eight pages of a `mincore`, four pages on
    /// a swap device, or eight pairs of waiting threads and descriptors. A step takes one unit more for each 4,096
    /// pages in use if the header has `dirty_bytes`, for each 64 runs of bad blocks, and for each 64 processes, and six
    /// units for each page that reclaim looks at.
    /// If laws are checked, pages in use, page tables and areas count eight times, and a touch that makes page tables takes
    /// one unit more for each 32 of them.
    public static let work = 1 << 24
    /// Values of fields that varied, of a whole scenario.
    public static let variedValues = 1 << 14
    /// Messages of one `uffd_read`.
    public static let messages = 1 << 16
    /// UTF-8 bytes of an id.
    public static let idBytes = 64
    /// The largest count in a `saw`.
    static let count = 1 << 48

    /// The limits in a few lines, for a command's help.
    public static let summary = """
        A scenario may have at most \(lines) lines of \(lineBytes >> 20) MiB, \(fileBytes >> 20) MiB in all, and \
        \(ids) files, \(ids) areas, \(ids) descriptors, and \(ids) threads and children. A file or area has at most \(pages) pages, one \
        read, write or exec at most \(touches) touches, a slot is 0 to \(lastSlot), and pages below a growsdown area \
        go down to -\(pagesBelow). At one time there may be \(pagesInUse) pages in use, \(pageTables) page tables, and \
        \(areasInUse) areas as the kernel counts them. A whole scenario may take \(work) units of work. One unit is a step of \
        the simulator, 8 touches, or at the end of a line 64 pages in use (a page table counts as 512), an area, a file and each 65536 pages of it, a thread, \
        a run of pages that was seen, 8 pages of a mincore, 4 pages on a swap device, or 8 pairs of waiting threads and \
        descriptors. A step takes one unit more for each 4096 pages in use if the header has dirty_bytes, for each 64 \
        runs of bad blocks, and for each 64 processes, and 6 units for each page that reclaim looks at. With --check \
        pages in use, page tables and areas count eight times, and a touch that makes page tables takes one unit more for each \
        32 of them. The same limit holds for all orders together that are played to find the recorded one, and with --explore for all orders. A scenario may \
        have \(variedValues) values of fields that varied.
        """
}
