// swift-tools-version: 6.2
import PackageDescription

// The tests of Tests/FaultMutantTests against a library that makes mistakes: one build for all of them, since the trait lets
// the mistake be chosen at run time. `.ci/mutants` runs it.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .define("Mutants"),
]

let package = Package(
    name: "Mutants",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "PageFaultSimulator", path: "..", traits: ["Mutants"])],
    targets: [
        .testTarget(
            name: "FaultMutantTests",
            dependencies: [
                .product(name: "FaultCore", package: "PageFaultSimulator"),
                .product(name: "FaultFilemap", package: "PageFaultSimulator"),
                .product(name: "FaultArchX86", package: "PageFaultSimulator"),
                .product(name: "FaultArchitectures", package: "PageFaultSimulator"),
                .product(name: "FaultUserfaultfd", package: "PageFaultSimulator"),
                .product(name: "FaultExplorer", package: "PageFaultSimulator"),
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
            ],
            swiftSettings: strict)
    ],
    swiftLanguageModes: [.v6]
)
