extension Saw {
    /// The state of an operation.
    public enum State: String, CaseIterable, Sendable {
        /// It has ended.
        case done
        /// Its thread sleeps.
        case waiting
        /// Its thread has ended.
        case gone
        /// It runs forever, and never comes to rest.
        case running
    }

    /// What a waiting thread sleeps for.
    public enum WaitReason: String, CaseIterable, Sendable {
        /// A page that is being read or written, its own direct read, or a commit of the journal.
        case io
        /// A page locked by a task, not by a read.
        case pageLock = "page_lock"
        /// The mmap lock, for reading.
        case mmapRead = "mmap_read"
        /// The mmap lock, for writing.
        case mmapWrite = "mmap_write"
        /// A file's lock between truncation and filling its page cache.
        case invalidateLock = "invalidate_lock"
        /// A file's i_rwsem.
        case inodeLock = "inode_lock"
        /// The lock of an area, for writing.
        case vmaLock = "vma_lock"
        /// Too many dirty pages.
        case dirtyThrottle = "dirty_throttle"
        /// A pause: reclaim sleeps.
        case pause
        /// The answer of a descriptor's reader to its fault.
        case uffd
        /// An event of its own to be read from a descriptor.
        case uffdEvent = "uffd_event"
        /// A message of the descriptor that it reads.
        case uffdMessage = "uffd_message"
        /// Nothing: its fault goes to a descriptor again and again, because a signal is pending.
        case spin
    }

    /// How a waiting thread holds an mmap lock.
    public enum LockHold: String, CaseIterable, Sendable {
        /// For reading.
        case read
        /// For writing.
        case write
        /// Not at all: `null` in the format.
        case notHeld
    }

    /// How often a lock was taken.
    public struct LockCounts: Equatable, Sendable {
        /// Times it was taken for reading.
        public var read: Int
        /// Times it was taken for writing.
        public var write: Int

        /// Makes counts; the arguments are the properties of the same names.
        public init(read: Int, write: Int) {
            self.read = read
            self.write = write
        }
    }

    /// The signal that a touch raised.
    public enum TouchSignal: String, CaseIterable, Sendable {
        /// There is no area.
        case segvMapError = "SIGSEGV/MAPERR"
        /// The area does not permit the touch.
        case segvAccessError = "SIGSEGV/ACCERR"
        /// The area's file has no such page.
        case busAddressError = "SIGBUS/ADRERR"
        /// The page's memory, or its swap slot, is broken.
        case busMemoryError = "SIGBUS/MCEERR_AR"
    }

    /// Resident pages by kind, or their change.
    public struct ResidentCounts: Equatable, Sendable {
        /// Anonymous pages.
        public var anon: Int
        /// Pages of files on disks.
        public var file: Int
        /// Pages of tmpfs files and of shared anonymous areas.
        public var shmem: Int

        /// Makes counts; the arguments are the properties of the same names.
        public init(anon: Int, file: Int, shmem: Int) {
            self.anon = anon
            self.file = file
            self.shmem = shmem
        }
    }

    /// A thread whose operation waits.
    public struct WaitingThread: Equatable, Sendable {
        /// `for`: what it sleeps for.
        public var waitsFor: WaitReason
        /// `area`: the area of the fault whose answer it waits for.
        public var area: String?
        /// `page`: the page in its file that it sleeps for, if it is a page; with `area` the page in that area.
        public var page: Int?
        /// `reason`: why that fault went to a descriptor.
        public var reason: UserfaultReason?
        /// `slot`: the swap slot of the page that it sleeps for, if that is in the swap cache.
        public var slot: Int?
        /// `holds.mmap`: how it holds the mmap lock of the process that its operation works on.
        public var holds: LockHold?
        /// `handled`: how often the handler of SIGUSR1 ran while it still waits; nil for never.
        public var handled: Int?

        /// Makes a waiting thread; the arguments are the properties of the same names.
        public init(
            waitsFor: WaitReason, area: String? = nil, page: Int? = nil, reason: UserfaultReason? = nil,
            slot: Int? = nil, holds: LockHold? = nil, handled: Int? = nil
        ) {
            self.waitsFor = waitsFor
            self.area = area
            self.page = page
            self.reason = reason
            self.slot = slot
            self.holds = holds
            self.handled = handled
        }
    }

    /// A thread that ended, with the counts of its operation; all nil if it had none.
    public struct GoneThread: Equatable, Sendable {
        /// `faults` of its operation.
        public var faults: Int?
        /// `kernel_faults` of its operation; nil for none.
        public var kernelFaults: Int?
        /// `attempts` of its operation.
        public var attempts: Int?
        /// `vma_lock.attempts` of its operation.
        public var vmaLockAttempts: Int?
        /// `vma_lock.userfaults` of its operation.
        public var vmaLockUserfaults: Int?
        /// `returns` of its operation; nil for none.
        public var returns: [String: Int]?
        /// `userfaults` of its operation; nil for none.
        public var userfaults: Int?

        /// Makes a thread that ended; the arguments are the properties of the same names.
        public init(
            faults: Int? = nil, kernelFaults: Int? = nil, attempts: Int? = nil, vmaLockAttempts: Int? = nil,
            vmaLockUserfaults: Int? = nil, returns: [String: Int]? = nil, userfaults: Int? = nil
        ) {
            self.faults = faults
            self.kernelFaults = kernelFaults
            self.attempts = attempts
            self.vmaLockAttempts = vmaLockAttempts
            self.vmaLockUserfaults = vmaLockUserfaults
            self.returns = returns
            self.userfaults = userfaults
        }
    }

    /// The memory of a new child.
    public struct Child: Equatable, Sendable {
        /// `rss`: its resident pages.
        public var rss: ResidentCounts?
        /// `present`, as in `Saw`.
        public var present: [String: [ClosedRange<Int>]]?
        /// `anon`, as in `Saw`.
        public var anon: [String: [ClosedRange<Int>]]?
        /// `zero`, as in `Saw`.
        public var zero: [String: [ClosedRange<Int>]]?

        /// Makes a child's memory; the arguments are the properties of the same names.
        public init(
            rss: ResidentCounts? = nil, present: [String: [ClosedRange<Int>]]? = nil,
            anon: [String: [ClosedRange<Int>]]? = nil, zero: [String: [ClosedRange<Int>]]? = nil
        ) {
            self.rss = rss
            self.present = present
            self.anon = anon
            self.zero = zero
        }
    }
}
