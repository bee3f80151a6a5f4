/// The pages of a file that a task works on in one round of read(2) or write(2), referenced: a `folio_batch`.
extension Machine {
    /// How many pages a round of read(2) takes at most: `PAGEVEC_SIZE`.
    package var folioBatchSize: Int {
        switch model.folioBatch {
        case .fifteen: 15
        case .thirtyOne: 31
        }
    }

    /// The pages that `task` has gathered, in the order of the file; ``FrameNumber/none`` stands for a hole that is read
    /// as zeroes.
    package func folioBatch(of task: TaskID) -> [FrameNumber] { tasks[task.index].folioBatch }

    /// Adds a page to the batch of `task`, with a reference.
    package mutating func addToBatch(_ folio: FrameNumber, of task: TaskID) {
        let place = Self.batchPlace(task, tasks[task.index].folioBatch.count)
        tasks[task.index].folioBatch.append(folio)
        guard folio != .none else { return }
        updateFrame(folio) {
            $0.references &+= 1
            $0.places &+= place
        }
    }

    /// Takes those of `count` pages from `page` on that are there and writable, up to the first that is not, into the batch
    /// of `task`, without a lock: `get_user_pages_fast()`.
    ///
    /// - Returns: How many.
    package mutating func pinPresentPages(_ count: Int, at page: PageNumber, of task: TaskID) -> Int {
        let map = tasks[task.index].map
        for offset in 0..<max(0, count) {
            let entry = entry(of: page + offset, in: map)
            guard entry.bits.contains([.present, .accessible]), entry.isWritable, entry.mapsCountedFrame else {
                return offset
            }
            setFlags(of: entry.frame, adding: .referenced)
            addToBatch(entry.frame, of: task)
        }
        return max(0, count)
    }

    /// Shortens the batch of `task` to `count` pages, and drops the references to the others.
    package mutating func cutBatch(of task: TaskID, to count: Int) {
        while tasks[task.index].folioBatch.count > count {
            let folio = tasks[task.index].folioBatch.removeLast()
            guard folio != .none else { continue }
            let place = Self.batchPlace(task, tasks[task.index].folioBatch.count)
            updateFrame(folio) {
                $0.references &-= 1
                $0.places &-= place
            }
            freeIfUnused(folio)
        }
    }

    /// Each position is a place of its own, so that the fingerprint tells which page is which.
    static func batchPlace(_ task: TaskID, _ position: Int) -> UInt64 {
        Mixing.stackPlace(task, 0x100 + UInt64(position))
    }
}

/// What ``FileCall/read(_:pages:)`` answers: how many pages of the task's batch are ready to be copied.
@frozen
public struct ReadyPages: Equatable, BitwiseCopyable, Sendable {
    /// How many pages.
    public var count: Int
    /// Whether the file ended with them when its size was looked at, so that the read ends there too.
    public var reachesEnd: Bool

    /// Names a number of pages.
    @inlinable
    public init(count: Int, reachesEnd: Bool) {
        self.count = count
        self.reachesEnd = reachesEnd
    }
}
