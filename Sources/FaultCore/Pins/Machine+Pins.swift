/// Pages that stay held after the call that took them. Every change of a pin goes through here.
extension Machine {
    /// All pins, by task and number.
    public var pagePins: [PagePin] { pins.pins }

    /// The pins that a task has taken, whether it still runs or not.
    public func pagePins(of task: TaskID) -> [PagePin] { Array(pins.pins(of: tasks[index(of: task)].id)) }

    /// The pin with this name; `nil` if there is none, or it has ended.
    public func pagePin(_ id: PinID) -> PagePin? { pins[id] }

    /// The pins whose tasks have ended: only a device still uses them.
    public var leakedPins: [PagePin] { pins.pins.filter { hasExited($0.id.task) } }

    /// Whether a page is pinned, or has as many references as if it were: `folio_maybe_dma_pinned()`.
    ///
    /// - Precondition: The machine has, or had, such a page frame.
    @inline(__always)
    public func isMaybePinned(_ folio: FrameNumber) -> Bool {
        require(folio)
        return frames[folio].references >= PinKind.pin.weight
    }

    /// The content of a page of a pin: what a device reads there.
    ///
    /// - Precondition: The pin exists, and it has the page.
    public func stamp(in id: PinID, page: Int) -> UInt32 { frames[folio(in: id, page: page)].stamp }

    /// Makes a device write to a page of a pin, bypassing all page tables: direct memory access.
    ///
    /// - Precondition: The pin exists, it was taken for writing, and it has the page.
    public mutating func writeByDevice(_ stamp: UInt32, to id: PinID, page: Int) {
        let folio = folio(in: id, page: page)
        guard pins[id]?.isForWriting == true else { misuse("Machine.writeByDevice: \(id) was taken only for reading") }
        noteInterference()
        setStamp(of: folio, stamp)
        // The kernel learns of it only if the pin is given back with a word of it.
        if frames[folio].flags.contains(.cached), !frames[folio].flags.contains(.shmem) {
            setFlags(of: folio, adding: .unsaved)
        }
    }

    private func folio(in id: PinID, page: Int) -> FrameNumber {
        guard let pin = pins[id] else { misuse("Machine: there is no \(id); use one that is not released yet") }
        guard pin.frames.indices.contains(page) else {
            misuse("Machine: \(id) has \(pin.pages) pages, and not a page \(page)")
        }
        return pin.frames[page]
    }

    /// Notes the content of the last page in the batch as the content that a call has found.
    mutating func noteStamp(ofLastInBatchOf task: TaskID) {
        guard let folio = tasks[task.index].folioBatch.last else { return }
        tasks[task.index].outcome.stamp = frames[folio].stamp
    }

    // MARK: Taking and giving back

    /// The kind of pin that a caller gets in this kernel.
    package var kindOfPins: PinKind { model.pinTracking == .byWeight ? .pin : .get }

    /// Notes, forever, that memory of a map was pinned: `MMF_HAS_PINNED`.
    package mutating func noteHasPinned(_ map: MapID) {
        guard !maps[map.index].hasPinned else { return }
        noteWrite(.areas(map))
        maps[map.index].hasPinned = true
    }

    /// Keeps the page of a suitable entry in the batch of `task`, if the flags ask for that: `try_grab_page()`.
    mutating func keepInBatch(_ entry: PTE, _ flags: GUPFlags, of map: MapID, by task: TaskID) {
        guard !flags.isDisjoint(with: [.get, .pin]) else { return }
        if flags.contains(.pin) { noteHasPinned(map) }
        addToBatch(
            entry.mapsCountedFrame ? entry.frame : .none, of: task, as: flags.contains(.pin) ? kindOfPins : .get)
    }

    /// Takes present pages into the batch of `task` without a lock: `lockless_pages_from_mm()`.
    ///
    /// It takes up to `count` pages from `page` on, up to the first that is missing or does not suit. Differs: it does
    /// not check whether a fork that waits for memory is copying the map. Entries that the fork has copied already no
    /// longer suit. Pages that it has not copied yet are pinned before the fork comes to them.
    ///
    /// - Parameter flags: Only ``GUPFlags/write``, ``GUPFlags/get`` and ``GUPFlags/pin`` count.
    /// - Returns: How many pages were taken.
    package mutating func takePresentPages(
        _ count: Int, at page: PageNumber, _ flags: GUPFlags, by task: TaskID
    ) -> Int {
        let map = tasks[task.index].map
        for offset in 0..<max(0, count) {
            let entry = entry(of: page + offset, in: map)
            guard entry.bits.contains([.present, .accessible]), entry.mapsCountedFrame,
                entry.isWritable || (!flags.contains(.write) && mayBeReadFast(entry.frame, flags)),
                mayBeWrittenFast(entry.frame, flags)
            else { return offset }
            setFlags(of: entry.frame, adding: .referenced)
            keepInBatch(entry, flags, of: map, by: task)
        }
        return max(0, count)
    }

    /// Whether a page that a read-only entry maps can be taken without a fault: only if `gup_must_unshare()` is false.
    private func mayBeReadFast(_ folio: FrameNumber, _ flags: GUPFlags) -> Bool {
        guard flags.contains(.pin), model.readPins == .unshares else { return true }
        let frame = frames[folio].flags
        return frame.contains(.anonymous) ? frame.contains(.anonExclusive) : !unsharesLongTerm(flags)
    }

    /// Whether a page can be taken without looking at its area; not if stores to it may have to be noticed:
    /// `gup_fast_folio_allowed()`.
    private func mayBeWrittenFast(_ folio: FrameNumber, _ flags: GUPFlags) -> Bool {
        guard flags.contains([.pin, .write, .longTerm]), model.longTermFilePins == .areRefused else { return true }
        return !frames[folio].flags.isDisjoint(with: [.anonymous, .shmem])
    }

    /// Whether the flags allow pinning pages of an area: `writable_file_mapping_allowed()`.
    func allowsLongTermPins(_ area: VMA, _ flags: GUPFlags) -> Bool {
        guard flags.contains([.pin, .write, .longTerm]), model.longTermFilePins == .areRefused else { return true }
        return !tracksWrites(area)
    }

    /// Whether a pin with these flags must not have pages of private memory that are not anonymous.
    func unsharesLongTerm(_ flags: GUPFlags) -> Bool {
        flags.contains([.pin, .longTerm]) && !flags.contains(.write) && model.longTermReadPins == .unshare
    }

    /// Makes a pin of the pages in the batch of `task`, and leaves the batch empty.
    mutating func keepBatch(of task: TaskID, from page: PageNumber, in map: MapID, isForWriting: Bool) -> PinID {
        let frames = tasks[task.index].folioBatch
        let id = PinID(pins.taken(by: task), of: task)
        let kind: PinKind = tasks[task.index].pinsInBatch > 0 ? .pin : .get
        for (position, folio) in frames.enumerated() where folio != .none {
            let place = Mixing.pinPlace(id, position) &- Self.batchPlace(task, position)
            updateFrame(folio) { $0.places &+= place }
        }
        tasks[task.index].folioBatch = []
        tasks[task.index].pinsInBatch = 0
        noteWrite(.pins(task))
        pins.add(PagePin(id: id, kind: kind, isForWriting: isForWriting, map: map, page: page, frames: frames))
        return id
    }

    /// Ends a pin: moves its pages to the batch of `task`, which is empty.
    ///
    /// - Returns: Whether there was such a pin.
    mutating func takeToBatch(_ id: PinID, of task: TaskID) -> Bool {
        noteWrite(.pins(id.task))
        guard let pin = pins.remove(id) else { return false }
        for (position, folio) in pin.frames.enumerated() where folio != .none {
            let place = Self.batchPlace(task, position) &- Mixing.pinPlace(id, position)
            updateFrame(folio) { $0.places &+= place }
        }
        tasks[task.index].folioBatch = pin.frames
        tasks[task.index].pinsInBatch = pin.kind == .pin ? pin.pages : 0
        return true
    }
}
