import FaultSimulator
import Testing

@testable import FaultArchX86
@testable import FaultArchitectures
@testable import FaultCore
@testable import FaultFilemap
@testable import FaultUserfaultfd

@Suite("The fields of frames", .timeLimit(.minutes(60)))
struct FrameFieldTests {
    /// Routines that are plugged in: see ``pluggedIn``.
    private static let seams: [RoutineNumber] = [
        .faultEntry, .handlerFault, .handlerMkwrite, .fileCall, .fileTransfer, .throttle, .userfaultRoutine,
    ]

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
        (.mmap, mmaps),
        (.mprotect, [protection(nil), protection(3), failed(protection(3)) { $0.error = .noMemory }]),
        (.mremap, mremaps),
        (
            .mlock,
            [MlockRoutine.Request.munlock, .mlock, .mlock2(.onFault)].map {
                MlockRoutine.Frame(page: PageNumber(1), pages: 2, request: $0)
            }
        ),
        (.mlockAll, [MlockAllRoutine.Frame(locks: .current), MlockAllRoutine.Frame(locks: nil)]),
        (.brk, brks),
        (.msync, [MsyncRoutine.Frame(page: PageNumber(1), pages: 2)]),
        (.mincore, [MincoreRoutine.Frame(page: PageNumber(1), pages: 2)]),
        (.fork, [ForkRoutine.Frame(), failed(ForkRoutine.Frame()) { $0.error = .noMemory }]),
        (
            .exit,
            [
                ExitRoutine.Frame(ending: .task, map: MapID(0), use: .none),
                ExitRoutine.Frame(ending: .group, map: MapID(0), use: .none),
            ]
        ),
        (
            .readProcMaps,
            [
                ReadProcMapsRoutine.Frame(map: MapID(1)),
                failed(ReadProcMapsRoutine.Frame(map: MapID(1))) { $0.error = .noSuchProcess },
            ]
        ),
        (
            .pause,
            [
                PauseRoutine.Frame.sleep(nanoseconds: 1), PauseRoutine.Frame.compute(nanoseconds: 2),
                PauseRoutine.Frame.kill(TaskID(0), .kill),
                PauseRoutine.Frame.setArchWords(ArchWords(first: 1, second: 2)), PauseRoutine.Frame.refuse,
                PauseRoutine.Frame.fail(.fileTooBig),
            ]
        ),
        (
            .getUserPages,
            [GetUserPagesRoutine.Frame(page: PageNumber(1), left: 2, flags: .write, map: MapID(0), mode: .held)]
        ),
        (.populate, [PopulateRoutine.Frame(page: PageNumber(1), end: PageNumber(3), errors: .endCall)]),
        (.madvise, [advice, failed(advice) { $0.error = .invalid }]),
        (.faultCaller, [caller, failed(caller) { $0.error = .badAddress }]),
        (.remoteRead, [remote, failed(remote) { $0.error = .badAddress }]),
        (.swapOff, [swapOff, failed(swapOff) { $0.error = .interrupted }]),
        (.pinUserPages, [pinning, failed(pinning) { $0.error = .badAddress }]),
        (.unpin, [UnpinRoutine.Frame(PinID(1, of: TaskID(0)), makesDirty: true)]),
        (.charge, [ChargeRoutine.Frame()]),
        (.reclaim, [ReclaimRoutine.Frame(purpose: .allocation, wanted: 32)]),
        (.fileCommand, [FileRequest(.dropCache, on: FileID(0))]),
        (
            .userfaultCall,
            [UserfaultCallRoutine.Frame.open(.threadID, .blocking)]
                + userfaultCalls.map { .call(UserfaultRequest($0, on: descriptor)) }
        ),
    ]

    private static let mmaps: [MmapRoutine.Frame] = {
        let placements: [MapRequest.Placement] = [
            .anywhere, .hint(PageNumber(1)), .fixed(PageNumber(1)), .fixedNoReplace(PageNumber(1)),
        ]
        let wanted = placements.map { MmapRoutine.Frame(MapRequest(pages: 1, access: .read, placement: $0)) }
        let places: [MmapRoutine.Place] = [.fixed(PageNumber(1)), .free(PageNumber(1))]
        let placed = places.map { place in failed(wanted[0]) { $0.place = place } }
        return wanted + placed + [failed(wanted[0]) { $0.error = .noMemory }]
    }()

    private static let mremaps: [MremapRoutine.Frame] = {
        let targets: [RemapTarget] = [.inPlace, .mayMove, .fixed(PageNumber(1)), .leaving]
        let wanted = targets.map {
            MremapRoutine.Frame(page: PageNumber(1), oldPages: 1, newPages: 2, target: $0)
        }
        let progress: [MremapRoutine.Progress] = [
            .shrinking(unmapping), .ended(PageNumber(1), grewLocked: true), .failed(.noMemory),
        ]
        return wanted + progress.map { step in failed(wanted[0]) { $0.progress = step } }
    }()

    private static let brks: [BrkRoutine.Frame] = {
        let changes: [BrkRoutine.Change] = [
            .undecided, .none(PageNumber(1)), .grown(from: PageNumber(1), isLocked: true),
            .shrunk(from: PageNumber(1), unmapping),
        ]
        return changes.map { change in failed(BrkRoutine.Frame(pages: 1)) { $0.change = change } }
    }()

    private static let advice = MadviseRoutine.Frame(.willNeed, from: PageNumber(1), pages: 2)
    private static let caller = FaultCallerRoutine.Frame(FaultRequest(.fixup, .read, PageNumber(1)))
    private static let pinning = PinUserPagesRoutine.Frame(
        page: PageNumber(1), pages: 2, flags: .pin, isKept: true)
    private static let swapOff = SwapOffRoutine.Frame(area: 1)
    private static let remote = RemoteReadRoutine.Frame(.procMem, of: MapID(0), from: PageNumber(1), pages: 1)

    private static func protection(_ key: UInt8?) -> MprotectRoutine.Frame {
        var frame = MprotectRoutine.Frame(page: PageNumber(1), pages: 2, access: .read, key: key)
        if key != nil { frame.partEnd = PageNumber(2) }
        return frame
    }

    /// A frame further on.
    private static func failed<Frame: RoutineFrame>(_ frame: Frame, _ change: (inout Frame) -> Void) -> Frame {
        var later = frame
        change(&later)
        return later
    }

    /// The calls on files: each case.
    private static let fileCalls: [FileCall] = [
        .read(0, pages: 1), .write(0), .writeBegin, .readDirect(0, pages: 1, into: PageNumber(1)),
        .truncate(to: .pages(1)), .truncate(to: .bytes(1)),
        .sync(0, pages: 1), .sync(0, pages: nil), .writeAndWait(0, pages: 1), .writeAndWait(0, pages: nil), .dropCache,
        .willNeed(0, pages: 1), .punchHole(0, pages: 1), .writeback, .removePages(0, pages: 1),
        .removePages(0, pages: nil), .swapIn(0), .readahead(0, pages: 1, lookahead: 0),
    ]

    private static let descriptor = UserfaultID(rawValue: 2)

    /// The calls on descriptors: each case.
    private static let userfaultCalls: [UserfaultCall] = [
        .register(PageNumber(1), pages: 2, .missing), .unregister(PageNumber(1), pages: 2),
        .wake(PageNumber(1), pages: 2), .copy(PageNumber(1), pages: 2, from: PageNumber(5), .dontWake),
        .copy(PageNumber(1), pages: 2, from: nil, .dontWake), .zeropage(PageNumber(1), pages: 2, .dontWake),
        .continue(PageNumber(1), pages: 2, .dontWake), .poison(PageNumber(1), pages: 2, .dontWake),
        .move(PageNumber(1), pages: 2, from: PageNumber(5), .dontWake),
        .writeProtect(PageNumber(1), pages: 2, protects: true, .dontWake), .read(most: 16), .close,
        .poll(timeoutNanoseconds: 5), .pollAny(of: 3, timeoutNanoseconds: -1),
    ]

    /// Frames of what our modules plug in, and what else they have of fields that are listed.
    private static let pluggedIn: [any FieldList] =
        [
            EmptyFrame(), X86FaultEntry.Frame(), ArchFaultEntry.Frame(), RetryingMkwrite.Frame(),
            WindowRead.Frame(ReadaheadWindow(start: 0, pages: 1, lookahead: 0), of: FileID(0)),
            WillNeed.Frame(first: 0, pages: 1, file: FileID(0)),
            NoState(), JournaledInode(), PunchedHole(), FileRead.Frame(first: 0, pages: 1, file: FileID(0)),
            FilePageFrame(page: 0, file: FileID(0)), DirectRead.Frame(0, pages: 1, into: PageNumber(1), of: FileID(0)),
            DropCache.Frame(file: FileID(0)), PunchHole.Frame(first: 0, pages: 1, file: FileID(0)),
            PageRemoval.Frame(0, pages: 1, of: FileID(0)), ShmemSwapIn.Frame(page: 0, file: FileID(0)),
            Truncation.Frame(size: .pages(1), file: FileID(0)), DirtyThrottle.Frame(),
        ] + transfers + transfers.map { FileTransfer.Frame($0) } + userfaults

    private static let transfers: [TransferRequest] = [PageNumber(1), nil].map {
        TransferRequest(.read, FileID(0), 0, pages: 1, memory: $0)
    }

    private static let userfaults: [any FieldList] = [
        ReadMessages.Frame(most: 16, descriptor: descriptor), TellEvents.Frame(),
        PollMessages.Frame(descriptor, of: 3, timeout: 5), UserfaultMonitor.State(),
        HandleUserfault.Frame(reason: .missing), CloseDescriptors.Frame(closing: descriptor),
        MovePages.Frame(PageNumber(1), pages: 2, from: PageNumber(5), .dontWake, on: descriptor),
        failed(MovePages.Frame(PageNumber(1), pages: 2, from: PageNumber(5), .dontWake, on: descriptor)) {
            $0.error = .exists
        },
        Wake.Frame(page: PageNumber(1), pages: 2, descriptor: descriptor),
        Register.Frame(PageNumber(1), pages: 2, .missing, on: descriptor),
        failed(Register.Frame(PageNumber(1), pages: 2, .missing, on: descriptor)) { $0.error = .busy },
        Unregister.Frame(PageNumber(1), pages: 2, on: descriptor),
        WriteProtect.Frame(PageNumber(1), pages: 2, protects: true, .dontWake, on: descriptor),
        Fill.Frame(.copy, PageNumber(1), pages: 2, from: PageNumber(5), .dontWake, on: descriptor),
        Fill.Frame(.poison, PageNumber(1), pages: 2, .dontWake, on: descriptor),
    ]

    @Test("every routine of the core has frames here, of its own type")
    func everyRoutine() {
        for routine in RoutineNumber.allCases {
            var frame: Any.Type?
            var none = Unused()
            var more = Unused()
            var last = Unused()
            let isTyped = CoreRoutines.route(routine, to: FrameType.self, &frame, &none, &more, &last) != nil
            let samples = Self.core.filter { $0.routine == routine }.flatMap(\.frames)
            #expect(isTyped != Self.seams.contains(routine), "\(routine)")
            #expect(isTyped == !samples.isEmpty, "\(routine) needs samples of its frame in FrameFieldTests.core")
            for sample in samples { #expect(type(of: sample) == frame, "\(routine)") }
        }
    }

    @Test("a frame shows each of its stored fields once, in order, under its own name, payloads too")
    func fieldsAreShown() {
        for list in Self.core.flatMap(\.frames) as [any FieldList] + Self.pluggedIn + Self.fileCalls {
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
        for list in Self.core.flatMap(\.frames) as [any FieldList] + Self.pluggedIn + Self.fileCalls {
            let size = FieldAudit.size(of: list)
            #expect(size <= 48, "\(type(of: list)) has \(size) bytes")
        }
        #expect(MemoryLayout<Activation>.size <= 72)
    }
}

/// Tells the type of a routine's frame.
private enum FrameType: RoutineUser {
    static func use<R: Routine>(
        _: R.Type, _ frame: inout Any.Type?, _ none: inout Unused, _ more: inout Unused, _ last: inout Unused
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
