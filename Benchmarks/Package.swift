// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v13)],
    products: [
        .executable(name: "gate", targets: ["LayoutGate"])
    ],
    traits: [
        .trait(
            name: "Mutants",
            description: "Builds the library with its trait Mutants, as its release tests do; CI compiles it once.")
    ],
    dependencies: [
        .package(
            name: "PageFaultSimulator", path: "..",
            traits: [.trait(name: "Mutants", condition: .when(traits: ["Mutants"]))]),
        // Without its traits it needs neither an allocator of its own nor an interposer; see README.md.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(
            name: "Workloads", dependencies: [.product(name: "FaultSimulator", package: "PageFaultSimulator")],
            swiftSettings: strict),
        .executableTarget(name: "LayoutGate", dependencies: ["Workloads"], swiftSettings: strict),
        .executableTarget(
            name: "FaultBenchmarks",
            dependencies: ["Workloads", .product(name: "Benchmark", package: "benchmark")],
            path: "FaultBenchmarks",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
