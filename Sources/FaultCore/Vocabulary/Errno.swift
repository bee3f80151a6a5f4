/// An error of a simulated system call: a value that a test can assert, never thrown.
///
/// The raw values are those of Linux on most architectures.
public enum Errno: Int32, BitwiseCopyable, Sendable, CustomStringConvertible {
    /// `EPERM`.
    case notPermitted = 1
    /// `ENOENT`: no area of the required kind covers the range.
    case noEntry = 2
    /// `ESRCH`: the process is gone.
    case noSuchProcess = 3
    /// `EINTR`: a signal ended the wait.
    case interrupted = 4
    /// `EIO`: a device could not read or write.
    case inputOutput = 5
    /// `EBADF`: the process has no such descriptor.
    case badDescriptor = 9
    /// `EAGAIN`.
    case tryAgain = 11
    /// `ENOMEM`: no memory, no room, or a hole in the range.
    case noMemory = 12
    /// `EACCES`: the mapping does not allow it.
    case accessDenied = 13
    /// `EFAULT`: an address that can't be accessed.
    case badAddress = 14
    /// `EBUSY`.
    case busy = 16
    /// `EEXIST`: `MAP_FIXED_NOREPLACE` found the range taken.
    case exists = 17
    /// `EINVAL`.
    case invalid = 22
    /// `EFBIG`: more pages than a file can have.
    case fileTooBig = 27
    /// `ENOSPC`.
    case noSpace = 28
    /// `ENOSYS`: the kernel has no such system call.
    case noSystemCall = 38
    /// `EHWPOISON`: a page with a memory error.
    case hardwarePoison = 133
    /// `EOVERFLOW`: pages past the end of the largest possible file.
    case overflow = 75

    /// The kernel's name.
    public var name: String {
        switch self {
        case .notPermitted: "EPERM"
        case .noEntry: "ENOENT"
        case .noSuchProcess: "ESRCH"
        case .interrupted: "EINTR"
        case .inputOutput: "EIO"
        case .badDescriptor: "EBADF"
        case .tryAgain: "EAGAIN"
        case .noMemory: "ENOMEM"
        case .accessDenied: "EACCES"
        case .badAddress: "EFAULT"
        case .busy: "EBUSY"
        case .exists: "EEXIST"
        case .invalid: "EINVAL"
        case .fileTooBig: "EFBIG"
        case .noSpace: "ENOSPC"
        case .noSystemCall: "ENOSYS"
        case .overflow: "EOVERFLOW"
        case .hardwarePoison: "EHWPOISON"
        }
    }

    /// The kernel's name.
    public var description: String { name }

    /// The value that a kernel function returns for this error: the negative number.
    @inlinable
    public var returned: Int64 { -Int64(rawValue) }

    /// The error that a kernel function returned; `nil` for success.
    @inlinable
    package init?(returned: Int64) {
        guard returned < 0, returned > -4096 else { return nil }
        self.init(rawValue: Int32(-returned))
    }
}
