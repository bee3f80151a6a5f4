/// The preset that is nearest to a kernel version, and what is not known about that version.
///
///     let match = KernelModel.preset(nearest: "5.12")!
///     match.model        // KernelModel.linux5_10
///     match.isExact      // false
///     match.openRules    // ["lockHandover", "readPositionNote", "singlePageWait", …]
///     print(match)       // 5.12 is taken from linux5_10. It lies between linux5_10 and linux5_15, …
public struct PresetMatch: Equatable, Sendable, CustomStringConvertible {
    /// The preset: that of the version itself, or the last one before it.
    public let model: KernelModel
    /// The version that was asked for.
    public let version: KernelVersion
    /// Whether the preset stands for exactly this version.
    public let isExact: Bool
    /// The rules that may differ in this version, as far as is known, by the names of ``KernelModel/rules``. They have
    /// the preset's values in ``model``. Empty for an exact match. For other matches, more may have changed.
    public let openRules: [String]
    /// What the match is, and what is not known, in a sentence or two.
    public let description: String

    /// The name of the preset, such as `linux5_15`.
    public var presetName: StaticName { model.name }
}

extension KernelModel {
    /// The preset of a kernel version, or the last one before it: for `5.15.167`, `6.1.192-3-cloud`, `v5.10`, `6.1`.
    ///
    /// A version with two numbers is a series, and matches its preset exactly, whichever release of the series is
    /// meant. A version such as `5.15.0-91-generic` hides which stable release it is, and so never matches exactly.
    ///
    /// - Returns: `nil` if `version` is not a version, or is before Linux 2.6.36.
    public static func preset(nearest version: String) -> PresetMatch? {
        guard let version = KernelVersion(version) else { return nil }
        let next = KernelRelease.all.firstIndex { release in
            release.version.isAfter(seriesOf: version)
                || (release.version.series == version.series && version.isCandidate)
        }
        let index = (next ?? KernelRelease.all.endIndex) - 1
        guard index >= 0 else { return nil }
        return KernelRelease.all[index].match(version, next: next.map { KernelRelease.all[$0] })
    }
}

/// A preset that is a released kernel.
struct KernelRelease {
    let model: KernelModel
    /// The version whose source the preset follows.
    let version: KernelVersion
    /// The rules that its stable series is known to have changed.
    let stableChanges: [String]

    private init(_ model: KernelModel, _ version: String, stableChanges: [String] = []) {
        guard let version = KernelVersion(version) else { preconditionFailure("\(version) is no version") }
        self.model = model
        self.version = version
        self.stableChanges = stableChanges
    }

    /// All releases, oldest first.
    static let all: [Self] = [
        Self(.linux2_6_36, "2.6.36"), Self(.linux2_6_37, "2.6.37"), Self(.linux3_15, "3.15"), Self(.linux3_19, "3.19"),
        Self(.linux4_11, "4.11"), Self(.linux4_19, "4.19", stableChanges: ["sharedFill"]), Self(.linux5_1, "5.1"),
        Self(.linux5_4, "5.4", stableChanges: ["throttledSharedWrite", "unmapDowngrade"]), Self(.linux5_5, "5.5"),
        Self(.linux5_7, "5.7", stableChanges: ["unmapDowngrade"]), Self(.linux5_9, "5.9"),
        Self(.linux5_10, "5.10", stableChanges: ["victimDelay"]),
        Self(.linux5_15, "5.15", stableChanges: ["victimDelay"]), Self(.linux5_19, "5.19"),
        Self(
            .linux6_1, "6.1.192",
            stableChanges: ["removableMemory", "lockWaits", "stackGrowth", "retryLock", "pinnedReclaim"]),
        Self(.linux6_4, "6.4"), Self(.linux6_6, "6.6"), Self(.linux6_8, "6.8"),
        Self(.linux6_12, "6.12.117", stableChanges: ["faultAroundTable", "holePunching"]), Self(.linux6_19, "6.19"),
    ]

    func match(_ asked: KernelVersion, next: Self?) -> PresetMatch {
        guard asked.series == version.series, !asked.isCandidate else { return between(asked, next) }
        let isExact = asked.patch == nil || (asked.patch == (version.patch ?? 0) && !asked.hidesPatch)
        guard isExact else { return inSeries(asked) }
        let suffix = asked.suffix.isEmpty ? "" : " What \(asked.suffix) stands for is not known."
        return PresetMatch(
            model: model, version: asked, isExact: true, openRules: [],
            description: "\(asked) is \(model.name), which follows the source of \(version).\(suffix)")
    }

    private func between(_ asked: KernelVersion, _ next: Self?) -> PresetMatch {
        var open: [String] = []
        var text = "\(asked) is taken from \(model.name). "
        if let next {
            open = KernelModel.rules.filter { $0.value(in: model) != $0.value(in: next.model) }.map(\.name)
            text += "It lies between \(model.name) and \(next.model.name), which "
            text +=
                open.isEmpty
                ? "have the same rules."
                : "differ in \(Self.list(open)): what changed in between is taken from \(model.name)."
        } else {
            text += "That is the last preset: what changed since is not known."
        }
        return PresetMatch(model: model, version: asked, isExact: false, openRules: open, description: text)
    }

    private func inSeries(_ asked: KernelVersion) -> PresetMatch {
        var text = "\(asked) is taken from \(model.name), which follows the source of \(version). "
        if asked.hidesPatch { text += "The number \(asked) does not say which stable release it is. " }
        text +=
            stableChanges.isEmpty
            ? "No rule is known to differ within the series; what else it changed is not known."
            : "Within the series \(Self.list(stableChanges)) changed; what else it changed is not known."
        return PresetMatch(model: model, version: asked, isExact: false, openRules: stableChanges, description: text)
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
