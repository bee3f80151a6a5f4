import FaultSimulator

@testable import FaultCore

/// A machine in which something is done that no law allows, and what the check says that looks on.
struct EventCheck: Sendable, CustomStringConvertible {
    /// What is done.
    let description: String
    /// The words in which it is reported.
    let report: String
    private let model: KernelModel
    private let make: @Sendable (inout Stand) throws -> Void

    init(
        _ description: String, says report: String, _ model: KernelModel = .linux6_1,
        _ make: @escaping @Sendable (inout Stand) throws -> Void
    ) {
        self.description = description
        self.report = report
        self.model = model
        self.make = make
    }

    /// What was reported.
    func messages() throws -> [String] {
        var stand = try Stand(model)
        try make(&stand)
        return stand.machine.violations.map(\.message)
    }

    static let all: [EventCheck] = attempts + leftovers + exceptions + locks + contents

    /// A process with a page that it has written, and one that it has not, and a fault of it that has its lock.
    struct Stand {
        var play: Play
        let area: Area
        let file: FileID
        var fault = VMFault()
        var machine: Machine {
            get { play.world.machine }
            set { play.world.machine = newValue }
        }
        var task: TaskID { play.task }

        init(_ model: KernelModel) throws {
            play = try Play(model)
            area = try play.world.map(anonymousPages: 4, in: play.task)
            file = try play.world.file(pages: 4, resident: .all)
            try play.perform(.write(area))
            play.world.machine.scheduler.current = play.task
            fault.task = play.task
            fault.map = area.map
            fault.page = area[1]
            fault.flags = .default
            fault.isException = true
            _ = play.world.machine.findArea(of: &fault)
            _ = play.world.machine.tryLock(.mmap(area.map), .read, for: play.task)
            fault.lock = .mmap
        }

        var cached: FrameNumber { machine.cachedFolio(at: 0, of: file) ?? .none }

        /// An exception begins.
        mutating func enter() {
            let access = UInt64(fault.exception.access.rawValue)
            play.world.machine.record(.exception, task, fault.page.rawValue, access)
        }

        /// An attempt begins, and is counted.
        mutating func begin() {
            play.world.machine.countAttempt(of: fault)
            play.world.machine.checkAttemptStart(fault)
        }

        mutating func end(_ result: FaultResult) {
            play.world.machine.checkAttemptEnd(&fault, result)
            play.world.machine.record(.attemptEnded, task)
        }

        /// The entry has come back.
        mutating func leave() {
            play.world.machine.record(
                .stage, task, UInt64(RoutineNumber.touch.rawValue), UInt64(TouchRoutine.Stage.exceptionHandled.rawValue)
            )
        }

        mutating func unlock() {
            play.world.machine.unlock(.mmap(area.map), by: task)
            fault.lock = .none
        }
    }

    // MARK: Contents

    private static let contents: [EventCheck] = [
        EventCheck("a page is dropped that was changed", says: "is dropped with a content that was not written") {
            $0.machine.setStamp(of: $0.cached, 7)
            $0.machine.checkDropping(of: $0.cached)
        }
    ]

    // MARK: Attempts

    private static let attempts: [EventCheck] = [
        EventCheck("an attempt has TRIED without ALLOW_RETRY", says: "TRIED with flags") {
            $0.fault.flags = .tried
            $0.begin()
        },
        EventCheck("an attempt has TRIED and ALLOW_RETRY, where that goes", says: "TRIED with flags", .linux5_1) {
            $0.fault.flags = [.allowRetry, .tried]
            $0.begin()
        },
        EventCheck("an attempt begins without a lock", says: "is called without the fault lock") {
            $0.fault.lock = .none
            $0.begin()
        },
        EventCheck("an attempt says that it has the lock, and has not", says: "is called without the fault lock") {
            $0.machine.unlock(.mmap($0.area.map), by: $0.task)
            $0.begin()
        },
        EventCheck("an attempt is not counted", says: "pgfault is 0 after 1 attempts") {
            $0.machine.recorder.memory = CheckerMemory(pgfault: $0.machine.events.pgfault)
            $0.machine.checkAttemptStart($0.fault)
        },
        EventCheck("TRIED goes away", says: "TRIED is gone from a later attempt") {
            $0.enter()
            $0.fault.flags.insert(.tried)
            $0.begin()
            $0.fault.flags.remove(.tried)
            $0.begin()
        },
        EventCheck("a third attempt", says: "an exception takes more than 2 attempts") {
            $0.enter()
            for _ in 0..<3 { $0.begin() }
        },
        EventCheck("a fourth attempt after an area's lock", says: "an exception takes more than 3 attempts", .linux6_12)
        {
            $0.enter()
            $0.machine.maps[$0.area.map.index].areaLocks.addReader($0.task, of: $0.area[0])
            $0.fault.lock = .area
            $0.begin()
            _ = $0.machine.maps[$0.area.map.index].areaLocks.removeReader($0.task)
            $0.fault.lock = .mmap
            for _ in 0..<3 { $0.begin() }
        },
        EventCheck("SIGBUS with RETRY", says: "returned SIGBUS|RETRY: ") { $0.end([.sigbus, .retry]) },
        EventCheck("RETRY with the lock", says: "returned RETRY with the lock held") { $0.end(.retry) },
        EventCheck("a result without the lock", says: "with the lock released") {
            $0.unlock()
            $0.end([])
        },
        EventCheck("a second attempt drops the lock", says: "the fault lock was dropped under") {
            $0.fault.flags.insert(.tried)
            $0.unlock()
            $0.end(.retry)
        },
        EventCheck("MAJOR without an event", says: "but counted no pgmajfault") {
            $0.begin()
            $0.end(.major)
        },
        EventCheck(
            "a fault of an entry that suits does not return 0", says: "suited already, but the fault returned NOPAGE"
        ) {
            $0.fault.page = $0.area[0]
            $0.begin()
            $0.end(.noPage)
        },
    ]

    // MARK: What is left

    private static let kept = "an attempt ends and keeps a page, a page lock, a file pin or an invalidate lock"

    private static let leftovers: [EventCheck] = [
        EventCheck("an attempt keeps a page", says: kept) {
            $0.fault.folio = $0.cached
            $0.end([])
        },
        EventCheck("an attempt keeps a copy", says: kept) {
            $0.fault.copy = $0.cached
            $0.end([])
        },
        EventCheck("an attempt says that a page is locked", says: kept) {
            $0.fault.folioLocked = true
            $0.end([])
        },
        EventCheck("an attempt keeps its neighbours", says: kept) {
            $0.machine.tasks[$0.task.index].aroundBatch = [$0.cached]
            $0.end([])
        },
        EventCheck("an attempt keeps a file open", says: kept) {
            $0.fault.lockDropped = true
            $0.end([])
        },
        EventCheck("an attempt says that it has an invalidate lock", says: kept) {
            $0.fault.invalidateLocked = true
            $0.end([])
        },
        EventCheck("an attempt leaves a page locked", says: "an attempt ends and a page stays locked") {
            _ = $0.machine.tryLock($0.cached, by: $0.task)
            $0.end([])
        },
        EventCheck("an attempt keeps an invalidate lock", says: "an attempt ends and an invalidate lock stays held") {
            _ = $0.machine.tryLock(.invalidate($0.file), .read, for: $0.task)
            $0.end([])
        },
    ]

    // MARK: Exceptions

    private static let exceptions: [EventCheck] = [
        EventCheck("a refused fault counts", says: "a fault that ended with a refusal counts 1 times") {
            $0.enter()
            $0.machine.record(.accounted, $0.task)
            $0.unlock()
            $0.leave()
        },
        EventCheck("a fault counts twice", says: "counts 2 times") {
            $0.enter()
            for _ in 0..<2 {
                $0.begin()
                $0.end([])
                $0.machine.record(.accounted, $0.task)
            }
            $0.unlock()
            $0.leave()
        },
        EventCheck("RETRY is the last word", says: "an exception ends with RETRY, and no signal is pending") {
            $0.enter()
            $0.begin()
            $0.unlock()
            $0.end(.retry)
            $0.leave()
        },
        EventCheck("an exception keeps the mmap lock", says: "an exception ends with the mmap lock held") {
            $0.enter()
            $0.leave()
        },
        EventCheck(
            "an exception keeps an area's lock", says: "an exception ends with the lock of an area held", .linux6_12
        ) {
            $0.enter()
            $0.unlock()
            $0.machine.maps[$0.area.map.index].areaLocks.addReader($0.task, of: $0.area[0])
            $0.leave()
        },
        EventCheck("a lock is dropped twice", says: "the fault lock is dropped once too often") {
            $0.enter()
            for _ in 0..<2 { $0.machine.record(.faultLockDropped, $0.task) }
        },
        EventCheck("an access faults again at once", says: "faults again, though the last fault returned") {
            $0.enter()
            $0.begin()
            $0.end([])
            $0.machine.record(.accounted, $0.task)
            $0.unlock()
            $0.leave()
            $0.enter()
        },
        EventCheck("a refused access has made a table", says: "is refused, but has changed memory") {
            $0.enter()
            _ = $0.machine.makeLeafTable($0.area.map, PageNumber(0x4000), for: $0.task)
            $0.machine.tasks[$0.task.index].outcome.signal = .segv(.notMapped)
            $0.machine.record(.signalForced, $0.task)
        },
        EventCheck("a refused access has made an entry", says: "is refused, but has changed memory") {
            $0.enter()
            let leaf = $0.machine.leafTable($0.area.map, $0.area[2])
            let zero = AnonymousFault.zeroPage(of: [.read])
            $0.machine.setSpecialEntry(zero, at: $0.area[2], in: $0.area.map, leaf: leaf)
            $0.machine.tasks[$0.task.index].outcome.signal = .segv(.accessDenied)
            $0.machine.record(.signalForced, $0.task)
        },
        EventCheck("a second page of a submission is marked", says: "marks a second page of one submission") {
            $0.machine.noteSubmission()
            for _ in 0..<2 { $0.machine.noteMark(by: $0.task) }
        },
    ]

    // MARK: Locks

    private static let locks: [EventCheck] = [
        EventCheck("a lock is waited for by who has it", says: "which it holds") {
            $0.machine.checkLockOrder(taking: .mmap($0.area.map), .read, by: $0.task)
        },
        EventCheck("the mmap lock after an invalidate lock", says: "while it holds the invalidate lock") {
            $0.unlock()
            _ = $0.machine.tryLock(.invalidate($0.file), .read, for: $0.task)
            $0.machine.checkLockOrder(taking: .mmap($0.area.map), .read, by: $0.task)
        },
        EventCheck("an area's lock, and then the mmap lock", says: "while it holds the lock of an area", .linux6_12) {
            $0.unlock()
            $0.machine.maps[$0.area.map.index].areaLocks.addReader($0.task, of: $0.area[0])
            $0.machine.checkLockOrder(taking: .mmap($0.area.map), .read, by: $0.task)
        },
        EventCheck("a page's lock, and then the mmap lock", says: "while it holds a page lock") {
            $0.unlock()
            _ = $0.machine.tryLock($0.cached, by: $0.task)
            $0.machine.checkLockOrder(taking: .mmap($0.area.map), .read, by: $0.task)
        },
        EventCheck("a lock that was not released is downgraded", says: "which it does not hold for writing") {
            $0.machine.downgrade(.mmap($0.area.map), by: $0.task)
        },
        EventCheck("a lock is released twice", says: "releases the mmap lock of map 0, which it does not hold") {
            for _ in 0..<2 { $0.machine.unlock(.mmap($0.area.map), by: $0.task) }
        },
        EventCheck("a fault's lock is released twice", says: "the fault lock is released, but is not held") {
            var fault = $0.fault
            for _ in 0..<2 { $0.machine.releaseFaultLock(of: &fault) }
        },
        EventCheck("an area's lock is released that nobody has", says: "releases the lock of an area, and holds none") {
            $0.machine.endAreaRead(in: $0.area.map, by: $0.task)
        },
        EventCheck("a fifth lock", says: "holds four locks and takes the") {
            for number in 0..<4 {
                let file = try $0.play.world.file(pages: number + 1)
                _ = $0.machine.tryLock(.inode(file), .read, for: $0.task)
            }
        },
        EventCheck("a page is unlocked twice", says: "unlocks a page that is not locked") {
            $0.machine.unlock($0.cached)
        },
        EventCheck("a page table without the mmap lock", says: "the page table is read without the mmap lock of map 0")
        {
            $0.unlock()
            $0.machine.assertMmapLocked($0.fault, "the page table is read")
        },
        EventCheck("an area changes that is read", says: "changes while a task reads under its lock", .linux6_12) {
            $0.machine.maps[$0.area.map.index].areaLocks.addReader($0.play.thread, of: $0.area[0])
            guard let area = $0.machine.area(containing: $0.area[0], in: $0.area.map) else { return }
            $0.machine.noteWrite(of: area, in: $0.area.map)
        },
        EventCheck("an area is used without a lock", says: "is used after the fault lock was dropped") {
            $0.unlock()
            _ = $0.machine.area(of: $0.fault)
        },
        EventCheck("a mapped page is freed", says: "a frame is freed with 0 references and 1 mappings") { stand in
            let folio = stand.machine.entry(of: stand.area[0], in: stand.area.map).frame
            stand.machine.updateFrame(folio) { $0.references = 0 }
            stand.machine.freeIfUnused(folio)
        },
    ]
}
