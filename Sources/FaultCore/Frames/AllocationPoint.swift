/// The named points at which an allocation can be made to fail.
public enum AllocationPoint: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// The page of an anonymous write fault: `alloc_zeroed_user_highpage_movable()`.
    case anonymousPage
    /// The copy of a private write: in `do_cow_fault()` and `wp_page_copy()`.
    case copyPage
    /// A page table: `pte_alloc()`.
    case pageTable
    /// An `anon_vma`: `anon_vma_prepare()`.
    case anonVMA
    /// A page of the page cache: `filemap_alloc_folio()`.
    case cachePage
    /// A page of tmpfs: `shmem_alloc_folio()`.
    case shmemPage
    /// A block on the device: `page_mkwrite` and write(2) find no space (`ENOSPC`).
    case block
    /// A VMA: `vm_area_alloc()`.
    case area
    /// A page for a swap-in: `do_swap_page()`, `__read_swap_cache_async()`.
    case swapPage
}

/// An allocation that will fail.
struct InjectedFailure: Equatable, BitwiseCopyable, Sendable {
    var point: AllocationPoint
    var skipping: Int
}
