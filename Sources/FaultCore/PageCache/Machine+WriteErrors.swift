/// Failed writes of a file's pages, which are reported to a later call.
extension Machine {
    /// Notes that a write of pages of `file` has failed: `mapping_set_error()`.
    package mutating func noteWriteError(of file: FileID) {
        noteWrite(.file(file))
        files[file.index].writeErrors = [.openFile, .mapping]
    }

    /// Whether a write has failed since the last report to the open file. This call is the report:
    /// `file_check_and_advance_wb_err()`. It is then no longer reported to callers without a file, either.
    package mutating func tellOpenFile(of file: FileID) -> Bool {
        let errors = files[file.index].writeErrors
        guard !errors.isEmpty else { return false }
        noteWrite(.file(file))
        files[file.index].writeErrors = []
        return errors.contains(.openFile)
    }

    /// Whether a write has failed since the last report to any caller. This call is the report:
    /// `filemap_check_errors()`.
    package mutating func tellMapping(of file: FileID) -> Bool {
        guard files[file.index].writeErrors.contains(.mapping) else { return false }
        noteWrite(.file(file))
        files[file.index].writeErrors.remove(.mapping)
        return true
    }
}
