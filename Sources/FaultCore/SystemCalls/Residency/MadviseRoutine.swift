/// `madvise(2)`: `do_madvise()` and `madvise_walk_vmas()` (mm/madvise.c, Linux 6.1).
///
///     lock ─▶ visit ◀─┬─▶ readAhead ─▶ visit                                      WILLNEED, once an area
///                     ├─▶ swapIn ─▶ swapIn                                        WILLNEED, once a page in swap
///                     ├─▶ swapInFile ─▶ swapInFile                                the same, of tmpfs
///                     ├─▶ populate ─▶ populated ─▶ populateRelocked ─▶ populate   POPULATE_*, by area
///                     ├─▶ pageOut ─▶ pageOut                                      PAGEOUT, once a page
///                     └─▶ removed ─▶ removeRelocked ─▶ visit                      REMOVE, once an area
///     lock ─▶ findWithoutLock ─▶ lockArea ─▶ visitLocked                          DONTNEED, FREE of one area
///                     └──────────────┴─▶ locked ─▶ visit ...                      by its own lock
///     lock ─▶ populateRange ─▶ rangePopulated ─▶ rangeRelocked ─▶ populateRange   POPULATE_*, by range
///
/// Goes from area to area. A hole is skipped, and `ENOMEM` is returned at the end; only populating by range ends at a
/// hole. An error of an area ends the call at once, and what was done before it stays done. Only advice that changes
/// flags takes the lock for writing. WILLNEED and REMOVE drop the lock while the file system works, and keep the file
/// open meanwhile.
enum MadviseRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case locked
        case visit
        case readAhead
        case swapIn
        case swapInFile
        case populate
        case populated
        case populateRelocked
        case pageOut
        case populateRange
        case rangePopulated
        case rangeRelocked
        case findWithoutLock
        case lockArea
        case visitLocked
        case removed
        case removeRelocked
        case told
        case toldRelocked
    }

    struct Frame: RoutineFrame {
        /// The next page.
        var page: PageNumber
        /// How many pages, as the caller gave it.
        var pages: Int
        /// The page after the range.
        var end: PageNumber
        /// The end of the part of the area that is being populated, paged in or out, or discarded after an event; known
        /// from `swapIn`, `swapInFile`, `populate`, `pageOut` or `told` on.
        var partEnd = PageNumber(0)
        /// The page of the file where the hole begins; known while an event about ``Advice/remove`` is pending.
        var index = PageIndex(0)
        /// Keeps the file open that is read ahead, or gets a hole, while the lock is not held; known in `readAhead`,
        /// `told` and `removed`.
        var pin = FilePin.none
        /// The advice.
        var advice: Advice
        /// Whether there was a hole.
        var sawHole = false
        /// The error of the last populating run, or of punching the hole; known in `populateRelocked`, `rangeRelocked`
        /// and `removeRelocked`.
        var error: Errno?

        init(_ advice: Advice, from page: PageNumber, pages: Int) {
            self.advice = advice
            self.page = page
            self.pages = pages
            end = page + pages
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("end", end)
            visitor.visit("partEnd", partEnd)
            visitor.visit("index", index)
            visitor.visit("pin", pin)
            visitor.visit("advice", advice)
            visitor.visit("sawHole", sawHole)
            visitor.visit("error", error)
        }

        /// Takes the result of a populating run: moves on past the pages that it did, or keeps the error.
        fileprivate mutating func take(_ result: CallResult) {
            switch result {
            case .value(let pages): page = page + pages
            case .failed(let errno): error = errno
            }
        }

        /// Begins to work page by page on a part of an area.
        fileprivate mutating func enter(_ part: Range<PageNumber>) {
            page = part.lowerBound
            partEnd = part.upperBound
        }
    }

    static var number: RoutineNumber { .madvise }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.currentTask
        let map = machine.currentMap
        let advice = frame.advice
        switch stage {
        case .lock:
            guard frame.pages != 0 else { return .done }
            guard !machine.argumentRules.wraps(frame.page, frame.pages) else { return .failed(.invalid) }
            if advice.takesAreaLock(machine.model) { return .next(.findWithoutLock) }
            let wanted: RoutineCall =
                advice.changesFlags
                ? machine.taking(.mmap(map), .write, .killable) : machine.taking(.mmap(map), .read)
            return .call(wanted, then: .locked)

        case .findWithoutLock:
            fault = VMFault()
            fault.task = task
            fault.map = map
            fault.page = frame.page
            if machine.findAreaWithoutLock(of: &fault) { return .next(.lockArea) }
            return .call(machine.taking(.mmap(map), .read), then: .locked)

        case .lockArea:
            switch machine.tryAreaLock(of: &fault) {
            case .replaced: return .next(.findWithoutLock)
            case .refused: break
            case .locked:
                // For more than one area, the mmap lock is taken, which guards all of them.
                let area = machine.area(of: fault)
                if frame.end <= area.end, !area.flags.isRegistered { return .next(.visitLocked) }
                machine.releaseFaultLock(of: &fault)
            }
            return .call(machine.taking(.mmap(map), .read), then: .locked)

        case .visitLocked:
            let error = discard(frame.page..<frame.end, of: machine.area(of: fault), advice, map, &machine)
            machine.releaseFaultLock(of: &fault)
            return error.map { .failed($0) } ?? .done

        case .locked:
            guard resumed.errno == nil else { return .failed(.interrupted) }
            return .next(advice.populates && machine.model.populatePages == .byRange ? .populateRange : .visit)

        case .visit:
            return visit(&frame, map, &machine)

        case .readAhead:
            machine.unpin(&frame.pin)
            return .call(machine.taking(.mmap(map), .read), then: .visit)

        case .swapIn:
            guard let (page, slot) = machine.firstSwappedOut(in: frame.page..<frame.partEnd, of: map) else {
                frame.page = frame.partEnd
                machine.drainOwnBatches()
                return .next(.visit)
            }
            if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .swapIn) }
            machine.readSwapAhead(slot, by: task)
            frame.page = page + 1
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .swapIn) }
            return .next(.swapIn)

        case .swapInFile:
            guard let slot = nextOfFile(&frame, map, machine) else {
                frame.page = frame.partEnd
                machine.drainOwnBatches()
                return .next(.visit)
            }
            if machine.mustReclaim(for: task) { return .call(machine.reclaiming, then: .swapInFile) }
            machine.readSwapAhead(slot, by: task)
            frame.page = frame.page + 1
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .swapInFile) }
            return .next(.swapInFile)

        case .populate:
            guard frame.page < frame.partEnd else { return .next(.visit) }
            guard let area = machine.area(containing: frame.page, in: map) else { return end(.noMemory, map, &machine) }
            let flags: GUPFlags = advice == .populateWrite ? [.touch, .hwpoison, .write] : [.touch, .hwpoison]
            guard GetUserPagesRoutine.allows(area, flags) else { return end(.invalid, map, &machine) }
            let pages = min(area.end, frame.partEnd) - frame.page
            return .call(
                GetUserPagesRoutine.call(.unlockable, from: frame.page, pages: pages, flags, in: map), then: .populated)

        case .populated:
            return relock(after: resumed.result(), then: .populateRelocked, &frame, map, &fault, &machine)

        case .populateRelocked:
            return frame.error.map { end($0, map, &machine) } ?? .next(.populate)

        case .populateRange:
            guard frame.page < frame.end else { return end(nil, map, &machine) }
            var flags: GUPFlags = [.touch, .hwpoison, .advice]
            if advice == .populateWrite { flags.insert(.write) }
            return .call(
                GetUserPagesRoutine.call(
                    .unlockableRange, from: frame.page, pages: frame.end - frame.page, flags, in: map),
                then: .rangePopulated)

        case .rangePopulated:
            return relock(after: resumed.result(), then: .rangeRelocked, &frame, map, &fault, &machine)

        case .rangeRelocked:
            guard let errno = frame.error else { return .next(.populateRange) }
            let isKnown = [.interrupted, .invalid, .badAddress, .hardwarePoison].contains(errno)
            return end(isKnown ? errno : .noMemory, map, &machine)

        case .pageOut:
            guard frame.page < frame.partEnd else { return .next(.visit) }
            frame.page = PageOut.reclaimNext(frame.page..<frame.partEnd, of: map, by: task, &machine)
            if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .pageOut) }
            return .next(.pageOut)

        case .removed:
            frame.error = resumed.errno
            machine.unpin(&frame.pin)
            return .call(machine.taking(.mmap(map), .read), then: .removeRelocked)

        case .removeRelocked:
            return frame.error.map { end($0, map, &machine) } ?? .next(.visit)

        case .told:
            guard advice == .remove else { return .call(machine.taking(.mmap(map), .read), then: .toldRelocked) }
            let punch = FileCall.punchHole(frame.index, pages: frame.partEnd - frame.page)
            frame.page = frame.partEnd
            return .call(machine.calling(punch, on: frame.pin.file), then: .removed)

        case .toldRelocked:
            return discardTold(&frame, map, &machine)
        }
    }

    /// Takes the result of a populating run, and the lock again if the run has lost it.
    private static func relock(
        after result: CallResult, then next: Stage, _ frame: inout Frame, _ map: MapID, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        frame.take(result)
        let isLocked = fault.lock != .none
        fault.lock = .none
        return isLocked ? .next(next) : .call(machine.taking(.mmap(map), .read), then: next)
    }

    /// One turn of the loop of `madvise_walk_vmas()`: `madvise_vma_behavior()` for the next area.
    private static func visit(
        _ frame: inout Frame, _ map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let advice = frame.advice
        guard frame.page < frame.end else { return end(frame.sawHole ? .noMemory : nil, map, &machine) }
        guard let position = machine.maps[map.index].areas.firstPosition(endingAfter: frame.page) else {
            return end(.noMemory, map, &machine)
        }
        let area = machine.maps[map.index].areas[position]
        if frame.page < area.start {
            frame.sawHole = true
            frame.page = area.start
            guard area.start < frame.end else { return end(.noMemory, map, &machine) }
        }
        let part = frame.page..<min(area.end, frame.end)
        frame.page = part.upperBound

        switch advice {
        case .normal, .random, .sequential, .dontFork, .doFork, .wipeOnFork, .keepOnFork:
            if advice == .wipeOnFork, area.file != .none || area.flags.contains(.shared) {
                return end(.invalid, map, &machine)
            }
            let flags = advice.flags(from: area.flags)
            guard flags != area.flags else { return .next(.visit) }
            if let wait = machine.waitToWrite(changing: part, at: position, in: map, to: flags) {
                frame.page = part.lowerBound
                return .sleep(wait, then: .visit)
            }
            guard let changed = machine.changeFlags(of: part, at: position, in: map, to: flags) else {
                return end(.tryAgain, map, &machine)
            }
            // The changed area may have been merged, and then reaches further.
            frame.page = max(part.upperBound, machine.maps[map.index].areas[changed].end)
            return .next(.visit)

        case .dontNeed, .dontNeedLocked, .free:
            if area.flags.isRegistered, mayDiscard(area, advice), let wait = waitToTell(part, in: map, machine) {
                frame.page = part.lowerBound
                return .call(wait, then: .visit)
            }
            if area.flags.isRegistered, mayDiscard(area, advice),
                machine.noteRemoval(part, of: area, by: machine.currentTask)
            {
                frame.enter(part)
                machine.unlock(.mmap(map), by: machine.currentTask)
                return .call(machine.tellingEvents(), then: .told)
            }
            if let error = discard(part, of: area, advice, map, &machine) { return end(error, map, &machine) }
            return .next(.visit)

        case .willNeed:
            guard area.file != .none else {
                frame.enter(part)
                return .next(.swapIn)
            }
            guard !machine.traits(of: area.file).contains(.shmem) else {
                frame.enter(part)
                return .next(.swapInFile)
            }
            let pages = part.upperBound - part.lowerBound
            let read = FileCall.willNeed(area.fileIndex(of: part.lowerBound), pages: pages)
            return .call(callUnlocked(read, on: area.file, &frame, map, &machine), then: .readAhead)

        case .remove:
            if let error = refusal(toRemove: area, machine.model) { return end(error, map, &machine) }
            if area.flags.isRegistered, let wait = waitToTell(part, in: map, machine) {
                frame.page = part.lowerBound
                return .call(wait, then: .visit)
            }
            if area.flags.isRegistered, machine.noteRemoval(part, of: area, by: machine.currentTask) {
                frame.enter(part)
                frame.index = area.fileIndex(of: part.lowerBound)
                frame.pin = machine.pin(area.file)
                machine.unlock(.mmap(map), by: machine.currentTask)
                return .call(machine.tellingEvents(), then: .told)
            }
            let pages = part.upperBound - part.lowerBound
            let punch = FileCall.punchHole(area.fileIndex(of: part.lowerBound), pages: pages)
            return .call(callUnlocked(punch, on: area.file, &frame, map, &machine), then: .removed)

        case .cold, .pageOut:
            if area.flags.contains(.locked) { return end(.invalid, map, &machine) }
            machine.drainOwnBatches()
            if advice == .cold {
                PageOut.makeCold(part, of: map, &machine)
                return .next(.visit)
            }
            frame.enter(part)
            return .next(.pageOut)

        case .populateRead, .populateWrite:
            frame.enter(part)
            return .next(.populate)
        }
    }

    /// The slot of the next swapped page of a tmpfs area's file. Sets the frame's page to the page that the slot
    /// belongs to.
    private static func nextOfFile(_ frame: inout Frame, _ map: MapID, _ machine: Machine) -> Int? {
        guard let area = machine.area(containing: frame.partEnd - 1, in: map) else { return nil }
        let end = area.fileIndex(of: frame.partEnd)
        let last = machine.model.sharedWillNeed == .onePageMore ? end : end - 1
        let first = area.startIndex + (frame.page - area.start)
        guard let (index, slot) = machine.firstSwapped(of: area.file, from: first), index <= last else { return nil }
        frame.page = area.start + (index - area.startIndex)
        return slot
    }

    /// Drops the lock for a call on the file of an area, which may sleep, and keeps the file open meanwhile.
    private static func callUnlocked(
        _ call: FileCall, on file: FileID, _ frame: inout Frame, _ map: MapID, _ machine: inout Machine
    ) -> RoutineCall {
        frame.pin = machine.pin(file)
        machine.unlock(.mmap(map), by: machine.currentTask)
        return machine.calling(call, on: file)
    }

    /// Why the pages of an area can't be removed from its file; `nil` if they can: the checks of `madvise_remove()`.
    private static func refusal(toRemove area: VMA, _ model: KernelModel) -> Errno? {
        if area.flags.contains(.locked) || area.file == .none { return .invalid }
        let needed: VMAFlags = model.removableMemory == .writable ? [.shared, .write] : .shared
        return area.flags.isSuperset(of: needed) ? nil : .accessDenied
    }

    static func end(_ errno: Errno?, _ map: MapID, _ machine: inout Machine) -> RoutineStep<Stage, CallResult> {
        machine.unlock(.mmap(map), by: machine.currentTask)
        return errno.map { .failed($0) } ?? .done
    }
}
