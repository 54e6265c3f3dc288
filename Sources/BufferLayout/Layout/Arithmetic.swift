// SPDX-License-Identifier: Apache-2.0

// Integer arithmetic that returns `nil` on overflow instead of trapping or wrapping.

extension Int {
    /// `self * other`, or `nil` on overflow.
    @inlinable
    func checkedTimes(_ other: Int) -> Int? {
        let (value, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? nil : value
    }

    /// `self + other`, or `nil` on overflow.
    @inlinable
    func checkedPlus(_ other: Int) -> Int? {
        let (value, overflow) = addingReportingOverflow(other)
        return overflow ? nil : value
    }

    /// `self - other`, or `nil` on overflow.
    @inlinable
    func checkedMinus(_ other: Int) -> Int? {
        let (value, overflow) = subtractingReportingOverflow(other)
        return overflow ? nil : value
    }

    /// `self + factor * other`, or `nil` on overflow.
    @inlinable
    func checkedPlus(_ factor: Int, times other: Int) -> Int? {
        let (product, overflow) = factor.multipliedReportingOverflow(by: other)
        let (value, overflow2) = addingReportingOverflow(product)
        return overflow || overflow2 ? nil : value
    }

    /// The least multiple of `alignment`, a power of two, that is not less than `self`; `nil` on overflow.
    @inlinable
    func checkedRounding(upTo alignment: Int) -> Int? {
        checkedPlus((0 &- self) & (alignment &- 1))
    }
}
