/// What a consumer asks of an exporter: the flags of `PyObject_GetBuffer`.
///
/// A compound flag is asked for only when *all* its bits are, so `contains` is the test, never an intersection.
///
/// `@_noLocks` marks what getbuffer uses: in a debug build, which compiles file by file, the compiler takes it on trust.
/// Source: "Buffer request types" in CPython's C API manual.
public struct BufferRequest: OptionSet, Sendable, Hashable {
    public let rawValue: CInt

    @_noLocks @inlinable public init(rawValue: CInt) { self.rawValue = rawValue }

    /// Whether all bits of `flag` are set.
    @_noLocks @inlinable func asks(for flag: Self) -> Bool { rawValue & flag.rawValue == flag.rawValue }

    /// Contiguous bytes: neither shape, strides nor format.
    @inlinable public static var simple: Self { Self([]) }
    /// The memory must be writable.
    @inlinable public static var writable: Self { @_noLocks get { Self(rawValue: 0x1) } }
    /// The format string; without it `format` is NULL.
    @inlinable public static var format: Self { @_noLocks get { Self(rawValue: 0x4) } }
    /// The shape; the memory must be C-contiguous unless strides are asked for as well.
    @inlinable public static var shape: Self { @_noLocks get { Self(rawValue: 0x8) } }
    /// Shape and strides.
    @inlinable public static var strides: Self { @_noLocks get { Self(rawValue: 0x10 | 0x8) } }
    /// Strides, in C order.
    @inlinable public static var cContiguous: Self { @_noLocks get { Self(rawValue: 0x20 | 0x18) } }
    /// Strides, in Fortran order.
    @inlinable public static var fContiguous: Self { @_noLocks get { Self(rawValue: 0x40 | 0x18) } }
    /// Strides, in either order.
    @inlinable public static var anyContiguous: Self { @_noLocks get { Self(rawValue: 0x80 | 0x18) } }
    /// Strides and, where there are any, suboffsets.
    @inlinable public static var indirect: Self { @_noLocks get { Self(rawValue: 0x100 | 0x18) } }

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
