extension KernelModel {
    /// Which readers in the queue are woken when a lock becomes free and a reader is at the head of the queue.
    public enum LockWakeRule: UInt8, KernelRule {
        /// All of them, even those after a writer (`rwsem_mark_wake()`, commit d3681e269fff, Linux 5.3).
        case allQueuedReaders
        /// Those before the first writer (`__rwsem_do_wake()`, until commit d3681e269fff, Linux 5.3).
        case leadingReaders
    }

    /// How a writer at the head of the queue gets a lock that becomes free.
    public enum LockHandover: UInt8, KernelRule {
        /// It is given the lock, so that no other task can take it first. Kernels up to 3.14 do that. Those from 3.15
        /// to 5.10 wake the writer, and another writer may steal the lock meanwhile; here this rule stands for them,
        /// too (until commit 1a728dff855a, Linux 5.11).
        case given
        /// It is woken, and takes the lock when it runs. Until then the lock is free, and another reader or writer may
        /// steal it; that can happen to a waiter once (commit 1a728dff855a, Linux 5.11).
        case takenWhenRunning
    }
}
