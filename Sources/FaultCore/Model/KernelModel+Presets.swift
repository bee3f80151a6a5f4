/// The kernels that exist ready-made.
extension KernelModel {
    /// Linux 6.1 (6.1.192): drops the lock for all file I/O, completes throttled shared writes, counts `pgfault` for
    /// every attempt.
    public static let linux6_1 = KernelModel(
        name: StaticName("linux6_1"), throttledSharedWrite: .completes, pgfaultCounting: .everyAttempt,
        lockDroppingWaits: .allIO, faultAround: .mapPages, retryAccounting: .retriedIsMajor, writeResult: .reported,
        lockWake: .allQueuedReaders)

    /// Every preset, oldest kernel first.
    public static let presets: [KernelModel] = [linux6_1, linux6_4, linux6_6, linux6_8, linux6_12, linux6_19]

    /// The preset of this name, such as `linux6_1`.
    public static func preset(named name: String) -> KernelModel? {
        presets.first { $0.name.description == name }
    }
}
