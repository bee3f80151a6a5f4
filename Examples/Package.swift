// swift-tools-version: 6.2
import PackageDescription

// A package as yours would be: it depends on the simulator, and its tests assert what page faults do.
let package = Package(
    name: "PageFaultExamples",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "PageFaultSimulator", path: "..")],
    targets: [
        // A program without Foundation: everything must link without the C library of mathematics, too.
        .executableTarget(
            name: "FirstFault",
            dependencies: [
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
                .product(name: "FaultTestSupport", package: "PageFaultSimulator"),
                .product(name: "FaultLab", package: "PageFaultSimulator"),
                .product(name: "FaultFuzzing", package: "PageFaultSimulator"),
                .product(name: "FaultArchitectures", package: "PageFaultSimulator"),
            ]),
        .testTarget(
            name: "PageFaultExamples",
            dependencies: [
                .product(name: "FaultSimulator", package: "PageFaultSimulator"),
                .product(name: "FaultTestSupport", package: "PageFaultSimulator"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
