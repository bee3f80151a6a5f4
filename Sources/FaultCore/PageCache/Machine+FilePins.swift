/// Keeping a file in existence while nothing else does.
extension Machine {
    /// Keeps a file while the lock that guards its area is dropped: `get_file()`.
    mutating func pin(_ file: FileID) -> FilePin {
        countPin(of: file, 1)
        return FilePin(file)
    }

    /// Drops the pin that ``pin(_:)`` took: `fput()`.
    mutating func unpin(_ pin: inout FilePin) {
        let file = pin.file
        countPin(of: file, -1)
        pin = .none
    }

    /// Where the pins of a file are counted.
    func pinLocation(of file: FileID) -> StateLocation {
        files[file.index].traits.contains(.unnamed) ? .file(file) : .filePins(file)
    }

    /// Counts a pin of a file in or out.
    mutating func countPin(of file: FileID, _ sign: Int32) {
        let location = pinLocation(of: file)
        noteWrite(location)
        files[file.index].pins += sign
        if files[file.index].traits.contains(.unnamed) { noteUse(of: file, files[file.index].pins - sign, sign) }
    }
}
