import Testing

@testable import FaultCore

@Suite("Operations in the canonical form", .timeLimit(.minutes(60)))
struct OperationWordTests {
    private struct Words: StateSink {
        var words: [UInt64] = []
        mutating func add(_ word: UInt64) { words.append(word) }
        mutating func add(_ frame: FrameNumber, of machine: borrowing Machine) {}
        mutating func add(_ locks: [PageLock], of machine: borrowing Machine) {}
        mutating func add(_ list: OperationList, from next: Int) {}
    }

    private func words(of operation: TaskOperation) -> [UInt64] {
        var sink = Words()
        operation.add(to: &sink)
        return sink.words
    }

    @Test("the words of no operation begin like those of another, whatever their kinds")
    func distinct() {
        // What follows an operation in the canonical form must not make one out of another: whole lists that differ are
        // not enough.
        let all = OperationSamples.all.map { ($0, words(of: $0)) }
        for (place, (operation, words)) in all.enumerated() {
            for (other, otherWords) in all[(place + 1)...] {
                let count = min(words.count, otherWords.count)
                #expect(words.prefix(count) != otherWords.prefix(count), "\(operation) and \(other)")
            }
        }
    }

    @Test("every kind of operation prints in words of its own")
    func descriptions() {
        for operation in OperationSamples.all {
            #expect("\(operation)" != "operation", "\(OperationSamples.kind(of: operation))")
            let alike = OperationSamples.all.filter { "\($0)" == "\(operation)" }.map(OperationSamples.kind(of:))
            #expect(Set(alike).count == 1, "\(operation)")
        }
    }

    @Test("there are samples of every kind of operation")
    func complete() {
        let kinds = Set(OperationSamples.all.map(OperationSamples.kind(of:)))
        #expect(kinds == Set(0..<OperationSamples.kinds))
    }
}

/// Operations of every kind, with payloads that differ in one field at a time.
private enum OperationSamples {
    /// How many kinds there are.
    static let kinds = 44

    /// A number for the kind. A new kind does not compile until it has one, and then needs samples.
    static func kind(of operation: TaskOperation) -> Int {
        switch operation {
        case .touch: 0
        case .jump: 1
        case .kernelTouch: 2
        case .mmap: 3
        case .munmap: 4
        case .mprotect: 5
        case .mprotectWithKey: 6
        case .setArchWords: 7
        case .madvise: 8
        case .mremap: 9
        case .mlock: 10
        case .munlock: 11
        case .mlockAll: 12
        case .munlockAll: 13
        case .brk: 14
        case .mincore: 15
        case .msync: 16
        case .fork: 17
        case .exit: 18
        case .exitGroup: 42
        case .read: 19
        case .directRead: 20
        case .write: 21
        case .truncate: 22
        case .fsync: 23
        case .dropCache: 24
        case .punchHole: 25
        case .getUserPages: 26
        case .faultIn: 27
        case .readProcMaps: 28
        case .readRemoteMemory: 29
        case .readProcMem: 30
        case .kill: 31
        case .sleep: 32
        case .compute: 33
        case .mlock2: 34
        case .readAhead: 35
        case .adviseFile: 36
        case .swapOff: 37
        case .pinUserPages: 38
        case .unpin: 39
        case .userfaultfd: 40
        case .userfault: 41
        case .writeProcMem: 43
        }
    }

    static var all: [TaskOperation] { memory + ranges + files + others + maps + userfaults }

    private static let none = PageNumber(0)
    private static let third = PageNumber(3)

    /// Numbers that are small and alike, so that the fields of one kind can be taken for those of another.
    private static let numbers = [0, 1, 3]

    private static var memory: [TaskOperation] {
        var list: [TaskOperation] = []
        for access in [FaultException.Access.read, .write, .execute] {
            list += [.touch(access, none, pages: 1, stride: 1), .kernelTouch(access, none, .kernelWithFixup)]
        }
        list += [.touch(.read, third, pages: 1, stride: 1), .touch(.read, none, pages: 3, stride: 1)]
        list += [.touch(.read, none, pages: 1, stride: 3), .kernelTouch(.read, none, .kernelWithoutFixup)]
        for number in numbers { list.append(.jump(PageNumber(UInt64(number)), offset: 0)) }
        return list + [.jump(none, offset: 1), .jump(third, offset: 1), .jump(third, offset: 4095)]
    }

    private static var ranges: [TaskOperation] {
        var list: [TaskOperation] = []
        for pages in numbers {
            for page in [none, third] {
                list += [.munmap(page, pages: pages), .mlock(page, pages: pages), .munlock(page, pages: pages)]
                list += [.mincore(page, pages: pages), .msync(page, pages: pages)]
                list.append(.mprotect(page, pages: pages, []))
                list.append(.madvise(page, pages: pages, .normal))
            }
        }
        list += [
            .mprotect(none, pages: 0, .read), .mprotect(none, pages: 0, .write), .madvise(none, pages: 0, .random),
            .madvise(none, pages: 0, .remove),
        ]
        for key in [0, 1, 15] as [UInt8] { list.append(.mprotectWithKey(none, pages: 0, [], key: key)) }
        list.append(.mprotectWithKey(none, pages: 0, .read, key: 1))
        for target in [RemapTarget.inPlace, .mayMove, .fixed(none), .fixed(third), .leaving] {
            list.append(.mremap(none, pages: 1, newPages: 3, target))
        }
        list.append(.mremap(none, pages: 3, newPages: 1, .inPlace))
        list += [.mlock2(none, pages: 1, []), .mlock2(none, pages: 1, .onFault), .mlock2(third, pages: 1, .onFault)]
        for flags in [GUPFlags(), .write, .unlockable, .get, .pin] {
            list.append(.getUserPages(none, pages: 0, flags))
            if flags != .pin { list.append(.pinUserPages(none, pages: 0, flags)) }  // which it has by itself
        }
        list += [.pinUserPages(third, pages: 0, []), .pinUserPages(none, pages: 3, [])]
        return list + numbers.map { .brk($0) } + [.brk(-1)]
    }

    private static var files: [TaskOperation] {
        var list: [TaskOperation] = []
        for file in [FileID(0), FileID(3)] {
            for page in [nil, none, third] {
                list += [.read(file, 0, pages: 0, into: page), .write(file, 0, pages: 0, from: page)]
                if let page { list.append(.directRead(file, 0, pages: 0, into: page)) }
            }
            list += [
                .truncate(file, pages: 0), .truncate(file, pages: 3), .truncate(file, to: .bytes(3)), .fsync(file),
                .dropCache(file),
            ]
            list += FileAdvice.allCases.map { .adviseFile(file, $0) }
            list += [.readAhead(file, 0, pages: 0), .readAhead(file, 3, pages: 0), .readAhead(file, 0, pages: 3)]
            list += [.punchHole(file, 0, pages: 0), .punchHole(file, 3, pages: 0), .punchHole(file, 0, pages: 3)]
        }
        return list
    }

    private static var others: [TaskOperation] {
        var list: [TaskOperation] = [.fork, .exit, .exitGroup, .munlockAll, .setArchWords(ArchWords())]
        list += [.setArchWords(ArchWords(second: 3)), .mlockAll([]), .mlockAll(.current), .mlockAll(.future)]
        for map in [MapID(0), MapID(3)] {
            list += [
                .swapOff(map.index), .readProcMaps(map), .readRemoteMemory(map, none, pages: 0),
                .readProcMem(map, none, pages: 0), .writeProcMem(map, none, pages: 0),
            ]
        }
        for task in [TaskID(0), TaskID(3)] {
            list += [.unpin(PinID(0, of: task), makesDirty: false), .unpin(PinID(0, of: task), makesDirty: true)]
            list.append(.unpin(PinID(3, of: task), makesDirty: false))
        }
        for signal in [TaskSignal.kill, .user1] { list += [.kill(TaskID(0), signal), .kill(TaskID(3), signal)] }
        for time in [0, 3] as [UInt64] { list += [.sleep(nanoseconds: time), .compute(nanoseconds: time)] }
        for caller in FaultCaller.allCases { list.append(.faultIn(FaultRequest(caller, .read, none))) }
        list += [
            .faultIn(FaultRequest(.fixup, .write, none)), .faultIn(FaultRequest(.fixup, .read, none, in: MapID(0))),
        ]
        return list
    }

    private static var userfaults: [TaskOperation] {
        var list: [TaskOperation] = [
            .userfaultfd([], []), .userfaultfd(.sigbus, []), .userfaultfd(.threadID, []), .userfaultfd([], .blocking),
            .userfaultfd([], .userModeOnly),
        ]
        let first = UserfaultID(rawValue: 0)
        var calls: [UserfaultCall] = [.read(most: 1), .read(most: 16), .close]
        calls += [-1, 0, 3].map { .poll(timeoutNanoseconds: $0) }
        for set in [1, 3] as [UInt16] {
            calls += [-1, 0].map { .pollAny(of: set, timeoutNanoseconds: $0) }
        }
        for page in [none, third] {
            calls += [
                .register(page, pages: 1, .missing), .unregister(page, pages: 1), .wake(page, pages: 1),
                .copy(page, pages: 1, from: nil, []), .copy(page, pages: 1, from: third, []),
                .zeropage(page, pages: 1, []), .continue(page, pages: 1, []), .poison(page, pages: 1, []),
                .move(page, pages: 1, from: third, []), .writeProtect(page, pages: 1, protects: true, []),
            ]
        }
        calls += [
            .register(none, pages: 1, .minor), .register(none, pages: 3, .missing), .unregister(none, pages: 3),
            .wake(none, pages: 3), .copy(none, pages: 3, from: nil, []), .copy(none, pages: 1, from: nil, .dontWake),
            .copy(none, pages: 1, from: nil, .writeProtect), .copy(none, pages: 1, from: none, []),
            .zeropage(none, pages: 1, .dontWake), .zeropage(none, pages: 3, []), .continue(none, pages: 1, .dontWake),
            .continue(none, pages: 3, []), .poison(none, pages: 3, []), .poison(none, pages: 1, .dontWake),
            .move(none, pages: 3, from: third, []), .move(none, pages: 1, from: none, []),
            .move(none, pages: 1, from: third, .allowSourceHoles), .writeProtect(none, pages: 3, protects: true, []),
            .writeProtect(none, pages: 1, protects: false, []),
            .writeProtect(none, pages: 1, protects: true, .dontWake),
        ]
        list += calls.map { .userfault(first, $0) }
        return list + calls.map { .userfault(UserfaultID(rawValue: 3), $0) }
    }

    private static var maps: [TaskOperation] {
        var list: [TaskOperation] = []
        for placement in [
            MapRequest.Placement.anywhere, .hint(none), .fixed(none), .fixedNoReplace(none), .fixed(third),
        ] {
            list.append(.mmap(MapRequest(pages: 1, access: .read, placement: placement)))
        }
        list.append(.mmap(MapRequest(pages: 3, access: .read)))
        list.append(.mmap(MapRequest(pages: 1, access: .write)))
        list.append(.mmap(MapRequest(pages: 1, access: .read, populate: true)))
        list.append(.mmap(MapRequest(pages: 1, access: .read, operations: 1)))
        list.append(.mmap(MapRequest(pages: 1, access: .read, file: FileID(0))))
        return list + [.mmap(MapRequest(pages: 1, access: .read, file: FileID(0), offset: 3))]
    }
}
