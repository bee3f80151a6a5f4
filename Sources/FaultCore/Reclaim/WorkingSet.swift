/// What is left of a reclaimed page: when it was reclaimed, and whether it had been in use. Models a shadow entry.
struct Shadow: Equatable, BitwiseCopyable, Sendable {
    /// `nonresident_age` at the eviction; 0 for no shadow.
    var age: UInt64 = 0
    /// Whether the page had `PG_workingset`.
    var wasWorkingset = false
    /// Whether the memory group evicted it. Its age is then that of the group, or the oldest generation of that time.
    var isOfGroup = false
    /// How often calls had used the page, if pages are kept by generations.
    var uses: UInt8 = 0

    /// No shadow.
    static var none: Self { Self() }
}

/// The shadow of a page of a file.
struct FileShadow: PageRow {
    var page: UInt32
    var shadow: Shadow
}

/// Refaults: pages that come back soon after they were reclaimed are made active at once (mm/workingset.c, Linux 6.1).
/// Without a frame limit, refaults are only counted.
extension Machine {
    /// Notes an eviction. Returns what to remember of the page: `workingset_eviction()`.
    ///
    /// - Parameter fromGroup: Whether reclaim of the memory group evicts the page.
    mutating func evictionShadow(of folio: FrameNumber, fromGroup: Bool = false) -> Shadow {
        if hasGroup, fromGroup || (keepsGenerations && isCharged(folio)) { return groupShadow(of: folio) }
        noteWrite(.memory)
        lists.nonresidentAge += 1
        return Shadow(age: lists.nonresidentAge, wasWorkingset: frames[folio].flags.contains(.workingset))
    }

    /// Notes that a page with a shadow is back: `workingset_refault()`.
    ///
    /// The page becomes active if it would have stayed in memory with as much room as the pages in use now take.
    mutating func noteRefault(of folio: FrameNumber, _ shadow: Shadow) {
        guard shadow != .none else { return }
        if hasGroup {
            if shadow.isOfGroup { return noteGroupRefault(of: folio, shadow) }
            // From another group than the page now belongs to: `lru_gen_refault()` (Linux 6.12) does not count it.
            if keepsGenerations, isCharged(folio) { return }
        }
        let isOfFile = frames[folio].flags.isDisjoint(with: [.anonymous, .shmem])
        guard configuration.limitsFrames else { return noteRefaultWithoutLimit(of: folio, shadow, isOfFile: isOfFile) }
        let distance = Int(lists.nonresidentAge - shadow.age)
        var workingSet = lists.count(.activeFile)
        if !isOfFile, !mistaken(.refaultForgetsFiles) { workingSet += lists.count(.inactiveFile) }
        if freeSwapPages > 0 {
            workingSet += lists.count(.activeAnonymous)
            if isOfFile { workingSet += lists.count(.inactiveAnonymous) }
        }
        if isOfFile, !mistaken(.fileRefaultCountsAsAnonymous) {
            events.workingsetRefaultFile += 1
        } else {
            events.workingsetRefaultAnonymous += 1
        }
        guard distance <= workingSet - (mistaken(.refaultTooLateByOne) ? 1 : 0) else { return }
        activate(folio)  // which notes it
        lists.nonresidentAge += 1
        events.workingsetActivate += 1
        if isOfFile { events.workingsetActivateFile += 1 }
        if shadow.wasWorkingset {
            setFlags(of: folio, adding: .workingset)
            events.workingsetRestore += mistaken(.restoreUncounted) ? 0 : 1
        }
    }

    /// Notes that a page is back on a machine with plenty of memory, where only madvise(2) reclaims. As long as there
    /// is room to swap, private memory counts as gone for a short time, because all pages in use would have competed
    /// with it.
    ///
    /// A page of a memory group that madvise(2) reclaimed comes back this way, too: that reclaim is not the group's
    /// (`sc->target_mem_cgroup`), so the shadow is measured by the whole machine. If the page counts as gone for a short
    /// time, it becomes active in its group.
    ///
    /// Differs: a page of a file is never activated, whatever ``MachineSettings/otherFilePages`` says. Linux activates it
    /// if the pages that were evicted or activated since are no more than the active file pages and, with room to swap,
    /// all anonymous pages (6.1), or if the oldest generation of files is still the same (6.12). On a machine at rest
    /// that is so. The recordings are of a machine where it never was, not even for the page that was evicted last.
    private mutating func noteRefaultWithoutLimit(of folio: FrameNumber, _ shadow: Shadow, isOfFile: Bool) {
        guard !isOfFile else {
            events.workingsetRefaultFile += 1
            return
        }
        events.workingsetRefaultAnonymous += 1
        let distance = lists.nonresidentAge - shadow.age + 1
        guard
            model.refaultTest == .generation || swap.free > 0 || distance <= UInt64(max(0, settings.otherFilePages))
        else { return }
        events.workingsetActivate += 1
        guard isCharged(folio) else {
            noteWrite(.memory)
            lists.nonresidentAge += 1
            return
        }
        activateRefaultInGroup(of: folio, shadow, .anonymous)
    }

    /// Remembers a page of a file that was reclaimed.
    mutating func setShadow(_ shadow: Shadow, of file: FileID, at index: PageIndex) {
        guard shadow != .none else { return }
        let page = UInt32(truncatingIfNeeded: index.rawValue)
        noteWrite(.file(file))
        files[file.index].shadows.set(FileShadow(page: page, shadow: shadow))
    }

    /// Takes the shadow of a page of a file, because the page is back.
    mutating func takeShadow(of file: FileID, at index: PageIndex) -> Shadow {
        guard !files[file.index].shadows.isEmpty else { return .none }
        let page = UInt32(truncatingIfNeeded: index.rawValue)
        guard let known = files[file.index].shadows.remove(page) else { return .none }
        noteWrite(.file(file))
        return known.shadow
    }

    /// Forgets the pages `first` to `last` of a file, which the file no longer has: part of `truncate_inode_pages()`.
    package mutating func forgetShadows(of file: FileID, from first: PageIndex, through last: PageIndex) {
        guard !files[file.index].shadows.isEmpty else { return }
        noteWrite(.file(file))
        files[file.index].shadows.removeAll(from: first.rawValue, through: last.rawValue)
    }

    /// Adds to `sink` the lists in their order, and the age from which ages of shadows are counted.
    func addReclaimState<Sink: StateSink>(to sink: inout Sink) {
        guard keepsLists else { return }
        if hasGroup { addGroupState(to: &sink) }
        for list in LRULists.List.allCases where configuration.limitsFrames {
            sink.add(lists.count(list))
            for folio in lists.pages(of: list) { sink.add(folio, of: self) }
        }
        for file in files {
            sink.add(file.shadows.count)
            for known in file.shadows {
                sink.add(known.page)
                add(known.shadow, to: &sink)
            }
        }
        swap.forEachInUse { add($1.shadow, to: &sink) }
    }

    private func add<Sink: StateSink>(_ shadow: Shadow, to sink: inout Sink) {
        guard shadow != .none else { return sink.add(UInt64.max) }
        guard !shadow.isOfGroup else { return addGroupShadow(shadow, to: &sink) }
        sink.add((lists.nonresidentAge - shadow.age) << 1 | (shadow.wasWorkingset ? 1 : 0))
    }
}
