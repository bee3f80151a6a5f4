/// Linked lists of tasks. Each task is in at most one list, and the links are indexed by task, so no search is needed.
struct TaskLinks: Sendable {
    /// The ends of one list.
    struct Ends: BitwiseCopyable, Sendable {
        fileprivate var first = Link.none
        fileprivate var last = Link.none

        /// Whether the list is empty.
        var isEmpty: Bool { first == Link.none }
        /// The task at the head.
        var head: TaskID? { isEmpty ? nil : TaskID(Int(first)) }
    }

    fileprivate struct Link: BitwiseCopyable, Sendable {
        static var none: Int32 { -1 }
        static var absent: Int32 { -2 }

        /// The number of the previous task; ``absent`` if the task is in no list.
        var before = Self.absent
        /// The number of the next task.
        var after = Self.none
    }

    private var links: [Link] = []

    /// Whether a task is in a list.
    @inline(__always)
    func contains(_ task: TaskID) -> Bool {
        task.index >= 0 && task.index < links.count && links[task.index].before != Link.absent
    }

    /// The task after a task that is in a list.
    func next(after task: TaskID) -> TaskID? {
        let next = links[task.index].after
        return next == Link.none ? nil : TaskID(Int(next))
    }

    /// Puts a task that is in no list at the end of one.
    mutating func append(_ task: TaskID, to list: inout Ends) {
        insert(task, Link(before: list.last, after: Link.none), into: &list)
    }

    /// Puts a task that is in no list at the head of one.
    mutating func prepend(_ task: TaskID, to list: inout Ends) {
        insert(task, Link(before: Link.none, after: list.first), into: &list)
    }

    @inline(__always)
    private mutating func insert(_ task: TaskID, _ link: Link, into list: inout Ends) {
        while links.count <= task.index { links.append(Link()) }
        guard links[task.index].before == Link.absent else { misuse("\(task) is in a list already") }
        links[task.index] = link
        let number = Int32(task.index)
        if link.before == Link.none { list.first = number } else { links[Int(link.before)].after = number }
        if link.after == Link.none { list.last = number } else { links[Int(link.after)].before = number }
    }

    /// Removes a task from its list.
    @inline(__always)
    mutating func remove(_ task: TaskID, from list: inout Ends) {
        let link = links[task.index]
        guard link.before != Link.absent else { return }
        if link.before == Link.none { list.first = link.after } else { links[Int(link.before)].after = link.after }
        if link.after == Link.none { list.last = link.before } else { links[Int(link.after)].before = link.before }
        links[task.index] = Link()
    }
}
