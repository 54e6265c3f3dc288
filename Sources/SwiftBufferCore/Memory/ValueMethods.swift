// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// The methods that convert and write items.
enum ValueMethods {
    static let definitions: [MethodDefinition] =
        [
            hex.method {
                if $2 == 0, $3.object == nil, let text = FastCopies.hex(of: $0) { return text }
                return hex.call($0, $1, $2, $3) { (call) throws(PythonError) in try hexText(call) }
            },
            astype.method {
                if let format = FastArguments.only($1, $2, $3), let array = FastCopies.converted($0, to: format) {
                    return array
                }
                return astype.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try converted(call)
                }
            },
            byteswap.method {
                if $2 == 0, $3.object == nil, FastEdits.swapBytes($0) { return PythonObject.none.intoResult() }
                return byteswap.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).swapBytes()
                    return .none
                }
            },
            fill.method {
                if let value = FastArguments.only($1, $2, $3), FastAssignment.fill($0, with: value) {
                    return PythonObject.none.intoResult()
                }
                return fill.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).fill(call[0])
                    return .none
                }
            },
            copyTo.method {
                if let target = FastArguments.only($1, $2, $3),
                    FastAssignment.copy(from: $0, to: target, try? ViewTypes(for: $0))
                {
                    return PythonObject.none.intoResult()
                }
                return copyTo.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).copy(to: call[0], by: conversion(call))
                    return .none
                }
            },
            copyFrom.method {
                if let source = FastArguments.only($1, $2, $3),
                    FastAssignment.copy(from: source, to: $0, try? ViewTypes(for: $0))
                {
                    return PythonObject.none.intoResult()
                }
                return copyFrom.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).copyExactly(from: call[0], by: conversion(call))
                    return .none
                }
            },
        ]

    private static func hexText(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        // bytes.hex implements separators and their errors.
        let bytes = try MemoryObject(call.receiver).bytes(order: .c)
        let method = try bytes.attribute("hex")
        guard let separator = call.reference(0) else { return try method.call() }
        let group = try PythonObject(call.int(1, default: 1))
        let arguments = try PythonObject(pair: PythonObject(borrowing: separator), group)
        // The separator's `__len__` may be Python code. The bytes are a copy, but as in memoryview (gh-143195),
        // releasing the memory meanwhile is refused.
        return try MemoryObject(call.receiver).withExportPinned { (_) throws(PythonError) in
            try method.call(tuple: arguments)
        }
    }

    private static func converted(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        let (format, dtype) = (0, 6)
        guard (call.optional(format) == nil) != (call.optional(dtype) == nil) else {
            throw PythonError(
                .type,
                call.optional(dtype) == nil
                    ? "astype() needs a format, as in astype('f') or astype(dtype='f')"
                    : "astype() takes format or dtype, which are two names of one argument, not both")
        }
        let item = try call.requiredFormat(call.optional(dtype) == nil ? format : dtype)
        let order = try call.order(2, default: .any)
        let conversion = try NumberConversion(call, casting: 1, adjustment: 3) ?? NumberConversion()
        let memory = MemoryObject(call.receiver)
        if try !call.bool(7, default: true), try memory.isConverted(to: item, order: order, by: conversion) {
            return PythonObject(borrowing: call.receiver)
        }
        return try memory.converted(to: item, order: order, by: conversion)
    }

    /// The conversion of numbers that the caller asks for, if any.
    private static func conversion(_ call: borrowing Arguments) throws(PythonError) -> NumberConversion? {
        try NumberConversion(call, casting: 1, adjustment: 2)
    }
}

private let hex = Callable(
    "hex", "sep=None, bytes_per_sep=1",
    """
    Return a str with two hexadecimal digits for each byte: first those of the first item, and so on in C order.

    ``sep`` is a character to put between bytes, or between groups of ``bytes_per_sep`` bytes, which are counted from the
    end, and from the start if the number is negative. Raises ValueError for a ``sep`` that is not one character of ASCII.
    O(bytes). Source: ``bytes.hex``.

    >>> swiftbuffer.View(b'ab').hex(':')
    '61:62'
    """)
private let astype = Callable(
    "astype",
    "format=None, casting='unsafe', order='A', *, scale=None, offset=None, overflow=None, dtype=None, copy=True",
    """
    Return an Array with the items as numbers of another format; ``dtype`` is another name of ``format``.

    What becomes of numbers that the format does not hold is said in one place, docs/items.md; in short, integers wrap and
    floats saturate. With ``casting='exact'``, raises ValueError if a value would not come back equal. ``order`` is that of
    the result, as for ``copy``. Raises TypeError for formats that are not of numbers, NotImplementedError for pointers.
    O(items). Source: ``numpy.ndarray.astype``; ``scale``, ``offset`` and ``overflow`` are this package's.

    With ``scale`` or ``offset``, every number is multiplied by the one, then added to the other, in double precision and
    in one pass through the memory; what becomes an integer is rounded to the nearest then, ties to even. ``overflow`` says
    what an integer format does with numbers out of its range: 'wrap', 'saturate' or 'raise' (OutOfRangeError).

    With ``copy=False``, contiguous items that need no change are returned as they are, without a copy.

    >>> swiftbuffer.array([1.9, -1.9]).astype('b').tolist()
    [1, -1]
    >>> swiftbuffer.View(bytes([0, 0, 64, 0, 0, 192])).cast('<m').astype('f', scale=2**-23).tolist()
    [0.5, -0.5]
    >>> swiftbuffer.array([0.5, -2.0]).astype('h', scale=32767, overflow='saturate').tolist()
    [16384, -32768]
    """)
private let byteswap = Callable(
    "byteswap", "",
    """
    Reverse the bytes of every number and every character, in place. The format stays, so that the values change.

    In structures each value is reversed by itself. Bytes, strings of bytes and padding have no order and stay.

    Raises TypeError for read-only memory, NotImplementedError for items that cannot be read. O(items). Source:
    ``array.array.byteswap``.

    >>> a = swiftbuffer.array([(1, 256)], 'T{H:x:I:y:}')
    >>> a.byteswap()
    >>> a.tolist()
    [Record(x=256, y=65536)]
    """)
private let fill = Callable(
    "fill", "value, /",
    """
    Write ``value`` to every item.

    Raises TypeError for read-only memory and for a value that is not what the format takes, OutOfRangeError for one out
    of range. O(items). Source: ``numpy.ndarray.fill``.

    >>> a = swiftbuffer.zeros(2, 'i')
    >>> a.fill(7)
    >>> a.tolist()
    [7, 7]
    """)
private let copyTo = Callable(
    "copy_to", "destination, /, casting=None, *, scale=None, offset=None, overflow=None",
    """
    Copy the items into a writable buffer of the same shape, whatever its layout. Both may overlap.

    The format is to be the same too, unless ``casting`` is 'unsafe' or 'exact', or ``scale``, ``offset`` or ``overflow``
    is given: then numbers become numbers of the destination's format, as with ``astype``.

    Raises TypeError for a ``destination`` that is read-only or no buffer, ValueError for another shape or format and, with
    ``casting`` or ``overflow``, as ``astype``. O(items). Source: ``numpy.copyto``.

    >>> a = bytearray(3)
    >>> swiftbuffer.View(b'abc')[::-1].copy_to(a)
    >>> a
    bytearray(b'cba')
    """)
private let copyFrom = Callable(
    "copy_from", "source, /, casting=None, *, scale=None, offset=None, overflow=None",
    """
    Copy the items of a buffer of the same shape, whatever its layout. Both may overlap.

    The source's format is to be the same too, unless ``casting`` is 'unsafe' or 'exact', or ``scale``, ``offset`` or
    ``overflow`` is given: then numbers of another format are converted, as with ``astype``. What is written before a
    number that is refused raises ValueError is unspecified.

    Raises TypeError for read-only memory and a ``source`` that is no buffer, ValueError for another shape or format and,
    with ``casting`` or ``overflow``, as ``astype``. O(items). Source: ``numpy.copyto``.

    >>> a = swiftbuffer.zeros(3, 'B')
    >>> a[::-1].copy_from(b'abc')
    >>> a.tobytes()
    b'cba'
    """)
