package import FaultCore

/// The decisions of arch/x86/mm/fault.c (Linux 6.1) as pure functions.
extension X86FaultEntry {
    /// The result of the tests at the top of `do_user_addr_fault()`.
    package enum Verdict: UInt8, BitwiseCopyable, Sendable {
        /// The fault goes on to look up the area.
        case handle
        /// `bad_area_nosemaphore()`: the access is refused without the map and without its lock.
        case badArea
        /// The kernel oopses, without a look at the exception table.
        case oops
    }

    /// Why an access is refused.
    package enum Refusal: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// There is no area, it can't grow, or the wait for the mmap lock was killed.
        case notMapped
        /// The area does not allow the access.
        case accessDenied
        /// A protection key does not allow the access.
        case protectionKey
        /// The handler returned `OOM`.
        case outOfMemory
        /// The handler returned `SIGBUS`.
        case noData
        /// The handler returned `HWPOISON` or `HWPOISON_LARGE`.
        case memoryError
        /// The handler returned `SIGSEGV`.
        case handlerRefused
        /// A fatal signal is pending, and the attempt was abandoned or failed.
        case dying
        /// The handler returned an error that no architecture knows, such as `FALLBACK`: `BUG()`.
        case unexpected
    }

    /// The result of a refused access for the task.
    package enum Reply: Equatable, BitwiseCopyable, Sendable {
        /// A signal is forced on it.
        case signal(TaskSignal)
        /// It goes back to the instruction and tries again.
        case replay
        /// It goes back to user mode, and the pending signal kills it.
        case killed
        /// The exception table's fixup runs.
        case fixup
        /// The kernel oopses.
        case oops
    }

    /// Whether an address counts as a kernel address: `fault_in_kernel_space()`.
    package func isKernelAddress(_ page: PageNumber) -> Bool {
        page >= geometry.userLimit && page != Self.vsyscallPage
    }

    /// Whether a fault on a kernel address is due to a stale translation: `spurious_kernel_fault()`.
    ///
    /// - Parameters:
    ///   - code: The error code of the exception.
    ///   - entry: The current entry in the kernel's page tables.
    package static func isSpurious(_ code: X86ErrorCode, kernelEntry entry: PTE) -> Bool {
        guard entry.isPresent else { return false }
        if code == [.write, .protection] { return entry.isWritable }
        if code == [.instruction, .protection] { return entry.bits.contains(.executable) }
        return false
    }

    /// The tests at the top of `do_user_addr_fault()`, in its order.
    ///
    /// - Parameters:
    ///   - code: The error code of the exception.
    ///   - registers: The registers of the task.
    ///   - hasMap: Whether the task has a memory map; a kernel thread has none.
    ///   - model: The kernel.
    package func verdict(
        onUserAddress code: X86ErrorCode, _ registers: X86Registers, hasMap: Bool, under model: KernelModel = .linux6_1
    ) -> Verdict {
        // The kernel executes a program's code.
        if code.contains(.instruction), !code.contains(.user), model.kernelViolation == .dies { return .oops }
        if code.contains(.reserved) { return .oops }  // pgtable_bad()
        if hasSMAP, !code.contains(.user), !registers.alignmentCheck {
            switch model.kernelViolation {
            case .dies: return .oops
            case .isBadArea: return .badArea
            }
        }
        return registers.faultsDisabled || !hasMap ? .badArea : .handle
    }

    /// Whether an access is too far below the stack pointer to be a stack access: `__do_page_fault()`, up to Linux
    /// 4.19. Only the page of the access is known, so the whole page must be too far below.
    ///
    /// - Parameters:
    ///   - page: The page.
    ///   - stackPointer: The saved stack pointer; 0 if no test has set it, and then no access is too far below.
    package static func isBelowStack(_ page: PageNumber, stackPointer: UInt64) -> Bool {
        let reach: UInt64 = 65536 + 32 * 8
        return (page.rawValue << 12 | 0xFFF) + reach < stackPointer
    }

    /// The flags with which a fault begins. The `KernelModel` then adapts them.
    package static func flags(for code: X86ErrorCode, _ registers: X86Registers) -> FaultFlags {
        var flags = FaultFlags.default
        if registers.isUserMode { flags.insert(.user) }
        if code.contains(.write) { flags.insert(.write) }
        if code.contains(.instruction) { flags.insert(.instruction) }
        return flags
    }

    /// Whether an area refuses an access: `access_error()`.
    ///
    /// - Parameters:
    ///   - code: The error code of the exception.
    ///   - area: The area.
    ///   - keyRefuses: Whether the area's protection key refuses it: `!arch_vma_access_permitted()`.
    package static func isRefused(_ code: X86ErrorCode, by area: VMAFlags, keyRefuses: Bool = false) -> Bool {
        if !code.isDisjoint(with: [.protectionKey, .sgx]) { return true }
        if keyRefuses, !code.contains(.instruction) { return true }
        if code.contains(.protection), !code.contains(.write), !mistaken(.presentEntryMayBeRead) { return true }
        return area.isDisjoint(with: wanted(code))
    }

    /// The flags of which an area must have at least one to allow the access.
    static func wanted(_ code: X86ErrorCode) -> VMAFlags { code.contains(.write) ? .write : .access }

    /// The refusal of `bad_area_access_error()`, after `access_error()` has refused the access.
    package func refusal(ofAccess code: X86ErrorCode, keyRefuses: Bool = false) -> Refusal {
        hasProtectionKeys && (code.contains(.protectionKey) || keyRefuses) ? .protectionKey : .accessDenied
    }

    /// The refusal for an error of `handle_mm_fault()`: `mm_fault_error()`, later the end of `do_user_addr_fault()`.
    ///
    /// - Parameters:
    ///   - result: The result of the attempt.
    ///   - registers: The registers of the task.
    ///   - hasFatalSignal: Whether a fatal signal is pending.
    /// - Returns: The refusal; `nil` if no error bit is set.
    package static func refusal(
        of result: FaultResult, _ registers: X86Registers, hasFatalSignal: Bool
    ) -> Refusal? {
        guard result.isError else { return nil }
        if hasFatalSignal, !registers.isUserMode { return .dying }
        if result.contains(.oom) { return .outOfMemory }
        if !result.isDisjoint(with: [.hwpoison, .hwpoisonLarge]) { return .memoryError }
        if result.contains(.sigbus) { return mistaken(.busIsSegv) ? .handlerRefused : .noData }
        return result.contains(.sigsegv) ? .handlerRefused : .unexpected
    }

    /// The reply to a refused access, depending on the mode of the task: `__bad_area_nosemaphore()`, `do_sigbus()`,
    /// `kernelmode_fixup_or_oops()`.
    package static func reply(to refusal: Refusal, _ code: X86ErrorCode, _ registers: X86Registers) -> Reply {
        if refusal == .unexpected { return .oops }
        guard registers.isUserMode else { return registers.hasFixup ? .fixup : .oops }
        switch refusal {
        case .notMapped, .handlerRefused: return segv(.notMapped, code)
        case .accessDenied: return segv(mistaken(.deniedIsNotMapped) ? .notMapped : .accessDenied, code)
        case .protectionKey: return segv(.protectionKey, code)
        case .outOfMemory: return .replay  // after pagefault_out_of_memory()
        case .noData: return .signal(.bus(.noSuchAddress))
        case .memoryError: return .signal(.bus(.memoryError))
        case .dying: return .killed
        case .unexpected: return .oops
        }
    }

    /// SIGSEGV, unless the processor itself made the access for the program; then the kernel's tables are bad.
    private static func segv(_ why: TaskSignal.SegvCode, _ code: X86ErrorCode) -> Reply {
        code.contains(.user) ? .signal(.segv(why)) : .oops
    }
}
