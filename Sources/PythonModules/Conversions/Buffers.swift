// SPDX-License-Identifier: Apache-2.0
public import PythonBuffers

// Buffers as parameters: acquired when the function is called, released when it returns.

private let bufferAnnotation = "typing_extensions.Buffer"

/// Runs `body` with the buffer of an argument.
///
/// - Throws: with the parameter's name, where the object has none or refuses it; and what `body` throws.
@usableFromInline
func withBuffer(
    of argument: Argument, _ body: (borrowing PythonBuffer) throws -> PythonObject
) throws -> PythonObject {
    var isAcquired = false
    do {
        return try PythonBuffer.acquiring(argument.reference) { buffer in
            isAcquired = true
            return try body(buffer)
        }
    } catch {
        throw isAcquired ? error : argument.naming(error)
    }
}

/// The buffer of any object that exports one, as the exporter describes it.
extension PythonBuffer: FromPython {
    public static var parameterAnnotation: String { bufferAnnotation }

    public static func withArgument(
        _ argument: Argument, _ body: (borrowing PythonBuffer) throws -> PythonObject
    ) throws -> PythonObject {
        try withBuffer(of: argument, body)
    }

    @inlinable public static func fromPython(_ argument: Argument) throws -> PythonBuffer {
        try PythonBuffer(argument.reference)
    }
}

/// The contiguous items of a buffer, in C order.
extension Span: PythonParameter where Element: DirectBufferElement {
    public static var parameterAnnotation: String { bufferAnnotation }

    @inlinable
    public static func withArgument(
        _ argument: Argument, _ body: (borrowing Span<Element>) throws -> PythonObject
    ) throws -> PythonObject {
        if let result = try ContiguousItems<Element>.read(of: argument.reference, body) { return result }
        return try withBuffer(of: argument) { buffer in
            let span: Span<Element>
            do {
                span = try buffer.span(of: Element.self)
            } catch {
                throw argument.naming(error)
            }
            return try body(span)
        }
    }
}

/// The bytes of a C-contiguous buffer.
extension RawSpan: PythonParameter {
    public static var parameterAnnotation: String { bufferAnnotation }

    @inlinable
    public static func withArgument(
        _ argument: Argument, _ body: (borrowing RawSpan) throws -> PythonObject
    ) throws -> PythonObject {
        try withBuffer(of: argument) { buffer in
            let bytes: RawSpan
            do {
                bytes = try buffer.bytes
            } catch {
                throw argument.naming(error)
            }
            return try body(bytes)
        }
    }
}

/// The items of a buffer of any layout, by their indices.
extension StridedSpan: PythonParameter {
    public static var parameterAnnotation: String { bufferAnnotation }

    @inlinable
    public static func withArgument(
        _ argument: Argument, _ body: (borrowing StridedSpan<Element>) throws -> PythonObject
    ) throws -> PythonObject {
        try withBuffer(of: argument) { buffer in
            let span: StridedSpan<Element>
            do {
                span = try buffer.stridedSpan(of: Element.self)
            } catch {
                throw argument.naming(error)
            }
            return try body(span)
        }
    }
}

/// The items of a buffer of numbers, of whatever type these are.
extension AnyNumericSpan: PythonParameter {
    public static var parameterAnnotation: String { bufferAnnotation }

    public static func withArgument(
        _ argument: Argument, _ body: (borrowing AnyNumericSpan) throws -> PythonObject
    ) throws -> PythonObject {
        try withBuffer(of: argument) { buffer in
            let span: AnyNumericSpan
            do {
                span = try buffer.numericSpan()
            } catch {
                throw argument.naming(error)
            }
            return try body(span)
        }
    }
}

/// A buffer that a function writes its results to.
///
/// ```swift
/// Def("scale", "samples", "out") { (samples: Span<Float>, out: borrowing Output) in
///     try out.withMutableSpan(of: Float.self) { out in
///         guard out.count == samples.count else { throw PythonError(.value, "out must be as long as samples") }
///         for index in samples.indices { out[index] = 2 * samples[index] }
///     }
/// }
/// ```
public struct Output: ~Copyable {
    private let object: PythonObject

    fileprivate init(_ object: consuming PythonObject) { self.object = object }

    /// Runs `body` with the contiguous items.
    ///
    /// - Throws: `BufferError` if the memory cannot be written, or is not contiguous, or has items of another type.
    public func withMutableSpan<Element: DirectBufferElement, Result: ~Copyable>(
        of _: Element.Type, _ body: (inout MutableSpan<Element>) throws -> Result
    ) throws -> Result {
        var buffer = try PythonBuffer(object, .full)
        var items = try buffer.mutableSpan(of: Element.self)
        return try body(&items)
    }

    /// Runs `body` with the items by their indices, whatever their layout.
    ///
    /// - Throws: `BufferError` if the memory cannot be written, or has items of another type.
    public func withMutableStridedSpan<Element: BufferElement, Result: ~Copyable>(
        of _: Element.Type, _ body: (inout MutableStridedSpan<Element>) throws -> Result
    ) throws -> Result {
        var buffer = try PythonBuffer(object, .full)
        var items = try buffer.mutableStridedSpan(of: Element.self)
        return try body(&items)
    }
}

extension Output: FromPython {
    public static var parameterAnnotation: String { bufferAnnotation }

    public static func fromPython(_ argument: Argument) throws -> Output {
        // Refused before anything is computed.
        _ = try PythonBuffer(argument.reference, .full)
        return Output(argument.object())
    }
}
