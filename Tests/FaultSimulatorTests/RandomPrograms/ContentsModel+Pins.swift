import FaultSimulator

/// Pins in the second model: which page each holds, whatever has become of the page's mappings and its file.
extension ContentsModel {
    /// What may be found in the pages of a pin.
    func stamps(of pin: Pin) -> [[Stamp]] { pin.pages.map(stamps(of:)) }

    /// A device writes to a page of a pin.
    mutating func writeByDevice(_ stamp: Stamp, to id: PinID, page: Int) {
        set(pins[id]!.pages[page]) { $0 = [stamp] }
    }

    /// A device found `stamp` in a page of a pin.
    mutating func learn(_ stamp: Stamp, of id: PinID, page: Int) {
        set(pins[id]!.pages[page]) { if $0.contains(stamp) { $0 = [stamp] } }
    }

    /// Changes what is in memory of a page.
    private mutating func set(_ held: Held, _ change: (inout [Stamp]) -> Void) {
        switch held {
        case .copy(let copy): change(&copies[copy])
        case .file(let file, let index): change(&files[file]!.cells[index, default: Cell()].stamps)
        case .sharedMemory(let object, let index): change(&sharedMemory[object].cells[index, default: Cell()].stamps)
        }
    }

    private func stamps(of held: Held) -> [Stamp] {
        switch held {
        case .copy(let copy): copies[copy]
        case .file(let file, let index): files[file]!.cells[index]?.possible ?? [0]
        case .sharedMemory(let object, let index): sharedMemory[object].cells[index]?.possible ?? [0]
        }
    }

    /// Whether a copy is pinned, so that fork leaves it to the parent.
    func isPinned(_ copy: Int) -> Bool { pins.values.contains { $0.kind == .pin && $0.pages.contains(.copy(copy)) } }

    /// A page of a file goes; pins have it for themselves from then on.
    mutating func detach(_ held: Held) {
        guard pins.values.contains(where: { $0.pages.contains(held) }) else { return }
        let copy = Held.copy(newCopy(stamps(of: held)))
        for id in pins.keys { pins[id]!.pages = pins[id]!.pages.map { $0 == held ? copy : $0 } }
    }

    /// Ends a pin. What a device has written to is kept.
    mutating func unpin(_ id: PinID, makesDirty: Bool, _ process: inout Process) -> Prediction {
        guard let pin = pins.removeValue(forKey: id) else { return Prediction(errno: .invalid) }
        guard makesDirty else { return Prediction() }
        func keep(_ process: inout Process) {
            for (page, found) in process.pages where found.mayBeGone {
                // It was not taken while it was pinned.
                if let copy = found.copy, pin.pages.contains(.copy(copy)) { process.pages[page]!.mayBeGone = false }
            }
        }
        keep(&process)
        for other in processes.keys { keep(&processes[other]!) }
        return Prediction()
    }

    /// `pinUserPages`: all pages or none.
    mutating func keep(
        _ page: UInt64, _ pages: Int, _ flags: GUPFlags, _ report: OperationReport, _ process: inout Process,
        by task: TaskID
    ) -> Prediction {
        if flags.contains([.get, .pin]) { return Prediction(errno: .invalid) }
        var prediction = Prediction()
        var held: [Held] = []
        for next in page..<page + UInt64(pages) {
            guard let found = process.pages[next], found.access.contains(flags.contains(.write) ? .write : .read),
                let stamps = shown(found)
            else { break }
            if report.errno == .badAddress, mayFail(found) { break }
            prediction.stamps = stamps
            // It is the page that is held from now on, and no other.
            if found.mayBeGone, next == page + UInt64(pages) - 1 { learn(report.outcome.stamp, of: next, &process) }
            // A page must be exclusive to be pinned, even for reading.
            let isPrivateCopy =
                process.pages[next]!.copy != nil && !process.pages[next]!.isExclusive && !flags.contains(.get)
            if flags.contains(.write) || isPrivateCopy {
                let mayStillGo = process.pages[next]!.mayBeGone && process.pages[next]!.isExclusive
                store(shown(process.pages[next]!)!, next, &process)
                // To be held makes no page dirty.
                process.pages[next]!.mayBeGone = mayStillGo
            }
            switch (process.pages[next]!.copy, found.backing) {
            case (let copy?, _): held.append(.copy(copy))
            case (nil, .file(let file, let index, _)): held.append(.file(file.index, index))
            case (nil, .sharedMemory(let object, let index)): held.append(.sharedMemory(object, index))
            case (nil, .zeroes): held.append(.copy(newCopy([0])))
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

    /// `get_user_pages()` of this process, or of another one.
    mutating func pin(
        _ page: UInt64, _ pages: Int, _ flags: GUPFlags, ofMap map: MapID? = nil, _ report: OperationReport,
        _ process: inout Process, by task: TaskID, error: Errno = .badAddress
    ) -> Prediction {
        // In these programs maps are numbered like the tasks that own them.
        if let map, processes[map.index] == nil {
            return error == .inputOutput ? Prediction(pages: 0) : Prediction(errno: .noSuchProcess)
        }
        var owner = map.map { processes[$0.index]! } ?? process
        var prediction = Prediction(pages: 0)
        for number in 0..<UInt64(pages) {
            guard let found = owner.pages[page + number] else { break }
            let isAllowed =
                flags.contains(.write)
                ? found.access.contains(.write) : flags.contains(.force) || found.access.contains(.read)
            guard isAllowed, let stamps = shown(found) else { break }
            let isStopped = report.errno == nil ? report.value == number : number == 0
            if isStopped, mayFail(found) { break }
            prediction.stamps = stamps
            prediction.pages! += 1
            if flags.contains(.write) { store(stamps, page + number, &owner) }
        }
        if prediction.pages == 0, pages > 0 { return Prediction(errno: error) }
        if pages > 0 { learn(report.outcome.stamp, of: page + UInt64(prediction.pages!) - 1, &owner) }
        if let map, map.index != task.index { processes[map.index] = owner } else { process = owner }
        return prediction
    }
}
