/// The kernels since 6.1, whose areas have locks of their own. Each is defined by its differences from the one before.
extension KernelModel {
    /// Linux 6.4: a fault on private anonymous memory is guarded by its area's lock. `pgfault` counts faults, not
    /// attempts. `VM_FAULT_WRITE` is gone. A long-term pin of private memory for reading sees what is written to it
    /// (6.2).
    public static let linux6_4: KernelModel = {
        var model = linux6_1
        model.name = StaticName("linux6_4")
        model.areaLocks = .anonymousMemory
        model.pgfaultCounting = .everyFault
        model.writeResult = .absent
        model.userCopyTail = .stops
        model.pinLockWait = .killable
        model.longTermReadPins = .unshare
        model.writableEntries = .exclusive
        model.removableMemory = .writable
        model.recency = .notAdvised
        model.userfaults = .unpopulated
        model.minorFaultLock = .isIgnored
        model.liftedProtection = .writableWhereSafe
        model.protectedRange = .severalAreas
        model.emptyRegistration = .isInvalid
        return model
    }()

    /// Linux 6.6: the area's lock also guards swap-in and fault-around, and a fault that would sleep drops it. Shared
    /// memory of files can't be pinned for writing for a long time (6.5).
    public static let linux6_6: KernelModel = {
        var model = linux6_4
        model.name = StaticName("linux6_6")
        model.singleSwapRead = .asOthers
        model.sharedWillNeed = .toTheEnd
        model.lostPage = .isMemoryError
        model.directPins = .pins
        model.longTermFilePins = .areRefused
        model.userfaults = .poison
        model.areaLocks = .upToFaultAround
        model.areaLockRelease = .byCallee
        model.unmapDowngrade = .always
        model.readPositionNote = .endOfCall
        return model
    }()

    /// Linux 6.8: the area's lock also guards the handlers of files; a fault that has read a page under it is retried with
    /// `TRIED`.
    public static let linux6_8: KernelModel = {
        var model = linux6_6
        model.name = StaticName("linux6_8")
        model.areaLocks = .mappingHandlers
        model.areaLockRetry = .majorIsTried
        model.writeCharge = .returnsIfUntouched
        model.userfaults = .move
        model.removableMemory = .shared
        return model
    }()

    /// Linux 6.12 (6.12.117): the first fault of an area is guarded by its lock, too, and refusing an access needs no
    /// mmap lock.
    public static let linux6_12: KernelModel = {
        var model = linux6_8
        model.name = StaticName("linux6_12")
        model.swapSlots = .clusterLists
        model.swapZeroPages = .noted
        model.refaultTest = .generation
        model.readaheadShortage = .ends
        model.pageOutReferences = .ignored
        model.areaLockAnonVMA = .triesMmapLock
        model.areaLockRefusal = .isFinal
        model.populatePages = .byRange
        model.swapInMapping = .asAreaAllows
        model.releasedUserfault = .isRetried
        model.fillLock = .area
        model.protectedSwapIn = .isHandedOver
        model.failedFork = .isSilent
        model.newAreaMerge = .prefersLower
        model.readaheadPlanning = .bySource
        model.missingPageSearch = .endsPastLastPage
        model.missRecheck = .inLockedAreas
        model.faultAroundTable = .notForLastPage
        model.aroundHits = .notRefaulting
        model.holePunching = .locksFirst
        model.writeThrottle = .beforePage
        model.folioBatch = .thirtyOne
        return model
    }()

    /// Linux 6.19: madvise(2) discards pages, and `/proc/PID/maps` is read, under the locks of areas (both since 6.17).
    /// A fault that finds a locked page does not count as a hit. For a program's code, readahead reads from the missing
    /// page on.
    public static let linux6_19: KernelModel = {
        var model = linux6_12
        model.name = StaticName("linux6_19")
        model.adviceLock = .area
        model.procMapsLock = .areas
        model.lockedPageHit = .doesNotCount
        model.codeReadahead = .fromPage
        return model
    }()
}
