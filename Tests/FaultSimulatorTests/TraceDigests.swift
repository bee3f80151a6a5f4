/// The digests of the traces of seeds 1000 to 1099. A change of them is a change of behaviour: say in the commit which.
enum TraceDigests {
    static let values: [UInt64] = []
}
