/// How pages of memory are kept while code without a mapping of them works with them.
public enum PinKind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// By a reference like any other: `FOLL_GET`, given back by `put_page()`.
    case get
    /// By a pin, which counts as many references, so that the kernel can tell it from others: `FOLL_PIN`, given back by
    /// `unpin_user_page()`.
    case pin

    /// How many references of a page it counts for: `GUP_PIN_COUNTING_BIAS` (include/linux/mm.h, Linux 5.7 and later).
    var weight: Int32 {
        switch self {
        case .get: 1
        case .pin: 1024
        }
    }
}

/// The name of a ``PagePin``: the task that took it, and how many pins that task had taken before.
///
/// It does not depend on other tasks: the first pin of a task has the number 0, even if that pin has ended.
public struct PinID: Hashable, Comparable, BitwiseCopyable, Sendable {
    /// The task that took it.
    public package(set) var task: TaskID
    /// How many pins that task had taken before: the value of its ``TaskOperation/pinUserPages(_:pages:_:)``.
    public package(set) var number: Int

    /// Names the pin that a task took after `number` others.
    public init(_ number: Int, of task: TaskID) {
        self.task = task
        self.number = number
    }

    /// Orders by task, then by number.
    public static func < (a: Self, b: Self) -> Bool { a.task != b.task ? a.task < b.task : a.number < b.number }
}

/// Pages of a process's memory that stay held after the call that took them.
///
/// Examples are a ring's registered buffer (io_uring), a memory region of a network card (RDMA), memory of a virtual
/// machine (vfio), and a pipe that was given pages (vmsplice).
///
/// A pin is taken by ``TaskOperation/pinUserPages(_:pages:_:)`` and given back by
/// ``TaskOperation/unpin(_:makesDirty:)``. Nothing else ends it: the pages may be unmapped or cut off their file, and
/// their process may end. The pages keep their contents, and are freed with their last reference.
public struct PagePin: Equatable, Sendable {
    /// Its ID.
    public let id: PinID
    /// Whether its pages are referenced or pinned.
    public let kind: PinKind
    /// Whether it was taken to write to the pages: `FOLL_WRITE`.
    public let isForWriting: Bool
    /// The memory map that its pages were found in.
    public let map: MapID
    /// Where the pages were found: the first of consecutive pages.
    public let page: PageNumber
    /// The pages; ``FrameNumber/none`` for the zero page, which has no reference count.
    public let frames: [FrameNumber]

    /// How many pages it holds.
    public var pages: Int { frames.count }
}

extension PinID: CustomStringConvertible {
    /// The name, such as `pin 0 of task 1`.
    public var description: String { "pin \(number) of \(task)" }
}

extension PagePin: CustomStringConvertible {
    /// The pin, such as `pin 0 of task 1: 4 pages from page 0x10 of map 0, pinned for writing`.
    public var description: String {
        "\(id): \(FieldText.pages(pages, from: page)) of \(map), \(kind == .pin ? "pinned" : "referenced")"
            + (isForWriting ? " for writing" : "")
    }
}
