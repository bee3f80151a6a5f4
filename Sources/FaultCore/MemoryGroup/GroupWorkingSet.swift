/// Evictions from the memory group, and the pages that come back after them (mm/workingset.c, Linux 6.1 and 6.12).
extension Machine {
    /// Notes an eviction from the group. Returns what to remember of the page: `workingset_eviction()`,
    /// `lru_gen_eviction()`.
    mutating func groupShadow(of folio: FrameNumber) -> Shadow {
        noteWrite(.memory)
        var shadow = Shadow()
        shadow.isOfGroup = true
        if keepsGenerations {
            let type = frames[folio].flags.pageType
            let uses = uses(of: folio)
            shadow.age = UInt64((group?.generations.oldest[type] ?? 0) + 1)
            shadow.uses = UInt8(uses)
            group?.generations.evicted[type].count(1, Generations.tier(ofUses: uses))
            return shadow
        }
        // Counted from 1, because 0 means no shadow.
        shadow.age = (group?.nonresidentAge ?? 0) + 1
        shadow.wasWorkingset = frames[folio].flags.contains(.workingset)
        ageNonresident()
        return shadow
    }

    /// Notes that a page that the group evicted is back: `workingset_refault()`, `lru_gen_refault()`. It is not in a
    /// list yet.
    mutating func noteGroupRefault(of folio: FrameNumber, _ shadow: Shadow) {
        noteWrite(.memory)
        let type = frames[folio].flags.pageType
        if type == .file { events.workingsetRefaultFile += 1 } else { events.workingsetRefaultAnonymous += 1 }
        group?.statistics.note(1)
        guard let state = group else { return }
        guard !keepsGenerations else {
            guard shadow.age == UInt64(state.generations.oldest[type] + 1) else { return }
            let uses = Int(shadow.uses)
            group?.generations.refaulted[type].count(1, Generations.tier(ofUses: uses))
            noteActivation(type)
            guard tasks[currentTask.index].isInFault || uses >= Generations.mostUses else { return }
            group?.pages.setUses(of: folio, Generations.mostUses)
            setFlags(of: folio, adding: .workingset)
            events.workingsetRestore += 1
            return
        }
        let distance = Int(state.nonresidentAge - (shadow.age - 1))
        func size(_ type: PageType, isActive: Bool) -> Int {
            isActive ? state.statistics.active[type] : state.statistics.inactive[type]
        }
        var workingSet = size(.file, isActive: true)
        if type == .anonymous { workingSet += size(.file, isActive: false) }
        if freeGroupSwapPages > 0 {
            workingSet += size(.anonymous, isActive: true)
            if type == .file { workingSet += size(.anonymous, isActive: false) }
        }
        guard distance <= workingSet else { return }
        noteActivation(type)
        activateRefaultInGroup(of: folio, shadow, type)
    }

    /// Makes a charged page that is back active: the end of `workingset_refault()` (Linux 6.1). The activation counts
    /// for the page's own group, even if another group evicted the page.
    mutating func activateRefaultInGroup(of folio: FrameNumber, _ shadow: Shadow, _ type: PageType) {
        setFlags(of: folio, adding: .active)
        ageNonresident()
        group?.activations[type] += 1
        guard shadow.wasWorkingset else { return }
        setFlags(of: folio, adding: .workingset)
        noteCost(1, of: type)
        events.workingsetRestore += 1
    }

    private mutating func noteActivation(_ type: PageType) {
        events.workingsetActivate += 1
        if type == .file { events.workingsetActivateFile += 1 }
    }
}
