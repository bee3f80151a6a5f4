import FaultSimulator
import ScenarioFormat

/// Blocks of devices that can be neither read nor written.
extension SimulatorRunner {
    /// Breaks blocks. Areas are those of a process.
    mutating func breakBlocks(_ blocks: Blocks, of process: Int) {
        switch blocks {
        case .file(let part):
            world.machine.breakBlocks(of: file(part.file), part.run)
            badRuns += 1
        case .area, .slots:
            for run in slots(blocks, of: process) {
                world.machine.breakSwapSlots(run)
                badRuns += 1
            }
        }
    }

    /// Makes these blocks, or all blocks, work again.
    mutating func repair(_ blocks: Blocks?, of process: Int) {
        switch blocks {
        case .file(let part): world.machine.repairBlocks(of: file(part.file), part.run)
        case .area, .slots:
            guard let blocks else { return }
            for run in slots(blocks, of: process) where work <= ScenarioLimits.work {
                world.machine.repairSwapSlots(run)
                badRuns += 1  // a run may become two
                work += badRuns >> 6
            }
        case nil:
            for (_, file) in files { world.machine.repairBlocks(of: file) }
            world.machine.repairSwapSlots()
        }
    }

    /// The machine's slots of blocks, as runs.
    private func slots(_ blocks: Blocks, of process: Int) -> [ClosedRange<Int>] {
        switch blocks {
        case .file: return []
        case .area(let part):
            let start = area(part.area, of: process).start + part.page
            let runs = world.machine.entryRuns(
                of: processes[process].map, in: start..<start + part.pages, numberedFrom: start)
            var slots: [ClosedRange<Int>] = []
            for (_, slot) in runs.swapped where slot > 0 {
                if let last = slots.last, last.upperBound + 1 == slot, isInOneArea(slot - 1, slot) {
                    slots[slots.count - 1] = last.lowerBound...slot
                } else {
                    slots.append(slot...slot)
                }
            }
            return slots
        case .slots(let first, let pages):
            let last = min(first + pages - 1, world.machine.swapPages(ofArea: 0))
            guard first <= last else { return [] }
            return [world.machine.swapSlot(at: first, inArea: 0)...world.machine.swapSlot(at: last, inArea: 0)]
        }
    }

    private func isInOneArea(_ slot: Int, _ other: Int) -> Bool {
        world.machine.swapPlace(of: slot).area == world.machine.swapPlace(of: other).area
    }
}
