/// What plug-ins remember, by area, file and device.
extension Machine {
    // MARK: Areas

    /// What a handler remembers of the area of a fault. The fault lock must be held, as for ``area(of:)``.
    ///
    /// - Precondition: The area's handler is a `Handler`.
    public mutating func areaState<Handler: VMOperationTable>(of fault: VMFault, as: Handler.Type) -> Handler.AreaState
    {
        let area = area(of: fault)
        require(Handler.self, backs: area)
        return StateBytes(firstWord: area.stateWord).state(Handler.AreaState.self)
    }

    /// Remembers something of the area of a fault. The fault lock must be held; holding it for reading is enough,
    /// because a stage is atomic. Without the lock, nothing is remembered, and the checker reports a stale area.
    ///
    /// A part that is split off begins with the same state, and so does the area of a child after fork(2). Areas whose
    /// states differ do not merge.
    ///
    /// - Precondition: The area's handler is a `Handler`.
    public mutating func setAreaState<Handler: VMOperationTable>(
        _ state: Handler.AreaState, of fault: VMFault, as: Handler.Type
    ) {
        let area = area(of: fault)
        guard fault.lock != .none,
            let position = maps[fault.area.map.index].areas.firstPosition(endingAfter: area.start)
        else { return }
        require(Handler.self, backs: area)
        setStateWord(StateBytes(state).words.0, at: position, in: fault.area.map)
    }

    /// What a handler remembers of the area that contains `page`; `nil` if there is none.
    ///
    /// - Precondition: The area's handler is a `Handler`.
    public func areaState<Handler: VMOperationTable>(
        at page: PageNumber, in map: MapID, as: Handler.Type
    ) -> Handler.AreaState? {
        guard let area = area(containing: page, in: map) else { return nil }
        require(Handler.self, backs: area)
        return StateBytes(firstWord: area.stateWord).state(Handler.AreaState.self)
    }

    private func require<Handler: VMOperationTable>(_: Handler.Type, backs area: VMA) {
        guard area.operations != 0,
            configuration.areaStates[Int(area.operations) - 1].owner == ObjectIdentifier(Handler.self)
        else {
            misuse("Machine.areaState: the area at \(area.start) is not backed by a \(Handler.self)")
        }
    }

    /// Gives a new area the state that its handler begins with.
    @inline(__always)
    func beginState(of area: inout VMA) {
        guard configuration.keepsAreaState, area.operations != 0 else { return }
        area.stateWord = configuration.areaStates[Int(area.operations) - 1].beginning.words.0
    }

    /// The state of an area as a word for the fingerprint; 0 if its handler remembers nothing.
    @inline(__always)
    func stateHash(of area: VMA) -> UInt64 { configuration.keepsAreaState ? keptStateHash(of: area) : 0 }

    @inline(never)
    private func keptStateHash(of area: VMA) -> UInt64 {
        guard let kind = areaStateKind(of: area) else { return 0 }
        return kind.hash(StateBytes(firstWord: area.stateWord))
    }

    /// The state of an area, field by field; empty if its handler remembers nothing.
    func stateWords(of area: VMA) -> [UInt64] {
        areaStateKind(of: area)?.words(StateBytes(firstWord: area.stateWord)) ?? []
    }

    /// Whether two areas with the same handler have the same state.
    @inline(__always)
    func haveEqualState(_ a: VMA, _ b: VMA) -> Bool {
        !configuration.keepsAreaState || stateWords(of: a) == stateWords(of: b)
    }

    private func areaStateKind(of area: VMA) -> StateKind? {
        guard area.operations != 0 else { return nil }
        let kind = configuration.areaStates[Int(area.operations) - 1]
        return kind.isKept ? kind : nil
    }

    // MARK: Files

    /// What a file system remembers of a file.
    ///
    /// - Precondition: The file is one of a `FileSystem`.
    public func state<FileSystem: FileOperationTable>(of file: FileID, of _: FileSystem.Type) -> FileSystem.InodeState {
        require(FileSystem.self, has: file)
        return files[file.index].state.state(FileSystem.InodeState.self)
    }

    /// Remembers something of a file.
    ///
    /// - Precondition: The file is one of a `FileSystem`.
    public mutating func setState<FileSystem: FileOperationTable>(
        _ state: FileSystem.InodeState, of file: FileID, of _: FileSystem.Type
    ) {
        require(FileSystem.self, has: file)
        noteWrite(.file(file))
        files[file.index].state = StateBytes(state)
    }

    /// Whether a file is one of a `FileSystem`.
    public func isFile<FileSystem: FileOperationTable>(_ file: FileID, of _: FileSystem.Type) -> Bool {
        files.indices.contains(file.index)
            && configuration.fileState(files[file.index].operations).owner == ObjectIdentifier(FileSystem.self)
    }

    private func require<FileSystem: FileOperationTable>(_: FileSystem.Type, has file: FileID) {
        _ = index(of: file, "Machine.state")
        guard isFile(file, of: FileSystem.self) else {
            misuse("Machine.state: \(file) is no file of \(FileSystem.self)")
        }
    }

    // MARK: Devices

    /// What a kind of device remembers of a device.
    ///
    /// - Precondition: The device is a `Device`.
    public func state<Device: BlockDevice>(of device: DeviceID, of _: Device.Type) -> Device.State {
        require(Device.self, is: device)
        return devices[device.index].state.state(Device.State.self)
    }

    /// Remembers something of a device.
    ///
    /// - Precondition: The device is a `Device`.
    public mutating func setState<Device: BlockDevice>(_ state: Device.State, of device: DeviceID, of _: Device.Type) {
        require(Device.self, is: device)
        noteWrite(.device(device))
        devices[device.index].state = StateBytes(state)
    }

    private func require<Device: BlockDevice>(_: Device.Type, is device: DeviceID) {
        let operations = devices[index(of: device, "Machine.state")].operations
        guard configuration.deviceStates[Int(operations)].owner == ObjectIdentifier(Device.self)
        else { misuse("Machine.state: \(device) is no \(Device.self)") }
    }
}
