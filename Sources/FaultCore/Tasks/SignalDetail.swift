/// What a forced signal tells the program besides its number and code: the `siginfo_t`, and what the kernel keeps in
/// `thread_struct` for the signal frame. A record: nothing in the simulated kernel reads it.
public struct SignalDetail: Equatable, BitwiseCopyable, Sendable {
    /// The page of the address: `si_addr`.
    public var page: PageNumber
    /// Why the processor raised the exception, as the kernel reports it. The architecture defines the bits.
    public var code: UInt32
    /// The number of the exception.
    public var trap: UInt8
    /// The protection key, for ``TaskSignal/SegvCode/protectionKey``, else 0: `si_pkey`.
    public var protectionKey: UInt8

    /// Describes a signal.
    public init(page: PageNumber, code: UInt32, trap: UInt8, protectionKey: UInt8 = 0) {
        self.page = page
        self.code = code
        self.trap = trap
        self.protectionKey = protectionKey
    }
}
