import FaultSimulator

// Rows of results print their figures by name. Outcomes print the table of `faultsim lab`.

extension Experiment {
    /// The name and the question: `2010: Is a thread that maps and unmaps chained to another's disk reads?`
    public var description: String { "\(name): \(title)" }
}

extension ExperimentOutcome {
    /// The figures, a line each; at most the first ones.
    public var description: String {
        let lines = measurements.map { FieldText.cut($0.description) }
        return FieldText.lines(lines, atMost: 20, of: "figures").joined(separator: "\n")
    }
}

extension LabMeasurement: CustomStringConvertible {
    /// Such as `2010, linux2_6_37: B alone: 14993.0 1/s, published 15000.0, input`.
    public var description: String {
        var text = "\(experiment), \(model): \(measure): \(simulated) \(unit.rawValue)"
        if let published { text += ", published \(published)" }
        return isInput ? text + ", input" : text
    }
}

extension PositionsOf2026.Run: CustomStringConvertible {
    /// The figures by name, and a line for each wait.
    public var description: String {
        """
        \(model): reads \(reads), attemptsPerFault \(attemptsPerFault), mmapLocksPerFault \(mmapLocksPerFault)
        majorFaults \(majorFaults), mappings \(mappings), misses \(misses)
        readers for I/O: \(readersForIO)
        readers for the mmap lock: \(readersForMmap)
        mapper for the mmap lock: \(mapperForMmap)
        mapper for area locks: \(mapperForAreas)
        monitor for the mmap lock: \(monitorForMmap)
        \(FieldText.cut(chain))
        """
    }
}

extension PostedOf2018.Behaviour: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension CompletedOf2022.Run: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension MonitorsOf2017.Run: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension RetryOf2010.Rates: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension RetryOf2006.Read: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension RetryOf2006.Chase: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension RetryOf2006.Bound: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension DropOf2018.Waits: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension AreaLocksOf2023.Run: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension PositionsOf2026.Worst: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension FaultAroundOf2014.Reading: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension FaultAroundOf2014.Count: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension AccountingMatrix.Cell: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension AccountingPlay: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}

extension Waiting: CustomStringConvertible {
    /// The fields by name.
    public var description: String { FieldText.cut(FieldText.all(of: self)) }
}
