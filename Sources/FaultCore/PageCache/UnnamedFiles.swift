/// The files behind shared anonymous memory that nothing maps and nothing pins. They follow from the files, and are kept
/// beside them so that neither mmap(2) nor munmap(2) looks at all files.
struct UnnamedFiles: Equatable, Sendable {
    /// How many such files there are, in use or not.
    private(set) var count = 0
    /// Those whose pages may still have to be dropped.
    private(set) var ended: [FileID] = []
    /// Those without pages, which the next mappings take again, the one with the lowest number first: it is the last.
    private(set) var free: [FileID] = []

    /// Counts a new file, which nothing maps yet.
    mutating func add(_ file: FileID) {
        count += 1
        ended.append(file)
    }

    /// Forgets a new file: another takes its place.
    mutating func remove(_ file: FileID) {
        count -= 1
        take(file)
    }

    /// A file has lost its last mapping or pin.
    mutating func end(_ file: FileID) { ended.append(file) }

    /// A file has a mapping or pin again.
    mutating func take(_ file: FileID) {
        if let place = ended.lastIndex(of: file) {
            ended.remove(at: place)
        } else if let place = place(ofFree: file), free[place] == file {
            free.remove(at: place)
        } else {
            misuse("UnnamedFiles: \(file) is in use already")
        }
    }

    /// The pages of all that have ended are dropped.
    mutating func freeEnded() {
        for file in ended {
            let place = place(ofFree: file) ?? free.count
            free.insert(file, at: place)
        }
        ended.removeAll(keepingCapacity: true)
    }

    /// Where a file stands among the free ones, or would: the first place with a number that is not higher.
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

    /// Notes that shared anonymous memory has one mapping or pin more or less than `before`, and may be in use from now on,
    /// or no longer.
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

    /// The file with the lowest number that nothing maps or pins, and that has no pages.
    private var reusableFile: FileID? {
        let empty = unnamedFiles.ended.filter { files[$0.index].cache.count == 0 }.min()
        let free = unnamedFiles.free.last { files[$0.index].cache.count == 0 }
        guard let free else { return empty }
        return empty.map { min($0, free) } ?? free
    }

    /// Drops the pages of shared anonymous memory that no area maps any more: the last `iput()` of its file.
    mutating func evictUnnamedFiles() {
        guard !unnamedFiles.ended.isEmpty else { return }
        for file in unnamedFiles.ended.sorted() {
            while let (_, folio) = firstCached(of: file, from: 0) { removeFromCache(folio) }
            dropSwapEntries(of: file, from: 0, through: PageIndex(rawValue: .max))
        }
        unnamedFiles.freeEnded()
    }
}
