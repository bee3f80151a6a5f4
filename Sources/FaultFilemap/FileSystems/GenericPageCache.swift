public import FaultCore

extension Filemap {
    /// The code that all file systems share, for `MachineConfiguration.pageCache`: read(2), write(2), throttling.
    public static var pageCache: PageCacheCode { PageCacheCode(GenericPageCache()) }
}

/// The code of mm/filemap.c and mm/page-writeback.c that all file systems share, those that are plugged in included.
struct GenericPageCache: PageCacheOperations {
    func beginning(of routine: PageCacheRoutine, for request: TransferRequest?) -> CallFrame {
        switch routine {
        case .transfer:
            guard let request else { misuse("GenericPageCache: a transfer is begun without a request") }
            return CallFrame(FileTransfer.Frame(request))
        case .throttle: return CallFrame(DirtyThrottle.Frame())
        }
    }

    func flush(_ file: FileID, _ machine: inout Machine) { Writeback.flush(file, &machine) }
}

extension GenericPageCache: RoutineRegistry {
    typealias Key = PageCacheRoutine

    @inline(__always)
    func route<User: RoutineUser>(
        _ routine: PageCacheRoutine, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer {
        switch routine {
        case .transfer: User.use(FileTransfer.self, &first, &second, &third, &fourth)
        case .throttle: User.use(DirtyThrottle.self, &first, &second, &third, &fourth)
        }
    }
}
