import FaultCore
import Testing

@Suite("The preset of a kernel version", .timeLimit(.minutes(60)))
struct PresetMatchTests {
    @Test(
        "a version that a preset stands for is matched exactly",
        arguments: [
            ("5.10", KernelModel.linux5_10), ("v5.10", .linux5_10), ("5.10.0", .linux5_10), ("6.1", .linux6_1),
            ("6.1.192", .linux6_1), ("6.1.192-3-amd64", .linux6_1), ("6.12.117", .linux6_12), ("2.6.36", .linux2_6_36),
            ("4.19-custom", .linux4_19),
        ])
    func exact(_ version: String, _ model: KernelModel) throws {
        let match = try #require(KernelModel.preset(nearest: version))
        #expect(match.isExact && match.model == model && match.openRules.isEmpty && match.presetName == model.name)
        #expect(KernelModel.preset(named: version) == model)
    }

    @Test(
        "another version is matched by the preset at or before it, which is not said to be exact",
        arguments: [
            ("5.15.167", KernelModel.linux5_15), ("5.15.0-91-generic", .linux5_15),
            ("5.15.167.4-microsoft-standard-WSL2", .linux5_15), ("5.12", .linux5_10), ("5.14.21", .linux5_10),
            ("5.15-rc3", .linux5_10), ("5.4.286", .linux5_4), ("6.0.9", .linux5_19), ("6.1.20", .linux6_1),
            ("6.1.0-30-amd64", .linux6_1), ("6.2", .linux6_1), ("7.3", .linux6_19), ("2.6.39.4", .linux2_6_37),
            ("3.2.0", .linux2_6_37),
        ])
    func nearest(_ version: String, _ model: KernelModel) throws {
        let match = try #require(KernelModel.preset(nearest: version))
        #expect(!match.isExact && match.model == model)
        #expect(match.description.hasPrefix("\(match.version) is taken from \(model.name)"))
        #expect(match.description.contains("not known") || match.description.contains("lies between"))
        #expect(KernelModel.preset(named: version) == nil, "nobody is told what is not known")
    }

    @Test(
        "what is no version, or older than all presets, has no match",
        arguments: [
            "", "v", "5", "5.", "5.x", "5..1", "5.10x", "v v5.10", "2.6", "2.6.35", "2.4.37", "linux5_10", "6.-1",
        ])
    func none(_ version: String) {
        #expect(KernelModel.preset(nearest: version) == nil)
    }

    @Test("between two presets the rules in which they differ are open")
    func between() throws {
        let match = try #require(KernelModel.preset(nearest: "5.12"))
        #expect(
            match.openRules == [
                "lockHandover", "readPositionNote", "pinnedReclaim", "userfaults", "singlePageWait", "invalidateLock",
                "kernelViolation",
            ])
        #expect(
            "\(match)"
                == "5.12 is taken from linux5_10. It lies between linux5_10 and linux5_15, which differ in lockHandover, "
                + "readPositionNote, pinnedReclaim, userfaults, singlePageWait, invalidateLock and kernelViolation: what "
                + "changed in between is taken from linux5_10.")
        let throttled = try #require(KernelModel.preset(nearest: "6.0"))
        #expect(throttled.openRules.contains("throttledSharedWrite"))
    }

    @Test("within a series the rules that are known to have changed there are open")
    func inSeries() throws {
        let match = try #require(KernelModel.preset(nearest: "5.4.286"))
        #expect(match.openRules == ["throttledSharedWrite", "unmapDowngrade"])
        #expect(
            "\(match)"
                == "5.4.286 is taken from linux5_4, which follows the source of 5.4. Within the series "
                + "throttledSharedWrite and unmapDowngrade changed; what else it changed is not known.")
        let late = try #require(KernelModel.preset(nearest: "5.15.167"))
        #expect(late.openRules == ["victimDelay"])
        #expect("\(late)".contains("Within the series victimDelay changed; what else it changed is not known."))
        let old = try #require(KernelModel.preset(nearest: "3.19.8"))
        #expect(old.openRules.isEmpty)
        #expect("\(old)".contains("No rule is known to differ within the series; what else it changed is not known."))
        let ubuntu = try #require(KernelModel.preset(nearest: "5.15.0-91-generic"))
        #expect("\(ubuntu)".contains("The number 5.15.0-91-generic does not say which stable release it is."))
    }

    @Test("a version after the last preset is taken from the last, and said to be unknown")
    func behind() throws {
        let match = try #require(KernelModel.preset(nearest: "6.20"))
        #expect("\(match)" == "6.20 is taken from linux6_19. That is the last preset: what changed since is not known.")
    }

    @Test("every preset that is a release is found by its version, and stable changes name rules")
    func everyRelease() throws {
        let names = Set(KernelModel.rules.map(\.name))
        for preset in KernelModel.presets {
            let name = preset.name.description
            guard name.hasPrefix("linux") else { continue }
            let version = name.dropFirst("linux".count).split(separator: "_").joined(separator: ".")
            let match = try #require(KernelModel.preset(nearest: version))
            #expect(match.isExact && match.model == preset)
            let later = try #require(KernelModel.preset(nearest: version + ".999"))
            #expect(later.model == preset && !later.isExact && names.isSuperset(of: later.openRules))
        }
    }

    @Test(
        "a version has a series, a patch level and a suffix",
        arguments: [
            ("5.15.167", [5, 15], 167, ""), ("v6.1", [6, 1], nil, ""), ("2.6.32.71", [2, 6, 32], 71, ""),
            ("6.1.192-3-amd64", [6, 1], 192, "-3-amd64"), ("5.15.167.4-WSL2", [5, 15], 167, ".4-WSL2"),
            ("5.15-rc3", [5, 15], nil, "-rc3"),
        ] as [(String, [Int], Int?, String)])
    func parts(_ text: String, _ series: [Int], _ patch: Int?, _ suffix: String) throws {
        let version = try #require(KernelVersion(text))
        #expect(version.series == series && version.patch == patch && version.suffix == suffix)
        #expect(version.isCandidate == (suffix == "-rc3"))
        #expect("\(version)" == (text.hasPrefix("v") ? String(text.dropFirst()) : text))
    }
}
