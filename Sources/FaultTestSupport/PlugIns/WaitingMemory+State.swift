extension WaitingMemory {
    /// What it remembers of an area.
    public struct AreaState: PluginState {
        /// The number of first attempts.
        public var faults: UInt32 = 0
        /// The number of later attempts.
        public var retries: UInt32 = 0

        /// Nothing yet.
        public init() {}

        /// Shows both counts.
        public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("faults", faults)
            visitor.visit("retries", retries)
        }
    }
}
