/// The kinds of wait for which a fault may drop its lock.
public enum DroppingWait: UInt8, BitwiseCopyable, Sendable {
    /// For a folio that is locked, mostly because it is being read.
    case folioLock
    /// For a device to take reads: readahead.
    case readSubmission
    /// For a single page to be read.
    case pageRead
    /// For fewer dirty pages.
    case dirtyThrottle
    /// For anything that your own handler waits for.
    case handler
    /// For a page that is swapped in.
    case swapIn
    /// For what a file system does before a page may be written to.
    case pageMkwrite

    func drops(_ model: KernelModel) -> Bool {
        switch self {
        case .folioLock: model.lockDroppingWaits != .none
        case .readSubmission, .pageRead: model.lockDroppingWaits == .allIO
        case .dirtyThrottle: model.throttledSharedWrite != .keepsLock
        case .handler: model.lockDroppingWaits != .none
        case .swapIn: model.swapInWait == .dropsLock
        case .pageMkwrite: model.mkwriteProtocol != .keepsLock
        }
    }
}
