/// The files of shared anonymous memory that nothing maps and nothing pins.
///
/// They follow from the files. They are stored separately so that neither mmap(2) nor munmap(2) has to look at all
/// files.
struct UnnamedFiles: Equatable, Sendable {
    /// How many files of shared anonymous memory there are, in use or not.
    private(set) var count = 0
    /// The files whose pages may still have to be dropped.
    private(set) var ended: [FileID] = []
    /// The files without pages, which the next mappings reuse. The file with the lowest number, which is reused first,
    /// is last.
    private(set) var free: [FileID] = []

    /// Counts a new file, which nothing maps yet.
    mutating func add(_ file: FileID) {
        count += 1
        ended.append(file)
    }

    /// Forgets a new file: another file is used instead.
    mutating func remove(_ file: FileID) {
        count -= 1
        take(file)
    }

    /// Notes that a file has lost its last mapping or pin.
    mutating func end(_ file: FileID) { ended.append(file) }

    /// Notes that a file has a mapping or pin again.
    mutating func take(_ file: FileID) {
        if let place = ended.lastIndex(of: file) {
            ended.remove(at: place)
        } else if let place = place(ofFree: file), free[place] == file {
            free.remove(at: place)
        } else {
            misuse("UnnamedFiles: \(file) is in use already")
        }
    }

    /// Notes that the pages of all ended files have been dropped.
    mutating func freeEnded() {
        for file in ended {
            let place = place(ofFree: file) ?? free.count
            free.insert(file, at: place)
        }
        ended.removeAll(keepingCapacity: true)
    }

    /// The place of a file among the free ones, or where it would be: the first place with a number that is not higher.
    private func place(ofFree file: FileID) -> Int? {
        var (low, high) = (0, free.count)
        while low < high {
            let middle = (low + high) / 2
            if free[middle] > file { low = middle + 1 } else { high = middle }
        }
        return low < free.count ? low : nil
    }
}

extension Machine {
    /// Counts a mapping of a file in or out.
    @inline(__always)
    mutating func countMapping(of file: FileID, _ sign: Int32) {
        files[file.index].mappings += sign
        if files[file.index].traits.contains(.unnamed) { noteUse(of: file, files[file.index].mappings - sign, sign) }
    }

    /// Notes that the count of mappings and pins of shared anonymous memory changes by one from `before`, and with it
    /// perhaps whether the memory is in use.
    mutating func noteUse(of file: FileID, _ before: Int32, _ sign: Int32) {
        let others = files[file.index].mappings + files[file.index].pins - before - sign
        guard others == 0 else { return }
        if before == 0 { unnamedFiles.take(file) }
        if before + sign == 0 { unnamedFiles.end(file) }
    }

    /// A file of `pages` pages for shared anonymous memory: `shmem_zero_setup()`. Its size never changes.
    ///
    /// - Returns: `nil` (`ENOMEM`) if the machine has no file system for it, or it would be larger than a file can be.
    mutating func makeUnnamedFile(pages: Int) -> FileID? {
        guard let kind = configuration.sharedMemory, pages <= 1 << 24 else { return nil }
        let old = reusableFile
        let file = addFile(
            pages: pages, operations: kind.fileOperations, vmOperations: kind.vmOperations, device: .none,
            traits: [.shmem, .unnamed], blocks: [])
        guard let old else { return file }
        noteWrite(.file(old))
        unnamedFiles.remove(file)
        files[old.index] = files.removeLast()
        return old
    }

    /// The file with the lowest number that has no mappings, pins or pages.
    private var reusableFile: FileID? {
        let empty = unnamedFiles.ended.filter { files[$0.index].cache.count == 0 }.min()
        let free = unnamedFiles.free.last { files[$0.index].cache.count == 0 }
        guard let free else { return empty }
        return empty.map { min($0, free) } ?? free
    }

    /// Drops the pages of shared anonymous memory that no area maps any longer: the last `iput()` of its file.
    mutating func evictUnnamedFiles() {
        guard !unnamedFiles.ended.isEmpty else { return }
        for file in unnamedFiles.ended.sorted() {
            while let (_, folio) = firstCached(of: file, from: 0) { removeFromCache(folio) }
            dropSwapEntries(of: file, from: 0, through: PageIndex(rawValue: .max))
        }
        unnamedFiles.freeEnded()
    }
}
