extension MemoryGroup: CustomStringConvertible {
    /// The group, such as `63 of 64 pages charged and 12 swap slots; max 3, oom 0`.
    public var description: String {
        var text = "\(charged) of \(FieldText.count(limit, "page")) charged"
        if stock > 0 { text += ", \(stock) in stock" }
        if swapCharged > 0 { text += ", \(FieldText.count(swapCharged, "swap slot"))" }
        if swapLimit != .max { text += " of \(swapLimit)" }
        return text + "; \(events)"
    }
}

extension MemoryGroupEvents: CustomStringConvertible {
    /// The events by the kernel's names: `max 3, oom 1`, and for swap `swap max 2`.
    public var description: String {
        "max \(limitReached), oom \(outOfMemory)" + (swapLimitReached > 0 ? ", swap max \(swapLimitReached)" : "")
    }
}
