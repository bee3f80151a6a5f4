/// A failure that was injected into an operation: of one allocation, of one read, or a signal at one stage.
public enum FailurePoint: Equatable, Sendable {
    /// One of the allocations at a point, counted from 1.
    case allocation(AllocationPoint, number: Int)
    /// A read of pages of a file, which failed as a whole.
    case read(FileID, PageIndex, pages: Int)
    /// A read of a page from swap.
    case swapRead(slot: Int)
    /// A signal that arrived before a stage of the task; `nil` is before its first stage.
    case signal(TaskSignal, before: StageName?, number: Int)

    /// The kinds of failure.
    public enum Kind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// An allocation of memory or of a block.
        case allocation
        /// A read from a device.
        case read
        /// A signal.
        case signal
    }

    /// The kind of this failure.
    public var kind: Kind {
        switch self {
        case .allocation: .allocation
        case .read, .swapRead: .read
        case .signal: .signal
        }
    }
}

extension FailurePoint: CustomStringConvertible {
    /// Such as `allocation 2 of pageTable fails`, or `SIGKILL before handlerFault.lockFolio (stage 7)`.
    public var description: String {
        switch self {
        case .allocation(let point, let number): "allocation \(number) of \(point) fails"
        case .read(let file, let page, let pages): "the read of \(FieldText.pages(pages, from: page, of: file)) fails"
        case .swapRead(let slot): "the read of swap slot \(slot) fails"
        case .signal(let signal, let stage, let number):
            "\(signal) \(stage.map { "before \($0)" } ?? "before it begins") (stage \(number))"
        }
    }
}
