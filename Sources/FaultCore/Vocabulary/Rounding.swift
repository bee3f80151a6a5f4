/// The nearest whole number, halves away from zero.
///
/// `rounded()` needs the C math library, which is not linked into a program that doesn't import Foundation.
///
/// - Precondition: The result fits in an `Int`.
package func nearest(_ value: Double) -> Int { Int(value + (value < 0 ? -0.5 : 0.5)) }
