import FaultSimulator

@testable import FaultCore

/// Memory maps, files, swap, pins, descriptors, the memory group, and what laws remember.
extension StoredState {
    static let maps: [StoredState] = [
        StoredState(
            "MemoryMap", { try machine().maps[0] },
            key: [
                "areas": "memory", "lock": "map.lock", "areaLocks": "areaLocks", "users": "map.users",
                "hasPinned": "map.hasPinned", "isReaped": "map.isReaped", "fileUsers": "map.fileUsers",
                "defaultFlags": "map.defaultFlags", "heapStart": "map.heapStart", "heapEnd": "map.heapEnd",
                "mmapBase": "map.mmapBase", "writeLockCount": "fault.mapWriteLockCount",
            ], [(.number, "id root"), (.follows, "rss totalPages lockedPages"), (.record, "lockStatistics")]),
        StoredState(
            "VMA", { try machine().maps[0].areas.first ?? { throw Play.Failure(description: "no area") }() },
            key: [
                "start": "memory", "end": "memory", "startIndex": "memory", "flags": "memory", "file": "memory",
                "operations": "memory", "anonLinks": "memory", "stateWord": "area.stateWord",
                "swapReadahead": "area.swapReadahead",
            ], [(.number, "anonVMA")]),
        StoredState(
            "AreaLocks", { AreaLocks() }, key: ["readers": "areaLocks.readers", "marks": "areaLocks.marks"]),
        StoredState(
            "AreaLocks.Reader", { try KeyField.machine().maps[0].areaLocks.readers[0] },
            key: [
                "task": "areaLocks.readers", "isAwaited": "areaLocks.reader.isAwaited", "area": "areaLocks.reader.area",
            ]),
        StoredState(
            "ReadWriteSemaphore", { ReadWriteSemaphore() },
            key: ["writer": "map.lock.writer", "readers": "map.lock.readers", "queue": "map.lock.queue"]),
        StoredState(
            "ReadWriteSemaphore.Waiter", { try KeyField.machine().files[0].inodeLock.queue[0] },
            key: ["task": "map.lock.queue", "mode": "map.lock.queue.mode", "isOwed": "map.lock.queue.isOwed"],
            [(.record, "since")]),
        StoredState(
            "UserfaultContext", { try machine().userfaults[0] },
            key: [
                "map": "descriptor.map", "opening": "descriptor.opening", "features": "descriptor.features",
                "holders": "descriptor.holders", "calls": "descriptor.calls", "isReleased": "descriptor.isReleased",
                "changes": "descriptor.changes", "mapChangingLock": "descriptor.mapChangingLock",
                "pending": "descriptor.pending", "delivered": "descriptor.delivered", "events": "descriptor.events",
            ]),
        StoredState(
            "UserfaultContext.Waiter", { try machine().userfaults[0].pending[0] }, key: ["fault": "descriptor.pending"]),
        StoredState(
            "Userfault", { try machine().userfaults[0].pending[0].fault },
            key: [
                "page": "descriptor.pending.page", "reason": "descriptor.pending.reason",
                "isWrite": "descriptor.pending.isWrite", "thread": "descriptor.pending.thread",
            ]),
        StoredState(
            "UserfaultContext.Event", { try machine().userfaults[0].events[0] },
            key: ["message": "descriptor.event.message", "task": "descriptor.event.task"]),
        StoredState(
            "PinTable", { PinTable() }, key: ["pins": "pin", "taken": "pins.taken"]),
        StoredState(
            "PagePin", { try machine().pins.pins[0] },
            key: [
                "id": "pin.id", "kind": "pin.kind", "isForWriting": "pin.isForWriting", "map": "pin.map",
                "page": "pin.page", "frames": "pin.frames",
            ]),
    ]

    static let files: [StoredState] = [
        StoredState(
            "FileState", { try machine().files.first ?? KeyField.machine().files[0] },
            key: [
                "operations": "file.operations", "vmOperations": "file.vmOperations", "device": "file.device",
                "pages": "file.pages", "bytesBehindEnd": "file.bytesBehindEnd", "traits": "file.traits",
                "blocks": "file.blocks", "badBlocks": "file.badBlocks",
                "isReadRandomly": "file.isReadRandomly", "writeErrors": "file.writeErrors", "cache": "memory",
                "swapEntries": "memory", "readahead": "file.readahead", "inodeLock": "file.inodeLock",
                "invalidateLock": "file.invalidateLock", "pins": "file.pins", "state": "file.state",
                "storedStamps": "file.storedStamps", "shadows": "file.shadows",
            ], [(.follows, "mappings")]),
        StoredState(
            "ReadaheadState", { try KeyField.machine().files[0].readahead },
            key: [
                "start": "file.readahead.start", "size": "file.readahead.size",
                "asyncSize": "file.readahead.asyncSize", "mmapMiss": "file.readahead.mmapMiss",
                "previousPosition": "file.readahead.previousPosition", "maximum": "file.readahead.maximum",
            ]),
        StoredState(
            "Shadow", { Shadow() },
            key: ["age": "file.shadows", "wasWorkingset": "swapSlot.shadow", "uses": "file.shadows"],
            [(.fixed, "isOfGroup")]),
    ]

    static let swap: [StoredState] = [
        StoredState(
            "SwapSpace", { SwapSpace() },
            key: [
                "areas": "swapArea", "available": "swap.available", "slotCache": "slotCache", "chunks": "swapSlot",
                "readaheadHits": "swap.readaheadHits", "previousSlot": "swap.previousSlot",
                "previousWindow": "swap.previousWindow", "maps": "swap.maps", "files": "swap.files",
            ], [(.follows, "count slotsInUse cachedPages total"), (.withinStage, "promised")]),
        StoredState(
            "SwapArea", { try machine().swap.areas[0] },
            key: [
                "first": "swapArea.first", "isWritable": "swapArea.isWritable", "isInUse": "swapArea.isInUse",
                "badSlots": "swapArea.badSlots", "lowest": "swapArea.lowest", "highest": "swapArea.highest",
                "clusters": "swapArea.clusters", "searchStart": "swapArea.searchStart",
                "leftInRun": "swapArea.leftInRun",
            ], [(.fixed, "device pages isSynchronous isRotational priority"), (.follows, "slotsInUse used")]),
        StoredState(
            "SwapClusters", { try machine().swap.areas[0].clusters },
            key: [
                "lists": "swapArea.clusters.free", "current": "swapArea.clusters.current",
                "next": "swapArea.clusters.next",
            ],
            [(.follows, "counts kinds")]),
        StoredState(
            "SwapSlot", { SwapSlot() },
            key: [
                "count": "swapSlot.count", "cached": "swapSlot.cached", "stamp": "swapSlot.stamp",
                "isReserved": "swapSlot.isReserved", "isZero": "swapSlot.isZero", "shadow": "swapSlot.shadow",
            ]),
        StoredState(
            "SwapSlotCache", { SwapSlotCache() },
            key: [
                "isEnabled": "slotCache.isEnabled", "isActive": "slotCache.isActive", "stock": "slotCache.stock",
                "returned": "slotCache.returned",
            ]),
    ]

    static let groups: [StoredState] = [
        StoredState(
            "GroupState", { GroupState(limit: 1, swapLimit: 1) },
            key: [
                "limit": "group.limit", "swapLimit": "group.swapLimit", "usage": "group.usage", "stock": "group.stock",
                "swapUsage": "group.swapUsage", "chargedSlots": "group.chargedSlots", "pages": "group.pages",
                "batches": "group.batches", "cost": "group.cost", "nonresidentAge": "group.nonresidentAge",
                "activations": "group.activations", "statistics": "group.statistics",
                "activationsBefore": "group.activationsBefore", "generations": "group.generations",
                "refused": "group.refused", "workersPreempt": "group.workersPreempt",
            ], [(.record, "events"), (.withinStage, "wantsFlusher")]),
        StoredState(
            "GroupPages.Page", { try element("pages", of: machine().group!.pages) },
            key: [
                "towardsHead": "group.pages.order", "towardsTail": "group.pages.order", "list": "group.pages.list",
                "generation": "group.pages.generation", "uses": "group.pages.uses", "marks": "group.pages.marks",
            ]),
        StoredState(
            "PageBatches", { PageBatches() },
            key: [
                "added": "group.batches.added", "activated": "group.batches.activated",
                "rotated": "group.batches.rotated", "deactivated": "group.batches.deactivated",
                "lazilyFreed": "group.batches.lazilyFreed",
            ]),
        StoredState(
            "GroupStatistics", { GroupStatistics() },
            key: [
                "inactive": "group.statistics.inactive", "active": "group.statistics.active",
                "activations": "group.statistics.activations", "changes": "group.statistics.changes",
                "reports": "group.statistics.reports",
            ]),
        StoredState(
            "Generations", { Generations() },
            key: [
                "newest": "group.generations.newest", "oldest": "group.generations.oldest",
                "refaulted": "group.generations.refaulted", "evicted": "group.generations.evicted",
                "walked": "group.generations.walked", "filters": "group.generations.filters",
                "knownMaps": "group.generations.knownMaps", "usedMaps": "group.generations.usedMaps",
            ], [(.follows, "pages")]),
        StoredState(
            "LRULists", { LRULists() },
            key: ["links": "lists.order", "ends": "lists.order", "nonresidentAge": "lists.nonresidentAge"]),
    ]

    static let laws: [StoredState] = [
        StoredState(
            "Recorder", { try machine().recorder },
            [
                (
                    .record,
                    "recordsAttempts attemptLimit reportLimit usesShortcuts tracedKinds recordsWaits notesWrites recordsTimeline isTracing "
                        + "isChecking awaited hasSeenEvent writes"
                ), (.withinStage, "completing"), (.parts, "log"),
            ]),
        StoredState(
            "CheckerMemory", { CheckerMemory() },
            key: [
                "pgfault": "memory.pgfault", "attempts": "memory.attempts",
                "finishedAttempts": "memory.finishedAttempts",
                "interference": "exception.interference", "exceptionOf": "exception", "attemptOf": "attempt",
                "arrivals": "arrival", "batch": "batch", "downgrading": "downgrading",
            ], [(.time, "lastTask"), (.withinStage, "marks")]),
        StoredState(
            "CheckerMemory.Exception", { CheckerMemory.Exception() },
            key: Dictionary(
                uniqueKeysWithValues: [
                    "isUnderWay", "page", "access", "attempts", "counted", "expectedCounts", "drops", "result",
                    "lookedAgain", "wasTried", "neverWaits", "hadAreaLock", "interference", "structure", "nodes",
                    "areas", "mayFaultAgain", "isRefusedOnceMapped", "dropsFreely", "endedWell",
                ].map { ($0, "exception." + $0) })),
        StoredState(
            "CheckerMemory.Attempt", { CheckerMemory.Attempt() },
            key: Dictionary(
                uniqueKeysWithValues: ["isUnderWay", "majorEvents", "interference", "isSpurious", "dropsFreely"]
                    .map { ($0, "attempt." + $0) })),
        StoredState(
            "CheckerMemory.Arrival", { try KeyField.machine().recorder.memory.arrivals[0] },
            key: ["lock": "arrival.lock", "task": "arrival.task", "mode": "arrival.mode"]),
    ]
}
