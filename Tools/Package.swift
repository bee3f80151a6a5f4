// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "Tools",
    platforms: [.macOS(.v13)],
    products: [
        .executable(name: "faultsim", targets: ["faultsim"]),
        .library(name: "ScenarioFormat", targets: ["ScenarioFormat"]),
        .library(name: "ScenarioPlayer", targets: ["ScenarioPlayer"]),
        // .ci/fuzz links each of them with the coverage-guided fuzzer of the toolchain.
        .library(name: "ScenarioFuzzer", type: .static, targets: ["ScenarioFuzzer"]),
        .library(name: "ProgramFuzzer", type: .static, targets: ["ProgramFuzzer"]),
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
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .target(name: "ScenarioFormat", swiftSettings: strict),
        .target(
            name: "ScenarioPlayer",
            dependencies: [
                "ScenarioFormat", .product(name: "FaultSimulator", package: "PageFaultSimulator"),
            ],
            swiftSettings: strict),
        .target(
            name: "ScenarioFuzzing",
            dependencies: [
                "ScenarioFormat", "ScenarioPlayer", .product(name: "FaultSimulator", package: "PageFaultSimulator"),
            ],
            swiftSettings: strict),
        .target(
            name: "ScenarioFuzzer",
            dependencies: ["ScenarioFuzzing", .product(name: "FaultSimulator", package: "PageFaultSimulator")],
            swiftSettings: strict),
        .target(
            name: "ProgramFuzzer", dependencies: [.product(name: "FaultFuzzing", package: "PageFaultSimulator")],
            swiftSettings: strict),
        .target(
            name: "LabReport",
            dependencies: [
                .product(name: "FaultLab", package: "PageFaultSimulator"),
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "faultsim",
            dependencies: [
                "LabReport", "ScenarioFormat", "ScenarioPlayer",
                .product(name: "FaultFuzzing", package: "PageFaultSimulator"),
                .product(name: "FaultLab", package: "PageFaultSimulator"),
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "TimelinePages",
            dependencies: [
                .product(name: "FaultFuzzing", package: "PageFaultSimulator"),
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LabReportTests",
            dependencies: ["LabReport", .product(name: "FaultLab", package: "PageFaultSimulator")],
            swiftSettings: strict),
        .testTarget(
            name: "ScenarioFormatTests",
            dependencies: ["ScenarioFormat", .product(name: "FaultCore", package: "PageFaultSimulator")],
            swiftSettings: strict),
        .testTarget(
            name: "ScenarioPlayerTests",
            dependencies: [
                "ScenarioFormat", "ScenarioFuzzing", "ScenarioPlayer",
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "ScenarioFuzzingTests",
            dependencies: [
                "ScenarioFormat", "ScenarioFuzzing", "ScenarioPlayer",
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
            ],
            exclude: ["Findings"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
