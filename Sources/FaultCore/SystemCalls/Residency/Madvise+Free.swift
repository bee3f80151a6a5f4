extension MadviseRoutine {
    /// Discards pages of one area: `madvise_dontneed_free()`.
    static func discard(
        _ part: Range<PageNumber>, of area: VMA, _ advice: Advice, _ map: MapID, _ machine: inout Machine
    ) -> Errno? {
        guard mayDiscard(area, advice) else { return .invalid }
        machine.drainOwnBatches()
        guard advice == .free else {
            let marksAccessed = machine.hasRecency(area)
            let task = machine.currentTask
            var run = SwapRun()
            machine.forEachEntry(in: part, of: map) { machine, page, leaf, entry in
                run.goOn(entry, at: page, in: leaf, below: part.upperBound, machine)
                machine.zapEntry(
                    entry, at: page, in: map, leaf: leaf, of: area, marksAccessed: marksAccessed,
                    freesSlot: run.freesAtOnce(page), by: task)
            }
            return nil
        }
        guard area.isAnonymous else { return .invalid }
        machine.makeFree(part, of: map, by: machine.currentTask)
        return nil
    }
}

extension Machine {
    /// `madvise_free_pte_range()`: lets pages of private memory be dropped instead of swapped, until they are written
    /// to again.
    ///
    /// Their entries become clean and old but stay writable, so that the next store needs no fault. A page that is
    /// itself dirty becomes clean, too, unless another process maps it. The zero page stays as it is. A swapped-out
    /// page is dropped at once.
    mutating func makeFree(_ range: Range<PageNumber>, of map: MapID, by task: TaskID) {
        var run = SwapRun()
        forEachEntry(in: range, of: map) { machine, page, leaf, entry in
            guard entry.isPresent else {
                if entry.isMarker { return }
                run.goOn(entry, at: page, in: leaf, below: range.upperBound, machine)
                return machine.zapEntry(
                    entry, at: page, in: map, leaf: leaf, marksAccessed: false, freesSlot: run.freesAtOnce(page),
                    by: task)
            }
            guard entry.mapsCountedFrame else { return }
            let frame = machine.frames[entry.frame]
            if !frame.flags.isDisjoint(with: [.dirty, .swapCache]) {
                guard !frame.flags.contains(.locked), frame.mappings == 1 else { return }
                if frame.flags.contains(.swapCache), !machine.freeSwap(of: entry.frame) { return }
                machine.clearDirty(entry.frame)
            }
            let bits = entry.bits.subtracting([.young, .dirty])
            machine.changeEntry(entry, to: bits, at: page, in: map, leaf: leaf)
            machine.setFlags(of: entry.frame, adding: .lazyFree, removing: [.referenced, .active])
            if machine.isCharged(entry.frame) {
                machine.freeLazilyInGroup(entry.frame)
            } else {
                machine.rotateReclaimable(entry.frame)
            }
        }
    }
}
