/// What the calls that tasks have under way keep alive, as the checker counts it.
extension Machine {
    /// Counts the files and memory maps that a task's calls keep in use. A fault pins its file, and so does a call that
    /// waits for a file without the mmap lock. A call keeps the memory map of another process in use from `mmget()` to
    /// `mmput()`.
    func countHoldings(ofTaskAt index: Int, in holdings: inout HoldingCounter) {
        visitFrames(ofTaskAt: index, &holdings)
        if tasks[index].fault.lockDropped, tasks[index].fault.file != .none {
            holdings.add(pinOn: tasks[index].fault.file)
        }
    }

    /// Shows the fields of all frames of a task's stack.
    func visitFrames<Visitor: FieldVisitor>(ofTaskAt index: Int, _ visitor: inout Visitor) {
        for place in 0..<tasks[index].stack.count {
            let call = tasks[index].stack[place]
            switch call.routine {
            case .handlerFault: handler(of: call).visit(.fault, call, in: model, &visitor)
            case .handlerMkwrite: handler(of: call).visit(.pageMkwrite, call, in: model, &visitor)
            case .faultEntry: entry.visit(call, &visitor)
            case .fileCall: configuration.fileOperations[Int(call.plugIn)].visit(call.fileCall, call, &visitor)
            case .fileTransfer, .throttle: configuration.pageCache.visit(call.pageCacheRoutine, call, &visitor)
            case .userfaultRoutine: configuration.userfaults?.visit(call.userfaultRoutine, call, &visitor)
            default: call.visitFrame(&visitor)
            }
        }
    }

    private func handler(of call: Activation) -> any VMOperationTable {
        configuration.vmOperations[Int(call.plugIn) - 1]
    }
}

/// Counts the fields that keep a file open or a memory map alive, by file and by map.
struct HoldingCounter: FieldVisitor {
    private(set) var pins: [Int32]
    private(set) var uses: [Int32]

    init(files: Int, maps: Int) {
        pins = [Int32](repeating: 0, count: files)
        uses = [Int32](repeating: 0, count: maps)
    }

    mutating func add(pinOn file: FileID) { pins[file.index] += 1 }

    mutating func visit(_ name: StaticString, word: UInt64) {}

    mutating func visit(_ name: StaticString, _ pin: FilePin) { if pin.file != .none { add(pinOn: pin.file) } }

    mutating func visit(_ name: StaticString, _ use: MapUse) { if use.map != .none { uses[use.map.index] += 1 } }
}
