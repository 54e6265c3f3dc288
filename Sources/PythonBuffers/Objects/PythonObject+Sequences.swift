// SPDX-License-Identifier: Apache-2.0
extension PythonObject {
    /// The integers of a sequence, or the one integer of anything with `__index__`: a shape, strides, an index.
    ///
    /// - Throws: `TypeError` for anything else, `OverflowError` beyond a machine word.
    public func integers(_ what: String) throws(PythonError) -> [Int] {
        try unsafe integersOf(reference, what)
    }
}

/// The integers of a sequence, or the one integer of anything with `__index__`.
package func integersOf(_ object: ObjectReference, _ what: String) throws(PythonError) -> [Int] {
    if object.isIndex { return try [intValue(of: object)] }
    guard object.isSequence && !object.isString && !object.isBytes else {
        throw PythonError(
            .type, "\(what) must be an integer or a sequence of integers, not \(typeNameOf(object))")
    }
    // A copy: an `__index__` may change the sequence.
    let tuple = try object.asTuple()
    var integers: [Int] = []
    let count = tuple.tupleCount
    integers.reserveCapacity(count)
    for index in 0..<count {
        let item = unsafe tuple.tupleItem(index)
        guard item.isIndex else {
            throw PythonError(.type, "\(what) must be made of integers, not \(typeNameOf(item))")
        }
        integers.append(try intValue(of: item))
    }
    return integers
}
