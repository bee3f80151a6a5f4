/// Faults that a program resolves.
extension World {
    /// Opens a userfaultfd descriptor for the memory of the process of `task`: `userfaultfd(2)`.
    ///
    /// - Parameters:
    ///   - task: The task that opens it.
    ///   - features: The features that are requested.
    ///   - opening: How it is opened; by default its reads don't wait.
    /// - Throws: ``WorldError/refused(_:)`` with the errno of the call: `ENOSYS` if the kernel has no userfaultfd,
    ///   `EINVAL` if it does not have the features.
    public mutating func userfaultfd(
        in task: TaskID, features: UserfaultFeatures = [], _ opening: UserfaultOpening = []
    ) throws(WorldError) -> UserfaultID {
        UserfaultID(try value(of: .userfaultfd(features, opening), in: task))
    }

    /// Registers `area`, or `pages` pages of it from its page `page` on, with a descriptor: `UFFDIO_REGISTER`.
    ///
    /// - Parameters:
    ///   - area: The area.
    ///   - page: The first page of the area that is registered.
    ///   - pages: How many pages; by default the rest of the area.
    ///   - descriptor: The descriptor.
    ///   - modes: Which faults go to the descriptor.
    ///   - task: The task that calls; its process must have the descriptor.
    /// - Throws: ``WorldError/refused(_:)`` with the errno of the call.
    public mutating func register(
        _ area: Area, page: Int = 0, pages: Int? = nil, with descriptor: UserfaultID, for modes: UserfaultModes,
        by task: TaskID
    ) throws(WorldError) {
        let call = UserfaultCall.register(area[page], pages: pages ?? area.pages &- page, modes)
        _ = try value(of: .userfault(descriptor, call), in: task)
    }

    /// Reads at most `most` messages of a descriptor, without waiting.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - most: How many messages are read at most.
    ///   - task: The task that reads; its process must have the descriptor, which must not be a blocking one.
    /// - Throws: ``WorldError/refused(_:)`` with an errno other than `EAGAIN`.
    public mutating func messages(
        of descriptor: UserfaultID, most: Int = 16, by task: TaskID
    ) throws(WorldError) -> [UserfaultMessage] {
        let report = try perform(.userfault(descriptor, .read(most: most)), in: task)
        if let errno = report.errno, errno != .tryAgain { throw .refused(errno) }
        return machine.userfaultMessages(of: task)
    }
}

extension TaskOperation {
    /// Waits until a descriptor has something to read: `poll(2)`.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - timeout: The longest wait, in virtual time; by default there is no limit, and with zero the call does not
    ///     wait.
    /// - Precondition: The timeout is not negative.
    public static func poll(_ descriptor: UserfaultID, timeout: Duration? = nil) -> Self {
        let nanoseconds = timeout.map { Int64(clamping: $0.virtualNanoseconds) } ?? -1
        return .userfault(descriptor, .poll(timeoutNanoseconds: nanoseconds))
    }

    /// Fills `pages` pages of `area`, from its page `page` on, with the content of a buffer: `UFFDIO_COPY`.
    public static func copy(
        _ descriptor: UserfaultID, _ area: Area, page: Int, pages: Int = 1, _ options: UserfaultFillOptions = []
    ) -> Self {
        .userfault(descriptor, .copy(area[page], pages: pages, from: nil, options))
    }

    /// Fills `pages` pages of `area`, from its page `page` on, with zeroes: `UFFDIO_ZEROPAGE`.
    public static func zeropage(
        _ descriptor: UserfaultID, _ area: Area, page: Int, pages: Int = 1, _ options: UserfaultFillOptions = []
    ) -> Self {
        .userfault(descriptor, .zeropage(area[page], pages: pages, options))
    }

    /// Maps `pages` pages of `area`, from its page `page` on, which must be in the page cache: `UFFDIO_CONTINUE`.
    public static func `continue`(
        _ descriptor: UserfaultID, _ area: Area, page: Int, pages: Int = 1, _ options: UserfaultFillOptions = []
    ) -> Self {
        .userfault(descriptor, .continue(area[page], pages: pages, options))
    }

    /// Write-protects `pages` pages of `area`, from its page `page` on, or lifts the protection: `UFFDIO_WRITEPROTECT`.
    public static func writeProtect(
        _ descriptor: UserfaultID, _ area: Area, page: Int = 0, pages: Int? = nil, protects: Bool = true,
        _ options: UserfaultFillOptions = []
    ) -> Self {
        let call = UserfaultCall.writeProtect(
            area[page], pages: pages ?? area.pages &- page, protects: protects, options)
        return .userfault(descriptor, call)
    }

    /// Wakes the tasks that wait for `pages` pages of `area`, from its page `page` on: `UFFDIO_WAKE`.
    public static func wake(_ descriptor: UserfaultID, _ area: Area, page: Int = 0, pages: Int? = nil) -> Self {
        .userfault(descriptor, .wake(area[page], pages: pages ?? area.pages &- page))
    }
}
