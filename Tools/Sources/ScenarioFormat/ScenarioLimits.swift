/// What a scenario may ask for at most; beyond it is an input error.
public enum ScenarioLimits {
    /// Pages of a file or an area: 64 GiB.
    public static let pages = 1 << 24
    /// How far below its first page a `growsdown` area may be named: 1 GiB, where the next area lies.
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
    public static let fileBytes = 1 << 26
    /// Lines of a file, the header included.
    public static let lines = 1 << 16
    /// Files, areas, descriptors, and threads and children, of one scenario: so many of each.
    public static let ids = 1 << 12
    /// Pages that files and memory hold at one time, all together: 16 GiB.
    public static let pagesInUse = 1 << 22
    /// Page tables at one time: 512 MiB of them.
    public static let pageTables = 1 << 17
    /// Areas of all processes at one time, as the kernel counts them.
    public static let areasInUse = 1 << 20
    /// Work of a whole scenario, and of all orders that are gone through: a step of the simulator is one (16 where turns are chosen),
    /// eight touches are, and so are, at the end of a line, where all is looked at, 64 pages in use, an area, a file, a thread,
    /// and a run of pages that was seen.
    public static let work = 1 << 24
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
        \(areasInUse) areas as the kernel counts them. All in all a scenario may take \(work) units of work: each step of the \
        simulator is one, 8 touches are, and at the end of a line 64 pages in use, an area, a file, a thread, and a run of \
        pages that was seen; with --explore so may all orders.
        """
}
