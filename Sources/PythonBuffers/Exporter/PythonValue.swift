// SPDX-License-Identifier: Apache-2.0

/// A Swift value that Python objects hold.
///
/// A ``BufferExporter`` is one whose memory they export.
///
/// A value that keeps Python objects holds each in a ``HeldObject``, and shows them to the garbage collector in
/// ``visitObjects(_:)``.
public protocol PythonValue: ~Copyable, SendableMetatype {
    /// Shows the garbage collector the Python objects that the value keeps: `visitor.visit(callback)` for each
    /// ``HeldObject``. Without it, a value whose objects lead back to the value keeps itself alive.
    borrowing func visitObjects(_ visitor: inout ObjectVisitor)

    // MARK: Implemented by the library

    /// The description of an exporter's memory; `nil` for a value that exports none.
    borrowing func bufferDescription() throws(PythonError) -> BufferDescription?

    /// Whether ``changing(_:_:)`` takes back a change that fails: true for every exporter that can be copied.
    static var restoresAfterFailure: Bool { get }

    /// Runs `body`; if it throws, a value that can be restored is as before.
    static func changing<Result: ~Copyable, Failure: Error>(
        _ value: inout Self, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

extension PythonValue where Self: ~Copyable {
    public borrowing func visitObjects(_ visitor: inout ObjectVisitor) {}

    @inlinable public borrowing func bufferDescription() throws(PythonError) -> BufferDescription? { nil }

    @inlinable public static var restoresAfterFailure: Bool { false }

    @inlinable
    public static func changing<Result: ~Copyable, Failure: Error>(
        _ value: inout Self, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&value)
    }
}

/// A Swift value whose memory Python objects export.
///
/// ```swift
/// struct Frame: BufferExporter {
///     let pixels: BufferMemory
///     func describeBuffer() throws(PythonError) -> BufferDescription {
///         try BufferDescription(pixels, shape: [240, 320], of: Float.self)
///     }
/// }
/// ```
///
/// The library does the rest: it answers or refuses every request, counts exports, and keeps the description as it is
/// while exports are outstanding.
public protocol BufferExporter: PythonValue, ~Copyable {
    /// The memory as it is now. Called when an object is made, and after each call that may have changed the value.
    borrowing func describeBuffer() throws(PythonError) -> BufferDescription
}

extension BufferExporter where Self: ~Copyable {
    @inlinable
    public borrowing func bufferDescription() throws(PythonError) -> BufferDescription? { try describeBuffer() }
}

extension BufferExporter {
    @inlinable public static var restoresAfterFailure: Bool { true }

    @inlinable
    public static func changing<Result: ~Copyable, Failure: Error>(
        _ value: inout Self, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = value
        do {
            return try body(&value)
        } catch {
            value = before
            throw error
        }
    }
}
