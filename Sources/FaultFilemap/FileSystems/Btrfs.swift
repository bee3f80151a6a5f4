public import FaultCore

extension Filemap {
    /// Makes a file on a btrfs-like file system: all its pages have been written to the device, none is cached.
    ///
    /// Except for `page_mkwrite` it is read and written like an ext4 file without a journal.
    ///
    /// - Parameters:
    ///   - pages: Its size.
    ///   - device: The device that it lies on.
    ///   - vmOperations: The number of a registered ``btrfsVMOperations``, see
    ///     `Machine.register(_:)`.
    ///   - machine: The machine.
    /// - Precondition: `pages` is 0 to 2^24.
    public static func makeBtrfsFile(
        pages: Int, on device: DeviceID, vmOperations: UInt16, _ machine: inout Machine
    ) -> FileID {
        machine.addFile(
            pages: pages, operations: ext4, vmOperations: Int(vmOperations), device: device,
            traits: [.writeback, .pageMkwrite, .copyOnWrite], blocks: pages > 0 ? [PageRun(0, pages - 1)] : [])
    }
}
