/// What a plug-in remembers of an area, a file, a device, or a task's program.
///
/// It is a plain struct of named, typed fields, and is stored in the machine: it forks with the machine, and equal
/// machines have equal state. Only the fields that ``FieldList/visit(_:)`` shows are hashed and compared, never bytes.
/// It begins with its default values. It names no page frame and keeps no file open; such things are looked up when
/// they are needed.
///
///     struct FaultCount: PluginState {
///         var faults: UInt32 = 0
///         func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("faults", faults) }
///     }
public protocol PluginState: FieldList {
    /// Makes the initial state.
    init()

    // What the engine calls. Do not implement it: its default implementation follows from the above.

    /// Shows the fields of the state that is stored in the bytes.
    static func show(_ bytes: StateBytes, to fields: inout StateFields)
}

extension PluginState {
    /// Shows the fields as they are listed.
    @inlinable
    public static func show(_ bytes: StateBytes, to fields: inout StateFields) { bytes.state(Self.self).visit(&fields) }
}

/// The state of something that remembers nothing.
@frozen
public struct NoState: Equatable, PluginState {
    /// Makes the empty state.
    @inlinable
    public init() {}

    /// Shows nothing.
    @inlinable
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {}
}

/// Storage for the state of any plug-in. Only the engine sees it in this form.
@frozen
public struct StateBytes: BitwiseCopyable, Sendable {
    @usableFromInline
    var words: (UInt64, UInt64)

    /// Storage without a state.
    @inlinable
    @inline(__always)
    init() { words = (0, 0) }

    @inlinable
    @inline(__always)
    init(firstWord: UInt64) { words = (firstWord, 0) }

    @inlinable
    @inline(__always)
    init<State: PluginState>(_ state: State) {
        words = (0, 0)
        withState(State.self) { $0 = state }
    }

    /// Calls `body` with the state that is stored in the bytes.
    @inlinable
    @inline(__always)
    mutating func withState<State: PluginState, Answer>(_: State.Type, _ body: (inout State) -> Answer) -> Answer {
        precondition(MemoryLayout<State>.size <= MemoryLayout<Self>.size, "a state has at most 16 bytes")
        return withUnsafeMutableBytes(of: &words) { bytes in
            body(&bytes.baseAddress!.assumingMemoryBound(to: State.self).pointee)
        }
    }

    /// The state that is stored in the bytes.
    @inlinable
    @inline(__always)
    func state<State: PluginState>(_: State.Type) -> State {
        var copy = self
        return copy.withState(State.self) { $0 }
    }
}

/// The fields of a state, as words: hashed, or kept as they are.
public struct StateFields: FieldVisitor, Sendable {
    /// The hash that takes the words.
    private(set) var sink: HashSink
    /// The words, if they are kept; empty if they are hashed.
    private(set) var words: [UInt64] = []
    /// How many words they make.
    private(set) var count = 0
    private let keepsWords: Bool

    /// Makes a visitor that keeps the words.
    init() {
        sink = HashSink()
        keepsWords = true
    }

    /// Makes a visitor that gives the words to a hash.
    init(to sink: HashSink) {
        self.sink = sink
        keepsWords = false
    }

    /// Takes a word.
    public mutating func visit(_ name: StaticString, word: UInt64) {
        count += 1
        if keepsWords { words.append(word) } else { sink.add(word) }
    }

    /// Refuses a page frame: its number says nothing, and nothing would hold a reference.
    public mutating func visit(_ name: StaticString, _ folio: FrameNumber) {
        misuse("PluginState: the field \(name) names a page frame; keep the page of the file, and look it up")
    }

    /// Refuses a file that is kept open: nothing would close it.
    public mutating func visit(_ name: StaticString, _ pin: FilePin) {
        misuse("PluginState: the field \(name) keeps a file open; keep its FileID")
    }

    /// Refuses a map that is kept alive: nothing would release it.
    public mutating func visit(_ name: StaticString, _ use: MapUse) {
        misuse("PluginState: the field \(name) keeps a memory map alive; keep its MapID")
    }
}

/// What the engine knows of a kind of state.
struct StateKind: Sendable {
    /// Whether there is anything to remember.
    let isKept: Bool
    /// The initial bytes.
    let beginning: StateBytes
    /// The type of the plug-in.
    let owner: ObjectIdentifier
    private let type: any PluginState.Type

    /// - Parameters:
    ///   - owner: The type of the plug-in, for the message if the state is too large.
    ///   - size: How many bytes it may have.
    init<State: PluginState>(_: State.Type, of owner: Any.Type, atMost size: Int) {
        guard MemoryLayout<State>.size <= size else {
            misuse(
                "\(owner): its \(State.self) has \(MemoryLayout<State>.size) bytes, and there is room for \(size): "
                    + "use narrower fields")
        }
        guard MemoryLayout<State>.alignment <= MemoryLayout<StateBytes>.alignment else {
            misuse(
                "\(owner): its \(State.self) must be aligned to more than 8 bytes: keep vectors as single numbers")
        }
        type = State.self
        self.owner = ObjectIdentifier(owner)
        isKept = State.self != NoState.self
        beginning = isKept ? StateBytes(State()) : StateBytes()
    }

    /// Shows the fields of a state.
    private func show(_ bytes: StateBytes, to fields: inout StateFields) { type.show(bytes, to: &fields) }

    /// The fields as one word.
    func hash(_ bytes: StateBytes) -> UInt64 {
        var fields = StateFields(to: HashSink())
        show(bytes, to: &fields)
        return fields.sink.value
    }

    /// The fields as words.
    func words(_ bytes: StateBytes) -> [UInt64] {
        var fields = StateFields()
        show(bytes, to: &fields)
        return fields.words
    }

    /// Adds the fields to a sink, as two words or more.
    func add<Sink: StateSink>(_ bytes: StateBytes, to sink: inout Sink) {
        var count = 0
        if isKept {
            if let hash = sink as? HashSink {
                var fields = StateFields(to: hash)
                show(bytes, to: &fields)
                count = fields.count
                if let hashed = fields.sink as? Sink { sink = hashed }
            } else {
                for word in words(bytes) {
                    sink.add(word)
                    count += 1
                }
            }
        }
        while count < 2 {
            sink.add(0 as UInt64)
            count += 1
        }
    }
}

extension StateKind {
    /// The kind of a state without fields.
    static var nothing: Self { Self(NoState.self, of: NoState.self, atMost: 0) }

    /// What a handler remembers of an area.
    static func ofAreas(_ handler: some VMOperationTable) -> Self { ofAreas(of: Swift.type(of: handler)) }

    private static func ofAreas<Handler: VMOperationTable>(of _: Handler.Type) -> Self {
        Self(Handler.AreaState.self, of: Handler.self, atMost: 8)
    }

    /// What a file system remembers of a file.
    static func ofFiles(_ fileSystem: some FileOperationTable) -> Self { ofFiles(of: Swift.type(of: fileSystem)) }

    private static func ofFiles<FileSystem: FileOperationTable>(of _: FileSystem.Type) -> Self {
        Self(FileSystem.InodeState.self, of: FileSystem.self, atMost: 16)
    }

    /// What a kind of device remembers of a device.
    static func ofDevices(_ device: some BlockDevice) -> Self { ofDevices(of: Swift.type(of: device)) }

    private static func ofDevices<Device: BlockDevice>(of _: Device.Type) -> Self {
        Self(Device.State.self, of: Device.self, atMost: 16)
    }

    /// What a program remembers.
    static func ofPrograms(_ program: some TaskProgram) -> Self { ofPrograms(of: Swift.type(of: program)) }

    private static func ofPrograms<Program: TaskProgram>(of _: Program.Type) -> Self {
        Self(Program.State.self, of: Program.self, atMost: 16)
    }
}
