/// The memory group as state: the parts that can influence the future.
extension Machine {
    /// Adds the group to `sink`: its counters, its pages in the order of their lists, and what reclaim remembers.
    func addGroupState<Sink: StateSink>(to sink: inout Sink) {
        guard let group, !mistaken(.keyForgetsGroup) else { return }
        sink.add(group.limit)
        sink.add(group.swapLimit)
        sink.add(group.usage)
        sink.add(group.stock)
        sink.add(group.swapUsage)
        group.addChargedSlots(to: &sink)
        for number in 1..<GroupPages.List.count {
            let list = GroupPages.List(rawValue: UInt8(number))
            sink.add(group.pages.count(list))
            for folio in group.pages.pages(of: list) { addPage(folio, to: &sink) }
        }
        let batches = group.batches
        for batch in [batches.added, batches.activated, batches.rotated, batches.deactivated, batches.lazilyFreed] {
            sink.add(batch.count)
            for folio in batch { addPage(folio, to: &sink) }
        }
        sink.add(group.cost.anonymous)
        sink.add(group.cost.file)
        sink.add(group.activations.anonymous - group.activationsBefore.anonymous)
        sink.add(group.activations.file - group.activationsBefore.file)
        addStatistics(of: group, to: &sink)
        sink.add(group.workersPreempt)
        sink.add(group.refused.count)
        for task in group.refused { sink.add(task) }
        if keepsGenerations { addGenerations(group.generations, to: &sink) }
    }

    private func addStatistics<Sink: StateSink>(of group: GroupState, to sink: inout Sink) {
        guard !keepsGenerations else { return }
        for type in PageType.allCases {
            sink.add(group.statistics.inactive[type])
            sink.add(group.statistics.active[type])
            sink.add(group.activations[type] - group.statistics.activations[type])
        }
        sink.add(group.statistics.changes)
        sink.add(group.statistics.reports)
    }

    private func addPage<Sink: StateSink>(_ folio: FrameNumber, to sink: inout Sink) {
        sink.add(folio, of: self)
        guard let pages = group?.pages else { return }
        let generation = pages.generation(of: folio).map { $0 + 1 } ?? 0
        sink.add(
            UInt64(pages.marks(of: folio).rawValue) | UInt64(pages.uses(of: folio)) << 8 | UInt64(generation) << 16)
    }

    private func addGenerations<Sink: StateSink>(_ state: Generations, to sink: inout Sink) {
        sink.add(state.newest - state.oldest.anonymous)
        sink.add(state.newest - state.oldest.file)
        sink.add(state.newest & (Generations.most - 1))
        sink.add(state.newest - state.walked)
        for type in PageType.allCases {
            state.refaulted[type].forEach { sink.add($0) }
            state.evicted[type].forEach { sink.add($0) }
        }
        for filter in state.filters {
            sink.add(filter.map(\.tables.count) ?? -1)
            for table in filter?.tables ?? [] { sink.add(table) }
        }
        sink.add(state.knownMaps)
        for map in maps { sink.add(state.usedMaps.contains(map.id)) }
    }

    /// Adds the shadow of a page that the group evicted to `sink`.
    func addGroupShadow<Sink: StateSink>(_ shadow: Shadow, to sink: inout Sink) {
        guard let group else { return }
        guard !keepsGenerations else {
            // The age is one more than the generation, because 0 means no shadow. Only the distance to the newest
            // generation matters.
            sink.add((mistaken(.keyForgetsWhenEvicted) ? 0 : group.generations.newest + 1) - Int(shadow.age))
            sink.add(UInt64(shadow.uses) | 1 << 32)
            return
        }
        sink.add((group.nonresidentAge + 1 - shadow.age) << 1 | (shadow.wasWorkingset ? 1 : 0))
        sink.add(UInt64(1) << 32)
    }
}
