package import FaultCore

/// The decisions of an entry as pure functions: what an access needs, and what a refusal leads to.
extension ArchFaultEntry {
    /// Why an access is refused.
    package enum Refusal: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// There is no area, it can't grow, or the wait for the mmap lock was killed.
        case notMapped
        /// The area does not allow the access.
        case accessDenied
        /// The handler returned `OOM`.
        case outOfMemory
        /// The handler returned `SIGBUS`.
        case noData
        /// The handler returned `HWPOISON` or `HWPOISON_LARGE`.
        case memoryError
        /// The handler returned `SIGSEGV`.
        case handlerRefused
        /// A fatal signal is pending, and the attempt was abandoned.
        case dying
        /// The guest is notified that its page will come: `VM_FAULT_PFAULT` of s390.
        case pseudoFault
        /// The handler returned an error that no architecture knows: `BUG()`.
        case unexpected
    }

    /// The result of a refused access for the task.
    package enum Reply: Equatable, BitwiseCopyable, Sendable {
        /// A signal is forced on it.
        case signal(TaskSignal)
        /// It ends with this outcome.
        case outcome(EntryOutcome)
    }

    /// The flags with which a fault begins.
    package func flags(for exception: FaultException, isUserMode: Bool) -> FaultFlags {
        var flags = FaultFlags.default
        if isUserMode { flags.insert(.user) }
        if exception.access == .execute, architecture.marksFetch { flags.insert(.instruction) }
        if exception.access == .write { flags = architecture.storeLosesFlags ? .write : flags.union(.write) }
        return flags
    }

    /// Whether an area refuses an access: the `access_error()` of the architecture.
    package func isRefused(_ exception: FaultException, by area: VMAFlags) -> Bool {
        switch exception.access {
        case .write: return !area.contains(.write)
        case .read: return exception.translationPresent || area.isDisjoint(with: architecture.loadNeeds)
        case .execute:
            if architecture.checksFetch { return !area.contains(.execute) }
            return exception.translationPresent || area.isDisjoint(with: architecture.loadNeeds)
        }
    }

    /// The refusal for an error of `handle_mm_fault()`; `nil` if no error bit is set.
    package static func refusal(of result: FaultResult) -> Refusal? {
        guard result.isError else { return nil }
        if result.contains(.oom) { return .outOfMemory }
        if result.contains(.sigsegv) { return .handlerRefused }
        if !result.isDisjoint(with: [.hwpoison, .hwpoisonLarge]) { return .memoryError }
        return result.contains(.sigbus) ? .noData : .unexpected
    }

    /// The reply to a refused access, depending on the mode of the task.
    ///
    /// - Parameters:
    ///   - refusal: The refusal.
    ///   - mode: The mode of the access.
    ///   - isUserMode: Whether the program itself made the access. A guest's exit to its host has an exception-table
    ///     entry.
    package static func reply(to refusal: Refusal, _ mode: FaultException.Mode, isUserMode: Bool) -> Reply {
        if refusal == .unexpected { return .outcome(.oops) }
        guard isUserMode else { return .outcome(mode == .kernelWithoutFixup ? .oops : .fixup) }
        switch refusal {
        case .notMapped, .handlerRefused: return .signal(.segv(.notMapped))
        case .accessDenied: return .signal(.segv(.accessDenied))
        case .outOfMemory: return .outcome(.replay)  // after pagefault_out_of_memory()
        case .noData: return .signal(.bus(.noSuchAddress))
        case .memoryError: return .signal(.bus(.memoryError))
        case .dying: return .outcome(.killed)
        case .pseudoFault: return .outcome(.fixup)
        case .unexpected: return .outcome(.oops)
        }
    }
}
