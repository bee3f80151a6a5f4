/// The state of a userfaultfd: `struct userfaultfd_ctx` (fs/userfaultfd.c, Linux 6.1).
///
/// Areas name it in their flags. It is never removed: when its last holder has closed it, it is released, and soon no
/// area names it.
struct UserfaultContext: Sendable {
    /// A task that waits for a page.
    struct Waiter: BitwiseCopyable, Sendable {
        var fault: Userfault

        /// The task.
        var task: TaskID { fault.thread }
    }

    /// An event that waits to be read.
    struct Event: BitwiseCopyable, Sendable {
        var message: UserfaultMessage
        /// The task that waits for the event to be read.
        var task: TaskID
    }

    /// The memory that it handles.
    let map: MapID
    /// The flags with which it was opened.
    let opening: UserfaultOpening
    /// Its features.
    let features: UserfaultFeatures
    /// The processes that have it open, by their maps.
    var holders: [MapID]
    /// How many calls on it are under way; each keeps it open.
    var calls = 0
    /// Whether its last holder has closed it, and no call is under way.
    var isReleased = false
    /// How many changes of the memory have begun whose events are not over: `mmap_changing`. Nothing is filled
    /// meanwhile.
    var changes = 0
    /// Held for reading by calls that fill or protect, and for writing by calls that begin such a change (commit
    /// 5e4c24a57b0c, Linux 6.9).
    var mapChangingLock = ReadWriteSemaphore()
    /// Faults that are not read yet, the oldest first: `fault_pending_wqh`.
    var pending: [Waiter] = []
    /// Faults that were read, the oldest reading first: `fault_wqh`.
    var delivered: [Waiter] = []
    /// Events that are not read yet, the oldest first: `event_wqh`.
    var events: [Event] = []

    init(_ map: MapID, _ opening: UserfaultOpening, _ features: UserfaultFeatures, holders: [MapID]) {
        self.map = map
        self.opening = opening
        self.features = features
        self.holders = holders
    }

    /// Adds to `sink` everything that can influence the future.
    func add<Sink: StateSink>(to sink: inout Sink) {
        sink.add(map)
        sink.add(UInt64(opening.rawValue) | UInt64(features.rawValue) << 8 | (isReleased ? 1 << 40 : 0))
        sink.add(changes)
        sink.add(calls)
        sink.add(mapChangingLock)
        sink.add(holders.count)
        for holder in holders { sink.add(holder) }
        for queue in [pending, delivered] {
            sink.add(queue.count)
            for waiter in queue { sink.add(waiter.fault) }
        }
        sink.add(events.count)
        for event in events {
            sink.add(event.message)
            sink.add(event.task)
        }
    }
}

extension StateSink {
    /// Adds fields one by one.
    mutating func add<Fields: FieldList>(_ fields: Fields) {
        var visitor = OwnFields(sink: self)
        fields.visit(&visitor)
        self = visitor.sink
    }
}

/// An event that a task has caused and not waited for yet: an entry of the lists `uf` and `uf_unmap` of a system call.
struct CausedUserfaultEvent: BitwiseCopyable, Sendable {
    /// The descriptor that is to be told.
    var descriptor: UserfaultID
    var message: UserfaultMessage
}
