import FaultSimulator

/// A reader behind a writer behind a reader of the disk, on a kernel whose faults keep the mmap lock over their reads.
struct ChainWorld {
    var world: World
    let reader: TaskID
    let mapper: TaskID
    let second: TaskID
    let area: Area
    var names: TimelineNames

    init(_ model: KernelModel = .linux2_6_36, disk: World.DiskSpeed = .latency(nanoseconds: 8_000_000)) throws {
        world = try World(model, disk: disk)
        reader = world.task()
        mapper = world.thread(of: reader)
        second = world.thread(of: reader)
        let file = try world.file(pages: 64)
        area = try world.map(file, .read, .shared, in: reader)
        let other = try world.map(anonymousPages: 4, in: reader)
        world.start([.read(area, page: 9), .read(area, page: 10)], in: reader)
        world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: mapper)
        world.start(.read(other, page: 0), in: second)
        names = TimelineNames([(reader, "reader"), (mapper, "mapper"), (second, "second <reader>")])
        names.name(area, "data")
        names.name(file, "data file")
    }
}
