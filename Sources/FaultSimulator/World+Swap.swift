/// Swap areas.
extension World {
    /// Gives the world a swap area of `pages` pages, on a disk of its own.
    ///
    /// - Parameters:
    ///   - pages: Its size, 1 to 2^24.
    ///   - held: Whether its reads and writes wait for the test, also where ``disk`` does not; otherwise they take as long as
    ///     those of ``disk``.
    ///   - isSynchronous: Whether it is like compressed memory: its reads and writes are done at once.
    ///   - isRotational: Whether the disk says that it turns: then slots are given out and read ahead in their order.
    ///   - priority: The area with the highest one is filled first; without it, after all that were added before.
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

    /// Gives the world a swap area of `pages` pages on `device`.
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

    /// Frees the pages of the swap cache that are written and that nobody maps, as background reclaim would.
    ///
    /// - Returns: How many pages it freed.
    @discardableResult
    public mutating func evictSwapCache() -> Int { machine.evictSwapCache() }
}
