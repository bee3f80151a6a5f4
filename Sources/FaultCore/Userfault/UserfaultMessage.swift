/// A fault that was handed over to a descriptor.
public struct Userfault: Equatable, BitwiseCopyable, Sendable {
    /// Why a fault is handed over.
    public enum Reason: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// The page does not exist yet.
        case missing
        /// The page is write-protected.
        case writeProtect
        /// The page is in the page cache, but not in the page table.
        case minor
    }

    /// The page.
    public var page: PageNumber
    /// Why it is handed over.
    public var reason: Reason
    /// Whether the access was a store.
    public var isWrite: Bool
    /// The task that faults; none in a message, unless the descriptor has ``UserfaultFeatures/threadID``.
    public var thread: TaskID

    /// Makes a fault.
    @inlinable
    public init(_ reason: Reason, _ page: PageNumber, isWrite: Bool, thread: TaskID = .none) {
        self.page = page
        self.reason = reason
        self.isWrite = isWrite
        self.thread = thread
    }
}

/// A message that read(2) of a descriptor returns: `struct uffd_msg`, in pages.
public enum UserfaultMessage: Equatable, BitwiseCopyable, Sendable {
    /// `UFFD_EVENT_PAGEFAULT`: a task waits for a page.
    case fault(Userfault)
    /// `UFFD_EVENT_FORK`: the child's memory is handled by this descriptor, which now belongs to the reader's process.
    case fork(UserfaultID)
    /// `UFFD_EVENT_REMAP`: pages were moved.
    case remap(from: PageNumber, to: PageNumber, pages: Int)
    /// `UFFD_EVENT_REMOVE`: pages will be discarded.
    case remove(PageNumber, pages: Int)
    /// `UFFD_EVENT_UNMAP`: pages were unmapped.
    case unmap(PageNumber, pages: Int)
}

extension Userfault: FieldList {
    /// Shows the fields.
    @inlinable
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("page", page)
        visitor.visit("reason", reason)
        visitor.visit("isWrite", isWrite)
        visitor.visit("thread", thread)
    }
}

extension UserfaultMessage: FieldList {
    /// Shows the kind of message, and what it is about.
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        switch self {
        case .fault(let fault):
            visitor.visit("case", 0)
            visitor.visit("fault", fault)
        case .fork(let child):
            visitor.visit("case", 1)
            visitor.visit("child", child)
        case .remap(let old, let new, let pages):
            visitor.visit("case", 2)
            visitor.visit("from", old)
            visitor.visit("to", new)
            visitor.visit("pages", pages)
        case .remove(let page, let pages):
            visitor.visit("case", 3)
            visitor.visit("page", page)
            visitor.visit("pages", pages)
        case .unmap(let page, let pages):
            visitor.visit("case", 4)
            visitor.visit("page", page)
            visitor.visit("pages", pages)
        }
    }
}

extension Userfault: CustomStringConvertible {
    /// The fault, such as `write of missing page 0x10 by task 1`.
    public var description: String { what + (thread == .none ? "" : " by \(thread)") }

    /// The description without the thread.
    var what: String {
        let access = isWrite ? "write of" : "access to"
        let kind =
            switch reason {
            case .missing: "missing"
            case .writeProtect: "protected"
            case .minor: "unmapped"
            }
        return "\(access) \(kind) \(page)"
    }
}

extension UserfaultMessage: CustomStringConvertible {
    /// The message, such as `fault: write of missing page 0x10` or `unmap: 4 pages from page 0x10`.
    public var description: String {
        switch self {
        case .fault(let fault): "fault: \(fault)"
        case .fork(let child): "fork: \(child)"
        case .remap(let old, let new, let pages): "remap: \(FieldText.pages(pages, from: old)) to \(new)"
        case .remove(let page, let pages): "remove: \(FieldText.pages(pages, from: page))"
        case .unmap(let page, let pages): "unmap: \(FieldText.pages(pages, from: page))"
        }
    }
}
