/// What a process has said about how it will read a file. Models `generic_fadvise()` (mm/fadvise.c, Linux 6.1).
extension Machine {
    /// Notes `advice` on the open file of `file`.
    mutating func advise(_ file: FileID, _ advice: FileAdvice) {
        guard !files[file.index].traits.contains(.shmem) else { return }
        noteWrite(.file(file))
        switch advice {
        case .normal:
            files[file.index].readahead.maximum = settings.readaheadPages
            files[file.index].isReadRandomly = false
        case .random:
            files[file.index].isReadRandomly = true
        case .sequential:
            files[file.index].readahead.maximum = settings.readaheadPages * 2
            files[file.index].isReadRandomly = false
        }
    }

    /// Whether a read of missing pages reads only those pages: `FMODE_RANDOM`.
    package func isReadRandomly(_ file: FileID) -> Bool { files[file.index].isReadRandomly }
}
