/// `faultin_page()` (mm/gup.c, Linux 6.1): the flags that `get_user_pages()` passes to the fault path, and its handling
/// of the result.
enum FaultinPage {
    /// What the caller does next.
    enum Action: Equatable {
        /// 0: look for the entry again. The entry may have gone meanwhile, so the result alone is not enough.
        case lookAgain
        /// `-EBUSY`: stop with the pages found so far; the page is to be tried again. The lock is lost, unless the
        /// caller had ``GUPFlags/noWait``.
        case busy
        /// `-EAGAIN`: stop with the pages found so far. The fault is done, but the lock is lost: take it *again*, and
        /// look.
        case again
        /// Stop with the pages found so far, or with this error.
        case error(Errno)
    }

    /// The flags of the fault. Never ``FaultFlags/user``.
    ///
    /// - Parameter mayDrop: Whether the caller of `get_user_pages()` gave a `locked` pointer.
    static func faultFlags(for flags: GUPFlags, mayDrop: Bool, unshare: Bool) -> FaultFlags {
        var result: FaultFlags = []
        if flags.contains(.write) { result.insert(.write) }
        if flags.contains(.remote) { result.insert(.remote) }
        if mayDrop {
            result.formUnion([.allowRetry, .killable])
            if flags.contains(.interruptible) { result.insert(.interruptible) }
        }
        if flags.contains(.noWait) { result.formUnion([.allowRetry, .retryNoWait]) }
        if flags.contains(.tried) { result.insert(.tried) }
        if unshare { result.insert(.unshare) }
        return result
    }

    /// What an attempt's result means, tested in the kernel's order.
    static func action(after result: FaultResult, _ flags: GUPFlags) -> Action {
        if result.contains(.completed), !mistaken(.lookupOverlooksCompleted) { return .again }
        if let errno = errno(of: result, flags) { return .error(errno) }
        return result.contains(.retry) ? .busy : .lookAgain
    }

    /// `vm_fault_to_errno()` (include/linux/mm.h).
    static func errno(of result: FaultResult, _ flags: GUPFlags = []) -> Errno? {
        if result.contains(.oom), !mistaken(.lookupConfusesErrors) { return .noMemory }
        if !result.isDisjoint(with: [.hwpoison, .hwpoisonLarge]) {
            return flags.contains(.hwpoison) ? .hardwarePoison : .badAddress
        }
        return result.isError ? .badAddress : nil
    }
}
