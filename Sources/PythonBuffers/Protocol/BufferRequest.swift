// SPDX-License-Identifier: Apache-2.0
public import CPython

/// What a consumer requests from an exporter: the flags of `PyObject_GetBuffer`.
///
/// A compound flag is requested only when *all* its bits are set, so `contains` is the test, never an intersection.
///
/// `@_noLocks` marks what getbuffer uses; a debug build, which compiles file by file, does not verify it.
/// Source: "Buffer request types" in CPython's C API manual.
public struct BufferRequest: OptionSet, Sendable, Hashable {
    public let rawValue: CInt

    @_noLocks @inlinable public init(rawValue: CInt) { self.rawValue = rawValue }

    /// Whether all bits of `flag` are set.
    @_noLocks @inlinable func includes(_ flag: Self) -> Bool { rawValue & flag.rawValue == flag.rawValue }

    /// Contiguous bytes: neither shape, strides nor format.
    @inlinable public static var simple: Self { Self(rawValue: PyBUF_SIMPLE) }
    /// The memory must be writable.
    @inlinable public static var writable: Self { @_noLocks get { Self(rawValue: PyBUF_WRITABLE) } }
    /// The format string; without it `format` is NULL.
    @inlinable public static var format: Self { @_noLocks get { Self(rawValue: PyBUF_FORMAT) } }
    /// The shape; the memory must be C-contiguous unless strides are requested as well.
    @inlinable public static var shape: Self { @_noLocks get { Self(rawValue: PyBUF_ND) } }
    /// Shape and strides.
    @inlinable public static var strides: Self { @_noLocks get { Self(rawValue: PyBUF_STRIDES) } }
    /// Strides, in C order.
    @inlinable public static var cContiguous: Self { @_noLocks get { Self(rawValue: PyBUF_C_CONTIGUOUS) } }
    /// Strides, in Fortran order.
    @inlinable public static var fContiguous: Self { @_noLocks get { Self(rawValue: PyBUF_F_CONTIGUOUS) } }
    /// Strides, in either order.
    @inlinable public static var anyContiguous: Self { @_noLocks get { Self(rawValue: PyBUF_ANY_CONTIGUOUS) } }
    /// Strides and, where there are any, suboffsets.
    @inlinable public static var indirect: Self { @_noLocks get { Self(rawValue: PyBUF_INDIRECT) } }

    /// `PyBUF_CONTIG`
    @inlinable public static var contiguous: Self { [.shape, .writable] }
    /// `PyBUF_CONTIG_RO`
    @inlinable public static var contiguousReadOnly: Self { [.shape] }
    /// `PyBUF_STRIDED`
    @inlinable public static var strided: Self { [.strides, .writable] }
    /// `PyBUF_STRIDED_RO`
    @inlinable public static var stridedReadOnly: Self { [.strides] }
    /// `PyBUF_RECORDS`
    @inlinable public static var records: Self { [.strides, .writable, .format] }
    /// `PyBUF_RECORDS_RO`
    @inlinable public static var recordsReadOnly: Self { [.strides, .format] }
    /// `PyBUF_FULL`
    @inlinable public static var full: Self { [.indirect, .writable, .format] }
    /// `PyBUF_FULL_RO`: everything, whatever the layout.
    @inlinable public static var fullReadOnly: Self { [.indirect, .format] }
}
