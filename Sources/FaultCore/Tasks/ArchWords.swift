/// Two words that a machine keeps for each task on behalf of its architecture.
///
/// They hold the processor state that a program can set without the kernel, and whatever else makes the accesses of one
/// task differ from another's. They are part of the state. A forked process inherits them, and so does a thread that a
/// `World` adds. Any other new task has ``FaultEntry/initialArchWords``.
public struct ArchWords: Equatable, FieldList {
    /// What restricts the task's accesses; 0 must restrict nothing.
    public var first: UInt64
    /// Whatever else the architecture keeps.
    public var second: UInt64

    /// Makes a pair of words.
    public init(first: UInt64 = 0, second: UInt64 = 0) {
        self.first = first
        self.second = second
    }

    /// Whether both words are 0.
    @inlinable
    package var isZero: Bool { first | second == 0 }

    /// Shows both words.
    @inlinable
    public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("first", word: first)
        visitor.visit("second", word: second)
    }
}

extension Machine {
    /// What the architecture keeps of a task.
    public func archWords(of task: TaskID) -> ArchWords { tasks[index(of: task)].archWords }

    /// Sets what the architecture keeps of a task.
    public mutating func setArchWords(of task: TaskID, to words: ArchWords) {
        let place = index(of: task)
        noteWrite(toOther: task)
        tasks[place].archWords = words
    }

    /// Whether the key of an area refuses an access of the task to its own memory: `!arch_vma_access_permitted()`.
    package func keyRefuses(_ area: VMA, _ access: FaultException.Access, by task: TaskID) -> Bool {
        let words = tasks[task.index].archWords
        return words.first != 0 && entry.keyRefuses(area.flags.protectionKey, access, words)
    }

    /// Damages the entry of `page`, as a stray store into a page table would. The next use of the entry raises an
    /// exception that no retry can resolve. For tests of what the kernel does then.
    ///
    /// - Returns: Whether there was a present entry to damage.
    @discardableResult
    public mutating func damageEntry(of page: PageNumber, in map: MapID) -> Bool {
        let entry = entry(of: page, in: map)
        guard entry.isPresent else { return false }
        changeEntry(entry, to: entry.bits.union(.damaged), at: page, in: map, leaf: leafTable(map, page))
        return true
    }

    /// The numbers of the page tables that a walk to `page` passes, from the root down. The list ends before a missing
    /// table.
    package func tablesOnWalk(to page: PageNumber, in map: MapID) -> [UInt32] {
        tables.path(maps[map.index].root, page)
    }
}
