/// What a task keeps in the frames of its routines, for hashes and the canonical form.
extension Machine {
    /// Adds to `sink` a routine that is under way, without the pages that its frame names; see
    /// ``addMemory(ofTask:to:)``.
    @inline(__always)
    func add<Sink: StateSink>(_ call: Activation, to sink: inout Sink) {
        sink.add(
            UInt64(call.routine.rawValue) | UInt64(call.stageNumber) << 8 | UInt64(call.selector) << 16
                | UInt64(call.plugIn) << 32)
        sink.add(call.resumed.kindNumber)
        sink.add(call.resumed.detail)
        switch call.routine {
        case .faultEntry: addEntryFrame(call, to: &sink)
        case .handlerFault: addHandlerFrame(.fault, call, to: &sink)
        case .handlerMkwrite: addHandlerFrame(.pageMkwrite, call, to: &sink)
        case .fileCall: addFileFrame(call, to: &sink)
        case .fileTransfer, .throttle: addPageCacheFrame(call.pageCacheRoutine, call, to: &sink)
        case .userfaultRoutine: addUserfaultFrame(call, to: &sink)
        default:
            var fields = OwnFields(sink: sink)
            call.visitFrame(&fields)
            sink = fields.sink
        }
    }

    private func addEntryFrame<Sink: StateSink>(_ call: Activation, to sink: inout Sink) {
        if Sink.self == HashSink.self {
            var hash = FieldHash()
            entry.hash(call, into: &hash)
            sink.add(hash.value)
        } else {
            var fields = OwnFields(sink: sink)
            entry.visit(call, &fields)
            sink = fields.sink
        }
    }

    private func addHandlerFrame<Sink: StateSink>(_ kind: HandlerCall, _ call: Activation, to sink: inout Sink) {
        let operations = configuration.vmOperations[Int(call.plugIn) - 1]
        if Sink.self == HashSink.self {
            var hash = FieldHash()
            operations.hash(kind, call, in: model, into: &hash)
            sink.add(hash.value)
        } else {
            var fields = OwnFields(sink: sink)
            operations.visit(kind, call, in: model, &fields)
            sink = fields.sink
        }
    }

    private func addFileFrame<Sink: StateSink>(_ call: Activation, to sink: inout Sink) {
        let operations = configuration.fileOperations[Int(call.plugIn)]
        if Sink.self == HashSink.self {
            var hash = FieldHash()
            operations.hash(call.fileCall, call, into: &hash)
            sink.add(hash.value)
        } else {
            var fields = OwnFields(sink: sink)
            operations.visit(call.fileCall, call, &fields)
            sink = fields.sink
        }
    }

    private func addPageCacheFrame<Sink: StateSink>(
        _ routine: PageCacheRoutine, _ call: Activation, to sink: inout Sink
    ) {
        if Sink.self == HashSink.self {
            var hash = FieldHash()
            configuration.pageCache.hash(routine, call, into: &hash)
            sink.add(hash.value)
        } else {
            var fields = OwnFields(sink: sink)
            configuration.pageCache.visit(routine, call, &fields)
            sink = fields.sink
        }
    }

    private func addUserfaultFrame<Sink: StateSink>(_ call: Activation, to sink: inout Sink) {
        guard let userfaults = configuration.userfaults else { return }
        if Sink.self == HashSink.self {
            var hash = FieldHash()
            userfaults.hash(call.userfaultRoutine, call, into: &hash)
            sink.add(hash.value)
        } else {
            var fields = OwnFields(sink: sink)
            userfaults.visit(call.userfaultRoutine, call, &fields)
            sink = fields.sink
        }
    }

    /// Whether one of the routines that a task has under way names a page in its frame.
    func works(_ task: TaskState, on folio: FrameNumber) -> Bool {
        task.stack.contains { call in
            let folios = namedFolios(call).folios
            return folios.0 == folio || folios.1 == folio || folios.2 == folio
        }
    }

    /// The pages that the frame of a routine names.
    @inline(__always)
    func namedFolios(_ call: Activation) -> NamedFolios {
        var named = NamedFolios()
        switch call.routine {
        case .fileCall: configuration.fileOperations[Int(call.plugIn)].visit(call.fileCall, call, &named)
        case .fileTransfer, .throttle: configuration.pageCache.visit(call.pageCacheRoutine, call, &named)
        case .userfaultRoutine: configuration.userfaults?.visit(call.userfaultRoutine, call, &named)
        default: call.visitFrame(&named)
        }
        return named
    }
}
