/// Failure injection at each point of an operation.
extension World {
    /// Lets `task` do `operation` repeatedly, each time from this state and with another failure: each allocation fails
    /// once, each read fails once, and a signal arrives at each stage. This world does not change.
    ///
    /// Held requests are completed when nothing else can run, so the operation ends if it can. At each point it must
    /// end, the laws must hold, and so must `property`. The sweep stops at a point at which the operation does not end
    /// within ``World/stageLimit`` stages. Operations of other tasks run at the same time, and their
    /// allocations and reads fail once each, too.
    ///
    /// - Parameters:
    ///   - kinds: The kinds of failures; by default all.
    ///   - signals: Which signals to send; by default SIGKILL.
    ///   - limit: How many points are tried at most.
    ///   - property: What must hold at the end, whatever failed.
    /// - Precondition: As for ``start(_:in:)-(TaskOperation,_)``.
    /// - Complexity: O(*n*²) in the length of the operation.
    public func failingEachOnce(
        _ operation: TaskOperation, in task: TaskID, _ kinds: [FailurePoint.Kind] = FailurePoint.Kind.allCases,
        signals: [TaskSignal] = [.kill], limit: Int = 10_000,
        holding property: @escaping (WorldStory) -> Bool = { _ in true }
    ) -> FailureSweep {
        var start = self
        start.recordAnew()
        var sweep = Sweep(task: task, limit: limit, property: property, result: FailureSweep(names: self))
        if kinds.contains(.allocation) { sweep.failAllocations(of: operation, from: start) }
        start.start(operation, in: task)
        if kinds.contains(.read) { sweep.failReads(from: start) }
        if kinds.contains(.signal) { for signal in signals { sweep.send(signal, from: start) } }
        return sweep.result
    }

    /// Completes all held requests.
    ///
    /// - Returns: Whether there were any.
    fileprivate mutating func finishAllHeld() -> Bool {
        var finished = 0
        for device in 0..<machine.deviceCount { finished += machine.finishHeld(on: DeviceID(device)) }
        return finished > 0
    }

    /// Runs until nothing more can happen, and completes held requests on the way.
    ///
    /// - Returns: Why it stopped, at last.
    @discardableResult
    fileprivate mutating func runToTheEnd() -> StopReason {
        var reason = run()
        while finishAllHeld() { reason = run() }
        return reason
    }
}

/// Goes through the points of one operation.
private struct Sweep {
    let task: TaskID
    let limit: Int
    let property: (WorldStory) -> Bool
    var result: FailureSweep

    /// Runs a world with a failure to its end, and checks it.
    private mutating func look(at world: World, _ point: FailurePoint) {
        var world = world
        let reason = world.runToTheEnd()
        note(world, point, reason)
    }

    /// Notes a point. A run that goes on up to the limit is the last one: each further run would take as long.
    private mutating func note(_ world: World, _ point: FailurePoint, _ stop: StopReason) {
        result.points.append(point)
        let story = world.story
        let reason: String? =
            if let violation = world.machine.violations.first {
                violation.summary
            } else if stop == .limitReached {
                "it does not end within World.stageLimit stages"
            } else if world.machine.isBusy(task) {
                "it never ends: \(WaitLink.chain(of: world.machine.waitLinks))"
            } else if !property(story) {
                "the property does not hold"
            } else {
                nil
            }
        if stop == .limitReached { result.isCutShort = true }
        if let reason { result.failures.append(FailureSweep.Failure(point: point, reason: reason, story: story)) }
    }

    /// Whether another point may be tried.
    private mutating func mayGoOn() -> Bool {
        if result.points.count >= limit { result.isCutShort = true }
        return !result.isCutShort
    }

    /// Lets the first allocation at each point fail, then the second, until there are no more.
    mutating func failAllocations(of operation: TaskOperation, from start: World) {
        for point in AllocationPoint.allCases {
            var number = 1
            while mayGoOn() {
                var world = start
                world.machine.failAllocation(at: point, skipping: number - 1)
                world.start(operation, in: task)
                let reason = world.runToTheEnd()
                guard world.machine.trace.contains(where: { $0.kind == .allocationFailed }) else { break }
                note(world, .allocation(point, number: number), reason)
                number += 1
            }
        }
    }

    /// Follows the operation from read to read; at each one it makes a copy in which the read fails.
    mutating func failReads(from start: World) {
        var world = start
        var seen = Set(world.machine.requestsUnderWay.map(\.id))
        while world.machine.isBusy(task) {
            let reason = world.run(until: .event(.ioSubmitted))
            for request in world.machine.requestsUnderWay where request.kind == .read {
                guard seen.insert(request.id).inserted, mayGoOn() else { continue }
                fail(request, in: world)
            }
            if reason != .conditionMet, !world.finishAllHeld() { break }
        }
    }

    /// Lets a read fail in a copy of the world, and runs that to its end.
    private mutating func fail(_ request: IORequest, in world: World) {
        var world = world
        let first = request.index.value
        guard request.file != .none else {
            world.machine.breakSwapSlots(first...first)
            world.machine.finish(request.id)
            world.machine.repairSwapSlots(first...first)
            return look(at: world, .swapRead(slot: first))
        }
        let pages = PageRun(first, first + max(1, request.pages) - 1)
        world.machine.breakBlocks(of: request.file, pages)
        world.machine.finish(request.id)
        world.machine.repairBlocks(of: request.file, pages)
        look(at: world, .read(request.file, request.index, pages: pages.last - pages.first + 1))
    }

    /// Follows the operation from stage to stage; at each one it makes a copy in which a signal arrives.
    mutating func send(_ signal: TaskSignal, from start: World) {
        var world = start
        var number = 1
        while world.machine.isBusy(task), mayGoOn() {
            var other = world
            other.send(signal, to: task)
            look(
                at: other,
                .signal(signal, before: number == 1 ? nil : world.machine.backtrace(of: task).last, number: number))
            number += 1
            while world.run(until: .event(.stage, of: task)) != .conditionMet, world.machine.isBusy(task) {
                guard world.finishAllHeld() else { return }
            }
        }
    }
}
