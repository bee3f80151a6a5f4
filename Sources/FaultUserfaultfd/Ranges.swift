import FaultCore

/// The first checks of the ranges in calls on a descriptor.
extension Machine {
    /// Whether these pages can't be in memory: `validate_range()`.
    func isInvalid(_ page: PageNumber, _ pages: Int) -> Bool {
        pages <= 0 || page >= geometry.userLimit || pages > geometry.userLimit - page
    }

    /// Whether userfaultfd handles this kind of area: private memory, and shared memory without a file system.
    func isHandledMemory(_ area: VMA) -> Bool { area.isAnonymous || isSharedMemory(area) }

    /// Whether an area is of tmpfs: `vma_is_shmem()`.
    func isSharedMemory(_ area: VMA) -> Bool {
        !area.isAnonymous && area.file != .none && traits(of: area.file).contains(.shmem)
    }

    /// Whether an area can be registered with these flags: `vma_can_userfault()`.
    ///
    /// - Parameter isAsync: Whether the descriptor has ``UserfaultFeatures/wpAsync``.
    func canHandle(_ area: VMA, _ flags: VMAFlags, isAsync: Bool) -> Bool {
        let flags = flags.intersection(.userfaultModes)
        if flags.contains(.userfaultMinor), !isSharedMemory(area) { return false }
        if isAsync, flags == .userfaultProtect { return true }
        let support = model.userfaults
        if !area.isAnonymous, flags.contains(.userfaultProtect),
            support.rawValue < KernelModel.Userfaults.sharedProtection.rawValue
        {
            return false
        }
        if !area.isAnonymous, support.rawValue < KernelModel.Userfaults.events.rawValue { return false }
        return isHandledMemory(area)
    }

    /// Wakes the tasks that wait for pages that were filled, or have to be tried again.
    mutating func wakeUserfaults(of descriptor: UserfaultID, from page: PageNumber, pages: Int) {
        wakeUserfaults(of: descriptor, in: page..<page + pages)
    }
}

/// `UFFDIO_WAKE`: `userfaultfd_wake()`. It takes no lock, and does not check the areas.
enum Wake: Routine {
    struct Frame: RoutineFrame {
        /// The first page.
        let page: PageNumber
        /// How many pages.
        let pages: Int
        /// The descriptor.
        let descriptor: UserfaultID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("pages", pages)
            visitor.visit("descriptor", descriptor)
        }
    }

    static func step(
        _ stage: OnlyStage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, CallResult> {
        guard !machine.isInvalid(frame.page, frame.pages) else { return .failed(.invalid) }
        machine.wakeUserfaults(of: frame.descriptor, from: frame.page, pages: frame.pages)
        return .done
    }

    static func reads(_ stage: OnlyStage, _ frame: Frame, _ view: StageView) -> Footprint {
        view.queue(of: frame.descriptor)
    }
}
