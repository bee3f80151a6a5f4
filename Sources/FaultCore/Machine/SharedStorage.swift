extension Array {
    /// Whether both arrays have one storage, as copies have until one is changed. They are equal then; if not, they may be.
    func sharesStorage(with other: Self) -> Bool {
        withUnsafeBufferPointer { mine in
            other.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress && mine.count == $0.count }
        }
    }
}
