public import FaultCore

extension X86FaultEntry {
    /// The mode of the vsyscall page: `vsyscall=` on the kernel's command line (arch/x86/entry/vsyscall/vsyscall_64.c).
    public enum VsyscallMode: UInt8, BitwiseCopyable, Sendable {
        /// `none`: the page is like any unmapped page.
        case none
        /// `xonly`: jumps to its entry points are emulated, but it can't be read. The default of Linux 6.1.
        case executeOnly
        /// `emulate`: like `executeOnly`, and it can be read.
        case emulate
    }

    /// Whether a program may access a page beyond user memory. It may only read the vsyscall page, if the mode allows
    /// that.
    public func mapsForPrograms(_ page: PageNumber, _ access: FaultException.Access) -> Bool {
        page == Self.vsyscallPage && access == .read && vsyscall == .emulate
    }

    /// The result of an access to the vsyscall page.
    package enum VsyscallAnswer: Equatable, BitwiseCopyable, Sendable {
        /// It is not emulated. The look-up of the area continues, and finds none.
        case declined
        /// A jump into the page that hits no entry point: SIGSEGV.
        case badEntryPoint
        /// The call is done, and the program continues after it.
        case done(X86Vsyscall)
    }

    /// `emulate_vsyscall()`: the result of an access to the vsyscall page.
    ///
    /// - Parameters:
    ///   - code: The error code of the exception.
    ///   - offset: The offset of the access in the page, in bytes.
    package func emulate(_ code: X86ErrorCode, offset: UInt16) -> VsyscallAnswer {
        guard code.intersection([.write, .user]) == .user, code.contains(.instruction), vsyscall != .none else {
            return .declined
        }
        return X86Vsyscall(offset: offset).map(VsyscallAnswer.done) ?? .badEntryPoint
    }
}

/// The system calls of the vsyscall page.
public enum X86Vsyscall: UInt16, BitwiseCopyable, Sendable, CaseIterable {
    /// `gettimeofday(2)`, at the start of the page.
    case getTimeOfDay = 1
    /// `time(2)`.
    case time = 2
    /// `getcpu(2)`.
    case getCPU = 3

    /// The offset of its entry point in the page, in bytes.
    package var offset: UInt16 { (rawValue - 1) * 1024 }

    /// The call that begins at this byte of the page: `addr_to_vsyscall_nr()`.
    package init?(offset: UInt16) {
        guard offset & 1023 == 0 else { return nil }
        self.init(rawValue: offset / 1024 + 1)
    }
}

extension TaskOperation {
    /// Jumps to an entry point of the vsyscall page.
    public static func vsyscall(_ call: X86Vsyscall) -> Self {
        .jump(X86FaultEntry.vsyscallPage, offset: call.offset)
    }
}

extension OperationReport {
    /// The call that the kernel has emulated as this operation.
    public var vsyscall: X86Vsyscall? {
        guard isDone, case .jump(X86FaultEntry.vsyscallPage, _) = operation else { return nil }
        return UInt16(exactly: outcome.value).flatMap { X86Vsyscall(rawValue: $0) }
    }
}
