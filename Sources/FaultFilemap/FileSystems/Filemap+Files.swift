public import FaultCore

extension Filemap {
    /// The file systems, in the order of their numbers: ``ext4``, ``tmpfs``.
    public static var fileOperations: [any FileOperationTable] { [Ext4FileOperations(), ShmemFileOperations()] }

    /// The number of `Ext4FileOperations`, as `MachineConfiguration.fileOperations` counts.
    public static var ext4: Int { 0 }

    /// The number of `ShmemFileOperations`, as `MachineConfiguration.fileOperations` counts.
    public static var tmpfs: Int { 1 }

    /// The file system and handler of shared anonymous memory, tmpfs, for `MachineConfiguration.sharedMemory`.
    public static var sharedMemory: (fileOperations: Int, vmOperations: Int) { (tmpfs, shmemVMOperations) }

    /// Makes a file on an ext4 file system: all its pages have been written to the device, none is cached.
    ///
    /// - Precondition: `pages` is 0 to 2^24.
    public static func makeExt4File(pages: Int, on device: DeviceID, _ machine: inout Machine) -> FileID {
        machine.addFile(
            pages: pages, operations: ext4, vmOperations: fileVMOperations, device: device,
            traits: [.writeback, .pageMkwrite], blocks: pages > 0 ? [PageRun(0, pages - 1)] : [])
    }

    /// Makes a file on a tmpfs: all its pages are holes.
    ///
    /// - Precondition: `pages` is 0 to 2^24.
    public static func makeTmpfsFile(pages: Int, _ machine: inout Machine) -> FileID {
        machine.addFile(
            pages: pages, operations: tmpfs, vmOperations: shmemVMOperations, device: .none, traits: .shmem, blocks: [])
    }

    /// Puts a page of a file into its page cache, if it is not there yet, as if it had been read alone (ext4) or written
    /// (tmpfs) before the test began: uptodate, without a readahead mark; on tmpfs dirty.
    ///
    /// - Precondition: `index` lies in the file.
    public static func makeResident(_ index: PageIndex, of file: FileID, _ machine: inout Machine) {
        guard index.value < machine.pages(of: file) else {
            misuse("Filemap.makeResident: page \(index) is beyond the end of \(file)")
        }
        guard machine.cachedFolio(at: index, of: file) == nil else { return }
        let isShmem = machine.traits(of: file).contains(.shmem)
        _ = machine.addToCache(
            of: file, at: index, flags: isShmem ? [.uptodate, .shmem, .dirty] : .uptodate,
            stamp: isShmem ? FileIO.initialStamp(file, index) : FileIO.contentOnDevice(file, index, machine),
            point: .cachePage, for: .none)
    }
}
