import FaultSimulator
import ScenarioFormat

/// The observation of swap.
extension SimulatorRunner {
    /// `swapped` and `slots` of a process.
    func swappedPages(of process: Int) -> (swapped: [String: [ClosedRange<Int>]], slots: [String: [Saw.SlotRun]]) {
        var swapped: [String: [ClosedRange<Int>]] = [:]
        var slots: [String: [Saw.SlotRun]] = [:]
        guard !swapDevices.isEmpty else { return (swapped, slots) }
        let machine = world.machine
        for (id, area) in processes[process].areas where !area.isRemoved {
            let range = (area.start - Self.pagesBelow)..<(area.start + area.mostPages)
            let entries = machine.entryRuns(of: processes[process].map, in: range, numberedFrom: area.start)
            // The entry of a lost page looks like a swap entry; from 6.6 on its slot is the number of a kind of marker.
            let isMarker = machine.model.lostPage == .isMemoryError
            let lost = entries.lost.flatMap { $0.map { (page: $0, slot: Self.lostPageMarker, isLost: true) } }
            let pages = (entries.swapped.map { ($0.page, $0.slot, false) } + lost).sorted { $0.page < $1.page }
            guard !pages.isEmpty else { continue }
            var runs: [ClosedRange<Int>] = []
            var slotRuns: [Saw.SlotRun] = []
            for (page, slot, isLost) in pages {
                if let last = runs.last, last.upperBound + 1 == page {
                    runs[runs.count - 1] = last.lowerBound...page
                } else {
                    runs.append(page...page)
                }
                if !isLost || isMarker { add(page, machine.swapPlace(of: slot), to: &slotRuns) }
            }
            swapped[id] = runs
            if !slotRuns.isEmpty { slots[id] = slotRuns }
        }
        return (swapped, slots)
    }

    /// `PTE_MARKER_POISONED`.
    private static let lostPageMarker = 2

    private func add(_ page: Int, _ place: (area: Int, offset: Int), to runs: inout [Saw.SlotRun]) {
        let (area, offset) = place
        let device = swapDevices.count > 1 ? area : nil
        if let last = runs.last, last.pages.upperBound + 1 == page, last.device == device,
            last.slot + last.pages.count == offset
        {
            runs[runs.count - 1].pages = last.pages.lowerBound...page
        } else {
            runs.append(Saw.SlotRun(pages: page...page, slot: offset, device: device))
        }
    }

    /// `file_swapped`; nil while a thread waits.
    func swappedPagesOfFiles() -> [String: [ClosedRange<Int>]]? {
        guard !swapDevices.isEmpty, world.machine.waitLinks.isEmpty else { return nil }
        var pages: [String: [ClosedRange<Int>]] = [:]
        for (name, file) in files {
            let runs = world.machine.swappedRuns(of: file)
            if !runs.isEmpty { pages[name] = runs }
        }
        return pages.isEmpty ? nil : pages
    }

    /// `incore` of a mincore that has ended.
    func inCorePages(_ part: AreaPart, of process: Int) -> [ClosedRange<Int>] {
        let start = area(part.area, of: process).start
        let first = start + part.page
        return world.machine.inCoreRuns(
            of: processes[process].map, in: first..<first + part.pages, numberedFrom: start)
    }
}

extension SimulatorRunner {
    /// The assumptions about pages of other files in the machine's statistics, if they make a difference: without swap,
    /// Linux 6.1 uses this number to decide whether a page was gone for long. The statistics lag behind, so they may
    /// have no such pages.
    static func otherFilePages(in scenario: Scenario, as options: PlayOptions) -> [Int] {
        let givesSwapUp = scenario.lines.contains { $0.operation == .swapoff }
        guard givesSwapUp, options.kernel.model.refaultTest == .distance else { return [.max] }
        return [.max] + Array(0..<mostOtherFilePages)
    }

    private static let mostOtherFilePages = 33
}

extension Saw {
    /// Adds the counts of swap and reclaim since `before`.
    mutating func count(_ machine: Machine, since before: MachineEvents, _ failures: Int) {
        let events = machine.events
        var swapped = SwapCounts()
        swapped.read = events.pswpin - before.pswpin
        swapped.written = events.pswpout - before.pswpout
        swapped.zeroesFilled = events.swapZeroIn - before.swapZeroIn
        swapped.zeroesNoted = events.swapZeroOut - before.swapZeroOut
        swapped.cached = machine.swapCachedPages
        swapped.readAhead = events.swapReadahead - before.swapReadahead
        swapped.aheadHits = events.swapReadaheadHits - before.swapReadaheadHits
        swap = swapped == SwapCounts() ? nil : swapped

        var reclaimed = ReclaimCounts()
        reclaimed.refaultsOfAnonymous = events.workingsetRefaultAnonymous - before.workingsetRefaultAnonymous
        reclaimed.refaultsOfFiles = events.workingsetRefaultFile - before.workingsetRefaultFile
        reclaimed.activatedFiles = events.workingsetActivateFile - before.workingsetActivateFile
        reclaimed.activatedAnonymous =
            events.workingsetActivate - before.workingsetActivate - reclaimed.activatedFiles
        reclaimed.lazilyFreed = events.pglazyfreed - before.pglazyfreed
        reclaimed.killed = events.oomKill - before.oomKill
        reclaimed.limitFailures = (machine.memoryGroup?.events.outOfMemory ?? 0) - failures
        reclaim = reclaimed == ReclaimCounts() ? nil : reclaimed
    }
}
