/// `munmap(2)`: `__vm_munmap()` and `do_mas_munmap()` (mm/mmap.c, Linux 6.1).
///
///     lock ──▶ removeAreas ──▶ downgrade ──▶ tearDown ──▶ unlock
///                 │   └── next area grows down ──▲           ▲
///                 └── nothing mapped, or an error ───────────┘
///
/// Locks: the mmap lock for writing, killably; for reading from `tearDown` on, so that faults elsewhere in the map run
/// beside it. Without the areas nobody can bring entries back.
enum MunmapRoutine {
    enum Stage: UInt8, BitwiseCopyable, Sendable {
        case lock
        case removeAreas
        case downgrade
        case tearDown
        case unlock
    }

    /// The call's words: `words.0` is the first page, `words.1` how many pages; 2 to 4 keep the ``Unmapping``, `words.5`
    /// the result.
    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> Step<Stage> {
        let task = machine.scheduler.current
        let map = machine.tasks[task.index].map
        let page = PageNumber(call.words.0)
        let pages = Int(bitPattern: UInt(call.words.1))
        switch stage {
        case .lock:
            return .call(machine.taking(.mmap(map), .write, .killable), then: .removeAreas)

        case .removeAreas:
            guard call.returned == 0 else { return .returned(call.returned) }
            guard pages > 0, page <= machine.geometry.userLimit, pages <= machine.geometry.userLimit - page else {
                return end(Errno.invalid.returned, &call)
            }
            guard machine.hasArea(in: page..<page + pages, of: map) else { return end(0, &call) }
            if let wait = machine.waitToWrite(areasIn: page..<page + pages, of: map) {
                return .sleep(wait, then: .removeAreas)
            }
            guard let unmapping = machine.removeAreas(in: page..<page + pages, of: map) else {
                return end(Errno.noMemory.returned, &call)
            }
            unmapping.save(in: &call)
            return .next(unmapping.mayDowngrade ? .downgrade : .tearDown)

        case .downgrade:
            machine.downgrade(.mmap(map), by: task)
            return .next(.tearDown)

        case .tearDown:
            machine.tearDown(page..<page + pages, Unmapping(from: call), of: map, by: task)
            return end(0, &call)

        case .unlock:
            machine.unlock(.mmap(map), by: task)
            return .returned(Int64(bitPattern: call.words.5))
        }
    }

    /// Releases the lock, then returns `result`.
    private static func end(_ result: Int64, _ call: inout Activation) -> Step<Stage> {
        call.words.5 = UInt64(bitPattern: result)
        return .next(.unlock)
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<HandlerStage> { step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased }
}
