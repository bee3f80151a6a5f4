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
