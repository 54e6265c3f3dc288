// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import CPython

/// Items of any type of number, by their indices: one function for buffers of all these types.
///
/// ```swift
/// struct Sum: NumericBody {
///     func callAsFunction<Element: NumericElement>(_ items: borrowing StridedSpan<Element>) -> Double {
///         var sum = 0.0
///         items.forEach { sum += $0.double }
///         return sum
///     }
/// }
/// let total = try items.with(Sum())
/// ```
///
/// The types are the integers of 8 to 64 bits and the floats of 16, 32 and 64, of any layout and either byte order.
@safe
public struct AnyNumericSpan: ~Escapable {
    private let start: UnsafeRawPointer?
    private let isSwapped: Bool
    /// Shape, strides and suboffsets.
    public let layout: Layout
    /// What one item is.
    public let scalar: Scalar

    /// - Precondition: as for ``StridedSpan``, of items of `scalar`.
    @_lifetime(immortal)
    fileprivate init(start: UnsafeRawPointer?, layout: Layout, scalar: Scalar, isSwapped: Bool) {
        unsafe self.start = start
        self.layout = layout
        self.scalar = scalar
        self.isSwapped = isSwapped
    }

    /// Runs `body` with the items as what they are.
    public func with<Body: NumericBody>(_ body: Body) throws -> Body.Result {
        switch scalar {
        case .int8: return try run(body, Int8.self)
        case .uint8: return try run(body, UInt8.self)
        case .int16: return try run(body, Int16.self)
        case .uint16: return try run(body, UInt16.self)
        case .int32: return try run(body, Int32.self)
        case .uint32: return try run(body, UInt32.self)
        case .int64: return try run(body, Int64.self)
        case .uint64: return try run(body, UInt64.self)
        case .float32: return try run(body, Float.self)
        case .float64: return try run(body, Double.self)
        #if !(os(macOS) && arch(x86_64))
            case .float16: return try run(body, Float16.self)
        #endif
        default: throw Self.notNumeric("\(scalar)")
        }
    }

    private func run<Body: NumericBody, Element: NumericElement>(
        _ body: Body, _: Element.Type
    ) throws -> Body.Result {
        // Lent to the body, which this span outlives.
        try body(unsafe StridedSpan<Element>(start: start, layout: layout, isSwapped: isSwapped))
    }

    /// Runs `body` with each item as a double, in C order; integers beyond 2**53 are rounded.
    public func forEachDouble(_ body: (Double) throws -> Void) throws {
        try withoutActuallyEscaping(body) { body in try with(Visit(body: body)) }
    }

    private struct Visit: NumericBody {
        let body: (Double) throws -> Void

        func callAsFunction<Element: NumericElement>(_ items: borrowing StridedSpan<Element>) throws {
            // A span of any number of dimensions.
            // swift-format-ignore: ReplaceForEachWithForLoop
            try items.forEach { (item) throws in try body(item.double) }
        }
    }

    /// The items as doubles, in C order; integers beyond 2**53 are rounded.
    public func doubles() throws -> [Double] { try with(Doubles()) }

    private struct Doubles: NumericBody {
        func callAsFunction<Element: NumericElement>(_ items: borrowing StridedSpan<Element>) -> [Double] {
            var doubles: [Double] = []
            doubles.reserveCapacity(items.count)
            // A span of any number of dimensions.
            // swift-format-ignore: ReplaceForEachWithForLoop
            items.forEach { doubles.append($0.double) }
            return doubles
        }
    }

    fileprivate static func isNumeric(_ scalar: Scalar) -> Bool {
        switch scalar {
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64: return true
        #if !(os(macOS) && arch(x86_64))
            case .float16: return true
        #endif
        default: return false
        }
    }

    fileprivate static func notNumeric(_ format: String) -> PythonError {
        PythonError(
            .buffer,
            "integers of 8 to 64 bits or floats of 16, 32 or 64 requested, but the buffer has format '\(format)'; a "
                + "converted copy would work")
    }
}

/// What is done with the items of an ``AnyNumericSpan``, written once for all types of numbers.
public protocol NumericBody {
    /// What comes of it.
    associatedtype Result

    /// Does it, for items of one type.
    func callAsFunction<Element: NumericElement>(_ items: borrowing StridedSpan<Element>) throws -> Result
}

extension PythonBuffer {
    /// The items by their indices, of whatever type of number they are.
    ///
    /// - Throws: `BufferError` if they are no numbers of those that ``AnyNumericSpan`` has, and as for
    ///   ``stridedSpan(of:ndim:)``.
    @_lifetime(borrow self)
    public func numericSpan() throws(PythonError) -> AnyNumericSpan {
        let layout = try layout
        let text = format
        guard let item = try? Format(text), let (scalar, isSwapped) = item.scalar, AnyNumericSpan.isNumeric(scalar),
            item.itemsize == itemsize
        else {
            throw AnyNumericSpan.notNumeric(text)
        }
        let span = unsafe AnyNumericSpan(
            start: UnsafeRawPointer(view.pointee.buf), layout: layout, scalar: scalar, isSwapped: isSwapped)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}
