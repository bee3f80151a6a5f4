/// Files and mappings.
extension World {
    /// The file systems of a world.
    public enum FileSystem: Equatable, Sendable {
        /// On the disk, with readahead, writeback and `page_mkwrite`. All blocks of a file are allocated when the file
        /// is made.
        case ext4
        /// In memory alone.
        case tmpfs
        /// On the disk, without a journal; every change writes to a new place. Before a store through a mapping,
        /// reserving space for the page takes a request to the disk.
        case btrfs
    }

    /// Which pages of a new file are in the page cache.
    public enum Resident: Equatable, Sendable {
        /// None.
        case none
        /// All.
        case all
        /// These.
        case pages([ClosedRange<Int>])
    }

    /// Makes a file.
    ///
    /// A resident page of an ext4 file is clean, and was read alone. A resident page of a tmpfs file was written, and
    /// is dirty. The pages of a tmpfs file that are not resident are holes.
    ///
    /// - Parameters:
    ///   - name: The name that the world prints, such as `log`; without it, `file 0`.
    ///   - pages: Its size, 0 to 2^24.
    ///   - fileSystem: The file system that the file is on.
    ///   - resident: Which of its pages are in the page cache.
    /// - Throws: ``WorldError/invalid(_:)`` if `pages` or `resident` is out of its range, or another file has the name.
    public mutating func file(
        _ name: String? = nil, pages: Int, on fileSystem: FileSystem = .ext4, resident: Resident = .none
    ) throws(WorldError) -> FileID {
        try file(name, pages: pages, on: fileSystem, device: disk, resident: resident)
    }

    /// Makes a file whose size is not a whole number of pages: its last page is partial.
    ///
    /// Counts of pages include the partial page. Reads stop at the end of the file; `OperationReport.bytes` has the bytes that
    /// they moved. A simulated store changes a whole page, so stores past the end of the file are not distinguished from
    /// those before it.
    ///
    /// - Parameters:
    ///   - name: See ``file(_:pages:on:resident:)``.
    ///   - bytes: Its size, 0 to 2^24 pages.
    ///   - fileSystem: The file system that the file is on.
    ///   - resident: Which of its pages are in the page cache.
    /// - Throws: ``WorldError/invalid(_:)`` as ``file(_:pages:on:resident:)``.
    public mutating func file(
        _ name: String? = nil, bytes: Int, on fileSystem: FileSystem = .ext4, resident: Resident = .none
    ) throws(WorldError) -> FileID {
        guard bytes >= 0 else { throw .invalid("a file of \(bytes) bytes can't be made; bytes must be at least 0") }
        let file = try file(
            name, pages: machine.pages(in: .bytes(bytes)), on: fileSystem, device: disk, resident: resident)
        machine.setSize(of: file, .bytes(bytes))
        return file
    }

    /// The size of a file in bytes: `i_size`.
    public func bytes(of file: FileID) -> Int { machine.bytes(of: file) }

    /// Makes a file on another disk: see ``addDisk(_:held:)``.
    public mutating func file(
        _ name: String? = nil, pages: Int, on fileSystem: FileSystem = .ext4, device: DeviceID,
        resident: Resident = .none
    ) throws(WorldError) -> FileID {
        if let name, let other = machine.file(named: name) {
            throw .invalid("\(other) is named \"\(name)\" already; take another name")
        }
        guard pages >= 0, pages <= 1 << 24 else {
            throw .invalid("a file of \(pages) pages can't be made; pages must be 0 to 2^24")
        }
        let file: FileID
        switch fileSystem {
        case .ext4: file = Filemap.makeExt4File(pages: pages, on: device, &machine)
        case .tmpfs: file = Filemap.makeTmpfsFile(pages: pages, &machine)
        case .btrfs:
            let number = btrfsHandler ?? machine.register(Filemap.btrfsVMOperations)
            btrfsHandler = number
            file = Filemap.makeBtrfsFile(pages: pages, on: device, vmOperations: number, &machine)
        }
        let runs: [ClosedRange<Int>]
        switch resident {
        case .none: runs = []
        case .all: runs = pages == 0 ? [] : [0...(pages - 1)]
        case .pages(let some): runs = some
        }
        for run in runs {
            guard run.lowerBound >= 0, run.upperBound < pages else {
                throw .invalid("pages \(run) can't be resident in a file of \(pages) pages")
            }
            for page in run { Filemap.makeResident(PageIndex(page), of: file, &machine) }
        }
        if let name { machine.setName(name, of: file) }
        return file
    }

    /// Adds a disk.
    ///
    /// - Parameters:
    ///   - name: The name that the world prints; without it, `device 1`. No other device may have it.
    ///   - held: Whether reads and writes wait until the test lets them finish; otherwise the disk is as fast as
    ///     ``disk``.
    public mutating func addDisk(_ name: String? = nil, held: Bool = true) -> DeviceID {
        let device = machine.addDevice(operations: 0, held: held)
        if let name { machine.setName(name, of: device) }
        return device
    }

    /// Adds a device of your own type. It is not held: it decides when its requests are done, and which tasks it
    /// throttles.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - name: See ``addDisk(_:held:)``.
    public mutating func addDisk(_ device: any BlockDevice, named name: String? = nil) -> DeviceID {
        let device = machine.addDevice(operations: machine.register(device), held: false)
        if let name { machine.setName(name, of: device) }
        return device
    }

    /// Maps a file into the memory of a process, without touching the page table. Models `mmap(2)`.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - pages: How many pages, at least 1; by default the rest of the file.
    ///   - offset: The first page of the file.
    ///   - access: What the mapping allows, by default reading and writing.
    ///   - sharing: Whether stores reach the file (`MapFlags.shared`); by default they stay private.
    ///   - name: The name that the world prints for its addresses, as in `page 9 of buffer`. The addresses keep it
    ///     until the test maps something else there.
    ///   - task: A task of the process.
    /// - Returns: The area.
    /// - Throws: ``WorldError/invalid(_:)``, or ``WorldError/refused(_:)`` with the errno of the call.
    public mutating func map(
        _ file: FileID, pages: Int? = nil, offset: Int = 0, _ access: Protection = .readWrite,
        _ sharing: Sharing = .private, named name: String? = nil, in task: TaskID
    ) throws(WorldError) -> Area {
        guard offset >= 0 else {
            throw .invalid("a file can't be mapped from page \(offset) on; offset must be at least 0")
        }
        let length = pages ?? machine.pages(of: file) - offset
        return try map(
            MapRequest(
                pages: length, access: access, flags: sharing.flags, file: file, offset: PageIndex(offset)),
            named: name, in: task)
    }

    /// Maps anonymous memory into a process. Models `mmap(2)` with `MAP_ANONYMOUS`.
    ///
    /// - Throws: ``WorldError/invalid(_:)``, or ``WorldError/refused(_:)`` with the errno of the call.
    public mutating func map(
        anonymousPages pages: Int, _ access: Protection = .readWrite, _ sharing: Sharing = .private,
        named name: String? = nil, in task: TaskID
    ) throws(WorldError) -> Area {
        try map(MapRequest(pages: pages, access: access, flags: sharing.flags), named: name, in: task)
    }

    /// Maps memory that a handler of your own backs: see ``register(_:)``.
    ///
    /// - Throws: ``WorldError/invalid(_:)``, or ``WorldError/refused(_:)`` with the errno of the call.
    public mutating func map(
        _ handler: Handler, pages: Int, _ access: Protection = .readWrite, _ sharing: Sharing = .shared,
        named name: String? = nil, in task: TaskID
    ) throws(WorldError) -> Area {
        try map(
            MapRequest(pages: pages, access: access, flags: sharing.flags, operations: handler.number),
            named: name, in: task)
    }

    /// Maps memory by letting `task` do the system call of `request`.
    ///
    /// - Throws: ``WorldError/invalid(_:)``, or ``WorldError/refused(_:)`` with the errno of the call.
    public mutating func map(
        _ request: MapRequest, named name: String? = nil, in task: TaskID
    ) throws(WorldError) -> Area {
        if let name, machine.pages(named: name, in: machine.map(of: task)) != nil {
            throw .invalid("memory of \(task)'s process is named \"\(name)\" already; take another name")
        }
        guard request.pages >= 1, request.pages <= 1 << 24 else {
            throw .invalid("an area of \(request.pages) pages can't be mapped; pages must be 1 to 2^24")
        }
        let start = PageNumber(UInt64(try value(of: .mmap(request), in: task)))
        let area = Area(map: machine.map(of: task), start: start, pages: request.pages)
        machine.setName(name, of: area.start..<area[area.pages], in: area.map)
        return area
    }

    /// Gives an area another size, and moves it if it must be. Models `mremap(2)`. Addresses keep their names: a name
    /// of `area` does not move with it.
    ///
    /// - Parameters:
    ///   - area: The area, which must belong to the process of `task`.
    ///   - pages: Its new size, 1 to 2^24.
    ///   - target: Whether it may move, and to where.
    ///   - task: A task of the process.
    /// - Returns: The area, as it is afterwards.
    /// - Throws: ``WorldError/invalid(_:)``, or ``WorldError/refused(_:)`` with the errno of the call.
    public mutating func remap(
        _ area: Area, newPages pages: Int, _ target: RemapTarget = .mayMove, in task: TaskID
    ) throws(WorldError) -> Area {
        guard area.map == machine.map(of: task) else {
            throw .invalid("the area is not in the memory of \(task); take a task of its process")
        }
        guard pages >= 1, pages <= 1 << 24 else {
            throw .invalid("an area can't get \(pages) pages; pages must be 1 to 2^24")
        }
        let start = try value(of: .mremap(area, newPages: pages, target), in: task)
        return Area(map: area.map, start: PageNumber(UInt64(start)), pages: pages)
    }

    /// A handler that was registered.
    public struct Handler: Equatable, BitwiseCopyable, Sendable {
        let number: UInt16
    }

    /// A file system that was registered, with the handler of faults on its files.
    public struct PlugInFileSystem: Equatable, BitwiseCopyable, Sendable {
        let files: Int
        let memory: UInt16
    }

    /// Registers a file system of your own: the type that does the calls on its files, and the handler of faults on
    /// them.
    public mutating func register(
        _ fileSystem: some FileOperations, mappedBy handler: some VMOperations
    ) -> PlugInFileSystem {
        PlugInFileSystem(files: machine.register(fileSystem), memory: machine.register(handler))
    }

    /// Makes a file on a file system of your own.
    ///
    /// - Parameters:
    ///   - name: See ``file(_:pages:on:resident:)``.
    ///   - pages: Its size, 0 to 2^24.
    ///   - fileSystem: The registered file system.
    ///   - device: The disk of the file; by default ``disk``.
    ///   - traits: The properties that the core must know.
    /// - Throws: ``WorldError/invalid(_:)`` if `pages` is out of its range, or another file has the name.
    public mutating func file(
        _ name: String? = nil, pages: Int, on fileSystem: PlugInFileSystem, device: DeviceID? = nil,
        traits: FileTraits = []
    ) throws(WorldError) -> FileID {
        if let name, let other = machine.file(named: name) {
            throw .invalid("\(other) is named \"\(name)\" already; take another name")
        }
        guard pages >= 0, pages <= 1 << 24 else {
            throw .invalid("a file of \(pages) pages can't be made; pages must be 0 to 2^24")
        }
        let file = machine.addFile(
            pages: pages, operations: fileSystem.files, vmOperations: Int(fileSystem.memory), device: device ?? disk,
            traits: traits, blocks: pages == 0 ? [] : [PageRun(0, pages - 1)])
        if let name { machine.setName(name, of: file) }
        return file
    }

    /// Registers a handler of your own, so that you can map memory with it.
    public mutating func register(_ handler: some VMOperations) -> Handler {
        Handler(number: machine.register(handler))
    }
}
