/// The locks of a memory map's areas: which tasks read which areas, and which areas are marked as written. Models the
/// per-VMA locks (`vm_lock`, `vm_lock_seq`, `mm_lock_seq`; include/linux/mm.h, Linux 6.12).
///
/// An area's lock has no queue. A reader takes it at once or does without it. A writer, which holds the map's mmap lock
/// for writing, marks the area. The mark keeps new readers out, and the writer sleeps until the present readers are
/// gone. The release of the write lock removes all marks at once, as raising `mm_lock_seq` does.
///
/// An area that has a reader keeps its place, because every change of it waits for the reader. So its first page
/// identifies it.
struct AreaLocks: Sendable {
    /// A task that holds an area's lock for reading.
    struct Reader: BitwiseCopyable, Sendable {
        /// The task.
        var task: TaskID
        /// Whether the writer of the map sleeps until this reader is gone.
        var isAwaited: Bool
        /// The first page of the area.
        var area: PageNumber
    }

    /// The readers, by task. A fault reads one area; code that moves pages reads two.
    private(set) var readers: [Reader] = []
    /// The pages of marked areas, including marked areas that are gone since: sorted ranges that do not touch.
    private(set) var marks: [Range<PageNumber>] = []

    /// Whether a task reads the area that begins at `page`.
    func isRead(_ page: PageNumber) -> Bool { readers.contains { $0.area == page } }

    /// The area that `task` reads, by its first page; of two areas, the one whose lock it took first.
    func area(readBy task: TaskID) -> PageNumber? { readers.first { $0.task == task }?.area }

    /// Whether no area is read or locked for writing.
    var isUnused: Bool { readers.isEmpty && marks.isEmpty }

    /// Whether the writer sleeps until readers are gone.
    var isAwaited: Bool { readers.contains { $0.isAwaited } }

    /// Notes that `task` reads the area that begins at `page`.
    mutating func addReader(_ task: TaskID, of page: PageNumber) {
        let place = readers.firstIndex { $0.task > task } ?? readers.count
        readers.insert(Reader(task: task, isAwaited: false, area: page), at: place)
    }

    /// Notes that `task` no longer reads any area. Returns whether it was the last reader that the writer waited for.
    mutating func removeReader(_ task: TaskID) -> Bool {
        guard let place = readers.firstIndex(where: { $0.task == task }) else { return false }
        var wasAwaited = false
        while place < readers.count, readers[place].task == task {
            wasAwaited = readers.remove(at: place).isAwaited || wasAwaited
        }
        return wasAwaited && !isAwaited
    }

    /// Exchanges two tasks. The areas that a task reads stay in the order in which it took their locks.
    mutating func exchange(_ a: TaskID, _ b: TaskID) {
        guard readers.contains(where: { $0.task == a || $0.task == b }) else { return }
        let old = readers
        readers.removeAll(keepingCapacity: true)
        for reader in old {
            var reader = reader
            reader.task.exchange(a, b)
            let place = readers.firstIndex { $0.task > reader.task } ?? readers.count
            readers.insert(reader, at: place)
        }
    }

    /// Makes the writer wait for the readers of the area that begins at `page`. Returns whether there are any.
    mutating func awaitReaders(of page: PageNumber) -> Bool {
        var found = false
        for place in readers.indices where readers[place].area == page {
            readers[place].isAwaited = true
            found = true
        }
        return found
    }

    /// Whether the area that begins at `page` is marked.
    func isMarked(_ page: PageNumber) -> Bool {
        guard !marks.isEmpty else { return false }
        let place = firstMark(endingAfter: page)
        return place < marks.count && marks[place].lowerBound <= page
    }

    /// Marks an area with these pages.
    mutating func mark(_ pages: Range<PageNumber>) {
        if let last = marks.last, last.upperBound < pages.lowerBound {
            marks.append(pages)
            return
        }
        // A mark that ends where the new range begins, or begins where it ends, is joined with it.
        let first = marks.isEmpty ? 0 : firstMark(endingAfter: pages.lowerBound - 1)
        var end = first
        var union = pages
        while end < marks.count, marks[end].lowerBound <= pages.upperBound {
            union = min(union.lowerBound, marks[end].lowerBound)..<max(union.upperBound, marks[end].upperBound)
            end += 1
        }
        marks.replaceSubrange(first..<end, with: CollectionOfOne(union))
    }

    /// Removes all marks: `vma_end_write_all()`.
    @inline(__always)
    mutating func removeMarks() {
        if !marks.isEmpty { marks.removeAll(keepingCapacity: true) }
    }

    private func firstMark(endingAfter page: PageNumber) -> Int {
        var low = 0
        var high = marks.count
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].upperBound <= page { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
