import FaultSimulator
import ScenarioFormat

/// Files and disks.
extension SimulatorRunner {
    /// Makes a file.
    mutating func makeFile(_ new: NewFile, _ line: Line) throws(PlayError) {
        let resident = new.resident.reduce(0) { $0 + $1.count }
        guard world.machine.size.pages + resident <= ScenarioLimits.pagesInUse else {
            throw stuck(
                line,
                "\(resident) resident pages would put more than \(ScenarioLimits.pagesInUse) in use; use fewer")
        }
        let fileSystem: World.FileSystem = new.fileSystem == .ext4 ? .ext4 : .tmpfs
        do {
            let file = try world.file(
                pages: new.pages, on: fileSystem, device: device(new.device), resident: .pages(new.resident))
            files.append((new.id, file))
        } catch {
            throw stuck(line, error.description)
        }
    }

    /// The file with this id, which the reader has checked.
    func file(_ id: String) -> FileID {
        files.first { $0.name == id }?.file ?? .none
    }

    /// The simulator's disk.
    func device(_ device: Device) -> DeviceID {
        switch device {
        case .device: firstDisk
        case .device2: secondDisk
        case .swap: swapDevices.first ?? firstDisk
        }
    }

    /// The simulator's disks with this name.
    func devices(_ device: Device) -> [DeviceID] {
        device == .swap ? swapDevices : [self.device(device)]
    }

    /// `resident`: the pages of each file in the page cache whose read is done.
    func residentPages() -> [String: [ClosedRange<Int>]] {
        var pages: [String: [ClosedRange<Int>]] = [:]
        for (name, file) in files { pages[name] = world.machine.residentRuns(of: file) }
        return pages
    }
}

extension FilePart {
    /// Its pages.
    var run: PageRun { PageRun(page, page + pages - 1) }
}
