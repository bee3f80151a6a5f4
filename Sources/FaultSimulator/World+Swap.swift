/// Swap areas.
extension World {
    /// Adds a swap area of `pages` pages, on a disk of its own.
    ///
    /// - Parameters:
    ///   - pages: Its size, 1 to 2^24.
    ///   - held: Whether its reads and writes wait until the test lets them finish, even if those of ``disk`` don't
    ///     wait; otherwise the swap disk is as fast as ``disk``.
    ///   - isSynchronous: Whether reads and writes are done immediately, as in compressed memory.
    ///   - isRotational: Whether the disk reports that it rotates. Then slots are allocated and read ahead in order.
    ///   - priority: The area with the highest priority is filled first. By default, all areas that were added before
    ///     are filled first.
    /// - Returns: The disk.
    /// - Throws: ``WorldError/invalid(_:)`` if `pages` is not 1 to 2^24, or there are 32 areas.
    @discardableResult
    public mutating func addSwap(
        pages: Int, held: Bool = true, isSynchronous: Bool = false, isRotational: Bool = true, priority: Int? = nil
    ) throws(WorldError) -> DeviceID {
        let device = addDisk(held: held)
        try addSwap(
            pages: pages, on: device, isSynchronous: isSynchronous, isRotational: isRotational, priority: priority)
        return device
    }

    /// Adds a swap area of `pages` pages on `device`.
    ///
    /// - Throws: ``WorldError/invalid(_:)`` if `pages` is not 1 to 2^24, or there are 32 areas.
    public mutating func addSwap(
        pages: Int, on device: DeviceID, isSynchronous: Bool = false, isRotational: Bool = true, priority: Int? = nil
    ) throws(WorldError) {
        guard pages >= 1, pages <= 1 << 24 else {
            throw .invalid("a swap area of \(pages) pages can't be added; pages must be 1 to 2^24")
        }
        guard machine.swapAreaCount < Machine.mostSwapAreas else {
            throw .invalid("a machine has at most \(Machine.mostSwapAreas) swap areas; make fewer and larger ones")
        }
        machine.addSwap(
            on: device, pages: pages, isSynchronous: isSynchronous, isRotational: isRotational, priority: priority)
    }

    /// Frees the pages of the swap cache that are written and not mapped, as background reclaim would.
    ///
    /// - Returns: How many pages it freed.
    @discardableResult
    public mutating func evictSwapCache() -> Int { machine.evictSwapCache() }
}
