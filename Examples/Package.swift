// swift-tools-version: 6.2
import PackageDescription

// A package as yours would be: it depends on the simulator, and its tests assert what page faults do.
let package = Package(
    name: "PageFaultExamples",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "PageFaultSimulator", path: "..")],
    targets: [
        .testTarget(
            name: "PageFaultExamples",
            dependencies: [.product(name: "FaultSimulator", package: "PageFaultSimulator")])
    ],
    swiftLanguageModes: [.v6]
)
