/// A disk whose requests mostly take about the same time, but one in `oneIn` takes much longer.
///
///     let flash = world.addDisk(UnevenDisk(usually: .microseconds(80), rarely: .milliseconds(8), oneIn: 100))
///
/// The seed and the number of the request on its disk decide which requests are slow. So they are the same in every
/// process, and in every copy of a world until its requests differ. The usual time varies by up to a tenth in both
/// directions.
public struct UnevenDisk: BlockDevice {
    /// What it remembers of a disk.
    public struct State: PluginState {
        /// How many requests it has had.
        public var requests: UInt64 = 0

        /// None yet.
        public init() {}

        /// Shows the count.
        public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("requests", requests) }
    }

    /// How long requests usually take, in nanoseconds.
    public let usualNanoseconds: UInt64
    /// How long slow requests take, in nanoseconds.
    public let rareNanoseconds: UInt64
    /// One request in this many is slow, on average.
    public let oneIn: UInt64
    /// The seed of the random numbers.
    public let seed: UInt64

    /// Makes a disk with this distribution.
    ///
    /// - Precondition: The times are not negative, and `oneIn` is at least 1.
    public init(usually: Duration, rarely: Duration, oneIn: Int, seed: Seed = 1) {
        guard oneIn >= 1 else { misuse("UnevenDisk: one request in \(oneIn) can't be slow; give at least 1") }
        usualNanoseconds = usually.virtualNanoseconds
        rareNanoseconds = rarely.virtualNanoseconds
        self.oneIn = UInt64(oneIn)
        self.seed = seed.value
    }

    /// Its name.
    public var name: StaticName { "uneven disk" }

    /// A random time, from the seed and the number of the request.
    public func completion(of request: IORequest, now: UInt64, _ state: inout State) -> UInt64 {
        var random = SplitMix64(seed: seed &+ state.requests &* 0x9E37_79B9_7F4A_7C15)
        state.requests += 1
        if random.below(oneIn) == 0 { return now + rareNanoseconds }
        let tenth = usualNanoseconds / 10
        return now + usualNanoseconds - tenth + random.below(2 * tenth + 1)
    }
}
