/// A reader of the fields of one operation, which checks them against the ids so far.
struct OperationReader {
    var fields: FieldReader
    var names: ScenarioNames
    let place: Place
    private(set) var task: String?

    private init(_ fields: FieldReader, _ names: ScenarioNames) {
        self.fields = fields
        self.names = names
        place = fields.place
    }

    /// Reads one line after the header, and adds its new ids to `names`.
    static func line(_ fields: FieldReader, _ names: inout ScenarioNames) throws(ScenarioError) -> Line {
        var reader = OperationReader(fields, names)
        names = ScenarioNames()  // releases its storage, so that the reader's copy is the only one
        let line = try reader.line()
        names = reader.names
        return line
    }

    private mutating func line() throws(ScenarioError) -> Line {
        let op = try fields.requiredString("op", "the name of an operation")
        task = try fields.string("in")
        let reports =
            op == "hold" || op == "release" || op == "wait" || op == "signal" || op == "file" || op == "bad"
            || op == "mend"
        try names.checkExists(task, "in", at: place)
        if !reports { try names.checkAlive(task, "in", at: place) }
        let operation = try operation(op)
        let start: Bool
        if operation.canStart {
            start = try fields.bool("start") ?? false
        } else {
            start = false
            if fields.value("start") != nil { throw place.error("start", "\(op) can't be started; leave start out") }
        }
        let endless = try fields.bool("endless") ?? false
        guard !endless || start else {
            throw place.error("endless", "only what is started goes on; add \"start\":true")
        }
        var saw: Saw?
        if let seen = try fields.object("saw") { saw = try Saw(reading: seen) }
        try fields.finish(of: op)
        try note(operation, start: start)
        return Line(number: place.line, operation: operation, in: task, start: start, endless: endless, saw: saw)
    }

    /// Records what the operation changes in the ids, and checks that it can be started.
    private mutating func note(_ operation: ScenarioOperation, start: Bool) throws(ScenarioError) {
        switch operation {
        case .read(let touches), .write(let touches), .exec(let touches):
            guard !start || touches.pages == 1 else {
                throw place.error("pages", "must be 1 in a touch that is started")
            }
        case .exit, .kill: names.endProcess(of: task, bySignal: false, line: place.line)
        case .signal(.kill, let target): names.endProcess(of: target, bySignal: true, line: place.line)
        default: break
        }
        if start { names.noteStart(in: task) }
    }

    private mutating func operation(_ op: String) throws(ScenarioError) -> ScenarioOperation {
        guard let name = ScenarioOperation.Name(rawValue: op) else {
            let names = ScenarioOperation.Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw place.error("op", "\(quoted(op)) is no operation; it must be one of \(names)")
        }
        switch name {
        case .file: return .file(try newFile())
        case .mmap: return .mmap(try newArea())
        case .munmap: return .munmap(try areaPart())
        case .mlock: return .mlock(try areaPart())
        case .mlock2: return .mlock2(try areaPart(), onFault: try fields.bool("onfault") ?? false)
        case .munlock: return .munlock(try areaPart())
        case .mprotect: return .mprotect(try areaPart(), try protection())
        case .madvise: return .madvise(try areaPart(), try fields.requiredChoice("advice"))
        case .mremap: return .mremap(try remapping())
        case .read: return .read(try touches())
        case .write: return .write(try touches())
        case .exec: return .exec(try touches())
        case .pread: return .pread(try filePart())
        case .pwrite: return .pwrite(try filePart())
        case .copyIn: return .copyIn(try fileCopy("to"), direct: try fields.bool("direct") ?? false)
        case .copyOut: return .copyOut(try fileCopy("from"))
        case .truncate:
            return .truncate(
                file: try file(), pages: try fields.requiredInteger("pages", in: 0...ScenarioLimits.pages))
        case .evict: return .evict(file: try file())
        case .fsync: return .fsync(file: try file())
        case .punch: return .punch(try filePart())
        case .fork:
            let id = try fields.requiredID()
            try names.addChild(id, of: task, at: place)
            return .fork(id: id)
        case .exit:
            try names.checkMayExit(task, at: place)
            return .exit
        case .kill:
            let (area, growsDown) = try area()
            return .kill(area: area, page: try areaPage("page", growsDown), touch: try fields.requiredChoice("touch"))
        case .thread:
            let id = try fields.requiredID()
            try names.addThread(id, of: task, at: place)
            return .thread(id: id)
        case .hold: return .hold(try heldDevice(), only: try fields.choice("only"))
        case .release: return .release(try heldDevice())
        case .wait:
            try names.checkStarted(task, at: place)
            return .wait
        case .signal:
            let target = try fields.string("to")
            try names.checkAlive(target, "to", at: place)
            return .signal(try fields.requiredChoice("signal"), to: target)
        case .maps: return .maps(of: try otherProcess())
        case .memRead:
            let other = try otherProcess()
            return .memRead(try areaPart(of: other), of: other)
        case .vmRead:
            let other = try otherProcess()
            return .vmRead(try areaPart(of: other), of: other)
        case .brk:
            return .brk(pages: try fields.requiredInteger("pages", in: -ScenarioLimits.pages...ScenarioLimits.pages))
        case .mincore: return .mincore(try areaPart())
        case .msync: return .msync(try areaPart())
        case .bad: return .bad(try blocks())
        case .mend: return .mend(fields.has("file") || fields.has("area") || fields.has("slot") ? try blocks() : nil)
        case .swapoff: return .swapoff
        case .limit: return .limit(pages: try fields.requiredInteger("pages", in: 1...ScenarioLimits.pages))
        case .reclaim: return .reclaim(pages: try fields.requiredInteger("pages", in: 1...ScenarioLimits.pages))
        case .uffd: return .uffd(try newDescriptor())
        case .uffdRegister: return .uffdRegister(try handledPart(), try fields.flags("mode"))
        case .uffdUnregister: return .uffdUnregister(try handledPart())
        case .uffdWake: return .uffdWake(try handledPart())
        case .uffdCopy:
            return .uffdCopy(
                try handledPart(), from: try copySource(), try modes([.dontWake, .writeProtect]))
        case .uffdZeroPage: return .uffdZeroPage(try handledPart(), try modes(.dontWake))
        case .uffdPoison: return .uffdPoison(try handledPart(), try modes(.dontWake))
        case .uffdContinue: return .uffdContinue(try handledPart(), try modes([.dontWake, .writeProtect]))
        case .uffdWriteProtect: return .uffdWriteProtect(try handledPart(), try modes([.protect, .dontWake]))
        case .uffdMove:
            let handled = try handledPart()
            return .uffdMove(
                handled, from: try moveSource(of: handled), try modes([.dontWake, .allowSourceHoles]))
        case .uffdRead: return .uffdRead(try messageRead())
        case .uffdClose: return .uffdClose(descriptor: try descriptor())
        }
    }

    // MARK: Files and areas that are made

    private mutating func newFile() throws(ScenarioError) -> NewFile {
        guard !names.hasForked else { throw place.error("op", "file must come before any fork") }
        let id = try fields.requiredID()
        let pages = try fields.requiredInteger("pages", in: 0...ScenarioLimits.pages)
        let fileSystem = try fields.requiredChoice("fs", of: FileSystem.self)
        let resident = try residentPages(of: pages)
        let device = try fields.choice("on", of: Device.self)
        guard device != .swap else { throw place.error("on", "a file is on device or device2") }
        guard device == nil || fileSystem == .ext4 else {
            throw place.error("on", "only an ext4 file is on a disk; leave it out")
        }
        try names.addFile(id, at: place)
        return NewFile(id: id, pages: pages, fileSystem: fileSystem, resident: resident, device: device ?? .device)
    }

    private mutating func residentPages(of pages: Int) throws(ScenarioError) -> [ClosedRange<Int>] {
        let wanted = "\"none\", \"all\" or a run list such as [[0,3],[7,7]]"
        let value = try fields.required("resident", wanted)
        switch value {
        case .string("none"): return []
        case .string("all"): return pages == 0 ? [] : [0...pages - 1]
        case .array:
            let runs = try place.runs(value, "resident", in: 0...max(pages - 1, 0))
            guard runs.isEmpty || pages > 0 else {
                throw place.error("resident", "must be \"none\" in a file without pages")
            }
            return runs
        default: throw place.error("resident", "must be \(wanted), not \(value.summary)")
        }
    }

    private mutating func newArea() throws(ScenarioError) -> NewArea {
        let id = try fields.requiredID()
        var backing: NewArea.Backing?
        if let file = try fields.string("file") {
            try names.checkFile(file, "file", at: place)
            backing = NewArea.Backing(
                file: file, offset: try fields.integer("offset", in: 0...ScenarioLimits.pages) ?? 0)
        } else if fields.value("offset") != nil {
            throw place.error("offset", "an anonymous area has none; leave it out, or name a file")
        }
        let pages = try fields.requiredInteger("pages", in: 1...ScenarioLimits.pages)
        let protection = try protection()
        let (sharing, flags) = try mapFlags()
        let slot = try fields.integer("slot", in: 0...ScenarioLimits.lastSlot)
        let nextTo = try neighbour()
        guard nextTo == nil || slot == nil else {
            throw place.error("slot", "an area next to another has no slot of its own; leave it out")
        }
        try names.addArea(id, growsDown: flags.contains(.growsDown), of: task, at: place)
        return NewArea(
            id: id, backing: backing, pages: pages, protection: protection, sharing: sharing, flags: flags,
            slot: slot ?? 0,
            nextTo: nextTo)
    }

    private mutating func neighbour() throws(ScenarioError) -> NewArea.Neighbour? {
        guard var neighbour = try fields.object("next_to") else { return nil }
        let id = try neighbour.requiredString("area", "the id of an area")
        _ = try names.area(id, "area", of: task, at: neighbour.place)
        let range = -ScenarioLimits.pagesBelow...ScenarioLimits.pagesBelow
        let gap = try neighbour.requiredInteger("gap", in: range)
        try neighbour.finish(of: "next_to")
        return NewArea.Neighbour(area: id, gap: gap)
    }

    private mutating func protection() throws(ScenarioError) -> Protection {
        let text = try fields.requiredString("prot", "any of the letters r, w and x, or empty")
        var protection: Protection = []
        for letter in text.unicodeScalars {
            let right: Protection
            switch letter {
            case "r": right = .read
            case "w": right = .write
            case "x": right = .execute
            default: throw place.error("prot", "must have the letters r, w and x only, or none, not \(quoted(text))")
            }
            guard protection.insert(right).inserted else {
                throw place.error("prot", "must have each letter once, not \(quoted(text))")
            }
        }
        return protection
    }

    private mutating func mapFlags() throws(ScenarioError) -> (Sharing, MapFlags) {
        var sharing: Sharing?
        var flags: MapFlags = []
        var seen: Set<String> = []
        for value in try place.array(try fields.required("flags", "an array with \"shared\" or \"private\""), "flags") {
            let name = try place.string(value, "flags")
            guard seen.insert(name).inserted else { throw place.error("flags", "must have \(quoted(name)) once") }
            switch name {
            case "shared", "private":
                guard sharing == nil else {
                    throw place.error("flags", "must have either \"shared\" or \"private\", not both")
                }
                sharing = name == "shared" ? .shared : .private
            case "populate": flags.insert(.populate)
            case "locked": flags.insert(.locked)
            case "growsdown": flags.insert(.growsDown)
            case "noreserve": flags.insert(.noReserve)
            default:
                throw place.error(
                    "flags",
                    "\(quoted(name)) is no flag; they are shared, private, populate, locked, growsdown, noreserve")
            }
        }
        guard let sharing else { throw place.error("flags", "must have \"shared\" or \"private\"") }
        return (sharing, flags)
    }

    // MARK: Parts of files and areas

    private mutating func heldDevice() throws(ScenarioError) -> Device {
        let device: Device = try fields.requiredChoice("on")
        try names.checkCanHold(device, at: place)
        return device
    }

    private mutating func file() throws(ScenarioError) -> String {
        let id = try fields.requiredString("file", "the id of a file")
        try names.checkFile(id, "file", at: place)
        return id
    }

    private mutating func area() throws(ScenarioError) -> (id: String, growsDown: Bool) {
        let id = try fields.requiredString("area", "the id of an area")
        return (id, try names.area(id, "area", of: task, at: place).growsDown)
    }

    mutating func areaPage(_ field: String, _ growsDown: Bool) throws(ScenarioError) -> Int {
        let lowest = growsDown ? -ScenarioLimits.pagesBelow : 0
        return try fields.requiredInteger(field, in: lowest...(ScenarioLimits.pages - 1))
    }

    /// The number of pages from `page` on, which must not go beyond the end of the largest file or area.
    private mutating func length(from page: Int) throws(ScenarioError) -> Int {
        try fields.requiredInteger("pages", in: 1...(ScenarioLimits.pages - max(page, 0)))
    }

    private mutating func areaPart() throws(ScenarioError) -> AreaPart {
        try areaPart(of: task)
    }

    private mutating func areaPart(of owner: String?) throws(ScenarioError) -> AreaPart {
        try areaPart(ofProcess: names.process(of: owner))
    }

    mutating func areaPart(ofProcess process: Int) throws(ScenarioError) -> AreaPart {
        let id = try fields.requiredString("area", "the id of an area")
        let growsDown = try names.area(id, "area", ofProcess: process, at: place).growsDown
        let page = try areaPage("page", growsDown)
        return AreaPart(area: id, page: page, pages: try length(from: page))
    }

    private mutating func filePart() throws(ScenarioError) -> FilePart {
        let id = try file()
        let page = try fields.requiredInteger("page", in: 0...(ScenarioLimits.pages - 1))
        return FilePart(file: id, page: page, pages: try length(from: page))
    }

    private mutating func blocks() throws(ScenarioError) -> Blocks {
        if fields.has("area") { return .area(try areaPart()) }
        guard fields.has("slot") else { return .file(try filePart()) }
        let slot = try fields.requiredInteger("slot", in: 1...ScenarioLimits.pages)
        return .slots(slot, pages: try length(from: slot))
    }

    private mutating func fileCopy(_ areaField: String) throws(ScenarioError) -> FileCopy {
        let filePart = try filePart()
        let (area, growsDown) = try area()
        return FileCopy(filePart: filePart, area: area, areaPage: try areaPage(areaField, growsDown))
    }

    private mutating func otherProcess() throws(ScenarioError) -> String? {
        let other = try fields.string("of")
        try names.checkAlive(other, "of", orKilled: true, at: place)
        return other
    }

    private mutating func remapping() throws(ScenarioError) -> Remapping {
        let id = try area().id
        let pages = try fields.requiredInteger("pages", in: 1...ScenarioLimits.pages)
        let moves = try fields.bool("move") ?? false
        let slot = try fields.integer("slot", in: 0...ScenarioLimits.lastSlot)
        guard moves || slot == nil else {
            throw place.error("slot", "an area that does not move keeps its slot; leave it out, or add \"move\":true")
        }
        let old = try fields.integer("old", in: 0...ScenarioLimits.pages)
        return Remapping(area: id, pages: pages, movingToSlot: moves ? slot ?? 0 : nil, oldPages: old)
    }

    private mutating func touches() throws(ScenarioError) -> Touches {
        let (area, growsDown) = try area()
        let page = try areaPage("page", growsDown)
        let pages = try fields.integer("pages", in: 1...ScenarioLimits.touches) ?? 1
        let stride = try fields.integer("stride", in: -ScenarioLimits.pages...ScenarioLimits.pages) ?? 1
        guard stride != 0 else { throw place.error("stride", "must not be 0; leave it out for 1") }
        let last = page + (pages - 1) * stride
        let lowest = growsDown ? -ScenarioLimits.pagesBelow : 0
        guard last >= lowest, last < ScenarioLimits.pages else {
            throw place.error(
                stride == 1 ? "pages" : "stride",
                "the last touch, of page \(last), must be of page \(lowest) to \(ScenarioLimits.pages - 1)")
        }
        return Touches(area: area, page: page, pages: pages, stride: stride)
    }
}
