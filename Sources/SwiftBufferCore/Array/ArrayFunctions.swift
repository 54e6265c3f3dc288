// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The functions that make arrays: `array`, `zeros`, `empty` and `full`.
enum ArrayFunctions {
    static let definitions: [MethodDefinition] =
        [
            array.method {
                if let made = fastArray($0, $1, $2, $3) { return made }
                return array.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.make(
                        type(call), from: call[0], item: call.format(1), order: call.order(2, default: .c),
                        isReadOnly: call.bool(3, default: false))
                }
            },
            zeros.method {
                if let made = fastBlank($0, $1, $2, $3, .zeroed) { return made }
                guard hasOneShape("zeros", values: 0, $1, $2) else { return .failure }
                return zeros.call($0, $1, $2, $3) { (call) throws(PythonError) in try make(call, .zeroed) }
            },
            empty.method {
                if let made = fastBlank($0, $1, $2, $3, .uninitialized) { return made }
                guard hasOneShape("empty", values: 0, $1, $2) else { return .failure }
                return empty.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try make(call, .uninitialized)
                }
            },
            full.method {
                if let made = fastFull($0, $1, $2, $3) { return made }
                guard hasOneShape("full", values: 1, $1, $2) else { return .failure }
                return full.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let shape = try integersOf(call[0], "shape")
                    let item = try call.format(2)
                    return try ArrayObject.full(
                        type(call), shape: shape, value: call[1], item: item, order: call.order(3, default: .c),
                        isReadOnly: call.bool(4, default: false))
                }
            },
            adopt.method {
                adopt.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.adopt(call[0], for: call.receiver)
                }
            },
        ]

    /// Whether a call does not look like `zeros(2, 3)`; if it does, sets the error that says how the shape is given.
    ///
    /// - Parameter values: how many required arguments follow the shape.
    private static func hasOneShape(
        _ function: StaticString, values: Int, _ arguments: SBArguments, _ count: Int
    ) -> Bool {
        guard count - values > 1, let arguments = unsafe arguments.pointer else { return true }
        var numbers: [String] = []
        for index in 0..<count {
            guard let argument = unsafe OptionalObjectReference(pointer: arguments[index]).object,
                argument.isInt && !argument.isBool, let text = try? argument.representation()
            else { return true }
            numbers.append(text)
        }
        let shape = "(\(numbers.dropLast(values).joined(separator: ", ")))"
        let call = ([shape] + numbers.suffix(values)).joined(separator: ", ")
        PythonError(.type, "\(function)() takes the shape as one argument: \(function)(\(call))").raise()
        return false
    }

    private static func make(
        _ call: borrowing Arguments, _ contents: ArrayObject.Contents
    ) throws(PythonError) -> PythonObject {
        let shape = try integersOf(call[0], "shape")
        let item = try call.format(1) ?? .of(.float64)
        return try ArrayObject.make(
            type(call), shape: shape.span, item: item, order: call.order(2, default: .c), contents: contents,
            isReadOnly: call.bool(3, default: false))
    }

    private static func type(_ call: borrowing Arguments) throws(PythonError) -> ObjectReference {
        try moduleObject(CoreState.arrayType.rawValue, of: call.receiver)
    }
}

// The same for the arguments that ``FastArguments`` reads; `nil` for others.
extension ArrayFunctions {
    private static func fastArray(
        _ module: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult? {
        guard let item = FastArguments.format(after: 1, arguments, count, keywords, for: module) else { return nil }
        return returningObject { () throws(PythonError) in
            try ArrayObject.make(
                moduleObject(CoreState.arrayType.rawValue, of: module), from: FastArguments.argument(0, arguments),
                item: item, order: .c, isReadOnly: false)
        }
    }

    private static func fastBlank(
        _ module: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference,
        _ contents: ArrayObject.Contents
    ) -> ObjectResult? {
        guard let item = FastArguments.format(after: 1, arguments, count, keywords, for: module),
            let shape = FastArguments.shape(of: FastArguments.argument(0, arguments))
        else { return nil }
        return returningObject { () throws(PythonError) in
            try ArrayObject.make(
                moduleObject(CoreState.arrayType.rawValue, of: module), shape: shape.span, item: item ?? .of(.float64),
                order: .c, contents: contents)
        }
    }

    private static func fastFull(
        _ module: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult? {
        guard let item = FastArguments.format(after: 2, arguments, count, keywords, for: module), let item,
            let scalar = item.nativeScalar, let shape = FastArguments.shape(of: FastArguments.argument(0, arguments))
        else { return nil }
        // Room for the largest scalar that is stored here.
        var pattern: (UInt64, UInt64) = (0, 0)
        return unsafe withUnsafeMutableBytes(of: &pattern) { (pattern) -> ObjectResult? in
            guard let encoded = pattern.baseAddress,
                unsafe scalar.write(exactly: FastArguments.argument(1, arguments), at: encoded)
            else { return nil }
            return returningObject { () throws(PythonError) in
                let array = try ArrayObject.make(
                    moduleObject(CoreState.arrayType.rawValue, of: module), shape: shape.span, item: item, order: .c,
                    contents: .uninitialized)
                try unsafe MemoryObject(array.reference).withExportPinned { (contents) throws(PythonError) in
                    try unsafe contents.fill(with: encoded)
                }
                return array
            }
        }
    }
}

private let array = Callable(
    "array", "data, format=None, *, order='C', readonly=False",
    """
    Return an Array with a copy of the items of ``data``.

    ``data`` is any object that exports a buffer, nested sequences of items, or a single item; the items of a structure
    are tuples. ``format`` says what an item is (struct and PEP 3118 syntax). The numbers of a buffer are converted to it
    by C's rules, as ``astype`` does; Python's own must fit, as in ``struct.pack``. Without a format, a buffer's is kept,
    and numbers get ``'?'``, ``'q'``, ``'d'`` or ``'Zd'`` for bool, int, float and complex, whichever holds all of their
    types, and ``'Q'`` for integers with one above ``2**63 - 1``. ``order`` is ``'C'``, ``'F'``, or ``'A'`` to keep Fortran
    order where ``data`` has it. With ``readonly=True`` nothing can be written afterwards.

    Raises ValueError for a format that cannot be read, sequences of different lengths, and numbers out of range,
    TypeError for items that are not what the format takes.

    >>> swiftbuffer.array([[1, 2], [3, 4]], 'h')
    <Array shape=(2, 2) format='h' [[1, 2], [3, 4]]>

    O(items). Source: ``numpy.array``.
    """)
private let zeros = Callable(
    "zeros", "shape, format='d', *, order='C', readonly=False",
    """
    Return an Array of the given shape, an int or a tuple of ints, in which every byte is zero.

    ``format``, ``order`` and ``readonly`` are as for ``array``; the order ``'A'`` is ``'C'``. Raises ValueError for a format
    that cannot be read and for a negative length, MemoryError where there is not so much memory, OverflowError where
    there cannot be.

    >>> swiftbuffer.zeros((2, 3), 'B').tolist()
    [[0, 0, 0], [0, 0, 0]]

    O(items), or less where the system has zeroed memory. Source: ``numpy.zeros``.
    """)
private let empty = Callable(
    "empty", "shape, format='d', *, order='C', readonly=False",
    """
    Return an Array of the given shape, an int or a tuple of ints, whose items are whatever the memory held.

    ``format``, ``order``, ``readonly`` and errors (what it raises) are those of ``zeros``.

    >>> swiftbuffer.empty((1000, 1000), 'f').nbytes
    4000000

    O(1). Source: ``numpy.empty``.
    """)
private let full = Callable(
    "full", "shape, value, format=None, *, order='C', readonly=False",
    """
    Return an Array of the given shape, an int or a tuple of ints, in which every item is ``value``.

    Without a ``format`` it is that of ``array(value)``; ``order`` and ``readonly`` are as for ``zeros``. Raises what
    ``zeros`` raises, TypeError for a value that is not what the format takes, and OutOfRangeError for one out of range.

    >>> swiftbuffer.full(3, 0.5)
    <Array shape=(3,) format='d' [0.5, 0.5, 0.5]>

    O(items). Source: ``numpy.full``.
    """)
private let adopt = Callable(
    "_adopt", "buffer, /",
    """
    Return an Array over the memory of a contiguous buffer, without a copy: writable where the buffer is. It holds the
    buffer until it first grows, when it copies the items into memory of its own.

    Raises BufferError for a buffer that is not contiguous.
    """)
