/// The laws that hold between stages, checked by a full scan.
extension Machine {
    /// Checks every law that holds between any two stages, by a full scan.
    ///
    /// Laws about events (an attempt, a wait, a drop) are instead checked as the events happen, while ``isChecking`` is
    /// on; they are reported in ``violations``. `Documentation/Laws.md` says which laws these are.
    ///
    /// - Returns: The broken laws: of each law, the first four reports at most. Empty if all hold.
    /// - Complexity: O(*n*) in everything that is mapped, cached or running.
    public func checkInvariants() -> [Violation] {
        violations(of: fullScan())
    }

    /// Scans everything.
    func fullScan() -> InvariantScan {
        var scan = InvariantScan.begin(of: self, MemoryCensus(of: self), looksAtTasks: true)
        scan.checkFrames(self)
        if hasGroup { scan.checkGroup(self) }
        for map in maps { scan.checkMap(map, self) }
        for number in files.indices { scan.checkFile(FileID(number), self) }
        scan.checkMapTotals(self)
        scan.checkUnnamedFiles(self)
        scan.checkFrameTotals(self)
        scan.checkRunning(self)
        scan.checkHash(self)
        return scan
    }

    func violations(of scan: InvariantScan) -> [Violation] {
        scan.found.map { law, task, message in
            Violation(law, task, message, in: self)
        }
    }
}
