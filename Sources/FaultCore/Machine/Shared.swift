/// A value that copies share until one of them is changed: one reference to count where there would be many.
///
/// For the parts of a machine that most machines hardly use: they would cost every fork something.
struct Shared<Value: Sendable>: Sendable {
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    /// The value, read and changed in place.
    @inline(__always)
    var value: Value {
        _read {
            let values = storage.span
            yield values[0]  // in place: an array's own subscript would copy it
        }
        _modify { yield &storage[0] }
    }
}
