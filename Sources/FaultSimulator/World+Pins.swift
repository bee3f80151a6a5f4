/// Pins, which hold pages after a call has returned.
extension World {
    /// Lets `task` pin `area`, or `pages` pages of it from its page `page` on, until the pin is released. Models
    /// `pin_user_pages_fast()`.
    ///
    /// - Parameters:
    ///   - area: The area.
    ///   - page: The first page of the area that is pinned.
    ///   - pages: How many pages; by default the rest of the area.
    ///   - flags: The purpose: `GUPFlags.write` if a device will write; `GUPFlags.get` for only a reference.
    ///   - task: The task that pins.
    /// - Returns: The ID of the pin.
    /// - Throws: As ``perform(_:in:)``, or ``WorldError/refused(_:)`` with the errno of the call.
    @discardableResult
    public mutating func pin(
        _ area: Area, page: Int = 0, pages: Int? = nil, _ flags: GUPFlags = [.pin, .write], in task: TaskID
    ) throws(WorldError) -> PinID {
        PinID(try value(of: .pinUserPages(area, page: page, pages: pages, flags), in: task), of: task)
    }

    /// All pins, by task and number.
    public var pins: [PagePin] { machine.pagePins }

    /// The contents of the pages of a pin, as a device reads them. Empty if there is no such pin.
    public func stamps(of pin: PinID) -> [UInt32] {
        machine.pagePin(pin).map { $0.frames.map { machine.stamp(of: $0) } } ?? []
    }
}

extension TaskOperation {
    /// Pins `area`, or `pages` pages of it from its page `page` on. The pin outlives the call.
    public static func pinUserPages(
        _ area: Area, page: Int = 0, pages: Int? = nil, _ flags: GUPFlags = [.pin, .write]
    ) -> Self {
        .pinUserPages(area[page], pages: pages ?? area.pages &- page, flags)
    }

    /// Releases a pin, without marking its pages dirty.
    public static func unpin(_ pin: PinID) -> Self { .unpin(pin, makesDirty: false) }
}
