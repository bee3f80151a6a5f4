import ScenarioFormat
import Testing

@Suite("Reading scenarios", .timeLimit(.minutes(60)))
struct ReadingTests {
    @Test("a header without settings has those of the format")
    func defaults() throws {
        let scenario = try Scenario(text: header, path: "s.jsonl")
        #expect(scenario == Scenario(name: "s"))
        #expect(scenario.settings.faultAroundBytes == 65536 && scenario.settings.readAheadKB == 128)
        #expect(scenario.settings.maxSectorsKB == 1280 && scenario.settings.cpus == 1)
        #expect(scenario.settings.dirtyBytes == nil && scenario.kernel == nil)
    }

    @Test("a header's fields, its escapes, and line ends with a carriage return")
    func headerFields() throws {
        let text =
            #"{"scenario":"s","about":"\"\u00e4\ud83d\ude00\n","kernel":"6.1.192","settings":{"fault_around_bytes":4096,"#
            + #""read_ahead_kb":0,"max_sectors_kb":4,"thp":"never","cpus":1,"dirty_bytes":65536}}"# + "\r\n"
        let scenario = try Scenario(text: text, path: "s.jsonl")
        #expect(scenario.about == "\"ä😀\n")
        #expect(scenario.kernel == "6.1.192")
        #expect(scenario.settings.faultAroundBytes == 4096 && scenario.settings.readAheadKB == 0)
        #expect(scenario.settings.maxSectorsKB == 4 && scenario.settings.dirtyBytes == 65536)
        #expect(scenario.lines.isEmpty)
    }

    @Test("a file's resident pages are a run list, all or none")
    func files() throws {
        let lines = [
            header, #"{"op":"file","id":"f","pages":9,"fs":"ext4","resident":[[0,1],[2,3],[7,7]],"on":"device2"}"#,
            #"{"op":"file","id":"g","pages":9,"fs":"tmpfs","resident":"all"}"#,
            #"{"op":"file","id":"h","pages":0,"fs":"ext4","resident":"all"}"#,
        ]
        let scenario = try Scenario(text: lines.joined(separator: "\n"), path: "s.jsonl")
        #expect(
            scenario.lines.map(\.operation) == [
                .file(NewFile(id: "f", pages: 9, fileSystem: .ext4, resident: [0...3, 7...7], device: .device2)),
                .file(NewFile(id: "g", pages: 9, fileSystem: .tmpfs, resident: [0...8])),
                .file(NewFile(id: "h", pages: 0, fileSystem: .ext4, resident: [])),
            ])
        #expect(scenario.lines.map(\.number) == [2, 3, 4])
    }

    struct Case: CustomTestStringConvertible {
        let json: String
        let operation: ScenarioOperation

        init(_ json: String, _ operation: ScenarioOperation) {
            self.json = json
            self.operation = operation
        }

        var testDescription: String { json }
    }

    static let part = AreaPart(area: "a", page: 1, pages: 2)
    static let filePart = FilePart(file: "f", page: 1, pages: 2)
    static let cases = [
        Case(
            #"{"op":"mmap","id":"b","file":"f","offset":3,"pages":4,"prot":"rwx","flags":["shared","populate","locked"],"slot":511}"#,
            .mmap(
                NewArea(
                    id: "b", backing: NewArea.Backing(file: "f", offset: 3), pages: 4,
                    protection: [.read, .write, .execute], sharing: .shared, flags: [.populate, .locked], slot: 511))),
        Case(
            #"{"op":"mmap","id":"b","pages":4,"prot":"","flags":["private","noreserve","growsdown"]}"#,
            .mmap(
                NewArea(id: "b", pages: 4, protection: [], sharing: .private, flags: [.noReserve, .growsDown]))),
        Case(#"{"op":"munmap","area":"a","page":1,"pages":2}"#, .munmap(part)),
        Case(#"{"op":"mlock","area":"a","page":1,"pages":2}"#, .mlock(part)),
        Case(#"{"op":"mlock2","area":"a","page":1,"pages":2}"#, .mlock2(part, onFault: false)),
        Case(#"{"op":"mlock2","area":"a","page":1,"pages":2,"onfault":true}"#, .mlock2(part, onFault: true)),
        Case(#"{"op":"munlock","area":"a","page":1,"pages":2}"#, .munlock(part)),
        Case(#"{"op":"mincore","area":"a","page":1,"pages":2}"#, .mincore(part)),
        Case(#"{"op":"msync","area":"a","page":1,"pages":2}"#, .msync(part)),
        Case(#"{"op":"mprotect","area":"a","page":1,"pages":2,"prot":"x"}"#, .mprotect(part, .execute)),
        Case(#"{"op":"madvise","area":"a","page":1,"pages":2,"advice":"remove"}"#, .madvise(part, .remove)),
        Case(
            #"{"op":"madvise","area":"a","page":1,"pages":2,"advice":"dontneed_locked"}"#,
            .madvise(part, .dontNeedLocked)),
        Case(#"{"op":"mremap","area":"a","pages":9}"#, .mremap(Remapping(area: "a", pages: 9))),
        Case(
            #"{"op":"mremap","area":"a","pages":9,"move":true}"#,
            .mremap(Remapping(area: "a", pages: 9, movingToSlot: 0))),
        Case(
            #"{"op":"mremap","area":"a","pages":9,"move":true,"slot":7}"#,
            .mremap(Remapping(area: "a", pages: 9, movingToSlot: 7))),
        Case(#"{"op":"read","area":"a","page":70}"#, .read(Touches(area: "a", page: 70))),
        Case(#"{"op":"write","area":"g","page":-60}"#, .write(Touches(area: "g", page: -60))),
        Case(
            #"{"op":"write","area":"g","page":3,"pages":5,"stride":-2}"#,
            .write(Touches(area: "g", page: 3, pages: 5, stride: -2))),
        Case(
            #"{"op":"exec","area":"a","page":0,"pages":3,"stride":17}"#,
            .exec(Touches(area: "a", page: 0, pages: 3, stride: 17))),
        Case(#"{"op":"pread","file":"f","page":1,"pages":2}"#, .pread(filePart)),
        Case(#"{"op":"pwrite","file":"f","page":1,"pages":2}"#, .pwrite(filePart)),
        Case(#"{"op":"punch","file":"f","page":1,"pages":2}"#, .punch(filePart)),
        Case(
            #"{"op":"copy_in","file":"f","page":1,"pages":2,"area":"a","to":5}"#,
            .copyIn(FileCopy(filePart: filePart, area: "a", areaPage: 5), direct: false)),
        Case(
            #"{"op":"copy_in","file":"f","page":1,"pages":2,"area":"a","to":5,"direct":true}"#,
            .copyIn(FileCopy(filePart: filePart, area: "a", areaPage: 5), direct: true)),
        Case(
            #"{"op":"copy_out","file":"f","page":1,"pages":2,"area":"a","from":5}"#,
            .copyOut(FileCopy(filePart: filePart, area: "a", areaPage: 5))),
        Case(#"{"op":"truncate","file":"f","pages":0}"#, .truncate(file: "f", pages: 0)),
        Case(#"{"op":"evict","file":"f"}"#, .evict(file: "f")),
        Case(#"{"op":"fsync","file":"f"}"#, .fsync(file: "f")),
        Case(#"{"op":"fork","id":"c1"}"#, .fork(id: "c1")),
        Case(#"{"op":"exit","in":"c0"}"#, .exit),
        Case(#"{"op":"kill","in":"c0","area":"a","page":9,"touch":"write"}"#, .kill(area: "a", page: 9, touch: .write)),
        Case(#"{"op":"thread","id":"t2","in":"c0"}"#, .thread(id: "t2")),
        Case(#"{"op":"hold","on":"device"}"#, .hold(.device, only: nil)),
        Case(#"{"op":"hold","on":"device","only":"writes"}"#, .hold(.device, only: .writes)),
        Case(#"{"op":"swapoff"}"#, .swapoff), Case(#"{"op":"limit","pages":3}"#, .limit(pages: 3)),
        Case(#"{"op":"reclaim","pages":4}"#, .reclaim(pages: 4)),
        Case(#"{"op":"hold","on":"device2","only":"reads"}"#, .hold(.device2, only: .reads)),
        Case(#"{"op":"release","on":"device"}"#, .release(.device)),
        Case(#"{"op":"signal","signal":"SIGKILL"}"#, .signal(.kill, to: nil)),
        Case(#"{"op":"signal","to":"t1","signal":"SIGUSR1"}"#, .signal(.user1, to: "t1")),
        Case(#"{"op":"maps","in":"c0"}"#, .maps(of: nil)),
        Case(#"{"op":"maps","of":"c0"}"#, .maps(of: "c0")),
        Case(#"{"op":"mem_read","in":"c0","area":"a","page":1,"pages":2}"#, .memRead(part, of: nil)),
        Case(#"{"op":"vm_read","of":"c0","area":"a","page":1,"pages":2}"#, .vmRead(part, of: "c0")),
        Case(#"{"op":"brk","pages":-3}"#, .brk(pages: -3)),
        Case(#"{"op":"bad","file":"f","page":1,"pages":2}"#, .bad(.file(filePart))),
        Case(#"{"op":"mend","file":"f","page":1,"pages":2}"#, .mend(.file(filePart))),
        Case(#"{"op":"bad","area":"a","page":1,"pages":2}"#, .bad(.area(part))),
        Case(#"{"op":"mend","slot":512,"pages":2}"#, .mend(.slots(512, pages: 2))),
        Case(#"{"op":"mend"}"#, .mend(nil)),
        Case(
            #"{"op":"mmap","id":"b","pages":4,"prot":"r","flags":["private"],"next_to":{"area":"a","gap":-255}}"#,
            .mmap(
                NewArea(
                    id: "b", pages: 4, protection: .read, sharing: .private,
                    nextTo: NewArea.Neighbour(area: "a", gap: -255)))),
        Case(
            #"{"op":"mremap","area":"a","pages":9,"old":65,"move":true}"#,
            .mremap(Remapping(area: "a", pages: 9, movingToSlot: 0, oldPages: 65))),
    ]

    @Test("every operation, with its optional fields and without", arguments: cases)
    func operations(_ good: Case) throws {
        let lines = try readAfterPrelude([good.json])
        #expect(lines.map(\.operation) == [good.operation])
        #expect(lines[0].number == 7)
        #expect(good.json.contains("\"op\":\"\(lines[0].operation.name)\""))
    }

    @Test("swap is held and released if the header has a device that can be")
    func heldSwap() throws {
        let header = #"{"scenario":"s","settings":{"swap":[{"pages":8,"sync":true},{"pages":8}]}}"#
        let lines = [header, #"{"op":"hold","on":"swap"}"#, #"{"op":"release","on":"swap"}"#]
        let scenario = try Scenario(text: lines.joined(separator: "\n"), path: "s.jsonl")
        #expect(scenario.lines.map(\.operation) == [.hold(.swap, only: nil), .release(.swap)])
        let other = lines.map { $0.replacing(#",{"pages":8}"#, with: "") }
        let error = try #require(readingError(Array(other.joined(separator: "\n").utf8)))
        #expect(error.line == 2 && error.message.contains("every swap device is synchronous"))
    }

    static let handled = HandledPart(descriptor: "u", part: part)
    static let range = #""uffd":"u","area":"a","page":1,"pages":2"#
    static let userfaultCases = [
        Case(#"{"op":"uffd","id":"w"}"#, .uffd(NewDescriptor(id: "w"))),
        Case(
            #"{"op":"uffd","id":"w","features":["event_fork","move"],"user_mode_only":true,"blocking":true}"#,
            .uffd(NewDescriptor(id: "w", features: [.eventFork, .move], isUserModeOnly: true, isBlocking: true))),
        Case(
            "{\"op\":\"uffd_register\",\(range),\"mode\":[\"missing\",\"minor\",\"wp\"]}",
            .uffdRegister(handled, [.missing, .writeProtect, .minor])),
        Case("{\"op\":\"uffd_register\",\(range)}", .uffdRegister(handled, [])),
        Case("{\"op\":\"uffd_unregister\",\(range)}", .uffdUnregister(handled)),
        Case("{\"op\":\"uffd_wake\",\(range)}", .uffdWake(handled)),
        Case("{\"op\":\"uffd_copy\",\(range)}", .uffdCopy(handled, from: nil, [])),
        Case(
            "{\"op\":\"uffd_copy\",\(range),\"mode\":[\"wp\",\"dontwake\"],\"from_area\":\"g\",\"from\":-3}",
            .uffdCopy(handled, from: AreaPage(area: "g", page: -3), [.writeProtect, .dontWake])),
        Case("{\"op\":\"uffd_zeropage\",\(range),\"mode\":[\"dontwake\"]}", .uffdZeroPage(handled, .dontWake)),
        Case("{\"op\":\"uffd_poison\",\(range)}", .uffdPoison(handled, [])),
        Case("{\"op\":\"uffd_continue\",\(range),\"mode\":[\"wp\"]}", .uffdContinue(handled, .writeProtect)),
        Case("{\"op\":\"uffd_wp\",\(range),\"mode\":[\"protect\"]}", .uffdWriteProtect(handled, .protect)),
        Case(
            "{\"op\":\"uffd_move\",\(range),\"from_area\":\"a\",\"from\":9,\"mode\":[\"allow_src_holes\"]}",
            .uffdMove(handled, from: AreaPage(area: "a", page: 9), .allowSourceHoles)),
        Case(#"{"op":"uffd_read","uffd":"u"}"#, .uffdRead(MessageRead(descriptor: "u", most: 16))),
        Case(
            #"{"op":"uffd_read","uffd":"u","max":1,"fork":"v"}"#,
            .uffdRead(MessageRead(descriptor: "u", most: 1, childDescriptor: "v"))),
        Case(#"{"op":"uffd_close","uffd":"u"}"#, .uffdClose(descriptor: "u")),
    ]

    @Test("every operation on a descriptor, with its optional fields and without", arguments: userfaultCases)
    func userfaults(_ good: Case) throws {
        let lines = try readAfterPrelude([#"{"op":"uffd","id":"u"}"#, good.json])
        #expect(lines.map(\.operation).last == good.operation)
        #expect(good.json.contains("\"op\":\"\(lines[1].operation.name)\""))
        #expect(
            lines[1].operation.canStart
                && lines[1].operation.descriptor == (lines[1].operation.name == "uffd" ? nil : "u"))
    }

    @Test("a descriptor that comes with a fork event handles the memory of the last child, which has its areas")
    func childDescriptor() throws {
        let lines = try readAfterPrelude([
            #"{"op":"uffd","id":"u"}"#, #"{"op":"mmap","id":"b","pages":1,"prot":"r","flags":["private"]}"#,
            #"{"op":"fork","id":"c1","start":true}"#, #"{"op":"uffd_read","in":"c0","uffd":"u","fork":"v"}"#,
            #"{"op":"uffd_wake","in":"c0","uffd":"v","area":"b","page":0,"pages":1}"#,
            #"{"op":"exit","in":"t1","start":true}"#,
            #"{"op":"uffd_wake","in":"c0","uffd":"u","area":"b","page":0,"pages":1}"#,
        ])
        #expect(lines.count == 7)
    }

    @Test("who does an operation, whether it is only started, and what was seen")
    func lineFields() throws {
        let lines = try readAfterPrelude([
            #"{"op":"read","in":"t1","area":"a","page":0,"start":true,"saw":{"state":"done","faults":1}}"#,
            #"{"op":"wait","in":"t1","saw":{}}"#, #"{"op":"wait","in":"t1"}"#,
            #"{"op":"mlock","area":"a","page":0,"pages":1,"start":true,"endless":true,"saw":{"state":"running"}}"#,
        ])
        #expect(lines.map(\.in) == ["t1", "t1", "t1", nil])
        #expect(lines.map(\.start) == [true, false, false, true])
        #expect(lines.map(\.endless) == [false, false, false, true])
        #expect(lines[3].saw?.state == .running)
        #expect(lines[0].saw?.state == .done && lines[0].saw?.faults == 1)
        #expect(lines[1].saw == Saw() && lines[2].saw == nil)
    }

    @Test("an area may be named after it was unmapped, and by children forked later")
    func unmappedArea() throws {
        let lines = try readAfterPrelude([
            #"{"op":"munmap","area":"a","page":0,"pages":64}"#, #"{"op":"read","area":"a","page":0}"#,
            #"{"op":"mmap","in":"c0","id":"b","pages":1,"prot":"","flags":["private"]}"#,
            #"{"op":"fork","id":"c1","in":"c0"}"#, #"{"op":"read","in":"c1","area":"b","page":0}"#,
            #"{"op":"exit","in":"c0"}"#, #"{"op":"read","in":"c1","area":"b","page":0}"#,
        ])
        #expect(lines.count == 7)
    }

    @Test("a thread that was sent SIGKILL may be waited for and looked at, and the devices be released")
    func killedThread() throws {
        let lines = try readAfterPrelude([
            #"{"op":"read","in":"t1","area":"a","page":9,"start":true}"#, #"{"op":"signal","signal":"SIGKILL"}"#,
            #"{"op":"release","on":"device"}"#, #"{"op":"wait","in":"t1"}"#, #"{"op":"maps","in":"c0"}"#,
        ])
        #expect(lines.count == 5)
    }

    @Test("the touches of a descending stride, in order")
    func touchOrder() {
        #expect(Array(Touches(area: "a", page: 5, pages: 3, stride: -2).sequence) == [5, 3, 1])
        #expect(Array(Touches(area: "a", page: 5).sequence) == [5])
    }
}
