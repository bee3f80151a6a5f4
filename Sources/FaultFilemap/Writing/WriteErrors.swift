import FaultCore

/// Failed writes of a file's pages, which are reported to a later call.
extension Machine {
    /// Notes that a write of pages of `file` has failed: `mapping_set_error()`.
    mutating func noteWriteError(of file: FileID) { self[writeErrorsOf: file] = [.openFile, .mapping] }

    /// Whether a write has failed since the last report to the open file. This call is the report:
    /// `file_check_and_advance_wb_err()`. It is then no longer reported to callers without a file, either.
    mutating func tellOpenFile(of file: FileID) -> Bool {
        let errors = self[writeErrorsOf: file]
        guard !errors.isEmpty else { return false }
        self[writeErrorsOf: file] = []
        return errors.contains(.openFile)
    }

    /// Whether a write has failed since the last report to any caller. This call is the report:
    /// `filemap_check_errors()`.
    mutating func tellMapping(of file: FileID) -> Bool {
        guard self[writeErrorsOf: file].contains(.mapping) else { return false }
        self[writeErrorsOf: file].remove(.mapping)
        return true
    }
}
