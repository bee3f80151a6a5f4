public import FaultSimulator

/// A mix of operations for threads that get in each other's way: they fault in a shared file and private memory, while
/// one in three maps memory, protects it, and discards what the others have faulted in.
public enum ThreadMix {
    /// Costs with which each stage takes time.
    public static var costs: CostModel {
        var costs = CostModel()
        costs.faultStageNanoseconds = 50
        costs.systemCallStageNanoseconds = 70
        costs.touchNanoseconds = 10
        costs.exceptionNanoseconds = 300
        costs.pageCopyNanoseconds = 500
        return costs
    }

    /// The operations of one thread. The seed of `random` determines them.
    ///
    /// Thread 0 and each third thread after it change the memory map. Thread 1 and each third one after it store to the
    /// file and drop it from the cache. The others compute and sleep. The second and the third kind also store to private
    /// memory.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - thread: The number of the thread.
    ///   - file: The file.
    ///   - log: A shared, writable mapping of the file.
    ///   - heap: Private, writable memory, of at least two pages.
    ///   - random: Where the numbers come from.
    public static func operations(
        _ count: Int, ofThread thread: Int, file: FileID, log: Area, heap: Area, _ random: inout SplitMix64
    ) -> [TaskOperation] {
        (0..<count).map { _ in
            switch (thread % 3, random.below(4)) {
            case (0, 0): .madvise(heap, .dontNeed)
            case (0, 1): .mmap(MapRequest(pages: 4, access: .readWrite))
            case (0, _): .mprotect(heap[random.below(heap.pages / 2)], pages: 4, .readWrite)
            case (1, 0), (1, 1): .write(log, page: random.below(log.pages))
            case (1, 2): .dropCache(file)
            case (2, 0): .compute(nanoseconds: UInt64(random.below(5_000)))
            case (2, 1): .sleep(nanoseconds: UInt64(random.below(5_000)))
            default: .write(heap, page: random.below(heap.pages))
            }
        }
    }
}
