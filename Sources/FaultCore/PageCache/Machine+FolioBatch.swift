/// The pages of a file that a task works on in one round of read(2) or write(2), referenced: a `folio_batch`.
extension Machine {
    /// How many pages a round of read(2) takes at most: `PAGEVEC_SIZE`.
    package var folioBatchSize: Int {
        switch model.folioBatch {
        case .fifteen: 15
        case .thirtyOne: 31
        }
    }

    /// The pages that `task` has gathered, in the order of the file; ``FrameNumber/none`` stands for a hole, which is
    /// read as zeroes.
    package func folioBatch(of task: TaskID) -> [FrameNumber] { tasks[task.index].folioBatch }

    /// A page of the batch of `task`, counted from its end: 1 is the last one.
    package func folio(inBatchOf task: TaskID, fromEnd place: Int) -> FrameNumber {
        let batch = tasks[task.index].folioBatch
        return batch[batch.count - place]
    }

    /// Adds a page to the batch of `task`, with a reference, or pinned if all pages before it are.
    package mutating func addToBatch(_ folio: FrameNumber, of task: TaskID, as kind: PinKind = .get) {
        let position = tasks[task.index].pushToBatch(folio, as: kind)
        guard folio != .none else { return }
        let place = Self.batchPlace(task, position)
        updateFrame(folio) {
            $0.references &+= kind.weight
            $0.places &+= place
        }
    }

    /// Shortens the batch of `task` to `count` pages, and drops the references to the others.
    package mutating func cutBatch(of task: TaskID, to count: Int) {
        while tasks[task.index].folioBatch.count > count {
            let folio = tasks[task.index].folioBatch.removeLast()
            let left = tasks[task.index].folioBatch.count
            let kind: PinKind = tasks[task.index].pinsInBatch > left ? .pin : .get
            if kind == .pin { tasks[task.index].pinsInBatch = left }
            guard folio != .none else { continue }
            let place = Self.batchPlace(task, left)
            updateFrame(folio) {
                $0.references &-= kind.weight
                $0.places &-= place
            }
            freeIfUnused(folio)
        }
    }

    /// The place of each position, so that the fingerprint tells the pages apart.
    static func batchPlace(_ task: TaskID, _ position: Int) -> UInt64 {
        Mixing.stackPlace(task, batchSlot(position))
    }

    /// The slot of each position among what a task holds.
    static func batchSlot(_ position: Int) -> UInt64 { 0x100 + UInt64(position) }
}
