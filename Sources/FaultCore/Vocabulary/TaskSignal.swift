/// A signal, with the code that says why it was sent.
public enum TaskSignal: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// Why SIGSEGV was sent; the raw value is `si_code`.
    public enum SegvCode: UInt8, BitwiseCopyable, Sendable {
        /// `SEGV_MAPERR`: nothing is mapped there.
        case notMapped = 1
        /// `SEGV_ACCERR`: the mapping does not allow the access.
        case accessDenied = 2
        /// `SEGV_PKUERR`: a protection key does not allow the access.
        case protectionKey = 4
    }

    /// Why SIGBUS was sent; the raw value is `si_code`.
    public enum BusCode: UInt8, BitwiseCopyable, Sendable {
        /// `BUS_ADRERR`: there is no data at that address.
        case noSuchAddress = 2
        /// `BUS_MCEERR_AR`: the page has a memory error.
        case memoryError = 4
    }

    /// SIGSEGV.
    case segv(SegvCode)
    /// SIGBUS.
    case bus(BusCode)
    /// SIGKILL: no handler runs, killable waits end, the task dies.
    case kill
    /// SIGUSR1, as a stand-in for every signal that has a handler.
    case user1

    /// The kernel's names, such as `SIGSEGV/MAPERR`.
    public var description: String {
        switch self {
        case .segv(.notMapped): "SIGSEGV/MAPERR"
        case .segv(.accessDenied): "SIGSEGV/ACCERR"
        case .segv(.protectionKey): "SIGSEGV/PKUERR"
        case .bus(.noSuchAddress): "SIGBUS/ADRERR"
        case .bus(.memoryError): "SIGBUS/MCEERR_AR"
        case .kill: "SIGKILL"
        case .user1: "SIGUSR1"
        }
    }
}

extension TaskSignal {
    /// A number for the signal and its code.
    var word: UInt64 {
        switch self {
        case .segv(let code): 1 | UInt64(code.rawValue) << 8
        case .bus(let code): 2 | UInt64(code.rawValue) << 8
        case .kill: 3
        case .user1: 4
        }
    }
}
