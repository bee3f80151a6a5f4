/// Where an error is kept until it is reported: a write of a file's pages has failed.
@frozen
package struct WriteErrors: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    package var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The open file: the next fsync(2) or msync(2) on it fails. Models `mapping->wb_err` ahead of `f_wb_err`.
    @inlinable
    package static var openFile: Self { Self(rawValue: 1) }
    /// Callers without a file: the next such call fails. Models `AS_EIO`.
    @inlinable
    package static var mapping: Self { Self(rawValue: 2) }
}
