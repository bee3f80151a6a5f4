/// Failed writes of a file's pages, which somebody is told of later.
extension Machine {
    /// Notes that a write of pages of `file` has failed: `mapping_set_error()`.
    package mutating func noteWriteError(of file: FileID) {
        noteWrite(.file(file))
        files[file.index].writeErrors = [.openFile, .mapping]
    }

    /// Whether a write has failed since the open file was told last, which it is with this:
    /// `file_check_and_advance_wb_err()`. Callers without a file are not told any more either.
    package mutating func tellOpenFile(of file: FileID) -> Bool {
        let errors = files[file.index].writeErrors
        guard !errors.isEmpty else { return false }
        noteWrite(.file(file))
        files[file.index].writeErrors = []
        return errors.contains(.openFile)
    }

    /// Whether a write has failed since somebody was told last, which the caller is with this: `filemap_check_errors()`.
    package mutating func tellMapping(of file: FileID) -> Bool {
        guard files[file.index].writeErrors.contains(.mapping) else { return false }
        noteWrite(.file(file))
        files[file.index].writeErrors.remove(.mapping)
        return true
    }
}
