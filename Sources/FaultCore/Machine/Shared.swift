/// A value that copies share until one of them is changed: one reference count instead of many.
///
/// It holds the parts of a machine that most machines hardly use, so that they cost a fork next to nothing.
struct Shared<Value: Sendable>: Sendable {
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    /// The value, read and changed in place.
    @inline(__always)
    var value: Value {
        get { storage[0] }  // not yielded: see ``TaskTable``
        _modify { yield &storage[0] }
    }
}
