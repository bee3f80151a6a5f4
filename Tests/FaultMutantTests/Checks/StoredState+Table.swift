import FaultSimulator

@testable import FaultCore

/// The machine, its tasks and their faults.
extension StoredState {
    static let machines: [StoredState] = [
        StoredState(
            "SeldomUsed", { SeldomUsed() },
            [
                (.parts, "devices swap lists group programs pins userfaults"), (.record, "names"),
                (.follows, "areaIndex unnamedFiles"),
            ]),
        StoredState(
            "PageTables", { try machine().tables }, key: ["nodes": "memory"],
            [(.number, "freeNodes"), (.fixed, "topShift bits mask")]),
        StoredState(
            "PageFrame", { PageFrame() },
            key: ["flags": "memory", "stamp": "memory", "references": "memory", "mappings": "memory"],
            [(.follows, "owner index places")]),
        StoredState(
            "Scheduler", { try machine().scheduler },
            key: [
                "requests": "requests", "submissionThrottle": "submissionThrottle", "pageLocks": "pageLocks",
                "failures": "failures",
            ],
            [
                (.time, "processors runQueue nextSleep extraCost"), (.number, "nextRequest"),
                (.follows, "timers sleepers spinners busyTasks"),
                (.withinStage, "current currentMap instantHold tasksLookedAt"),
                (.fixed, "isDriven"),
            ]),
        StoredState(
            "IORequest", { IORequest(.read, on: DeviceID(0), file: FileID(0), index: 0, pages: 1, by: .none) },
            key: [
                "device": "request.device", "kind": "request.kind", "file": "request.file", "index": "request.index",
                "pages": "request.pages", "task": "request.task", "completes": "request.completes",
            ], [(.number, "id"), (.record, "submitted"), (.withinStage, "isReadahead")]),
        StoredState(
            "DeviceState", { try machine().devices[0] },
            key: [
                "operations": "device.operations", "holdsReads": "device.holdsReads",
                "holdsWrites": "device.holdsWrites",
                "refusesReadahead": "device.refusesReadahead", "state": "device.state",
            ]),
    ]

    static let tasks: [StoredState] = [
        StoredState(
            "TaskState", { TaskState(TaskID(0), map: .none) },
            key: [
                "map": "task.map", "status": "task.status", "wait": "task.wait", "stack": "task.stack",
                "fault": "fault",
                "held": "task.held", "hasOperation": "task.hasOperation", "outcome": "outcome",
                "pendingSignals": "task.pendingSignals", "program": "task.program",
                "programCounter": "task.programCounter",
                "programState": "task.programState", "dirtiedPages": "task.dirtiedPages", "archWords": "task.archWords",
                "pinsInBatch": "task.pinsInBatch", "isOOMVictim": "task.isOOMVictim", "reapTime": "task.reapTime",
                "isPassedOver": "task.isPassedOver", "isInFault": "task.isInFault", "signalDetail": "signalDetail",
                "countersAtStart": "countersAtStart",
            ],
            [
                (.number, "id"), (.record, "sleepingSince operation digest"), (.time, "sleepOrder readyAt sliceUsed"),
                (.parts, "lists counters"),
            ]),
        StoredState(
            "TaskLists",
            { try element("storage", of: child("some", of: child("lists", of: oneWithLists()))) },
            key: [
                "folioBatch": "task.folioBatch", "aroundBatch": "task.aroundBatch", "results": "results",
                "errnoWhenKilled": "errnoWhenKilled", "userfaultMessages": "userfaultMessages",
                "userfaultEvents": "task.userfaultEvents",
            ], [(.record, "attempts reports reportsDropped")]),
        StoredState(
            "TaskCounters", { TaskCounters() },
            key: [
                "minorFaults": "minorFaults", "majorFaults": "majorFaults", "exceptions": "exceptions",
                "kernelExceptions": "kernelExceptions", "attempts": "areaLockAttempts",
                "areaLockAttempts": "areaLockAttempts", "pgfault": "pgfault", "mmapReadLocks": "mmapReadLocks",
                "mmapWriteLocks": "mmapWriteLocks", "mmapTrylockFailures": "mmapTrylockFailures",
                "pgmajfault": "pgmajfault", "handledSignals": "handledSignals", "pageCopies": "pageCopies",
                "userfaults": "userfaults", "areaLockUserfaults": "areaLockUserfaults",
            ]),
        StoredState(
            "OperationOutcome", { OperationOutcome() },
            key: [
                "isDone": "outcome.isDone", "result": "outcome.value", "signal": "outcome.signal",
                "oops": "outcome.oops",
                "stamp": "outcome.stamp", "lockWasLost": "outcome.lockWasLost", "filledPages": "outcome.filledPages",
                "bytes": "outcome.bytes", "message": "outcome.message",
            ]),
        StoredState(
            "TaskWait", { TaskWait.none },
            key: [
                "kind": "task.wait.kind", "mode": "task.wait.mode", "frame": "task.wait.page",
                "value": "task.wait.value",
            ]),
        StoredState(
            "Activation", { try machineWithFault().tasks[0].stack[0] },
            key: [
                "routine": "task.stack", "stageNumber": "task.stack.stage", "selector": "task.stack.selector",
                "plugIn": "task.stack.plugIn", "resumed": "task.stack.resumed", "bytes": "task.stack.bytes",
            ]),
        StoredState(
            "VMFault", { VMFault() },
            key: [
                "task": "fault.task", "map": "fault.map", "page": "fault.page", "exception": "fault.exception",
                "flags": "fault.flags", "savedFlags": "fault.savedFlags", "lock": "fault.lock",
                "lockDropped": "fault.lockDropped", "isException": "fault.isException",
                "folioLocked": "fault.folioLocked", "invalidateLocked": "fault.invalidateLocked",
                "result": "fault.result", "area": "fault.area", "file": "fault.file", "index": "fault.index",
                "originalEntry": "fault.originalEntry", "folio": "fault.folio", "copy": "fault.copy",
                "keptFolio": "fault.keptFolio", "keptPages": "fault.keptPages",
                "mapWriteLockCount": "fault.mapWriteLockCount",
                "hasGoneOn": "fault.hasGoneOn", "wasMajor": "fault.wasMajor",
                "bypassesSwapCache": "fault.bypassesSwapCache",
            ]),
        StoredState(
            "VMAHandle", { VMFault().area },
            key: ["map": "fault.area.map", "start": "fault.area.start", "sequence": "fault.area.sequence"],
            [(.follows, "position")]),
        StoredState(
            "FaultException", { VMFault().exception },
            key: [
                "access": "fault.exception.access", "mode": "fault.exception.mode",
                "translationPresent": "fault.exception.translationPresent",
                "keyRefuses": "fault.exception.keyRefuses", "entryIsDamaged": "fault.exception.entryIsDamaged",
                "offset": "fault.exception.offset",
            ]),
        StoredState(
            "TaskPrograms", { TaskPrograms() }, key: ["lists": "task.list", "programs": "task.program"],
            [(.number, "startedPrograms")]),
    ]

    private static func machineWithFault() throws -> Machine { try KeyField.machine() }

    private static func oneWithLists() -> TaskState {
        var task = TaskState(TaskID(0), map: .none)
        task.folioBatch = []
        return task
    }
}
