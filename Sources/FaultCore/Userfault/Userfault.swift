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
