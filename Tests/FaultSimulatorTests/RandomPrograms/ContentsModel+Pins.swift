import FaultSimulator

/// Pins in the second model: which page each holds, whatever has become of the page's mappings and its file.
extension ContentsModel {
    /// What is found in the pages of a pin.
    func stamps(of pin: Pin) -> [Stamp] { pin.pages.map(stamp(of:)) }

    /// A device writes to a page of a pin.
    mutating func writeByDevice(_ stamp: Stamp, to id: PinID, page: Int) {
        switch pins[id]!.pages[page] {
        case .copy(let copy): setCopy(copy, stamp)
        case .file(let file, let index): files[file]!.stamps[index] = stamp
        case .sharedMemory(let object, let index): sharedMemory[object].stamps[index] = stamp
        }
    }

    private func stamp(of held: Held) -> Stamp {
        switch held {
        case .copy(let copy): content(ofCopy: copy)
        case .file(let file, let index): files[file]!.stamps[index] ?? 0
        case .sharedMemory(let object, let index): sharedMemory[object].stamps[index] ?? 0
        }
    }

    /// Whether a copy is pinned, so that fork leaves it to the parent.
    func isPinned(_ copy: Int) -> Bool { pins.values.contains { $0.kind == .pin && $0.pages.contains(.copy(copy)) } }

    /// A page of a file goes; pins have it for themselves from then on.
    mutating func detach(_ file: FileID, _ index: Int) {
        let held = Held.file(file.index, index)
        guard pins.values.contains(where: { $0.pages.contains(held) }) else { return }
        let copy = Held.copy(newCopy(stamp(of: held)))
        for id in pins.keys { pins[id]!.pages = pins[id]!.pages.map { $0 == held ? copy : $0 } }
    }

    /// `pinUserPages`: all pages or none.
    mutating func keep(
        _ page: UInt64, _ pages: Int, _ flags: GUPFlags, _ process: inout Process, by task: TaskID
    ) -> Prediction {
        if flags.contains([.get, .pin]) { return Prediction(errno: .invalid) }
        var prediction = Prediction()
        var held: [Held] = []
        for next in page..<page + UInt64(pages) {
            guard let found = process.pages[next], found.access.contains(flags.contains(.write) ? .write : .read),
                let stamp = shown(found)
            else { break }
            prediction.stamp = stamp
            // For a pin, a page must be nobody else's, also to be read.
            let isPrivateCopy = found.copy != nil && !found.isExclusive && !flags.contains(.get)
            if flags.contains(.write) || isPrivateCopy { store(stamp, next, &process) }
            switch (process.pages[next]!.copy, found.backing) {
            case (let copy?, _): held.append(.copy(copy))
            case (nil, .file(let file, let index, _)): held.append(.file(file.index, index))
            case (nil, .sharedMemory(let object, let index)): held.append(.sharedMemory(object, index))
            case (nil, .zeroes): held.append(.copy(newCopy(0)))
            }
        }
        guard held.count == pages else {
            prediction.errno = .badAddress
            return prediction
        }
        let id = PinID(countPin(of: task), of: task)
        pins[id] = Pin(kind: flags.contains(.get) ? .get : .pin, isForWriting: flags.contains(.write), pages: held)
        prediction.pages = id.number
        return prediction
    }
}
