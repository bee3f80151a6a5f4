import FaultExplorer
import FaultSimulator
import Testing

@testable import FaultCore

/// Something small that is checked, quickly: what tells the library from one with a mistake.
struct MutantCheck: Sendable, CustomStringConvertible {
    /// What it is called.
    let description: String
    /// Records an issue if something is wrong.
    let check: @Sendable () throws -> Void

    init(_ description: String, _ check: @escaping @Sendable () throws -> Void) {
        self.description = description
        self.check = check
    }

    /// All of them: tests of this target, the behaviours of some kernels, and what an exploration must see.
    static let all: [MutantCheck] =
        mistakes + looks + fileLooks + kept + reclaims + aftermaths + unnoticed + rules + limits + counters + keys
        + explorations + behaviours + declarations

    private static let mistakes: [MutantCheck] = [
        MutantCheck("completedIsNoRetry") { try MistakeTests().completedIsNoRetry() },
        MutantCheck("mkwriteChecksAgain") { try MistakeTests().mkwriteChecksAgain() },
        MutantCheck("cancelledWriter") { try MistakeTests().cancelledWriter() },
        MutantCheck("lockedPagesStay") { try MistakeTests().lockedPagesStay() },
        MutantCheck("endOfRead") {
            for fileSystem in [World.FileSystem.ext4, .tmpfs, .btrfs] { try MistakeTests().endOfRead(fileSystem) }
        },
        MutantCheck("waitTime") { try MistakeTests().waitTime() },
        MutantCheck("keyOfAreaAttempts") { try MistakeTests().keyOfAreaAttempts() },
        MutantCheck("areaRetryIsCounted") { try MistakeTests().areaRetryIsCounted() },
        MutantCheck("history") { try MistakeTests().history() },
        MutantCheck("swapEntryIsCompared") { try MistakeTests().swapEntryIsCompared() },
        MutantCheck("swappedPageOfTwo") { try MistakeTests().swappedPageOfTwo() },
    ]

    private static let looks: [MutantCheck] = [
        MutantCheck("readBesideTruncation") { try LookAgainTests().readBesideTruncation() },
        MutantCheck("swapEntryUnderLock") { try LookAgainTests().swapEntryUnderLock() },
        MutantCheck("copyWasMade") { try LookAgainTests().copyWasMade() },
        MutantCheck("twoCopies") { try LookAgainTests().twoCopies() },
        MutantCheck("entryGoneInMkwrite") { try LookAgainTests().entryGoneInMkwrite() },
        MutantCheck("mappedNeighbours") { try LookAgainTests().mappedNeighbours() },
        MutantCheck("copyBesideRead") { try LookAgainTests().copyBesideRead() },
        MutantCheck("killedBetweenPages") { try LookAgainTests().killedBetweenPages() },
        MutantCheck("memoryErrno") { try LookAgainTests().memoryErrno() },
        MutantCheck("cleanWritableEntry") { try LookAgainTests().cleanWritableEntry() },
    ]

    private static let fileLooks: [MutantCheck] = [
        MutantCheck("mkwriteWithoutLock") { try FileLookAgainTests().mkwriteWithoutLock() },
        MutantCheck("mappedMeanwhile") { try FileLookAgainTests().mappedMeanwhile() },
        MutantCheck("twoFirstStores") { try FileLookAgainTests().twoFirstStores() },
        MutantCheck("secondWait") { try FileLookAgainTests().secondWait() },
        MutantCheck("endOfTable") { try FileLookAgainTests().endOfTable() },
        MutantCheck("noTable") { try FileLookAgainTests().noTable() },
        MutantCheck("cutAndGrown") { try FileLookAgainTests().cutAndGrown() },
        MutantCheck("largeRead") { try FileLookAgainTests().largeRead() },
        MutantCheck("lockedDirtyPage") { try FileLookAgainTests().lockedDirtyPage() },
        MutantCheck("copyBesideTruncation") { try FileLookAgainTests().copyBesideTruncation() },
        MutantCheck("pagesBeforeError") { try FileLookAgainTests().pagesBeforeError() },
        MutantCheck("storedMeanwhile") { try FileLookAgainTests().storedMeanwhile() },
        MutantCheck("submissionWait") { try FileLookAgainTests().submissionWait() },
        MutantCheck("strayKernelAccess") { try FileLookAgainTests().strayKernelAccess() },
    ]

    private static let kept: [MutantCheck] = [
        MutantCheck("readerWait") { try KeptStateTests().readerWait() },
        MutantCheck("pauses") { try KeptStateTests().pauses() },
        MutantCheck("forkedHeap") { try KeptStateTests().forkedHeap() },
        MutantCheck("pageUnderRead") { try KeptStateTests().pageUnderRead() },
        MutantCheck("syncedFile") { try KeptStateTests().syncedFile() },
        MutantCheck("swappedMaps") { try KeptStateTests().swappedMaps() },
        MutantCheck("dirtyEntry") { try KeptStateTests().dirtyEntry() },
    ]

    private static let reclaims: [MutantCheck] = [
        MutantCheck("users") { try ReclaimDecisionTests().users() },
        MutantCheck("lockedPage") { try ReclaimDecisionTests().lockedPage() },
        MutantCheck("heldSwapCache") { try ReclaimDecisionTests().heldSwapCache() },
        MutantCheck("largestBySwap") { try ReclaimDecisionTests().largestBySwap() },
        MutantCheck("refaultDistance") { try ReclaimDecisionTests().refaultDistance() },
        MutantCheck("anonymousDistance") { try ReclaimDecisionTests().anonymousDistance() },
        MutantCheck("secondAccess") { try ReclaimDecisionTests().secondAccess() },
        MutantCheck("agedPage") { try ReclaimDecisionTests().agedPage() },
    ]

    private static let aftermaths: [MutantCheck] = [
        MutantCheck("lockedArea") { try CallAftermathTests().lockedArea() },
        MutantCheck("msyncOverHole") { try CallAftermathTests().msyncOverHole() },
        MutantCheck("slotOfLockedPage") { try CallAftermathTests().slotOfLockedPage() },
        MutantCheck("writtenByCall") { try LostStoreTests().writtenByCall() },
        MutantCheck("droppedWhileDirty") { try LostStoreTests().droppedWhileDirty() },
        MutantCheck("writtenAfterFree") { try CallAftermathTests().writtenAfterFree() },
        MutantCheck("freeOfSharedPage") { try CallAftermathTests().freeOfSharedPage() },
        MutantCheck("killedRead") {
            for hasFailed in [false, true] { try CallAftermathTests().killedRead(hasFailed: hasFailed) }
        },
    ]

    private static let unnoticed: [MutantCheck] = [
        MutantCheck("pinnedDirty") { try UnnoticedTests().pinnedDirty() },
        MutantCheck("fruitfulPass") { try UnnoticedTests().fruitfulPass() },
        MutantCheck("sharedWithoutHandler") { try UnnoticedTests().sharedWithoutHandler() },
        MutantCheck("secondGrower") { try UnnoticedTests().secondGrower() },
        MutantCheck("robbedWriter") { UnnoticedTests().robbedWriter() },
        MutantCheck("reclaimOfHeldPage") { try UnnoticedTests().reclaimOfHeldPage() },
    ]

    private static let limits: [MutantCheck] = [
        MutantCheck("lockedPages") { try LimitTests().lockedPages() },
        MutantCheck("unlockedOnFault") { try LimitTests().unlockedOnFault() },
        MutantCheck("futureLocks") { try LimitTests().futureLocks() },
        MutantCheck("slotOfTwo") { try LimitTests().slotOfTwo() },
        MutantCheck("codes") { try LimitTests().codes() },
        MutantCheck("windows") { LimitTests().windows() },
        MutantCheck("stolenFromGroup") { try LimitTests().stolenFromGroup() },
        MutantCheck("chargedSlots") { try ChargedSlotTests().twoStates() },
    ]

    private static let rules: [MutantCheck] = [
        MutantCheck("swapReadError") { try SmallRuleTests().swapReadError() },
        MutantCheck("presentEntry") { SmallRuleTests().presentEntry() },
        MutantCheck("excludedArea") { try SmallRuleTests().excludedArea() },
        MutantCheck("droppedEntry") { try SmallRuleTests().droppedEntry() },
        MutantCheck("stackLimits") { try SmallRuleTests().stackLimits() },
        MutantCheck("readError") { try SmallRuleTests().readError() },
        MutantCheck("copiesOfCutPages") { try SmallRuleTests().copiesOfCutPages() },
        MutantCheck("swappedPagesOfCutFile") { try SmallRuleTests().swappedPagesOfCutFile() },
        MutantCheck("writeError") { try SmallRuleTests().writeError() },
        MutantCheck("fillOverSwap") { try SmallRuleTests().fillOverSwap() },
        MutantCheck("markerOfUnmapped") { try SmallRuleTests().markerOfUnmapped() },
        MutantCheck("wakingOfOne") { try SmallRuleTests().wakingOfOne() },
        MutantCheck("refusals") { try SmallRuleTests().refusals() },
        MutantCheck("changingMemory") { try SmallRuleTests().changingMemory() },
    ]

    private static let counters: [MutantCheck] = CounterTests.all.map { counted in
        MutantCheck("counted: \(counted.testDescription)") { try CounterTests().counted(counted) }
    }

    private static let keys: [MutantCheck] = KeyField.all.map { field in
        MutantCheck("key: \(field)") { try KeyFieldTests().seen(field) }
    }

    private static let declarations: [MutantCheck] = [
        MutantCheck("pairsOfChoices") { try DeclarationTests().pairs() }
    ]

    /// What an exploration with the reductions finds is what one without them finds.
    private static let explorations: [MutantCheck] = [MutantRace.firstStores, .coldLoads].map { race in
        MutantCheck("reduced: \(race)") {
            let scene = try race.scene()
            let outcomes = [ScheduleCheck.Reductions(), .commuting].map { reductions in
                scene.world.checkSchedules(.exhaustive, for: [.lawsAtEnd]) {
                    $0.reductions = reductions
                    $0.observe = MutantRace.observe
                }.coverage.outcomes.map { "\($0.text) \($0.states)" }
            }
            #expect(outcomes[0] == outcomes[1])
        }
    }

    private static let behaviours: [MutantCheck] =
        [KernelModel.linux6_1, .linux6_12, .linux5_1, .linux2_6_37].flatMap { model in
            Behaviour.all.map { behaviour in
                MutantCheck("behaviour: \(behaviour), \(model.name)") {
                    #expect(behaviour.text(under: model) == behaviour.expected(under: model))
                }
            }
        }
}
