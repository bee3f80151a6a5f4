/// What the calls that a task has under way keep alive, as the checker counts it.
extension Machine {
    /// How many pins a task has on a file: its fault's, and those of calls that wait for the file without the mmap lock.
    func pins(on file: FileID, by task: TaskState) -> Int {
        var counter = PinCounter(file)
        visitFrames(of: task, &counter)
        let isFaults = task.fault.lockDropped && task.fault.file == file
        return counter.count + (isFaults ? 1 : 0)
    }

    /// How many uses a task has of `map`, the memory map of another process: from `mmget()` to `mmput()`.
    func uses(of map: MapID, by task: TaskState) -> Int {
        var counter = MapUseCounter(map)
        visitFrames(of: task, &counter)
        return counter.count
    }

    /// Shows the fields of all frames of a task's stack.
    private func visitFrames<Visitor: FieldVisitor>(of task: TaskState, _ visitor: inout Visitor) {
        for call in task.stack {
            switch call.routine {
            case .handlerFault: handler(of: call).visit(.fault, call, in: model, &visitor)
            case .handlerMkwrite: handler(of: call).visit(.pageMkwrite, call, in: model, &visitor)
            case .faultEntry: entry.visit(call, &visitor)
            case .fileCall: configuration.fileOperations[Int(call.plugIn)].visit(call.fileCall, call, &visitor)
            case .userfaultRoutine: configuration.userfaults?.visit(call.userfaultRoutine, call, &visitor)
            default: call.visitFrame(&visitor)
            }
        }
    }

    private func handler(of call: Activation) -> any VMOperationTable {
        configuration.vmOperations[Int(call.plugIn) - 1]
    }
}

/// Counts the fields that keep a file open.
struct PinCounter: FieldVisitor {
    private let file: FileID
    private(set) var count = 0

    init(_ file: FileID) { self.file = file }

    mutating func visit(_ name: StaticString, word: UInt64) {}

    mutating func visit(_ name: StaticString, _ pin: FilePin) { if pin.file == file { count += 1 } }
}

/// Counts the fields that keep a memory map alive.
struct MapUseCounter: FieldVisitor {
    private let map: MapID
    private(set) var count = 0

    init(_ map: MapID) { self.map = map }

    mutating func visit(_ name: StaticString, word: UInt64) {}

    mutating func visit(_ name: StaticString, _ use: MapUse) { if use.map == map { count += 1 } }
}
