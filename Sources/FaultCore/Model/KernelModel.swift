/// The decisions in which kernels differ, as rules. A kernel version is a value of this type.
///
/// Each rule is consulted at one named place; nothing compares versions. A preset may be changed rule by rule, to ask
/// what one change of a kernel does:
///
///     var model = KernelModel.linux6_1
///     model.throttledSharedWrite = .keepsLock
public struct KernelModel: Equatable, BitwiseCopyable, Sendable {
    /// The model's name, as presets and scenario files write it.
    public var name: StaticName
    /// What a throttled shared write answers. Consulted in ``PageFault``, stage `throttleShared`.
    public var throttledSharedWrite: ThrottledSharedWrite
    /// When `pgfault` counts. Consulted in ``PageFault``, at its entry and in its accounting.
    public var pgfaultCounting: PgfaultCounting
    /// Which waits drop the fault lock. Consulted in ``Machine/dropFaultLock(of:for:)``.
    public var lockDroppingWaits: LockDroppingWaits
    /// Whether neighbours are mapped. Consulted in ``PageFault``, stage `faultAround`.
    public var faultAround: FaultAroundRule
    /// What counts as major. Consulted in ``PageFault``, in its accounting.
    public var retryAccounting: RetryAccounting
    /// Whether `VM_FAULT_WRITE` exists. Consulted in ``CopyOnWriteFault``.
    public var writeResult: WriteResult
    /// How a lock that becomes free wakes its readers. Consulted in ``ReadWriteSemaphore``.
    public var lockWake: LockWakeRule

    /// Every rule, in the order of the properties.
    public static let rules: [AnyKernelRule] = [
        AnyKernelRule("throttledSharedWrite", \.throttledSharedWrite),
        AnyKernelRule("pgfaultCounting", \.pgfaultCounting),
        AnyKernelRule("lockDroppingWaits", \.lockDroppingWaits),
        AnyKernelRule("faultAround", \.faultAround),
        AnyKernelRule("retryAccounting", \.retryAccounting),
        AnyKernelRule("writeResult", \.writeResult),
        AnyKernelRule("lockWake", \.lockWake),
    ]
}
