// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims
internal import Synchronization

// A buffer without dimensions is one item of its format: what NumPy's and ctypes' scalars export, and a view `a[0, ...]`.

/// How the format of single items is read, for a library that knows more of some exporters than their formats say.
package struct FormatReader: Sendable {
    private let read: @Sendable (borrowing PythonBuffer) throws(PythonError) -> Format?
    private static let current = Mutex<FormatReader?>(nil)

    /// - Parameter read: gives `nil` where the items cannot be read.
    package init(_ read: @escaping @Sendable (borrowing PythonBuffer) throws(PythonError) -> Format?) {
        self.read = read
    }

    /// Makes all interpreters use this reader.
    package func install() { Self.current.withLock { $0 = self } }

    fileprivate static func format(of buffer: borrowing PythonBuffer) throws(PythonError) -> Format? {
        // Not called under the lock: it may run Python code.
        guard let reader = current.withLock({ $0 }) else { return try? Format(buffer.format) }
        return try reader.read(buffer)
    }
}

/// A buffer without dimensions whose format can be read.
@safe
package struct SingleItem: ~Copyable {
    private let buffer: PythonBuffer
    package let format: Format

    /// `nil` for an object without a buffer, one whose buffer has dimensions, and Python's own values: numbers and
    /// strings of bytes, subclasses included.
    ///
    /// - Throws: what ``FormatReader`` raises.
    package init?(_ object: ObjectReference) throws(PythonError) {
        guard Self.mayBe(object), let buffer = try? PythonBuffer(object), buffer.ndim == 0,
            let format = try FormatReader.format(of: buffer), format.itemsize == buffer.byteCount,
            unsafe buffer.view.pointee.buf != nil
        else { return nil }
        self.buffer = buffer
        self.format = format
    }

    /// Whether an object may export a buffer without dimensions.
    static func mayBe(_ object: ObjectReference) -> Bool {
        object.exportsBuffer && !object.isBytes && !object.isByteArray
            && !object.isInt && !object.isFloat && !object.isComplex
    }

    /// The address of the item, which stays while this value lives.
    package var address: UnsafeRawPointer { unsafe UnsafeRawPointer(buffer.view.pointee.buf!) }

    /// The item as a Python object.
    ///
    /// - Throws: what the format says cannot be read.
    package func object() throws(PythonError) -> PythonObject { try unsafe format.object(at: address) }

    /// Whether the bytes of the item are those that the other format has for its value: not for `b` and `B`, which
    /// share bytes but not values, and not with padding, which stays zero.
    fileprivate func hasBytes(of other: Format) -> Bool {
        if format.isEquivalent(to: other) { return !format.holdsObjects && !other.hasPadding }
        guard let mine = format.scalar?.0, let theirs = other.scalar?.0 else { return false }
        return mine.isByte && theirs.isByte && (mine == .char || theirs == .char)
    }

    /// Writes the item over one of another format.
    ///
    /// - Precondition: as for ``Format/encode(_:to:)``.
    fileprivate func encode(as other: Format, to address: UnsafeMutableRawPointer) throws(PythonError) {
        if hasBytes(of: other) {
            unsafe address.copyMemory(from: self.address, byteCount: format.itemsize)
        } else {
            let value = try object()
            try unsafe other.encode(value.reference, to: address)
        }
    }
}

extension Format {
    /// Writes the item of a buffer without dimensions; `false` with nothing done for any other object.
    ///
    /// It takes no closure for the texts of errors: the compiler would specialise this recursion for each closure, without
    /// end.
    @inline(never)
    func encodeSingleItem(_ object: ObjectReference, to address: UnsafeMutableRawPointer) throws(PythonError) -> Bool {
        guard let item = try SingleItem(object) else { return false }
        try unsafe item.encode(as: self, to: address)
        return true
    }
}
