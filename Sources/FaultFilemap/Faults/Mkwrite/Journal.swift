package import FaultCore

/// The journal of an ext4 file system (fs/ext4, fs/jbd2, Linux 6.1): only what tasks wait for.
///
/// A change of an inode (its times, its size, its blocks) joins the running transaction of its device. A sync of a file
/// whose inode is in the running transaction commits that transaction, with all its inodes, by one request to the
/// device. Meanwhile no task can change an inode in a block that the commit writes: `jbd2_journal_get_write_access()`
/// waits for the buffer, uninterruptibly and with all locks held.
///
/// Differs from the kernel: every change has a new time stamp, and the running transaction is never committed because
/// of its age.
enum Journal {
    /// How many inodes of 256 bytes share a block, and so wait for each other's commit.
    private static let inodesPerBlock = 16

    // MARK: Changing an inode

    /// Notes that the inode of `file` changes: `ext4_mark_inode_dirty()`.
    ///
    /// - Returns: The wait that the caller must do first, with its locks held, before it calls again; `nil` if the
    ///   change is made.
    static func change(_ file: FileID, _ machine: inout Machine) -> TaskWait? {
        guard hasJournal(file, machine) else { return nil }
        let device = machine.device(of: file)
        if let commit = commit(on: device, machine) {
            let block = inodeBlock(of: file, machine)
            for other in files(on: device, machine) where machine[inode: other].isCommitting {
                if inodeBlock(of: other, machine) == block { return .request(commit) }
            }
        }
        if !machine[inode: file].isChanged { machine[inode: file].isChanged = true }
        return nil
    }

    // MARK: Committing

    /// The wait that a sync of `file` must do before it calls again: `ext4_fsync_journal()`. `nil` if the inode is
    /// committed.
    ///
    /// Starts a commit if the inode is in the running transaction and no other commit is under way.
    static func sync(_ file: FileID, by task: TaskID, _ machine: inout Machine) -> TaskWait? {
        guard hasJournal(file, machine) else { return nil }
        let device = machine.device(of: file)
        let underWay = commit(on: device, machine)
        guard machine[inode: file].isChanged else {
            return machine[inode: file].isCommitting ? underWay.map { .request($0) } : nil
        }
        if let underWay { return .request(underWay) }
        for other in files(on: device, machine) where machine[inode: other].isChanged {
            machine[inode: other] = JournaledInode(isChanged: false, isCommitting: true)
        }
        let commit = machine.submit(IORequest(.commit, on: device, file: file, by: task))
        _ = machine.takeSubmissionWait()  // the journal's own thread submits, and is throttled instead
        return .request(commit)
    }

    /// Ends a commit: its inodes may change again.
    static func finish(_ request: IORequest, _ machine: inout Machine) {
        for file in files(on: request.device, machine) where machine[inode: file].isCommitting {
            machine[inode: file].isCommitting = false
        }
    }

    // MARK: Finding

    /// The footprint of the journal of a file's device: the commit under way, and the inodes on the device.
    static func reads(of file: FileID, _ view: StageView) -> Footprint {
        let device = view.machine.device(of: file)
        guard hasJournal(file, view.machine), device != .none else { return [] }
        return files(on: device, view.machine).reduce(into: [.world, .device(device)]) { $0.insert(.file($1)) }
    }

    /// Whether a file's inode is in a journal.
    private static func hasJournal(_ file: FileID, _ machine: Machine) -> Bool {
        machine.traits(of: file).isDisjoint(with: [.shmem, .copyOnWrite])
            && machine.isFile(file, of: Ext4FileOperations.self)
    }

    private static func commit(on device: DeviceID, _ machine: Machine) -> RequestID? {
        machine.requestsUnderWay.first { $0.kind == .commit && $0.device == device }?.id
    }

    private static func files(on device: DeviceID, _ machine: Machine) -> [FileID] {
        (0..<machine.fileCount).map { FileID($0) }.filter {
            machine.device(of: $0) == device && hasJournal($0, machine)
        }
    }

    /// The block of the device's inode table with a file's inode. Inodes are allocated in the order in which files are
    /// made.
    private static func inodeBlock(of file: FileID, _ machine: Machine) -> Int {
        let before = files(on: machine.device(of: file), machine).prefix { $0.index < file.index }
        return before.count / inodesPerBlock
    }
}

/// The transactions of the journal that the inode of an ext4 file is in.
package struct JournaledInode: Equatable, PluginState {
    /// It is in the running transaction.
    package var isChanged: Bool
    /// It is in the transaction that is being committed.
    package var isCommitting: Bool

    /// Makes a state.
    package init(isChanged: Bool, isCommitting: Bool) {
        self.isChanged = isChanged
        self.isCommitting = isCommitting
    }

    /// Makes the state of an inode in no transaction.
    package init() { self.init(isChanged: false, isCommitting: false) }

    /// Shows the fields.
    package func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("isChanged", isChanged)
        visitor.visit("isCommitting", isCommitting)
    }
}

extension Machine {
    /// The transactions of the journal that the inode of an ext4 file is in.
    fileprivate subscript(inode file: FileID) -> JournaledInode {
        get { state(of: file, of: Ext4FileOperations.self) }
        set { setState(newValue, of: file, of: Ext4FileOperations.self) }
    }
}
