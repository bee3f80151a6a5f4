public import FaultCore

/// The names of tasks, files, areas and devices in a timeline. Without a name here, the name in the machine is used
/// (`world.task("reader")`), and without that the number.
public struct TimelineNames: Equatable, Sendable {
    private struct NamedArea: Equatable, Sendable {
        let map: MapID
        let start: PageNumber
        let pages: Int
        let name: String
    }

    private var tasks: [TaskID: String] = [:]
    private var files: [FileID: String] = [:]
    private var devices: [DeviceID: String] = [:]
    private var areas: [NamedArea] = []

    /// No names.
    public init() {}

    /// Names of tasks.
    public init(_ tasks: [(TaskID, String)]) {
        for (task, name) in tasks { self.tasks[task] = name }
    }

    /// Sets the name of `task`.
    public mutating func name(_ task: TaskID, _ name: String) { tasks[task] = name }

    /// Sets the name of `file`.
    public mutating func name(_ file: FileID, _ name: String) { files[file] = name }

    /// Sets the name of `device`.
    public mutating func name(_ device: DeviceID, _ name: String) { devices[device] = name }

    /// Sets the name of the area of `pages` pages of `map` from `start` on. A later name of the same pages replaces it.
    ///
    /// - Precondition: `pages` is at least 0.
    public mutating func name(_ map: MapID, from start: PageNumber, pages: Int, _ name: String) {
        guard pages >= 0 else { misuse("TimelineNames.name: an area has 0 pages or more, not \(pages)") }
        areas.append(NamedArea(map: map, start: start, pages: pages, name: name))
    }

    /// These names, completed by those of a machine.
    func completed(by machine: Machine) -> Self {
        var all = self
        for number in 0..<machine.taskCount where tasks[TaskID(number)] == nil {
            all.tasks[TaskID(number)] = machine.name(of: TaskID(number))
        }
        for number in 0..<machine.fileCount where files[FileID(number)] == nil {
            all.files[FileID(number)] = machine.name(of: FileID(number))
        }
        for number in 0..<machine.deviceCount where devices[DeviceID(number)] == nil {
            all.devices[DeviceID(number)] = machine.name(of: DeviceID(number))
        }
        // A name that was given for the timeline comes later, and takes precedence.
        all.areas =
            machine.namedRanges.map {
                NamedArea(
                    map: $0.map, start: $0.pages.lowerBound, pages: $0.pages.upperBound - $0.pages.lowerBound,
                    name: $0.name)
            } + areas
        return all
    }

    /// The name of a task.
    package func text(_ task: TaskID) -> String { tasks[task] ?? "\(task)" }

    /// The name of a file.
    package func text(_ file: FileID) -> String { files[file] ?? "\(file)" }

    /// The name of a device.
    package func text(_ device: DeviceID) -> String { devices[device] ?? "\(device)" }

    /// The name of a page of memory, such as `page 9 of data`.
    package func text(_ page: PageNumber, of map: MapID) -> String {
        guard let area = area(at: page, of: map) else { return "\(page)" }
        return "page \(page - area.start) of \(area.name)"
    }

    /// The name of the area that begins at `start`.
    package func text(areaAt start: PageNumber, of map: MapID) -> String {
        guard let area = area(at: start, of: map) else { return "the area at \(start) of \(map)" }
        return start == area.start ? area.name : "\(area.name) from page \(start - area.start)"
    }

    /// The text of the cause of a sleep.
    package func text(_ cause: WaitLink.Cause) -> String {
        switch cause {
        case .io(let file, let index) where file != .none: "I/O on page \(index) of \(text(file))"
        case .pageLock(let file, let index) where file != .none: "the lock of page \(index) of \(text(file))"
        case .lock(let lock, let mode): "the \(text(lock)) (\(mode))"
        case .io: "I/O on a page of no file"
        case .pageLock: "the lock of a page of no file"
        default: "\(cause)"
        }
    }

    /// The name of a lock.
    package func text(_ lock: LockName) -> String {
        switch lock.kind {
        case .inode where files[FileID(lock.number)] != nil: "inode lock of \(text(FileID(lock.number)))"
        case .invalidate where files[FileID(lock.number)] != nil: "invalidate lock of \(text(FileID(lock.number)))"
        default: "\(lock)"
        }
    }

    /// The description of an operation, with names in place of numbers.
    func text(_ operation: TaskOperation, in map: MapID) -> String {
        var text = "\(operation)"
        if !areas.isEmpty {
            text = Self.replacing("page 0x", radix: 16, in: text) { number in
                let page = PageNumber(number)
                return area(at: page, of: map) == nil ? nil : self.text(page, of: map)
            }
        }
        guard !files.isEmpty else { return text }
        return Self.replacing("file ", radix: 10, in: text) { number in
            Int32(exactly: number).flatMap { files[FileID(rawValue: $0)] }
        }
    }

    /// `text` with each `mark` and its number replaced by the result of `name`.
    private static func replacing(
        _ mark: String, radix: Int, in text: String, _ name: (UInt64) -> String?
    ) -> String {
        let (bytes, mark) = (Array(text.utf8), Array(mark.utf8))
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let begin = place + mark.count
            if bytes[place] == mark[0], bytes[place...].starts(with: mark) {
                let digits = bytes[begin...].prefix {
                    Character(UnicodeScalar($0)).isHexDigit && ($0 < 0x3A || radix == 16)
                }
                if let number = UInt64(String(decoding: digits, as: UTF8.self), radix: radix), let name = name(number) {
                    result += Array(name.utf8)
                    place = begin + digits.count
                    continue
                }
            }
            result.append(bytes[place])
            place += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The text of a request.
    func text(_ request: IORequest) -> String {
        let pages = request.pages == 1 ? "page" : "\(request.pages) pages from page"
        let place = request.file == .none ? "" : " \(pages) \(request.index) of \(text(request.file))"
        return "\(request.kind)\(place)" + (request.isReadahead ? ", readahead" : "") + ", by \(text(request.task))"
    }

    private func area(at page: PageNumber, of map: MapID) -> NamedArea? {
        areas.last { $0.map == map && $0.start <= page && page < $0.start + $0.pages }
    }

    /// How many names there are.
    var count: Int { tasks.count + files.count + devices.count + areas.count }

    /// The named areas: map, first page, pages, name.
    var allAreas: [(map: MapID, start: PageNumber, pages: Int, name: String)] {
        areas.map { ($0.map, $0.start, $0.pages, $0.name) }
    }
}
