/// Devices: submission, completion, holding.
extension Machine {
    /// Adds a device of the kind with the number `operations` in the configuration.
    ///
    /// - Precondition: The configuration has that many kinds of device.
    public mutating func addDevice(operations: Int, held: Bool) -> DeviceID {
        guard configuration.blockDevices.indices.contains(operations), let number = UInt16(exactly: operations) else {
            misuse(
                "Machine.addDevice: the configuration has no block device number \(operations): register it first")
        }
        let id = DeviceID(next: devices.count)
        noteWrite(.world)
        devices.append(
            DeviceState(
                operations: number, holdsReads: held, holdsWrites: held,
                state: configuration.deviceStates[operations].beginning))
        return id
    }

    /// Hands a request to its device: `submit_bio()`.
    ///
    /// Pages to be read must be locked, in the page cache, and not uptodate. Afterwards, call ``takeSubmissionWait()``.
    ///
    /// - Precondition: The machine has the request's device; its file and task, if it names any; and it is for 0 pages or
    ///   more.
    @discardableResult
    public mutating func submit(_ request: IORequest) -> RequestID {
        require(request)
        var request = request
        request.id = RequestID(rawValue: scheduler.nextRequest)
        scheduler.nextRequest += 1
        request.submitted = clock
        let device = devices[request.device.index]
        if request.isReadahead && device.refusesReadahead {
            complete(request, isRefused: true)
            return request.id
        }
        let operations = configuration.blockDevices[Int(device.operations)]
        var state = device.state
        if request.isRead ? device.holdsReads : device.holdsWrites {
            request.completes = .max
        } else {
            request.completes = max(clock, operations.completion(of: request, now: clock, &state))
        }
        scheduler.submissionThrottle = max(
            scheduler.submissionThrottle, operations.throttle(request, now: clock, &state))
        if scheduler.submissionThrottle > clock { noteWrite(.submission) }
        devices[request.device.index].state = state
        insert(request)
        record(.ioSubmitted, request.task, UInt64(bitPattern: Int64(request.file.rawValue)), request.index.rawValue)
        note(.submitted(request))
        return request.id
    }

    /// Ends the process if a request names what the machine has not got.
    private func require(_ request: IORequest) {
        _ = index(of: request.device, "Machine.submit")
        if request.file != .none { _ = index(of: request.file, "Machine.submit") }
        if request.task != .none { _ = index(of: request.task, "Machine.submit") }
        guard request.pages >= 0 else {
            misuse("Machine.submit: a request is for 0 pages or more, not \(request.pages)")
        }
    }

    /// The sleep that the device demands of the task that has just submitted, if the device throttles.
    public mutating func takeSubmissionWait() -> TaskWait? {
        let until = scheduler.submissionThrottle
        scheduler.submissionThrottle = 0
        guard until > clock else { return nil }
        noteWrite(.submission)
        return TaskWait(.submission, .uninterruptible, value: until)
    }

    private mutating func insert(_ request: IORequest) {
        noteWrite(.device(request.device))
        scheduler.requests.insert(request)
    }

    /// The requests that devices have under way, by time of completion.
    ///
    /// - Complexity: O(1) for up to 64 of them, O(*n* log *n*) for more.
    public var requestsUnderWay: [IORequest] { scheduler.requests.inOrder }

    /// Holds the requests of these kinds on `device`: those that are under way, and those that are submitted from now
    /// on. They are not finished until released.
    public mutating func hold(_ device: DeviceID, reads: Bool = true, writes: Bool = true) {
        let place = index(of: device, "Machine.hold")
        noteWrite(.device(device))
        if reads { devices[place].holdsReads = true }
        if writes { devices[place].holdsWrites = true }
        scheduler.requests.updateAll {
            if $0.device == device, $0.isRead ? reads : writes { $0.completes = .max }
        }
    }

    /// Finishes all requests that are held on `device`, and holds none from now on.
    public mutating func release(_ device: DeviceID) {
        let place = index(of: device, "Machine.release")
        finishHeld(on: device)
        noteWrite(.device(device))
        devices[place].holdsReads = false
        devices[place].holdsWrites = false
    }

    /// Holds no requests on `device` from now on. The requests that it holds can be finished, but are not finished yet.
    ///
    /// Explorers use it instead of ``release(_:)``: it leaves the order in which requests are finished open.
    public mutating func stopHolding(_ device: DeviceID) {
        let place = index(of: device, "Machine.stopHolding")
        noteWrite(.device(device))
        devices[place].holdsReads = false
        devices[place].holdsWrites = false
        let now = clock
        scheduler.requests.updateAll { if $0.device == device { $0.completes = min($0.completes, now) } }
    }

    /// Finishes the requests that are held on `device` now, in the order of submission. Later requests are held, too.
    ///
    /// - Returns: How many requests were finished.
    @discardableResult
    public mutating func finishHeld(on device: DeviceID, reads: Bool = true, writes: Bool = true) -> Int {
        _ = index(of: device, "Machine.finishHeld")
        let held = scheduler.requests.held { $0.device == device && ($0.isRead ? reads : writes) }
        for request in held { finish(request) }
        return held.count
    }

    /// Finishes one request now, whatever its time. Does nothing if it has ended, or never was.
    public mutating func finish(_ id: RequestID) {
        guard let request = scheduler.requests.request(id) else { return }
        finish(request)
    }

    private mutating func finish(_ request: IORequest) {
        guard scheduler.requests.remove(request.id) else { return }
        complete(request)
    }

    /// Finishes the writes of a device that are due at ``clock``.
    package mutating func finishIfDue(on device: DeviceID) {
        while let request = scheduler.requests.firstDue(at: clock, { $0.device == device && !$0.isRead }) {
            finish(request)
        }
    }

    /// Ends the first request that is due at ``clock``.
    mutating func completeNext() {
        if let request = scheduler.requests.popFirst() { complete(request) }
    }

    private mutating func complete(_ request: IORequest, isRefused: Bool = false) {
        noteWrite(.device(request.device))
        record(.ioCompleted, request.task, UInt64(bitPattern: Int64(request.file.rawValue)), request.index.rawValue)
        let outer = recorder.completing
        if recorder.recordsTimeline { recorder.completing = request.id }
        defer { if recorder.recordsTimeline { recorder.completing = outer } }
        note(.completed(request.id))
        if request.kind != .direct, request.file == .none { completeSwap(request) }
        if request.kind != .direct, request.file != .none {
            let file = files[request.file.index]
            let all = PageRun(request.index.value, request.index.value + max(1, request.pages) - 1)
            // One bad sector fails the whole request.
            let fails = isRefused || (request.kind != .commit && file.badBlocks.contains { $0.overlaps(all) })
            fileSystem(of: request.file, "Machine.submit").complete(request, failed: fails ? [all] : [], &self)
        }
        wakeAll(.request(request.id))
    }

    /// Sets whether readahead that is submitted to `device` fails at once from now on.
    ///
    /// A device-mapper target does this while it is suspended: it keeps other requests for later, and ends readahead
    /// with an error (`dm_submit_bio()`).
    public mutating func setReadaheadIsRefused(_ isRefused: Bool, by device: DeviceID) {
        noteWrite(.device(device))
        devices[index(of: device)].refusesReadahead = isRefused
    }

    /// Whether a page of `file` can be neither read from its device nor written to it.
    package func isBroken(_ index: PageIndex, of file: FileID) -> Bool {
        files[file.index].badBlocks.contains { $0.first <= index.value && index.value <= $0.last }
    }

    /// Makes the pages `run` of `file` neither readable from its device nor writable to it from now on. A request that
    /// has one of them fails as a whole when it is finished.
    public mutating func breakBlocks(of file: FileID, _ run: PageRun) {
        let place = index(of: file, "Machine.breakBlocks")
        noteWrite(.file(file))
        files[place].badBlocks.append(run)
    }

    /// Makes the pages `run` of `file` readable and writable again.
    public mutating func repairBlocks(of file: FileID, _ run: PageRun) {
        let place = index(of: file, "Machine.repairBlocks")
        noteWrite(.file(file))
        files[place].badBlocks = files[place].badBlocks.flatMap { $0.without(run) }
    }

    /// Makes all pages of `file` readable and writable again.
    public mutating func repairBlocks(of file: FileID) {
        let place = index(of: file, "Machine.repairBlocks")
        noteWrite(.file(file))
        files[place].badBlocks = []
    }

    /// Makes the allocation at `point` fail once, after `skipping` that succeed.
    ///
    /// - Precondition: `skipping` is at least 0.
    public mutating func failAllocation(at point: AllocationPoint, skipping: Int = 0) {
        guard skipping >= 0 else { misuse("Machine.failAllocation: \(skipping) can't be skipped; give at least 0") }
        noteWrite(.memory)
        scheduler.failures.append(InjectedFailure(point: point, skipping: skipping))
    }
}
