import FaultCore

/// `filemap_fault()` of Kirill Shutemov's RFC of February 2014: ``FileFault2_6_37``, which also finds the pages around
/// in one look-up, and locks those that it can lock without waiting.
///
/// They are locked before the page itself, and stay locked while the fault waits for that page. So up to 31 page locks
/// are held during a read, and two faults on neighbours can wait for each other forever. The mail says that it was
/// hardly tested.
///
/// A page with a readahead mark is treated like any other, so its readahead is never triggered.
enum FileFaultAround2014: Routine {
    typealias Stage = FileFault2_6_37.Stage

    static func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        let fillsAround = fault.flags.contains(.around)
        if stage == .findFolio, fillsAround { lockSecondaryPages(fault, &machine) }
        let step = FileFault2_6_37.step(stage, &frame, resumed, &fault, &machine)
        guard fillsAround, case .done(let result) = step else { return step }
        if result.isError || result.contains(.retry) {
            machine.dropAround(of: fault)
            return step
        }
        return .done(result.union(.around))
    }

    /// `find_get_pages_or_null()` and `lock_secondary_pages()`: the pages of the aligned block of 32, except those
    /// outside the area or the file.
    private static func lockSecondaryPages(_ fault: VMFault, _ machine: inout Machine) {
        let area = machine.area(of: fault)
        let aligned = PageNumber(fault.page.rawValue & ~UInt64(Machine.aroundPages - 1))
        let first = max(aligned, area.start)
        let end = min(aligned + Machine.aroundPages, area.end)
        for page in 0..<(end - first) where first + page != fault.page {
            let index = fault.index + (first + page - fault.page)
            guard index.value < machine.pages(of: fault.file),
                let folio = machine.cachedFolio(at: index, of: fault.file)
            else { continue }
            machine.addAround(folio, of: fault)
        }
    }
}

// MARK: - What it reads

extension FileFaultAround2014 {
    /// The same as for the fault of 2.6.37, and the neighbouring pages in the batch.
    static func reads(_ stage: Stage, _ frame: EmptyFrame, _ view: StageView) -> Footprint {
        let reads = FileFault2_6_37.reads(stage, frame, view)
        guard view.fault.flags.contains(.around) else { return reads }
        return reads.union([.file(view.fault.file)], view.cache(of: view.fault.file))
    }
}
