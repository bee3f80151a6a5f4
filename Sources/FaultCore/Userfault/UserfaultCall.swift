/// A call on a userfaultfd: ioctl(2), read(2), poll(2) or close(2).
///
/// Ranges are in the memory that the descriptor handles, even if a task of another process calls.
public enum UserfaultCall: Equatable, BitwiseCopyable, Sendable {
    /// `UFFDIO_REGISTER`: from now on faults on these pages are handed over.
    case register(PageNumber, pages: Int, UserfaultModes)
    /// `UFFDIO_UNREGISTER`: from now on, faults on these pages are not handed over.
    case unregister(PageNumber, pages: Int)
    /// `UFFDIO_WAKE`: tasks that wait for these pages try again.
    case wake(PageNumber, pages: Int)
    /// `UFFDIO_COPY`: new pages with the content of other pages, beginning with a page of the caller's own memory;
    /// `nil` stands for a buffer that is always present.
    case copy(PageNumber, pages: Int, from: PageNumber?, UserfaultFillOptions)
    /// `UFFDIO_ZEROPAGE`: pages of zeroes.
    case zeropage(PageNumber, pages: Int, UserfaultFillOptions)
    /// `UFFDIO_CONTINUE`: the pages that the page cache has.
    case `continue`(PageNumber, pages: Int, UserfaultFillOptions)
    /// `UFFDIO_POISON`: pages with a memory error.
    case poison(PageNumber, pages: Int, UserfaultFillOptions)
    /// `UFFDIO_MOVE`: moves pages from another place in the same memory, beginning with this page; they are gone there.
    case move(PageNumber, pages: Int, from: PageNumber, UserfaultFillOptions)
    /// `UFFDIO_WRITEPROTECT`: from now on, stores to these pages are handed over, or no longer handed over.
    case writeProtect(PageNumber, pages: Int, protects: Bool, UserfaultFillOptions)
    /// `read(2)`, of at most this many messages. The outcome's value is how many were read.
    case read(most: Int)
    /// `close(2)`, in the process of the caller.
    case close
    /// `poll(2)`: waits until there is something to read, but no longer than the timeout: forever if negative, not at
    /// all if 0. The outcome's value has the kernel's numbers: 1 (`POLLIN`), 0 when the time is over, or at once 8
    /// (`POLLERR`) for a descriptor whose reads block.
    case poll(timeoutNanoseconds: Int64)
    /// `poll(2)` of several of the sixteen descriptors from this one on, in the order in which they were made. Bit 0
    /// stands for this one, bit 1 for the next; the call polls those whose bits are set. The outcome's value is how
    /// many are ready, including those that are not open.
    case pollAny(of: UInt16, timeoutNanoseconds: Int64)
}

extension UserfaultCall: FieldList {
    /// Shows the kind of call, and its arguments.
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        func range(_ number: Int, _ page: PageNumber, _ pages: Int, _ visitor: inout Visitor) {
            visitor.visit("case", number)
            visitor.visit("page", page)
            visitor.visit("pages", pages)
        }
        switch self {
        case .register(let page, let pages, let modes):
            range(0, page, pages, &visitor)
            visitor.visit("modes", modes)
        case .unregister(let page, let pages): range(1, page, pages, &visitor)
        case .wake(let page, let pages): range(2, page, pages, &visitor)
        case .copy(let page, let pages, let source, let options):
            range(3, page, pages, &visitor)
            visitor.visit("from", source)
            visitor.visit("options", options)
        case .zeropage(let page, let pages, let options):
            range(4, page, pages, &visitor)
            visitor.visit("options", options)
        case .continue(let page, let pages, let options):
            range(5, page, pages, &visitor)
            visitor.visit("options", options)
        case .poison(let page, let pages, let options):
            range(6, page, pages, &visitor)
            visitor.visit("options", options)
        case .move(let page, let pages, let source, let options):
            range(7, page, pages, &visitor)
            visitor.visit("from", source)
            visitor.visit("options", options)
        case .writeProtect(let page, let pages, let protects, let options):
            range(8, page, pages, &visitor)
            visitor.visit("protects", protects)
            visitor.visit("options", options)
        case .read(let most):
            visitor.visit("case", 9)
            visitor.visit("most", most)
        case .close: visitor.visit("case", 10)
        case .poll(let timeout):
            visitor.visit("case", 11)
            visitor.visit("timeoutNanoseconds", word: UInt64(bitPattern: timeout))
        case .pollAny(let set, let timeout):
            visitor.visit("case", 12)
            visitor.visit("of", Int(set))
            visitor.visit("timeoutNanoseconds", word: UInt64(bitPattern: timeout))
        }
    }
}

extension UserfaultCall: CustomStringConvertible {
    /// The call, such as `copy 2 pages from page 0x10` or `read at most 16 messages`.
    public var description: String {
        func text(_ verb: String, _ page: PageNumber, _ pages: Int, _ options: UserfaultFillOptions = []) -> String {
            "\(verb) \(FieldText.pages(pages, from: page))" + (options.isEmpty ? "" : " (\(options))")
        }
        return switch self {
        case .register(let page, let pages, let modes): text("register", page, pages) + " for \(modes)"
        case .unregister(let page, let pages): text("unregister", page, pages)
        case .wake(let page, let pages): text("wake", page, pages)
        case .copy(let page, let pages, let source, let options):
            text("copy to", page, pages, options) + (source.map { " from \($0)" } ?? "")
        case .zeropage(let page, let pages, let options): text("zero", page, pages, options)
        case .continue(let page, let pages, let options): text("continue", page, pages, options)
        case .poison(let page, let pages, let options): text("poison", page, pages, options)
        case .move(let page, let pages, let source, let options):
            text("move to", page, pages, options) + " from \(source)"
        case .writeProtect(let page, let pages, let protects, let options):
            text(protects ? "write-protect" : "unprotect", page, pages, options)
        case .read(let most): "read at most \(FieldText.count(most, "message"))"
        case .close: "close"
        case .poll(let timeout): timeout < 0 ? "poll" : "poll for \(timeout) ns"
        case .pollAny(let set, let timeout):
            "poll \(FieldText.count(set.nonzeroBitCount, "descriptor"))" + (timeout < 0 ? "" : " for \(timeout) ns")
        }
    }
}

/// A call, and the descriptor that it is on.
package struct UserfaultRequest: Equatable, RoutineFrame {
    /// The call.
    package let call: UserfaultCall
    /// The descriptor.
    package let descriptor: UserfaultID

    /// Makes a request for `call` on `descriptor`.
    package init(_ call: UserfaultCall, on descriptor: UserfaultID) {
        self.call = call
        self.descriptor = descriptor
    }

    /// Shows the fields.
    package func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("call", call)
        visitor.visit("descriptor", descriptor)
    }
}

extension UserfaultRequest: CustomStringConvertible {
    /// The request, such as `copy to 2 pages from page 0x10 on descriptor 0`.
    package var description: String { "\(call) on \(descriptor)" }
}
