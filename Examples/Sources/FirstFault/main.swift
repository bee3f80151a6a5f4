import FaultArchitectures
import FaultFuzzing
import FaultLab
import FaultTestSupport

// The same cold read under three kernels and two architectures, told.
for kernel in [KernelModel.linux2_6_36, .linux6_1, .linux6_12] {
    for entry in [X86FaultEntry(), ArchFaultEntry(.arm64)] as [any FaultEntry] {
        var world = try World(kernel, disk: .latency(.milliseconds(8)), entry: entry)
        let reader = world.task("reader")
        let buffer = try world.map(world.file("log", pages: 64), named: "buffer", in: reader)
        let story = try world.story { try $0.perform(.read(buffer, page: 9), in: reader) }
        print("\(kernel.name) on \(entry.name):\n\(story.story(of: reader))\n")
    }
}
