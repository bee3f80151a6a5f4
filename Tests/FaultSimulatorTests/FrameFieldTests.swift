import Testing

@testable import FaultArchX86
@testable import FaultArchitectures
@testable import FaultCore
@testable import FaultFilemap

@Suite("The fields of frames")
struct FrameFieldTests {
    /// The routines whose frames are not typed yet. In the end there is none.
    private static let unconverted: [RoutineNumber] = [
        .getUserPages, .populate, .mmap, .mprotect, .madvise, .mremap, .mlock, .mlockAll, .brk, .msync, .mincore, .fork,
        .exit, .readProcMaps, .fileTransfer, .fileCommand, .pause, .throttle, .remoteRead, .reclaim, .faultCaller,
    ]

    /// Routines that are plugged in: see ``pluggedIn``.
    private static let seams: [RoutineNumber] = [.faultEntry, .handlerFault, .handlerMkwrite, .fileCall]

    private static let unmapping = Unmapping(
        tables: PageNumber(0)..<PageNumber(512), mayDowngrade: true, endsFile: false, isSequential: true)
    private static let neighbours = FaultAroundOneByOne.Neighbours(
        page: PageNumber(2), next: PageNumber(1), last: PageNumber(3), result: .major, flags: .write)

    /// Frames of each routine of the core: each optional field with and without a value, each case of each enum that has
    /// a payload.
    private static let core: [(routine: RoutineNumber, frames: [any RoutineFrame])] = [
        (.touch, [TouchRoutine.Frame(page: PageNumber(1), left: 2, stride: 3, offset: 4, access: .write)]),
        (
            .userAccess,
            [1, nil].map { UserAccessRoutine.Frame(page: PageNumber(1), access: .read, mode: .user, mostTries: $0) }
        ),
        (.pageFault, [PageFault.Frame(neighbours: nil), PageFault.Frame(neighbours: neighbours)]),
        (.takeLock, [LockRoutine.Frame(lock: .mmap(MapID(0)), mode: .read, wait: .killable)]),
        (.lockFolio, [LockFolioRoutine.Frame(folio: FrameNumber(1), wait: .killable)]),
        (
            .munmap,
            [
                MunmapRoutine.Frame(page: PageNumber(1), pages: 2, unmapping: nil, error: nil),
                MunmapRoutine.Frame(page: PageNumber(1), pages: 2, unmapping: unmapping, error: .noMemory),
            ]
        ),
    ]

    /// Frames of what our modules plug in, and what else they have of fields that are listed.
    private static let pluggedIn: [any FieldList] = [
        EmptyFrame(), X86FaultEntry.Frame(), ArchFaultEntry.Frame(), ReadaheadFrame(), RetryingMkwrite.Frame(),
        NoState(), JournaledInode(), PunchedHole(),
    ]

    @Test("every routine has frames here, of its own type, or is one of those that are not typed yet")
    func everyRoutine() {
        for routine in RoutineNumber.allCases {
            var frame: Any.Type?
            var none: Void = ()
            var more: Void = ()
            var last: Void = ()
            let isTyped = CoreRoutines.route(routine, to: FrameType.self, &frame, &none, &more, &last) != nil
            let samples = Self.core.filter { $0.routine == routine }.flatMap(\.frames)
            #expect(isTyped != (Self.unconverted + Self.seams).contains(routine), "\(routine)")
            #expect(isTyped == !samples.isEmpty, "\(routine) needs samples of its frame in FrameFieldTests.core")
            for sample in samples { #expect(type(of: sample) == frame, "\(routine)") }
        }
    }

    @Test("a frame shows each of its stored fields once, in order, under its own name, payloads too")
    func fieldsAreShown() {
        for list in Self.core.flatMap(\.frames) as [any FieldList] + Self.pluggedIn {
            for complaint in FieldAudit.complaints(about: list) { Issue.record("\(complaint)") }
        }
    }

    @Test("the samples have each optional field with and without a value")
    func optionals() {
        for (routine, frames) in Self.core {
            var seen: [String: Set<Bool>] = [:]
            for child in frames.flatMap({ Mirror(reflecting: $0).children }) {
                let value = Mirror(reflecting: child.value)
                guard value.displayStyle == .optional else { continue }
                seen[child.label ?? "", default: []].insert(value.children.isEmpty)
            }
            for (label, kinds) in seen { #expect(kinds.count == 2, "\(routine): \(label)") }
        }
    }

    @Test("a field that is not shown, shown twice, out of order, or under another name is found")
    func auditFinds() {
        struct Forgetful: FieldList {
            var first = 1
            var second: Int? = 2
            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("first", first) }
        }
        struct Doubled: FieldList {
            var first = 1
            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
                visitor.visit("first", first)
                visitor.visit("first", first)
            }
        }
        struct Swapped: FieldList {
            var first = 1
            var second = 2
            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
                visitor.visit("second", second)
                visitor.visit("first", first)
            }
        }
        struct Outer: FieldList {
            var inner: Forgetful? = Forgetful()
            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("inner", inner) }
        }
        enum Choice: FieldList {
            case none
            case some(Int, last: Int)
            func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
                switch self {
                case .none: visitor.visit("kind", 0)
                case .some(let first, _):
                    visitor.visit("kind", 1)
                    visitor.visit("first", first)
                }
            }
        }
        #expect(!FieldAudit.complaints(about: Forgetful()).isEmpty)
        #expect(!FieldAudit.complaints(about: Doubled()).isEmpty)
        #expect(!FieldAudit.complaints(about: Swapped()).isEmpty)
        #expect(!FieldAudit.complaints(about: Outer()).isEmpty)
        #expect(FieldAudit.complaints(about: Outer(inner: nil)).isEmpty)
        #expect(FieldAudit.complaints(about: Choice.none).isEmpty)
        #expect(!FieldAudit.complaints(about: Choice.some(1, last: 2)).isEmpty)
    }

    @Test("a frame has at most 48 bytes, and a routine under way at most 72")
    func sizes() {
        for list in Self.core.flatMap(\.frames) as [any FieldList] + Self.pluggedIn {
            let size = FieldAudit.size(of: list)
            #expect(size <= 48, "\(type(of: list)) has \(size) bytes")
        }
        // 80 until the last routine has a frame of its own: then ``Activation/frame`` goes.
        #expect(MemoryLayout<Activation>.size <= 80)
    }
}

/// Tells the type of a routine's frame.
private enum FrameType: RoutineUser {
    static func use<R: Routine>(
        _: R.Type, _ frame: inout Any.Type?, _ none: inout Void, _ more: inout Void, _ last: inout Void
    ) { frame = R.Frame.self }
}

/// Compares what a list of fields shows with what it stores.
private enum FieldAudit {
    static func size(of list: some FieldList) -> Int { MemoryLayout.size(ofValue: list) }

    /// What is wrong with a list; nothing, if it shows what it stores.
    static func complaints(about list: some FieldList) -> [String] {
        var shown = ShownFields()
        list.visit(&shown)
        let mirror = Mirror(reflecting: list)
        var expected = mirror.displayStyle == .enum ? ["*"] : []
        var names: [String] = []
        for (label, value) in fields(of: mirror) {
            let isPresent = isOptionalWithValue(value)
            // A field that may be missing is shown as whether it is there, then as what it is.
            expected += Array(repeating: label, count: isPresent ? 2 : 1)
            names.append(label)
        }
        var complaints: [String] = []
        let agree =
            expected.count == shown.names.count
            && zip(expected, shown.names).allSatisfy { $0 == $1 || $0 == "*" }
        if !agree { complaints.append("\(type(of: list)) stores \(expected), and shows \(shown.names)") }
        let named = names.filter { $0 != "*" }
        if Set(named).count != named.count { complaints.append("\(type(of: list)) has one name twice: \(names)") }
        return complaints + shown.parts.flatMap { self.complaints(about: $0) }
    }

    /// The stored fields; of an enum, the payload's, of which those without a label have any name.
    private static func fields(of mirror: Mirror) -> [(String, Any)] {
        guard mirror.displayStyle == .enum else { return mirror.children.map { ($0.label ?? "*", $0.value) } }
        guard let payload = mirror.children.first?.value else { return [] }
        let inner = Mirror(reflecting: payload)
        guard inner.displayStyle == .tuple else { return [("*", payload)] }
        return inner.children.map { ($0.label.map { $0.hasPrefix(".") ? "*" : $0 } ?? "*", $0.value) }
    }

    private static func isOptionalWithValue(_ value: Any) -> Bool {
        let mirror = Mirror(reflecting: value)
        return mirror.displayStyle == .optional && !mirror.children.isEmpty
    }
}

/// Keeps the names of fields as they are shown, and the lists among them.
private struct ShownFields: FieldVisitor {
    var names: [String] = []
    var parts: [any FieldList] = []

    mutating func visit(_ name: StaticString, word: UInt64) { names.append("\(name)") }

    mutating func visit(_ name: StaticString, _ folio: FrameNumber) { names.append("\(name)") }

    mutating func visit<Part: FieldList>(_ name: StaticString, _ part: Part) {
        names.append("\(name)")
        parts.append(part)
    }
}
