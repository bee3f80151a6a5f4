// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "PageFaultSimulator",
    platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9), .visionOS(.v1)],
    products: [
        .library(name: "FaultCore", targets: ["FaultCore"]),
        .library(name: "FaultFilemap", targets: ["FaultFilemap"]),
        .library(name: "FaultUserfaultfd", targets: ["FaultUserfaultfd"]),
        .library(name: "FaultExplorer", targets: ["FaultExplorer"]),
        .library(name: "FaultArchX86", targets: ["FaultArchX86"]),
        .library(name: "FaultArchitectures", targets: ["FaultArchitectures"]),
        .library(name: "FaultTrace", targets: ["FaultTrace"]),
        .library(name: "FaultSimulator", targets: ["FaultSimulator"]),
        .library(name: "FaultLab", targets: ["FaultLab"]),
        .library(name: "FaultFuzzing", targets: ["FaultFuzzing"]),
        .library(name: "FaultTestSupport", targets: ["FaultTestSupport"]),
    ],
    traits: [
        .trait(
            name: "Mutants",
            description: "Lets the library make one of a catalogue of mistakes, to see that the tests notice it.")
    ],
    targets: [
        .target(name: "FaultCore", swiftSettings: strict),
        .target(name: "FaultFilemap", dependencies: ["FaultCore"], swiftSettings: strict),
        .target(name: "FaultUserfaultfd", dependencies: ["FaultCore"], swiftSettings: strict),
        .target(name: "FaultExplorer", dependencies: ["FaultCore"], swiftSettings: strict),
        .target(name: "FaultArchX86", dependencies: ["FaultCore"], swiftSettings: strict),
        .target(name: "FaultArchitectures", dependencies: ["FaultCore"], swiftSettings: strict),
        .target(name: "FaultTrace", dependencies: ["FaultCore"], swiftSettings: strict),
        .target(
            name: "FaultSimulator",
            dependencies: [
                "FaultCore", "FaultFilemap", "FaultUserfaultfd", "FaultArchX86", "FaultExplorer", "FaultTrace",
            ],
            swiftSettings: strict),
        .target(name: "FaultLab", dependencies: ["FaultSimulator"], swiftSettings: strict),
        .target(
            name: "FaultFuzzing", dependencies: ["FaultArchitectures", "FaultSimulator"], swiftSettings: strict),
        .target(name: "FaultTestSupport", dependencies: ["FaultSimulator"], swiftSettings: strict),
        // The machine of the tests of one module. No product has it.
        .target(
            name: "BareMachine", dependencies: ["FaultCore"], path: "Tests/BareMachine", swiftSettings: strict),
        .testTarget(name: "FaultCoreTests", dependencies: ["BareMachine", "FaultCore"], swiftSettings: strict),
        .testTarget(
            name: "FaultFilemapTests", dependencies: ["BareMachine", "FaultCore", "FaultFilemap", "FaultSimulator"],
            swiftSettings: strict),
        .testTarget(
            name: "FaultArchX86Tests", dependencies: ["BareMachine", "FaultCore", "FaultArchX86"],
            swiftSettings: strict),
        .testTarget(
            name: "FaultArchitecturesTests",
            dependencies: ["FaultCore", "FaultArchitectures", "FaultSimulator"],
            swiftSettings: strict),
        .testTarget(
            name: "FaultUserfaultfdTests",
            dependencies: ["FaultCore", "FaultUserfaultfd", "FaultSimulator", "FaultExplorer"], swiftSettings: strict),
        .testTarget(
            name: "FaultSimulatorTests",
            dependencies: [
                "FaultCore", "FaultExplorer", "FaultFilemap", "FaultArchX86", "FaultArchitectures", "FaultSimulator",
                "FaultLab", "FaultFuzzing", "FaultTrace", "FaultUserfaultfd", "FaultTestSupport",
            ],
            exclude: ["Corpus/programs.txt", "Corpus/seeds.txt"], swiftSettings: strict),
        .testTarget(
            name: "FaultTraceTests", dependencies: ["FaultFuzzing", "FaultTrace", "FaultSimulator"],
            swiftSettings: strict),
        .testTarget(
            name: "FaultFuzzingTests", dependencies: ["FaultFuzzing", "FaultSimulator"], swiftSettings: strict),
        .testTarget(
            name: "FaultTestSupportTests", dependencies: ["FaultTestSupport", "FaultSimulator"], swiftSettings: strict),
        .testTarget(name: "FaultLabTests", dependencies: ["FaultLab", "FaultSimulator"], swiftSettings: strict),
        .testTarget(
            name: "FaultMutantTests",
            dependencies: [
                "FaultCore", "FaultFilemap", "FaultArchX86", "FaultArchitectures", "FaultUserfaultfd", "FaultExplorer",
                "FaultFuzzing", "FaultSimulator",
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
