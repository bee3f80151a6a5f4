import FaultSimulator
import ScenarioFormat

/// The position of an area in a process.
struct PlayedArea: Sendable {
    /// Its first page.
    var start: PageNumber
    /// Its length in pages.
    var pages: Int
    /// The most pages that it had since it was made; entries are searched for up to there.
    var mostPages: Int
    /// Its earlier positions, the latest last.
    var earlier: [Range<PageNumber>] = []
    /// Whether one `munmap` removed all of it.
    var isRemoved = false
    /// Whether it grows down, so that entries are searched for below it.
    let growsDown: Bool

    init(start: PageNumber, pages: Int, growsDown: Bool = false) {
        self.start = start
        self.pages = pages
        self.growsDown = growsDown
        mostPages = pages
    }
}

/// Areas: their positions, and the effects of operations on them.
extension SimulatorRunner {
    /// 256 GiB: above the heap.
    static let firstAreaStart = PageNumber(1 << 26)
    /// 1 GiB, in pages.
    private static let spacing = 1 << 18
    /// How far below a `growsdown` area entries are searched for.
    static let pagesBelow = 256

    /// The positions of the process's own program, in parts of the address space without areas: its image, its
    /// libraries and its stack. Reclaim that walks page tables takes the mmap lock again for each such part.
    private static let programStarts = [PageNumber(170 << 27), PageNumber(254 << 27), PageNumber(255 << 27)]

    /// Maps the memory that a process has in addition to the areas of the scenario. None of its pages is touched.
    mutating func mapProgram(of task: TaskID) throws(PlayError) {
        for start in Self.programStarts {
            do {
                _ = try world.map(MapRequest(pages: 1, access: .readWrite, placement: .fixed(start)), in: task)
            } catch {
                throw .stuck(line: 1, op: "settings", reason: error.description)
            }
        }
    }

    /// Takes the next address for an area, at least 1 GiB above the previous one, at this page table entry.
    mutating func placeArea(slot: Int, pages: Int) -> PageNumber {
        let start = nextAreaStart + slot
        nextAreaStart = nextAreaStart + ((slot + pages) / Self.spacing + 1) * Self.spacing
        return start
    }

    /// Takes the place for a new area of `process`: next to the area that it names, or the next address.
    mutating func placeArea(for new: NewArea, of process: Int) -> PageNumber {
        guard let beside = new.nextTo else { return placeArea(slot: new.slot, pages: new.pages) }
        let other = area(beside.area, of: process)
        return other.start + (beside.gap < 0 ? beside.gap - new.pages : other.pages + beside.gap)
    }

    /// The request for a new area at `start`.
    func request(for area: NewArea, at start: PageNumber) -> MapRequest {
        var flags: FaultSimulator.MapFlags = []
        if area.sharing == .shared { flags.insert(.shared) }
        if area.flags.contains(.locked) { flags.insert(.locked) }
        if area.flags.contains(.growsDown) { flags.insert(.growsDown) }
        if area.flags.contains(.noReserve) { flags.insert(.noReserve) }
        return MapRequest(
            pages: area.pages, access: FaultSimulator.Protection(area.protection), flags: flags,
            file: area.backing.map { file($0.file) } ?? .none,
            offset: PageIndex(area.backing?.offset ?? 0), placement: .fixed(start),
            populate: area.flags.contains(.populate))
    }

    /// The position of an area in a process; if the process never had it, the position where it was made.
    func area(_ id: String, of process: Int) -> PlayedArea {
        processes[process].areas[id] ?? places[id] ?? PlayedArea(start: Self.firstAreaStart - 1, pages: 1)
    }

    /// Records the effects of an ended operation on areas and processes.
    mutating func applyEffect(of played: PlayedOperation, by index: Int) {
        let process = threads[index].process
        guard let ending = played.ending, ending.outcome.errno == nil else { return }
        switch played.operation {
        case .mmap(let new):
            let area = PlayedArea(
                start: PageNumber(UInt64(ending.outcome.value)), pages: new.pages,
                growsDown: new.flags.contains(.growsDown))
            processes[process].areas[new.id] = area
            places[new.id] = area
        case .mremap(let remapping):
            var area = area(remapping.area, of: process)
            area.earlier.append(area.start..<area.start + area.mostPages)
            area.start = PageNumber(UInt64(ending.outcome.value))
            area.pages = remapping.pages
            area.mostPages = max(area.mostPages, area.pages)
            processes[process].areas[remapping.area] = area
        case .munmap(let part):
            guard let area = processes[process].areas[part.area] else { return }
            if part.page <= 0, part.page + part.pages >= area.pages {
                processes[process].areas[part.area]?.isRemoved = true
            }
        case .fork(let id):
            let task = TaskID(Int(ending.outcome.value))
            var child = processes[process]
            child.map = world.machine.map(of: task)
            processes.append(child)
            threads.append(PlayedThread(id: id, task: task, process: processes.count - 1))
        case .uffd(let new):
            descriptors.append(
                PlayedDescriptor(
                    id: new.id, descriptor: UserfaultID(Int(ending.outcome.value)), thread: threads[index].id))
        case .uffdRead(let read):
            noteDescriptor(of: read, in: ending.messages)
        default:
            break
        }
    }
}
