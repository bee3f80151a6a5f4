/// Frames: allocation, references, flags, content. Every change of a frame's words goes through here.
extension Machine {
    /// The flags of a page; none if it is not in use.
    ///
    /// - Precondition: The machine has, or had, such a page frame.
    public func flags(of folio: FrameNumber) -> FrameFlags {
        require(folio)
        return frames[folio].flags
    }

    /// The content stamp of a page: equal stamps mean equal contents; 0 means zeroes.
    ///
    /// - Precondition: The machine has, or had, such a page frame.
    public func stamp(of folio: FrameNumber) -> UInt32 {
        require(folio)
        return frames[folio].stamp
    }

    /// How many references a page has.
    package func references(of folio: FrameNumber) -> Int { Int(frames[folio].references) }

    /// How many entries map a page.
    ///
    /// - Precondition: The machine has, or had, such a page frame.
    public func mappings(of folio: FrameNumber) -> Int {
        require(folio)
        return Int(frames[folio].mappings)
    }

    /// Where a cached page is.
    package func cachePosition(of folio: FrameNumber) -> (FileID, PageIndex)? {
        let frame = frames[folio]
        guard frame.flags.contains(.cached) else { return nil }
        return (FileID(Int(frame.owner)), PageIndex(Int(frame.index)))
    }

    /// Changes the words of a frame, and the fingerprint with them.
    @inline(__always)
    mutating func updateFrame(_ frame: FrameNumber, _ body: (inout PageFrame) -> Void) {
        noteWrite(to: frame)
        structuralHash &+= Self.changed(&frames[frame], body)
    }

    @inline(__always)
    private static func changed(_ frame: inout PageFrame, _ body: (inout PageFrame) -> Void) -> UInt64 {
        let before = frame.contribution
        body(&frame)
        return frame.contribution &- before
    }

    /// Sets and clears flags of a page.
    package mutating func setFlags(
        of folio: FrameNumber, adding: FrameFlags = [], removing: FrameFlags = []
    ) {
        updateFrame(folio) { $0.flags = $0.flags.subtracting(removing).union(adding) }
    }

    /// Replaces the content of a page.
    package mutating func setStamp(of folio: FrameNumber, _ stamp: UInt32) {
        updateFrame(folio) { $0.stamp = stamp }
    }

    /// Takes a frame at a named point; `nil` if there is none left, or a failure was injected there.
    ///
    /// The caller holds the one reference. Every frame is taken here; ``allocationFails(_:for:)`` stands for other
    /// allocations.
    mutating func allocateFrame(
        _ point: AllocationPoint, flags: FrameFlags, index: PageIndex, stamp: UInt32, for task: TaskID, slot: HoldSlot
    ) -> FrameNumber? {
        guard !takesFailure(point) else {
            record(.allocationFailed, task, UInt64(point.rawValue))
            return nil
        }
        guard frames.inUse < settings.frameLimit, !hasGroup || charge(for: task, .allIsTried) else { return nil }
        let frame = frames.allocate()
        let place = Mixing.stackPlace(task, UInt64(slot.rawValue))
        frames[frame] = PageFrame(new: flags, index: index, stamp: stamp, place: place)
        structuralHash &+= frames[frame].contribution
        if keepsLists {
            addToLRU(frame)
            noteCharged(frame, for: task)
        }
        return frame
    }

    /// Asks whether an allocation of something other than a frame fails at a named point.
    package mutating func allocationFails(_ point: AllocationPoint, for task: TaskID) -> Bool {
        guard takesFailure(point) else { return false }
        record(.allocationFailed, task, UInt64(point.rawValue))
        return true
    }

    /// Takes an injected failure, if there is one for this allocation.
    @inline(__always)
    private mutating func takesFailure(_ point: AllocationPoint) -> Bool {
        guard !scheduler.failures.isEmpty else { return false }
        noteWrite(.memory)
        return scheduler.takeFailure(point)
    }

    /// Takes a reference that a task holds across stages.
    package mutating func hold(_ folio: FrameNumber, for task: TaskID, in slot: HoldSlot) {
        let place = Mixing.stackPlace(task, UInt64(slot.rawValue))
        updateFrame(folio) {
            $0.references &+= 1
            $0.places &+= place
        }
    }

    /// Drops a reference that a task held; the last one frees the page.
    package mutating func unhold(_ folio: FrameNumber, for task: TaskID, in slot: HoldSlot) {
        let place = Mixing.stackPlace(task, UInt64(slot.rawValue))
        updateFrame(folio) {
            $0.references &-= 1
            $0.places &-= place
        }
        freeIfUnused(folio)
    }

    /// Frees a frame that nothing refers to.
    @inline(__always)
    mutating func freeIfUnused(_ frame: FrameNumber) {
        guard frames[frame].references <= 0 else { return }
        free(frame)
    }

    private mutating func free(_ frame: FrameNumber) {
        if frames[frame].mappings != 0 || frames[frame].references != 0 {
            report(
                .referenceBalance, .none,
                "a frame is freed with \(frames[frame].references) references and "
                    + "\(frames[frame].mappings) mappings")
        }
        structuralHash &-= frames[frame].contribution
        frames.free(frame)
        if keepsLists { noteFreed(frame) }
    }

    /// Skips frame numbers, for tests that nothing depends on them.
    package mutating func skipFrameNumbers(_ count: Int) { frames.skipNumbers(count) }
}

/// Where a task keeps a reference to a page across stages.
package enum HoldSlot: UInt8, BitwiseCopyable, Sendable {
    /// ``VMFault/folio``.
    case faultFolio = 1
    /// ``VMFault/copy``.
    case faultCopy = 2
    /// ``Activation/frame`` of a call, for example on a file.
    case call = 3
    /// ``Activation/frame`` of a transfer between a file and memory.
    case transfer = 4
    /// A page on its way into the swap cache, within one stage.
    case swapIn = 5
    /// ``VMFault/keptFolio``.
    case keptFolio = 9
}
