/// Splitting and merging areas. Models `vma_merge()`, `split_vma()` and `vma_expand()` (mm/mmap.c, Linux 6.1).
extension Machine {
    /// Gives `range`, which lies within the area at `position`, other flags, words or file: merges with neighbours if
    /// it can, else splits. Models the pattern `vma_merge()`, `split_vma()`, `split_vma()`.
    ///
    /// - Returns: The position of the area that contains the range now; `nil` (`ENOMEM`) if it would take too many areas.
    mutating func changeFlags(
        of range: Range<PageNumber>, at position: AreaTree.Position, in map: MapID, to flags: VMAFlags
    ) -> AreaTree.Position? { nil }
}
