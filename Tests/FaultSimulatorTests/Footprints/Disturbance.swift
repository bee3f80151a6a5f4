@testable import FaultCore
import FaultSimulator

/// A change of one part of a machine, made without its setters. A stage that does not read this part can't see it.
struct Disturbance {
    let location: StateLocation
    let make: (inout Machine) -> Void

    /// All that can be thought of in a state, for the stages of one task.
    static func all(in machine: Machine, beside task: TaskID) -> [Disturbance] {
        var list: [Disturbance] = []
        func add(_ location: StateLocation, _ make: @escaping (inout Machine) -> Void) {
            list.append(Disturbance(location: location, make: make))
        }
        let nobody = TaskID(77)
        for map in machine.maps.indices {
            let id = MapID(map)
            add(.areas(id)) {
                let sequence = $0.maps[map].areas.sequence
                $0.maps[map].areas = AreaTree()
                $0.maps[map].areas.sequence = sequence &+ 1
                $0.maps[map].heapEnd = $0.maps[map].heapEnd + 1
                $0.maps[map].hasPinned.toggle()
                $0.maps[map].isReaped.toggle()
            }
            add(.users(id)) { $0.maps[map].users += 5 }
            if machine.model.areaLocks != .none {
                add(.areaLocks(id)) {
                    $0.maps[map].areaLocks.mark(PageNumber(0)..<machine.geometry.userLimit)
                    $0.maps[map].areaLocks.addReader(nobody, of: PageNumber(1))
                }
            }
            add(.lock(.mmap(id))) {
                $0.maps[map].lock.enqueue(nobody, .write, at: 0)
                $0.maps[map].writeLockCount &+= 1
            }
            machine.tables.forEachLeaf(machine.maps[map].root, in: PageNumber(0)..<machine.geometry.userLimit) {
                base, leaf in
                for (slot, raw) in machine.tables.nodes[Int(leaf)].enumerated() where raw != 0 {
                    add(.entry(id, base + slot)) { $0.tables.setEntry(leaf, base + slot, .none) }
                }
            }
        }
        for file in machine.files.indices {
            let id = FileID(file)
            add(.file(id)) {
                $0.files[file].pages += 1
                $0.files[file].blocks = []
                $0.files[file].readahead.mmapMiss += 7
                $0.files[file].readahead.previousPosition += 4096
                $0.files[file].state = StateBytes(firstWord: 3)
            }
            add(machine.pinLocation(of: id)) { $0.files[file].pins += 4 }
            add(.lock(.inode(id))) { $0.files[file].inodeLock.enqueue(nobody, .write, at: 0) }
            add(.lock(.invalidate(id))) { $0.files[file].invalidateLock.enqueue(nobody, .write, at: 0) }
            var next: PageIndex = 0
            while let (index, _) = machine.files[file].cache.first(from: next) {
                add(.cachedPage(id, index)) { $0.files[file].cache.set(.none, at: index) }
                next = index + 1
            }
        }
        for number in 1..<max(1, Int(machine.frames.count)) {
            let folio = FrameNumber(number)
            guard machine.frames[folio].flags.contains(.inUse) else { continue }
            add(machine.location(of: folio)) {
                $0.frames[folio].stamp ^= 5
                $0.frames[folio].references += 3
                $0.frames[folio].flags.formSymmetricDifference(
                    [.uptodate, .dirty, .readahead, .writeback, .locked, .anonExclusive])
            }
        }
        for device in machine.devices.indices {
            add(.device(DeviceID(device))) {
                $0.devices[device].state = StateBytes(firstWord: 3)
                $0.devices[device].refusesReadahead.toggle()
                for request in $0.requestsUnderWay where request.device == DeviceID(device) {
                    $0.scheduler.requests.remove(request.id)
                }
            }
        }
        add(.submission) { $0.scheduler.submissionThrottle = $0.clock + 1000 }
        for number in machine.tasks.indices {
            add(.pins(TaskID(number))) { changed in
                for pin in changed.pagePins(of: TaskID(number)) { _ = changed.pins.remove(pin.id) }
                changed.pins.add(
                    PagePin(
                        id: PinID(changed.pins.taken(by: TaskID(number)), of: TaskID(number)), kind: .get,
                        isForWriting: false, map: MapID(0), page: PageNumber(1), frames: []))
            }
        }
        add(.swap) { $0.swap.readaheadHits += 3 }
        if machine.settings.dirtyLimitPages != .max { add(.dirtyPages) { $0.dirtyPages += 40 } }
        for other in machine.tasks.indices where TaskID(other) != task {
            add(.task(TaskID(other))) {
                $0.tasks[other].pendingSignals.formSymmetricDifference(.kill)
                if $0.tasks[other].status == .sleeping { $0.tasks[other].status = .idle }
            }
        }
        add(.world) { _ = $0.addKernelThread() }
        return list
    }
}
