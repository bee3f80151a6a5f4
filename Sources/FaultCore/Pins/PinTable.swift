/// The pins of a machine, by name, and how many each task has taken.
struct PinTable: Sendable {
    /// In the order of their names.
    private(set) var pins: [PagePin] = []
    /// Indexed by task. Tasks past the end have taken none.
    private var taken: [Int] = []

    /// Whether no task has ever taken a pin.
    var isUnused: Bool { taken.isEmpty }

    /// How many pins a task has taken: the number of its next one.
    func taken(by task: TaskID) -> Int { task.index < taken.count ? taken[task.index] : 0 }

    /// The pin with this name, if it exists.
    subscript(_ id: PinID) -> PagePin? {
        let place = place(of: id)
        return place < pins.count && pins[place].id == id ? pins[place] : nil
    }

    /// The pins that a task has taken.
    func pins(of task: TaskID) -> ArraySlice<PagePin> {
        pins[place(of: PinID(0, of: task))..<place(of: PinID(.max, of: task))]
    }

    /// Adds the next pin of its task.
    mutating func add(_ pin: PagePin) {
        while taken.count <= pin.id.task.index { taken.append(0) }
        taken[pin.id.task.index] += 1
        pins.insert(pin, at: place(of: pin.id))
    }

    /// Removes a pin.
    mutating func remove(_ id: PinID) -> PagePin? {
        let place = place(of: id)
        guard place < pins.count, pins[place].id == id else { return nil }
        return pins.remove(at: place)
    }

    /// The index of the first pin at or after a name.
    private func place(of id: PinID) -> Int {
        var low = 0
        var high = pins.count
        while low < high {
            let middle = (low + high) / 2
            if pins[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Machine {
    /// Adds all pins to `sink`, their pages by content instead of by number, and how many pins each task has taken.
    /// Adds nothing if no pin was ever taken.
    func addPins<Sink: StateSink>(to sink: inout Sink) {
        guard !pins.isUnused, !mistaken(.keyForgetsPins) else { return }
        addPinCounts(to: &sink)
        for pin in pins.pins {
            add(pin, to: &sink)
            sink.add(pin.frames.count)
            for folio in pin.frames { sink.add(folio, of: self) }
        }
    }

    /// Adds how many pins each task has taken, and how many there are; nothing if no pin was ever taken.
    func addPinCounts<Sink: StateSink>(to sink: inout Sink) {
        guard !pins.isUnused, !mistaken(.keyForgetsPins) else { return }
        for task in tasks.indices { sink.add(pins.taken(by: TaskID(task))) }
        sink.add(pins.pins.count)
    }

    /// Adds a pin, without its pages.
    func add<Sink: StateSink>(_ pin: PagePin, to sink: inout Sink) {
        sink.add(pin.id.task)
        sink.add(pin.id.number)
        sink.add(UInt64(pin.kind.rawValue) | (pin.isForWriting ? 1 << 8 : 0))
        sink.add(pin.map)
        sink.add(pin.page)
    }
}
