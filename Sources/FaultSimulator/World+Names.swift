/// Finding tasks, files, devices and areas by name.
extension World {
    /// The task with this name.
    ///
    /// - Precondition: There is one; `Machine.task(named:)` asks.
    public func task(named name: String) -> TaskID {
        guard let task = machine.task(named: name) else { misuse("World.task: no task is named \"\(name)\"") }
        return task
    }

    /// The file with this name.
    ///
    /// - Precondition: There is one; `Machine.file(named:)` asks.
    public func file(named name: String) -> FileID {
        guard let file = machine.file(named: name) else { misuse("World.file: no file is named \"\(name)\"") }
        return file
    }

    /// The device with this name.
    ///
    /// - Precondition: There is one; `Machine.device(named:)` asks.
    public func device(named name: String) -> DeviceID {
        guard let device = machine.device(named: name) else { misuse("World.device: no device is named \"\(name)\"") }
        return device
    }

    /// The area with this name in the process of `task`. After a fork, the child's copy has the same name.
    ///
    /// - Precondition: There is one; `Machine.pages(named:in:)` asks.
    public func area(named name: String, in task: TaskID) -> Area {
        let map = machine.map(of: task)
        guard let pages = machine.pages(named: name, in: map) else {
            misuse("World.area: the process of \(task) has no memory named \"\(name)\"")
        }
        return Area(map: map, start: pages.lowerBound, pages: pages.upperBound - pages.lowerBound)
    }
}
