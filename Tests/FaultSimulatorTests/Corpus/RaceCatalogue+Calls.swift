import FaultSimulator

/// A fault beside each call that takes its page or its area away, or makes copies of them.
extension Race {
    static let ofCalls: [Race] = [
        memory("storeBesideFork", pages: 2) { area in [.write(area, page: 1), .fork] },
        memory("storeBesideMremap", pages: 2) { area in
            [.write(area, page: 1), .mremap(area, newPages: 2, .fixed(area.start + 16))]
        },
        memory("storeBesideLeaving", pages: 2) { area in
            [.write(area, page: 1), .mremap(area, newPages: 2, .leaving)]
        },
        memory("storeBesideFree", isShared: true) { area in [.write(area), .madvise(area, .free)] },
        memory("storeBesideDiscard", isShared: true) { area in [.write(area), .madvise(area, .dontNeed)] },
        memory("storeBesideAdvice", pages: 2) { area in [.write(area, page: 1), .madvise(area, .random)] },
        memory("storeBesideMlock", pages: 2) { area in [.write(area, page: 1), .mlock(area)] },
        memory("storeBesideExit", pages: 2) { area in [.write(area, page: 1), .exitGroup] },
        memory("storeBesideMmap", pages: 2) { area in
            [
                .write(area, page: 1),
                .mmap(MapRequest(pages: 1, access: .readWrite, placement: .fixed(area.start - 1))),
            ]
        },
        memory("debuggerBesideDiscard") { area in [.writeProcMem(area), .madvise(area, .dontNeed)] },
        Race(name: "storeBesidePageOut") { model in
            var scenario = try ExploringScenario(model)
            try scenario.world.addSwap(pages: 4, held: false)
            let first = scenario.world.task()
            let area = try scenario.world.map(anonymousPages: 1, in: first)
            try scenario.world.perform(.write(area), in: first)
            scenario.world.start(.write(area), in: first)
            scenario.world.start(.madvise(area, .pageOut), in: scenario.world.thread(of: first))
            return scenario
        },
        Race(name: "loadBesideSwapOff") { model in
            var settings = MachineSettings()
            settings.swapReadaheadPages = 1
            var scenario = try ExploringScenario(model, settings)
            try scenario.world.addSwap(pages: 4, held: false)
            let first = scenario.world.task()
            let area = try scenario.world.map(anonymousPages: 1, in: first)
            try scenario.world.perform(.write(area), in: first)
            try scenario.world.perform(.madvise(area, .pageOut), in: first)
            scenario.world.evictSwapCache()
            scenario.world.start(.read(area), in: first)
            scenario.world.start(.swapOff(0), in: scenario.world.task())
            return scenario
        },
        Race(name: "storeBesideGrowth") { model in
            var scenario = try ExploringScenario(model)
            let first = scenario.world.task()
            let stack = try scenario.world.map(
                MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
                in: first)
            try scenario.world.perform(.write(stack), in: first)
            scenario.world.start(.write(stack, page: 1), in: first)
            scenario.world.start(.write(stack.start - 1), in: scenario.world.thread(of: first))
            return scenario
        },
        file("storeBesideFsync") { area, file in [.write(area), .fsync(file)] },
        file("twoLookups") { area, _ in
            [.getUserPages(area, [.write, .unlockable]), .getUserPages(area, [.write, .unlockable])]
        },
    ]

    /// Threads of one process, over private memory whose first page is there, and a child's as well if it is shared.
    private static func memory(
        _ name: String, pages: Int = 1, isShared: Bool = false,
        _ operations: @escaping @Sendable (Area) -> [TaskOperation]
    ) -> Race {
        Race(name: name) { model in
            var scenario = try ExploringScenario(model)
            let first = scenario.world.task()
            let area = try scenario.world.map(anonymousPages: pages, in: first)
            try scenario.world.perform(.write(area), in: first)
            if isShared { try scenario.world.perform(.fork, in: first) }
            for (number, operation) in operations(area).enumerated() {
                scenario.world.start(operation, in: number == 0 ? first : scenario.world.thread(of: first))
            }
            return scenario
        }
    }

    /// Threads of one process, over a shared mapping of a file of one page that is cached and clean.
    private static func file(
        _ name: String, _ operations: @escaping @Sendable (Area, FileID) -> [TaskOperation]
    ) -> Race {
        Race(name: name) { model in
            var scenario = try ExploringScenario(model)
            let file = try scenario.world.file(pages: 1, resident: .all)
            let first = scenario.world.task()
            let area = try scenario.world.map(file, .readWrite, .shared, in: first)
            for (number, operation) in operations(area, file).enumerated() {
                scenario.world.start(operation, in: number == 0 ? first : scenario.world.thread(of: first))
            }
            return scenario
        }
    }
}
