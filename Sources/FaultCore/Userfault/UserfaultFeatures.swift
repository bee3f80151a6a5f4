/// The optional features of a userfaultfd. Models `UFFD_FEATURE_*` (include/uapi/linux/userfaultfd.h), with its values.
/// ``KernelModel/Userfaults`` says which of them a kernel has.
@frozen
public struct UserfaultFeatures: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt32

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `UFFD_FEATURE_PAGEFAULT_FLAG_WP`: messages say whether the page of a fault is protected. They always do.
    @inlinable
    public static var pagefaultFlagWP: Self { Self(rawValue: 1 << 0) }
    /// `UFFD_FEATURE_EVENT_FORK`: fork(2) is reported, and the child's memory is handled by a descriptor of its own.
    @inlinable
    public static var eventFork: Self { Self(rawValue: 1 << 1) }
    /// `UFFD_FEATURE_EVENT_REMAP`: moves by mremap(2) are reported, and moved memory stays registered.
    @inlinable
    public static var eventRemap: Self { Self(rawValue: 1 << 2) }
    /// `UFFD_FEATURE_EVENT_REMOVE`: madvise(2) reports pages before it discards them.
    @inlinable
    public static var eventRemove: Self { Self(rawValue: 1 << 3) }
    /// `UFFD_FEATURE_MISSING_HUGETLBFS`. Memory of hugetlbfs is not modelled.
    @inlinable
    public static var missingHugetlbfs: Self { Self(rawValue: 1 << 4) }
    /// `UFFD_FEATURE_MISSING_SHMEM`: shared memory can be registered. It always can.
    @inlinable
    public static var missingShmem: Self { Self(rawValue: 1 << 5) }
    /// `UFFD_FEATURE_EVENT_UNMAP`: unmapping is reported.
    @inlinable
    public static var eventUnmap: Self { Self(rawValue: 1 << 6) }
    /// `UFFD_FEATURE_SIGBUS`: a task that would wait for the page gets SIGBUS instead, and no message is sent.
    @inlinable
    public static var sigbus: Self { Self(rawValue: 1 << 7) }
    /// `UFFD_FEATURE_THREAD_ID`: messages say which thread faults.
    @inlinable
    public static var threadID: Self { Self(rawValue: 1 << 8) }
    /// `UFFD_FEATURE_MINOR_HUGETLBFS`. Memory of hugetlbfs is not modelled.
    @inlinable
    public static var minorHugetlbfs: Self { Self(rawValue: 1 << 9) }
    /// `UFFD_FEATURE_MINOR_SHMEM`: shared memory can be registered for minor faults. It always can.
    @inlinable
    public static var minorShmem: Self { Self(rawValue: 1 << 10) }
    /// `UFFD_FEATURE_EXACT_ADDRESS`: messages have the address, not only the page. Here they have the page.
    @inlinable
    public static var exactAddress: Self { Self(rawValue: 1 << 11) }
    /// `UFFD_FEATURE_WP_HUGETLBFS_SHMEM`: shared memory can be write-protected. It always can.
    @inlinable
    public static var wpHugetlbfsShmem: Self { Self(rawValue: 1 << 12) }
    /// `UFFD_FEATURE_WP_UNPOPULATED`: empty entries of private memory can be write-protected, too.
    @inlinable
    public static var wpUnpopulated: Self { Self(rawValue: 1 << 13) }
    /// `UFFD_FEATURE_POISON`: pages can be poisoned. They always can, if the kernel knows the call.
    @inlinable
    public static var poison: Self { Self(rawValue: 1 << 14) }
    /// `UFFD_FEATURE_WP_ASYNC`: a store to a protected page lifts the protection, and no message is sent. Implies
    /// ``wpUnpopulated``.
    @inlinable
    public static var wpAsync: Self { Self(rawValue: 1 << 15) }
    /// `UFFD_FEATURE_MOVE`: pages can be moved. They always can, if the kernel knows the call.
    @inlinable
    public static var move: Self { Self(rawValue: 1 << 16) }
}

/// How a descriptor is opened: the flags of userfaultfd(2).
@frozen
public struct UserfaultOpening: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `UFFD_USER_MODE_ONLY`: faults of the kernel are not handled, and end in SIGBUS.
    @inlinable
    public static var userModeOnly: Self { Self(rawValue: 1 << 0) }
    /// Without `O_NONBLOCK`: a task that reads waits for a message.
    @inlinable
    public static var blocking: Self { Self(rawValue: 1 << 1) }
}

/// Which faults on an area are handed over. Models `UFFDIO_REGISTER_MODE_*`, with its values.
@frozen
public struct UserfaultModes: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `UFFDIO_REGISTER_MODE_MISSING`: faults on pages that do not exist yet.
    @inlinable
    public static var missing: Self { Self(rawValue: 1 << 0) }
    /// `UFFDIO_REGISTER_MODE_WP`: stores to pages that are write-protected.
    @inlinable
    public static var writeProtect: Self { Self(rawValue: 1 << 1) }
    /// `UFFDIO_REGISTER_MODE_MINOR`: faults on pages that are in the page cache, but not in the page table.
    @inlinable
    public static var minor: Self { Self(rawValue: 1 << 2) }

    /// The flags of an area that is registered with these modes.
    package var areaFlags: VMAFlags {
        var flags: VMAFlags = []
        if contains(.missing) { flags.insert(.userfaultMissing) }
        if contains(.writeProtect) { flags.insert(.userfaultProtect) }
        if contains(.minor) { flags.insert(.userfaultMinor) }
        return flags
    }
}

/// How a call fills pages. Models `UFFDIO_COPY_MODE_*` and its siblings; a call fails with `EINVAL` on an option that
/// it does not have.
@frozen
public struct UserfaultFillOptions: OptionSet, BitwiseCopyable, Sendable {
    /// The bits.
    public var rawValue: UInt8

    /// Makes a set of the given bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `UFFDIO_COPY_MODE_DONTWAKE`: no task is woken.
    @inlinable
    public static var dontWake: Self { Self(rawValue: 1 << 0) }
    /// `UFFDIO_COPY_MODE_WP`, `UFFDIO_CONTINUE_MODE_WP`: the pages are write-protected at once.
    @inlinable
    public static var writeProtect: Self { Self(rawValue: 1 << 1) }
    /// `UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES`: holes in the source are skipped.
    @inlinable
    public static var allowSourceHoles: Self { Self(rawValue: 1 << 2) }
}
