/// The tasks that can run and have no processor, in the order of waking.
struct RunQueue: Sequence, Sendable {
    private var links = TaskLinks()
    private var list = TaskLinks.Ends()
    /// How many tasks it has.
    private(set) var count = 0

    /// An empty queue.
    init() {}

    /// A queue of these tasks, in this order.
    init(_ tasks: [TaskID]) {
        for task in tasks { append(task) }
    }

    /// Whether the queue is empty.
    @inline(__always)
    var isEmpty: Bool { count == 0 }

    /// Whether a task is in it.
    @inline(__always)
    func contains(_ task: TaskID) -> Bool { links.contains(task) }

    /// Puts a task that is not in it at the end.
    mutating func append(_ task: TaskID) {
        links.append(task, to: &list)
        count += 1
    }

    /// Puts a task that is not in it at the head.
    mutating func prepend(_ task: TaskID) {
        links.prepend(task, to: &list)
        count += 1
    }

    /// Removes the first task.
    mutating func popFirst() -> TaskID? {
        guard let task = list.head else { return nil }
        remove(task)
        return task
    }

    /// Removes a task, if it is in the queue.
    mutating func remove(_ task: TaskID) {
        guard links.contains(task) else { return }
        links.remove(task, from: &list)
        count -= 1
    }

    /// Iterates over the tasks from the head on.
    func makeIterator() -> Iterator { Iterator(links: links, following: list.head) }

    /// Iterates over a queue.
    struct Iterator: IteratorProtocol {
        fileprivate let links: TaskLinks
        fileprivate var following: TaskID?

        mutating func next() -> TaskID? {
            guard let task = following else { return nil }
            following = links.next(after: task)
            return task
        }
    }
}
