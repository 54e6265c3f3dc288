// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import PythonBuffers

/// `swiftbuffer.from_arrow`.
enum ArrowFunction {
    static let definition: MethodDefinition =
        fromArrow.method {
            if let source = FastArguments.only($1, $2, $3) {
                let module = $0
                return returningObject { () throws(PythonError) in
                    try view(of: source, shape: nil, isReadOnly: true, for: module)
                }
            }
            return fromArrow.call($0, $1, $2, $3) { (call) throws(PythonError) in
                let shape: [Int]? = if let shape = call.optional(1) { try integersOf(shape, "shape") } else { nil }
                return try view(
                    of: call[0], shape: shape, isReadOnly: !call.bool(2, default: false), for: call.receiver)
            }
        }

    private static func view(
        of source: ObjectReference, shape: [Int]?, isReadOnly: Bool, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: module)
        let names = try ExchangeNames(types)
        let pair: PythonObject
        do throws(PythonError) {
            pair = try source.call(method: names[.arrowArray])
        } catch {
            throw error.matches(.attribute) && !source.hasAttribute("__arrow_c_array__") ? noArray(source) : error
        }
        guard pair.isTuple, pair.tupleCount == 2 else {
            throw PythonError(.type, "__arrow_c_array__ must return two capsules, not \(pair.typeName)")
        }
        let exporter = try unsafe ArrowImport.exporter(
            schema: pair.tupleItem(0), array: pair.tupleItem(1), shape: shape, isReadOnly: isReadOnly,
            type: moduleObject(CoreState.foreignMemoryType.rawValue, of: module)
        ) { format in
            let item: ItemFormat =
                if case (let scalar, swapped: false)? = format.scalar { .of(scalar) } else { ItemFormat(format) }
            return (item.exported, item)
        }
        return try unsafe ViewObject.make(types, of: exporter.reference)
    }

    private static func noArray(_ source: ObjectReference) -> PythonError {
        PythonError(
            .type,
            "from_arrow() takes an object with an __arrow_c_array__ method, not \(typeNameOf(source))"
                + (source.hasAttribute("__arrow_c_stream__")
                    ? ", which has arrays in parts: take one of them, or combine them first" : ""))
    }
}

private let fromArrow = Callable(
    "from_arrow", "obj, /, shape=None, *, writable=False",
    """
    Return a View of the memory of an Arrow array, without a copy: of numbers or bytes of fixed width, or of lists of
    fixed size of them, which become further axes.

    obj has an __arrow_c_array__ method, as arrays of pyarrow, nanoarrow and arro3 and images of Pillow have. shape
    gives the same items another shape; one length may be -1. The view keeps the array. Arrow's arrays are immutable,
    and the view is read-only; writable=True writes to them all the same, which makes sense for memory that its library
    changes too, as Pillow does an image's. O(1), and O(items) where nulls may be among them.

    Raises BufferError for arrays with missing items (nulls), for items without a format (truth values, which are single
    bits in Arrow, text, dates, dictionaries), for inconsistent arrays, and for capsules that were used before;
    TypeError for any other object, ValueError for a shape of another size.

    >>> array = swiftbuffer.array([1, 2, 3, 4, 5, 6], 'h')
    >>> swiftbuffer.from_arrow(array, (2, -1)).tolist()
    [[1, 2, 3], [4, 5, 6]]

    Source: the Arrow PyCapsule interface, and Arrow's C data interface.
    """)
