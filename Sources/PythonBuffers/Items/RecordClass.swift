// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims

/// The class of the records of a format, kept with the parsed format: a named tuple that pickle can load.
///
/// A format that several interpreters share keeps the class of the first one; the others look theirs up each time.
@safe
final class RecordClass: FormatCompanion, @unchecked Sendable {
    private let interpreter: Int64
    private let type: ObjectReference

    private init(_ type: consuming PythonObject) {
        interpreter = sb_attached_interpreter()
        self.type = unsafe ObjectReference(pointer: type.intoPointer())
    }

    deinit {
        // A Swift program may drop a format where its interpreter is not attached: the class is leaked then.
        if sb_attached_interpreter() == interpreter { unsafe sb_decref(type.pointer) }
    }

    /// The class of the records of a format with names, for this interpreter.
    static func of(_ format: Format) throws(PythonError) -> PythonObject {
        if let known = kept(with: format) { return known }
        let names = format.names ?? []
        var tuple = try TupleBuilder(capacity: names.count)
        for name in names { tuple.append(try PythonObject(name)) }
        let type = try named(tuple.finish())
        format.keep(RecordClass(type.copy()))
        // Another thread may have been first.
        if let known = kept(with: format) { return known }
        return type
    }

    private static func kept(with format: Format) -> PythonObject? {
        guard let companion = format.companion, Swift.type(of: companion) == RecordClass.self else { return nil }
        let known = unsafe unsafeDowncast(companion, to: RecordClass.self)
        guard known.interpreter == sb_attached_interpreter() else { return nil }
        return PythonObject(borrowing: known.type)
    }

    /// The class with these names of fields: one for equal names where there is a ``RecordClassTable``, otherwise a new
    /// one.
    static func named(_ names: borrowing PythonObject) throws(PythonError) -> PythonObject {
        guard let table = RecordClassTable.current() else { return try make(names) }
        if let known = try table.type(names) { return known }
        let made = try make(names)
        // Renamed fields are their own names when a record is loaded from a pickle.
        let fields = try made.attribute("_fields")
        return try table.keep(made, fields, names)
    }

    private static func make(_ names: borrowing PythonObject) throws(PythonError) -> PythonObject {
        let function = try PythonObject(importing: "collections").attribute("namedtuple")
        let keywords = try PythonObject(emptyDictionary: ())
        // A name that is not a Python identifier, or occurs twice, becomes _0, _1 and so on.
        try keywords.setValue(PythonObject(true), at: PythonObject("rename"))
        try keywords.setValue(PythonObject("swiftbuffer"), at: PythonObject("module"))
        let arguments = try PythonObject(pair: PythonObject("Record"), names.copy())
        let type = try unsafe PythonObject(result: PyObject_Call(function.pointer, arguments.pointer, keywords.pointer))
        let reduce = try unsafe PythonObject(
            result: PyDescr_NewMethod(type.typePointer, reduceMethod))
        if unsafe PyObject_SetAttrString(type.pointer, "__reduce__", reduce.pointer) < 0 { throw PythonError.pending() }
        unsafe sb_own_record_class(type.typePointer)
        return type
    }

    nonisolated(unsafe) private static let reduceMethod = unsafe MethodDefinition.table(
        [
            reduce.method {
                reduce.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let function = try PythonObject(importing: "swiftbuffer._core").attribute("_record")
                    let names = try PythonObject(borrowing: call.receiver).attribute("_fields")
                    return try PythonObject(pair: function, PythonObject(pair: names, call.receiver.asTuple()))
                }
            }
        ], receiver: "$self")
}

private let reduce = Callable("__reduce__", "", "Return the names and the values, for pickle and copy.")

/// The record with these names of fields and these values: what a pickled record is loaded by.
///
/// - Throws: `TypeError` unless both are tuples, names of `str`; `ValueError` where they differ in length.
package func record(names: ObjectReference, values: ObjectReference) throws(PythonError) -> PythonObject {
    guard names.isTuple && values.isTuple else {
        throw PythonError(
            .type,
            "a record takes a tuple of names and a tuple of values, not \(names.typeName) and \(values.typeName)")
    }
    guard names.tupleCount == values.tupleCount else {
        throw PythonError(
            .value,
            "a record takes as many values as names, not \(values.tupleCount) values and \(names.tupleCount) names")
    }
    let type = try RecordClass.named(PythonObject(borrowing: names))
    return try type.attribute("_make").call(values)
}
