/// Look-up of the IDs that a caller of the API passes.
///
/// Each is checked here, in debug and release builds, before it is used to read or change anything.
///
/// An ID of another machine that happens to name an object here, too, can't be told from one of this machine.
extension Machine {
    /// The index of a task in ``tasks``.
    @inline(__always)
    package func index(of task: TaskID, _ caller: StaticString = #function) -> Int {
        guard UInt(bitPattern: task.index) < UInt(bitPattern: tasks.count) else { refuse(task, tasks.count, caller) }
        return task.index
    }

    /// The index of a memory map in ``maps``.
    @inline(__always)
    package func index(of map: MapID, _ caller: StaticString = #function) -> Int {
        guard UInt(bitPattern: map.index) < UInt(bitPattern: maps.count) else { refuse(map, maps.count, caller) }
        return map.index
    }

    /// The index of a file in ``files``.
    @inline(__always)
    package func index(of file: FileID, _ caller: StaticString = #function) -> Int {
        guard UInt(bitPattern: file.index) < UInt(bitPattern: files.count) else { refuse(file, files.count, caller) }
        return file.index
    }

    /// The index of a device in ``devices``.
    @inline(__always)
    package func index(of device: DeviceID, _ caller: StaticString = #function) -> Int {
        guard UInt(bitPattern: device.index) < UInt(bitPattern: devices.count) else {
            refuse(device, devices.count, caller)
        }
        return device.index
    }

    /// Ends the process if there is no such page frame, and never was.
    @inline(__always)
    func require(_ folio: FrameNumber, _ caller: StaticString = #function) {
        guard folio.rawValue < frames.count else { refuseFrame(folio, caller) }
    }

    @inline(never)
    private func refuseFrame(_ folio: FrameNumber, _ caller: StaticString) -> Never {
        misuse(
            "\(caller): there is no page frame \(folio.rawValue) in this world, which has had \(frames.count) of them; take "
                + "the number from an entry or a page cache of this world")
    }

    /// Ends the process if `lock` is the name of no lock of this machine.
    func require(_ lock: LockName, _ caller: StaticString = #function) {
        switch lock.kind {
        case .mmap: _ = index(of: MapID(lock.number), caller)
        case .inode, .invalidate: _ = index(of: FileID(lock.number), caller)
        case .mapChanging: _ = index(of: UserfaultID(lock.number), caller)
        case .none: misuse("\(caller): LockName.none is the name of no lock; name a lock")
        }
    }
}

/// Ends the process: the ID names nothing.
@inline(never)
private func refuse<Kind>(_ name: ID<Kind>, _ count: Int, _ caller: StaticString) -> Never {
    misuse(
        "\(caller): there is no \(Kind.noun) \(name.rawValue) in this world, which has \(count) of them; use an "
            + "ID that it returned")
}
