/// The predefined kernels.
extension KernelModel {
    /// Linux 6.1 (6.1.192): drops the lock for all file I/O, completes throttled shared writes, counts `pgfault` for
    /// every attempt.
    public static let linux6_1 = KernelModel(
        name: StaticName("linux6_1"), throttledSharedWrite: .completes, pgfaultCounting: .everyAttempt,
        lockDroppingWaits: .allIO, faultAround: .mapPages, retryAccounting: .retriedIsMajor, writeResult: .reported,
        lockWake: .allQueuedReaders)

    /// Every preset, oldest kernel first.
    public static let presets: [KernelModel] = [
        herrenschmidt2006, waychison2006, mortonSoleUser2006, mortonSequence2006, pagefaultArgs2006, linux2_6_36,
        linux2_6_37, torvalds2014, shutemov2014, linux3_15, linux3_19, linux4_11, linux4_19, bacik2018, chinner2018,
        kara2018, linux5_1, linux5_4, linux5_5, linux5_7, linux5_9, linux5_10, linux5_15, linux5_19, linux6_1, linux6_4,
        linux6_6, linux6_8, linux6_12, linux6_19,
    ]

    /// The preset of this name, such as `linux6_1`, or of this version, such as `6.1.192`, `v5.10` or `6.1`.
    /// Also finds those of ``withKnownBugs``.
    ///
    /// - Returns: `nil` unless a preset stands for exactly this version; ``preset(nearest:)`` finds one for any
    ///   version, and says what is not known about it.
    public static func preset(named name: String) -> KernelModel? {
        if let preset = (presets + withKnownBugs).first(where: { $0.name.description == name }) { return preset }
        guard let match = preset(nearest: name), match.isExact else { return nil }
        return match.model
    }
}
