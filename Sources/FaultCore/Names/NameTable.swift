/// The names that a test has given to tasks, files, devices and ranges of memory.
///
/// Names are for prints and for look-ups by the test. The simulated kernel and its programs don't know them. No
/// fingerprint and no canonical form contains them, and machines that differ only in names are equal.
struct NameTable: Sendable {
    /// A range of memory that has a name.
    struct Range: Sendable {
        /// The name.
        var name: String
        /// The memory map.
        var map: MapID
        /// The pages.
        var pages: Swift.Range<PageNumber>
    }

    private(set) var tasks = Names<TaskKind>()
    private(set) var files = Names<FileKind>()
    private(set) var devices = Names<DeviceKind>()
    private(set) var ranges: [Range] = []

    /// The names of one kind.
    struct Names<Kind: IDKind>: Sendable {
        /// Indexed by number. May be shorter than the list of the objects.
        private var names: [String?] = []

        /// The name of the object with this number.
        subscript(id: ID<Kind>) -> String? { names.indices.contains(id.index) ? names[id.index] : nil }

        /// The object with this name.
        func first(named name: String) -> ID<Kind>? { names.firstIndex(of: name).map { ID($0) } }

        /// Gives an object a name; `nil` removes it.
        mutating func set(_ name: String?, of id: ID<Kind>) {
            while names.count <= id.index { names.append(nil) }
            names[id.index] = name
        }
    }

    mutating func set(_ name: String?, of task: TaskID) { tasks.set(name, of: task) }
    mutating func set(_ name: String?, of file: FileID) { files.set(name, of: file) }
    mutating func set(_ name: String?, of device: DeviceID) { devices.set(name, of: device) }

    /// Gives a range a name. Named ranges that overlap it lose their names.
    mutating func set(_ name: String?, of pages: Swift.Range<PageNumber>, in map: MapID) {
        ranges.removeAll { $0.map == map && $0.pages.overlaps(pages) }
        if let name { ranges.append(Range(name: name, map: map, pages: pages)) }
    }

    /// Gives the ranges of `child` the names that the ranges of `parent` have.
    mutating func copyRanges(from parent: MapID, to child: MapID) {
        for range in ranges where range.map == parent {
            ranges.append(Range(name: range.name, map: child, pages: range.pages))
        }
    }

    /// The range of a map with this name.
    func range(named name: String, in map: MapID) -> Range? { ranges.first { $0.name == name && $0.map == map } }

    /// The named range that a page lies in. If `map` is `.none`, the page must have a name in exactly one map.
    func range(containing page: PageNumber, in map: MapID) -> Range? {
        let found = ranges.filter { $0.pages.contains(page) && (map == .none || $0.map == map) }
        return found.count == 1 ? found[0] : nil
    }

    /// Whether more than one range has this name, as happens after a fork.
    func isInSeveralMaps(_ name: String) -> Bool { ranges.count { $0.name == name } > 1 }
}
