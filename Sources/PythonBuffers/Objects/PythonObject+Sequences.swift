internal import CPython
internal import CPythonShims

extension PythonObject {
    /// The integers of a sequence, or the one integer of anything with `__index__`: a shape, strides, an index.
    ///
    /// - Throws: `TypeError` for anything else, `OverflowError` beyond a machine word.
    public func integers(_ what: String) throws(PythonError) -> [Int] {
        try unsafe integersOf(pointer, what)
    }
}

/// The integers of a sequence, or the one integer of anything with `__index__`.
public func integersOf(_ object: ObjectPointer, _ what: String) throws(PythonError) -> [Int] {
    if unsafe PyIndex_Check(object) != 0 { return try unsafe [intValue(of: object)] }
    guard unsafe PySequence_Check(object) != 0 && sb_is_str(object) == 0 && sb_is_bytes(object) == 0 else {
        throw PythonError(
            .type, "\(what) must be an integer or a sequence of integers, not \(unsafe typeNameOf(object))")
    }
    // A tuple of its own: an `__index__` may change the sequence that it stands in.
    let tuple = try unsafe PythonObject(result: PySequence_Tuple(object))
    var integers: [Int] = []
    let count = unsafe sb_tuple_count(tuple.pointer)
    integers.reserveCapacity(count)
    for index in 0..<count {
        let item = unsafe sb_tuple_item(tuple.pointer, index)
        guard unsafe PyIndex_Check(item) != 0 else {
            throw PythonError(.type, "\(what) must be made of integers, not \(unsafe typeNameOf(item))")
        }
        integers.append(try unsafe intValue(of: item))
    }
    return integers
}
