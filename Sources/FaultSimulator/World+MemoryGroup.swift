/// The memory group.
extension World {
    /// Puts all processes of the world, and those that they will fork, into a memory group with a limit: a control group with
    /// `memory.max`.
    ///
    ///     try world.addSwap(pages: 64, held: false)
    ///     try world.addMemoryGroup(limit: 64)
    ///     let area = try world.map(anonymousPages: 65, in: task)
    ///     try world.perform(.write(area, pages: 65), in: task)  // the 65th page pushes others to swap
    ///     #expect(world.machine.memoryGroup!.charged <= 64)
    ///
    /// Reclaim does not wait for the writes to swap that it starts, and takes no virtual time. So if these writes take
    /// time, a task that needs much memory at once may be killed, although there are free slots: give a swap area whose
    /// writes are done immediately, as above or with `isSynchronous: true`.
    ///
    /// Memory that they already have is not charged. See `MemoryGroup`; `Machine.setMemoryLimit(_:)` changes the limit.
    ///
    /// - Parameters:
    ///   - limit: How many pages may be charged. At least 1.
    ///   - swapLimit: How many swap slots may be used: `memory.swap.max`. By default any number.
    /// - Throws: ``WorldError/invalid(_:)`` if a limit is too low, or there is a group already, or a
    ///   `MachineSettings.frameLimit`.
    public mutating func addMemoryGroup(limit: Int, swapLimit: Int = .max) throws(WorldError) {
        guard limit >= 1, swapLimit >= 0 else {
            throw .invalid("a memory group can't have the limits \(limit) and \(swapLimit); give at least 1 and 0")
        }
        guard machine.memoryGroup == nil else {
            throw .invalid("there is a memory group already; change its limit by machine.setMemoryLimit")
        }
        guard machine.settings.frameLimit == .max else {
            throw .invalid("a world with a frameLimit has no memory group; leave one of the two out")
        }
        machine.addMemoryGroup(limit: limit, swapLimit: swapLimit)
    }
}
