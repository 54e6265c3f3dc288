// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import PythonBuffers

/// How numbers become numbers of another format: by C's rules, unless the caller says otherwise.
struct NumberConversion {
    var casting = Casting.unsafe
    var adjustment: Adjustment?

    init() {}

    /// What a call says, if it says anything.
    ///
    /// - Parameter adjustment: The first of the arguments `scale`, `offset` and `overflow`.
    init?(_ call: borrowing Arguments, casting: Int, adjustment: Int) throws(PythonError) {
        let name = try call.optional(casting) == nil ? nil : call.string(casting)
        if let name { self.casting = try Casting(name) }
        let made = try Adjustment(
            scale: Self.number(call, adjustment), offset: Self.number(call, adjustment + 1),
            overflow: Self.overflow(call, adjustment + 2))
        if made != Adjustment() { self.adjustment = made }
        guard name != nil || self.adjustment != nil else { return nil }
        if self.casting == .exact, self.adjustment != nil {
            throw PythonError(
                .value,
                "casting='exact' keeps every value as it is, so it takes no scale, offset or overflow; overflow='raise' "
                    + "refuses only numbers out of range")
        }
    }

    /// Whether numbers of one format become others of the same.
    var isScaling: Bool { adjustment?.isScaling == true }

    /// Whether it applies to these formats.
    func check(from: Format, to: Format) throws(PythonError) {
        guard let adjustment else { return }
        for format in [from, to] {
            guard let (scalar, _) = format.scalar else {
                throw PythonError(
                    .type, "items of format '\(format)' are no numbers: scale, offset and overflow need numbers")
            }
            if adjustment.isScaling && scalar.isComplex {
                throw PythonError(
                    .type,
                    "scale and offset are for real numbers, not for format '\(format)': cast the real and imaginary parts to "
                        + "an axis of floats first")
            }
        }
        if adjustment.overflow != nil, to.scalar?.0.isInteger != true {
            throw PythonError(.value, "overflow is about integers, and format '\(to)' has none: leave it out")
        }
    }

    private static func number(_ call: borrowing Arguments, _ index: Int) throws(PythonError) -> Double? {
        guard let object = call.optional(index) else { return nil }
        let number: Double
        do throws(PythonError) {
            number = try object.double()
        } catch {
            throw error.matches(.type) ? call.wrongType(index, expected: "a real number") : error
        }
        guard number.isFinite else { throw PythonError(.value, "scale and offset must be finite, not \(number)") }
        return number
    }

    private static func overflow(_ call: borrowing Arguments, _ index: Int) throws(PythonError) -> Adjustment.Overflow?
    {
        guard call.optional(index) != nil else { return nil }
        let name = try call.string(index)
        guard let overflow = Adjustment.Overflow(rawValue: name) else {
            throw PythonError(.value, "overflow must be 'wrap', 'saturate' or 'raise', not '\(name)'")
        }
        return overflow
    }
}

/// What may happen to numbers that become numbers of another format.
enum Casting: String {
    case unsafe
    case exact

    init(_ name: String) throws(PythonError) {
        guard let casting = Casting(rawValue: name) else {
            throw PythonError(.value, "casting must be 'unsafe' or 'exact', not '\(name)'")
        }
        self = casting
    }
}
