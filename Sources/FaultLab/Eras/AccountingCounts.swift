/// The growth of the kernel's counters in one access.
public struct AccountingCounts: Equatable, Sendable, CustomStringConvertible {
    /// `min_flt`.
    public var minor: Int
    /// `maj_flt`.
    public var major: Int
    /// `pgfault`.
    public var pgfault: Int
    /// `pgmajfault`.
    public var pgmajfault: Int
    /// How often the mmap lock was taken for reading.
    public var readLocks: Int

    /// Makes counts, in the order in which they are printed.
    package init(_ minor: Int, _ major: Int, _ pgfault: Int, _ pgmajfault: Int, _ readLocks: Int) {
        self.minor = minor
        self.major = major
        self.pgfault = pgfault
        self.pgmajfault = pgmajfault
        self.readLocks = readLocks
    }

    /// Such as `0/1/2/1/2`.
    public var description: String { "\(minor)/\(major)/\(pgfault)/\(pgmajfault)/\(readLocks)" }
}
