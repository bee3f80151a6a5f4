/// Files and mappings.
extension World {
    /// The file systems of a world.
    public enum FileSystem: Equatable, Sendable {
        /// On the disk, with readahead, writeback and `page_mkwrite`; its blocks are written when the file is made.
        case ext4
        /// In memory alone.
        case tmpfs
        /// On the disk, written anew with every change, without a journal; before a page is written to through a mapping,
        /// reserving space for it takes a request to the disk.
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
    /// A resident page of an ext4 file is clean, and was read alone; one of a tmpfs file was written, and is dirty. The
    /// pages of a tmpfs file that are not resident are holes.
    ///
    /// - Parameters:
    ///   - name: What it is called wherever the world prints, such as `log`; without it, `file 0`.
    ///   - pages: Its size, 0 to 2^24.
    ///   - fileSystem: Where.
    ///   - resident: Which of its pages are in the page cache.
    /// - Throws: ``WorldError/invalid(_:)`` if `pages` or `resident` is out of its range, or another file has the name.
    public mutating func file(
        _ name: String? = nil, pages: Int, on fileSystem: FileSystem = .ext4, resident: Resident = .none
    ) throws(WorldError) -> FileID {
        try file(name, pages: pages, on: fileSystem, device: disk, resident: resident)
    }

    /// Makes a file whose size is not a whole number of pages: its last page is partial.
    ///
    /// A partial page counts as a page wherever pages are counted; reads stop at the end of the file and say so in
    /// ``OperationReport/bytes``. Simulated stores mark whole pages, so what a program stores behind the end of the file in its
    /// last page is not told apart.
    ///
    /// - Parameters:
    ///   - name: As of ``file(_:pages:on:resident:)``.
    ///   - bytes: Its size, 0 to 2^24 pages.
    ///   - fileSystem: Where.
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

    /// Makes a file on a disk of the test's own: see ``addDisk(_:held:)``.
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
    ///   - name: What it is called wherever the world prints; without it, `device 1`. No other device has the same.
    ///   - held: Whether reads and writes wait until the test lets them finish; otherwise it is as fast as ``disk``.
    public mutating func addDisk(_ name: String? = nil, held: Bool = true) -> DeviceID {
        let device = machine.addDevice(operations: 0, held: held)
        if let name { machine.setName(name, of: device) }
        return device
    }

    /// Adds a device of the test's own kind, which is not held: it says when it is done, and whom it throttles.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - name: As of ``addDisk(_:held:)``.
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
    ///   - name: What it is called wherever the world prints: `page 9 of buffer` for an address in it. It is the name of
    ///     the addresses, until something else is mapped there by the test.
    ///   - task: A task of the process.
    /// - Returns: Where it is.
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

    /// Maps memory that a handler of the test's own backs: see ``register(_:)``.
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

    /// Maps what `request` says, by letting `task` do the system call.
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
        let report = try perform(.mmap(request), in: task)
        if let errno = report.errno { throw .refused(errno) }
        let area = Area(map: machine.map(of: task), start: PageNumber(UInt64(report.value)), pages: request.pages)
        machine.setName(name, of: area.start..<area[area.pages], in: area.map)
        return area
    }

    /// A handler that was registered.
    public struct Handler: Equatable, BitwiseCopyable, Sendable {
        let number: UInt16
    }

    /// A file system that was registered, with what handles the faults on its files.
    public struct PlugInFileSystem: Equatable, BitwiseCopyable, Sendable {
        let files: Int
        let memory: UInt16
    }

    /// Makes a file system of the test's own known: what does the calls on its files, and what handles faults on them.
    public mutating func register(
        _ fileSystem: some FileOperations, mappedBy handler: some VMOperations
    ) -> PlugInFileSystem {
        PlugInFileSystem(files: machine.register(fileSystem), memory: machine.register(handler))
    }

    /// Makes a file on a file system of the test's own.
    ///
    /// - Parameters:
    ///   - name: As of ``file(_:pages:on:resident:)``.
    ///   - pages: Its size, 0 to 2^24.
    ///   - fileSystem: What it was registered as.
    ///   - device: The disk that it lies on; without it, ``disk``.
    ///   - traits: What the core must know of it.
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

    /// Makes a handler of the test's own known, so that memory can be mapped that it backs.
    public mutating func register(_ handler: some VMOperations) -> Handler {
        Handler(number: machine.register(handler))
    }
}

/// Whether the stores of a mapping reach what it maps.
public enum Sharing: Equatable, Sendable {
    /// `MAP_PRIVATE`.
    case `private`
    /// `MAP_SHARED`.
    case shared

    var flags: MapFlags { self == .shared ? .shared : [] }
}
