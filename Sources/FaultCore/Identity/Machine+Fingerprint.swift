/// The fingerprint: one word that identifies the state of a machine.
extension Machine {
    /// A hash of everything that can influence the future: equal machines have equal fingerprints. Two machines that
    /// differ have different ones, except with a probability of 2^-64.
    ///
    /// It does not depend on how frames, page-table nodes, `anon_vma`s and requests are numbered, nor on the absolute
    /// clock, counters, statistics, attempts or traces. Shared memory differs from memory that merely has the same
    /// contents.
    ///
    /// - Complexity: O(*n*) in tasks, files, maps and requests; memory, page tables and caches are hashed as they change.
    public var fingerprint: UInt64 {
        var hash = HashSink()
        addRunningState(to: &hash)
        return Mixing.mix(hash.value, structuralHash)
    }

    /// The fingerprint with its incremental part computed anew, from all entries, tables, frames, caches and areas.
    ///
    /// It differs from ``fingerprint`` only if a change bypassed the setters.
    package var fingerprintFromScratch: UInt64 {
        var hash = HashSink()
        addRunningState(to: &hash)
        return Mixing.mix(hash.value, recountedStructuralHash(MemoryCensus(of: self)))
    }

    /// The incremental part of the fingerprint, computed anew. What tasks hold is taken from the frames' own words; the
    /// law of references checks that.
    func recountedStructuralHash(_ census: MemoryCensus) -> UInt64 {
        var sum = census.frameHash &+ census.entryHash &+ census.tableHash
        var anonPlaces: [UInt64] = []
        var anonAreas: [UInt64] = []
        for map in maps {
            for area in map.areas.areas {
                let (place, hash) = Self.contribution(of: area, in: map.id, state: stateHash(of: area))
                sum &+= hash
                guard area.anonVMA != 0 else { continue }
                while anonPlaces.count <= Int(area.anonVMA) {
                    anonPlaces.append(0)
                    anonAreas.append(0)
                }
                anonPlaces[Int(area.anonVMA)] &+= place
                anonAreas[Int(area.anonVMA)] += 1
            }
        }
        swap.forEachInUse { sum &+= $1.contribution($0) }
        for (number, file) in files.enumerated() { sum &+= swapEntriesHash(of: file, FileID(number)) }
        for (places, areas) in zip(anonPlaces, anonAreas) where areas > 0 { sum &+= Mixing.mix(places, areas) }
        return sum
    }

    /// What an area adds to the fingerprint, and the place that identifies it for its `anon_vma`.
    ///
    /// - Parameter state: Its ``stateHash(of:)``.
    @inline(__always)
    static func contribution(of area: VMA, in map: MapID, state: UInt64) -> (place: UInt64, hash: UInt64) {
        let place = Mixing.entryPlace(map, area.start, 0xFFFF_0002)
        var hash = WordHasher(seed: place)
        hash.add(area.end.rawValue)
        hash.add(area.startIndex.rawValue)
        hash.add(UInt64(area.flags.rawValue) | UInt64(area.operations) << 32 | UInt64(area.anonLinks) << 48)
        hash.add(UInt64(UInt32(bitPattern: area.file.rawValue)) | (area.anonVMA == 0 ? 0 : 1 << 32))
        hash.add(state)
        if area.swapReadahead != 0 { hash.add(area.swapReadahead) }
        return (place, hash.value)
    }
}

/// Hashes the words of a machine's state, in two lanes that alternate, so that one word need not wait for the other.
struct HashSink: StateSink {
    private var next: UInt64 = 0x6A09_E667_F3BC_C909
    private var last: UInt64 = 0xBB67_AE85_84CA_A73B

    /// The hash of all words so far.
    var value: UInt64 { Mixing.mix(next, last ^ 0x3C6E_F372_FE94_F82B) }

    @inline(__always)
    mutating func add(_ word: UInt64) { (next, last) = (last, Mixing.mix(next, word)) }

    /// A frame is identified by the places that refer to it. A free frame has no places, even if the state of a
    /// completed operation still names it.
    @inline(__always)
    mutating func add(_ frame: FrameNumber, of machine: borrowing Machine) {
        add(frame == .none ? 0 : machine.frames[frame].places)
    }

    mutating func add(_ locks: [PageLock], of machine: borrowing Machine) {
        var sum = UInt64(locks.count)
        for lock in locks {
            sum &+= Mixing.mix(machine.frames[lock.folio].places, UInt64(UInt32(bitPattern: lock.task.rawValue)))
        }
        add(sum)
    }

    mutating func add(_ list: OperationList, from next: Int) { add(list.digest(from: next)) }
}
