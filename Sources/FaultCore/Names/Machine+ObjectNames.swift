/// The names that a test gives to tasks, files, devices and ranges of memory, for printing and for look-up.
///
/// The machine and the reports that it returns print them: `reader waits for I/O on page 9 of log`. Names are not
/// state: machines that differ only in names are equal. A copy of a machine keeps its names. A forked process gets its
/// parent's names for its own memory.
extension Machine {
    /// Gives a task a name, which replaces an earlier one; `nil` removes the name.
    ///
    /// - Precondition: The name is not empty, and no other task has it.
    public mutating func setName(_ name: String?, of task: TaskID) {
        _ = index(of: task, "Machine.setName")
        require(name, isFreeFor: task, names.names.tasks)
        names.names.set(name, of: task)
    }

    /// Gives a file a name.
    ///
    /// - Precondition: The name is not empty, and no other file has it.
    public mutating func setName(_ name: String?, of file: FileID) {
        _ = index(of: file, "Machine.setName")
        require(name, isFreeFor: file, names.names.files)
        names.names.set(name, of: file)
    }

    /// Gives a device a name.
    ///
    /// - Precondition: The name is not empty, and no other device has it.
    public mutating func setName(_ name: String?, of device: DeviceID) {
        _ = index(of: device, "Machine.setName")
        require(name, isFreeFor: device, names.names.devices)
        names.names.set(name, of: device)
    }

    /// Gives a range of memory a name. The name belongs to the addresses, whatever is mapped there later. Named ranges
    /// that overlap it lose their names.
    ///
    /// - Precondition: The name is not empty, and no other range of the map has it.
    public mutating func setName(_ name: String?, of pages: Range<PageNumber>, in map: MapID) {
        _ = index(of: map, "Machine.setName")
        if let name {
            requireText(name)
            if let other = names.names.range(named: name, in: map), !other.pages.overlaps(pages) {
                misuse("Machine.setName: \(map) has memory named \"\(name)\" already; take another name")
            }
        } else if !names.areUsed {
            return
        }
        names.names.set(name, of: pages, in: map)
    }

    /// The name of a task, if it has one.
    public func name(of task: TaskID) -> String? { names.names.tasks[task] }

    /// The name of a file, if it has one.
    public func name(of file: FileID) -> String? { names.names.files[file] }

    /// The name of a device, if it has one.
    public func name(of device: DeviceID) -> String? { names.names.devices[device] }

    /// The name of the range of memory that a page lies in, if it has one.
    public func name(of page: PageNumber, in map: MapID) -> String? {
        names.names.range(containing: page, in: map)?.name
    }

    /// The ranges of memory that have names.
    package var namedRanges: [(map: MapID, pages: Range<PageNumber>, name: String)] {
        names.names.ranges.map { ($0.map, $0.pages, $0.name) }
    }

    /// How many block devices there are.
    package var deviceCount: Int { devices.count }

    /// The task with this name, if there is one.
    public func task(named name: String) -> TaskID? { names.names.tasks.first(named: name) }

    /// The file with this name, if there is one.
    public func file(named name: String) -> FileID? { names.names.files.first(named: name) }

    /// The device with this name, if there is one.
    public func device(named name: String) -> DeviceID? { names.names.devices.first(named: name) }

    /// The range of memory of a map with this name, if there is one.
    public func pages(named name: String, in map: MapID) -> Range<PageNumber>? {
        names.names.range(named: name, in: map)?.pages
    }

    /// Replaces the numbers of named objects in a text with their names.
    ///
    /// - Parameters:
    ///   - text: A text with tasks, files and devices by number.
    ///   - task: The task whose memory the addresses belong to. Without it, an address is replaced only if it has a
    ///     name in exactly one map.
    public func named(_ text: String, for task: TaskID? = nil) -> String {
        guard let task, tasks.indices.contains(task.index) else { return names.applied(to: text) }
        return names(for: tasks[task.index]).applied(to: text)
    }

    /// The names, for texts whose addresses are those of the task's map.
    func names(for task: TaskState) -> ObjectNames {
        names.areUsed ? names.inMap(task.workingMap) : names
    }

    /// Gives the memory of `child` the names that the memory of `parent` has.
    mutating func copyNames(from parent: MapID, to child: MapID) {
        if names.areUsed { names.names.copyRanges(from: parent, to: child) }
    }

    private func require<Kind>(_ name: String?, isFreeFor id: ID<Kind>, _ names: NameTable.Names<Kind>) {
        guard let name else { return }
        requireText(name)
        if let other = names.first(named: name), other != id {
            misuse("Machine.setName: \(other) has the name \"\(name)\" already; take another one for \(id)")
        }
    }

    private func requireText(_ name: String) {
        guard !name.isEmpty else { misuse("Machine.setName: the name is empty; give a word, or nil for no name") }
    }
}
