import FaultSimulator
import ScenarioFormat

/// Blocks of devices that can be neither read nor written.
extension SimulatorRunner {
    /// Breaks blocks. Areas are those of a process.
    mutating func breakBlocks(_ blocks: Blocks, of process: Int) {
        switch blocks {
        case .file(let part): world.machine.breakBlocks(of: file(part.file), part.run)
        case .area, .slots: for slot in slots(blocks, of: process) { world.machine.breakSwapSlots(slot...slot) }
        }
    }

    /// Makes these blocks, or all blocks, work again.
    mutating func mend(_ blocks: Blocks?, of process: Int) {
        switch blocks {
        case .file(let part): world.machine.mendBlocks(of: file(part.file), part.run)
        case .area, .slots:
            guard let blocks else { return }
            for slot in slots(blocks, of: process) { world.machine.mendSwapSlots(slot...slot) }
        case nil:
            for (_, file) in files { world.machine.mendBlocks(of: file) }
            world.machine.mendSwapSlots()
        }
    }

    /// The machine's slots of blocks.
    private func slots(_ blocks: Blocks, of process: Int) -> [Int] {
        switch blocks {
        case .file: return []
        case .area(let part):
            let start = area(part.area, of: process).start + part.page
            let runs = world.machine.entryRuns(
                of: processes[process].map, in: start..<start + part.pages, numberedFrom: start)
            return runs.swapped.map(\.slot).filter { $0 > 0 }
        case .slots(let first, let pages):
            let last = min(first + pages - 1, world.machine.swapPages(ofArea: 0))
            guard first <= last else { return [] }
            return (first...last).map { world.machine.swapSlot(at: $0, inArea: 0) }
        }
    }
}
