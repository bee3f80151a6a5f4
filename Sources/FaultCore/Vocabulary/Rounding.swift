/// The nearest whole number, halves away from zero.
///
/// `rounded()` needs the C library of mathematics, which a program that imports no Foundation is not linked with.
///
/// - Precondition: The number fits.
package func nearest(_ value: Double) -> Int { Int(value + (value < 0 ? -0.5 : 0.5)) }
