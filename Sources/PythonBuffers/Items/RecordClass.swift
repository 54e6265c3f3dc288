internal import BufferLayout
internal import CPython
public import CPythonShims

/// The class of a structure's records, kept with the parsed format: a named tuple that pickle finds again.
///
/// A format that several interpreters share keeps the class of the one that came first; the others look theirs up each
/// time.
@safe
final class RecordClass: FormatCompanion, @unchecked Sendable {
    private let interpreter: Int64
    private let type: ObjectReference

    private init(_ type: consuming PythonObject) {
        interpreter = unsafe PyInterpreterState_GetID(PyInterpreterState_Get())
        self.type = unsafe ObjectReference(pointer: type.intoPointer())
    }

    deinit {
        // A format that ends elsewhere, as one of an author's may, leaves the class to its interpreter.
        if sb_is_attached_to(interpreter) != 0 { unsafe sb_decref(type.pointer) }
    }

    /// The class of the records of a format with names, for this interpreter.
    static func of(_ format: Format) throws(PythonError) -> PythonObject {
        if let companion = format.companion, Swift.type(of: companion) == RecordClass.self {
            let known = unsafe unsafeDowncast(companion, to: RecordClass.self)
            if unsafe known.interpreter == PyInterpreterState_GetID(PyInterpreterState_Get()) {
                return PythonObject(borrowing: known.type)
            }
        }
        let names = format.names ?? []
        let tuple = try unsafe PythonObject(result: PyTuple_New(names.count))
        for (index, name) in names.enumerated() {
            unsafe sb_tuple_set(tuple.pointer, index, try PythonObject(name).intoPointer())
        }
        let type = try named(tuple)
        format.keep(RecordClass(type.copy()))
        return type
    }

    /// The class with these names of fields.
    ///
    /// Making one takes as long as reading a hundred records, and formats are parsed anew with each buffer: so each
    /// interpreter keeps the classes that it has made, up to ``maximumCount``.
    static func named(_ names: borrowing PythonObject) throws(PythonError) -> PythonObject {
        let classes = try kept()
        if let known = try lookUp(names, in: classes) { return known }
        let made = try make(names)
        // Renamed fields are their own names when a record comes back from a pickle.
        let fields = try unsafe PythonObject(result: PyObject_GetAttrString(made.pointer, "_fields"))
        if let earlier = try lookUp(fields, in: classes) { return try keep(earlier, fields, names, in: classes) }
        return try keep(made, fields, names, in: classes)
    }

    private static func keep(
        _ type: consuming PythonObject, _ fields: borrowing PythonObject, _ names: borrowing PythonObject,
        in classes: borrowing PythonObject
    ) throws(PythonError) -> PythonObject {
        if unsafe PyDict_Size(classes.pointer) >= maximumCount { unsafe PyDict_Clear(classes.pointer) }
        // Another thread may have been first.
        if unsafe PyDict_SetDefault(classes.pointer, fields.pointer, type.pointer) == nil
            || PyDict_SetDefault(classes.pointer, names.pointer, type.pointer) == nil
        {
            throw PythonError.pending()
        }
        return type
    }

    private static let maximumCount = 512

    private static func lookUp(
        _ key: borrowing PythonObject, in classes: borrowing PythonObject
    ) throws(PythonError) -> PythonObject? {
        if let known = unsafe sb_dict_item(classes.pointer, key.pointer) { return unsafe PythonObject(owning: known) }
        if unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
        return nil
    }

    private static func make(_ names: borrowing PythonObject) throws(PythonError) -> PythonObject {
        let collections = try unsafe PythonObject(result: PyImport_ImportModule("collections"))
        let function = try unsafe PythonObject(result: PyObject_GetAttrString(collections.pointer, "namedtuple"))
        let keywords = try unsafe PythonObject(result: PyDict_New())
        let module = try PythonObject("swiftbuffer")
        // Names that are no Python identifiers, or stand twice, become _0, _1 and so on.
        if unsafe PyDict_SetItemString(keywords.pointer, "rename", sb_true()) < 0
            || PyDict_SetItemString(keywords.pointer, "module", module.pointer) < 0
        {
            throw PythonError.pending()
        }
        let arguments = try unsafe PythonObject(result: PyTuple_New(2))
        unsafe sb_tuple_set(arguments.pointer, 0, try PythonObject("Record").intoPointer())
        unsafe sb_tuple_set(arguments.pointer, 1, names.copy().intoPointer())
        let type = try unsafe PythonObject(result: PyObject_Call(function.pointer, arguments.pointer, keywords.pointer))
        let reduce = try unsafe PythonObject(
            result: PyDescr_NewMethod(
                type.typePointer, reduceMethod))
        if unsafe PyObject_SetAttrString(type.pointer, "__reduce__", reduce.pointer) < 0 { throw PythonError.pending() }
        return type
    }

    /// The classes of this interpreter, by their names.
    private static func kept() throws(PythonError) -> PythonObject {
        guard let state = unsafe PyInterpreterState_GetDict(PyInterpreterState_Get()) else {
            throw PythonError(.runtime, "this interpreter has no room for its extensions")
        }
        // Named after what stands in it, which other versions of this library may not share.
        let key = try PythonObject("swiftbuffer.records.2")
        if let known = unsafe PyDict_GetItemWithError(state, key.pointer) {
            return unsafe PythonObject(borrowing: ObjectReference(pointer: known))
        }
        if unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
        let classes = try unsafe PythonObject(result: PyDict_New())
        guard let kept = unsafe PyDict_SetDefault(state, key.pointer, classes.pointer) else {
            throw PythonError.pending()
        }
        return unsafe PythonObject(borrowing: ObjectReference(pointer: kept))
    }

    nonisolated(unsafe) private static let reduceMethod = unsafe MethodDefinition.table(
        [
            reduce.method {
                reduce.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let module = try unsafe PythonObject(result: PyImport_ImportModule("swiftbuffer._core"))
                    let function = try unsafe PythonObject(result: PyObject_GetAttrString(module.pointer, "_record"))
                    let arguments = try unsafe PythonObject(result: PyTuple_New(2))
                    let names = try unsafe PythonObject(
                        result: PyObject_GetAttrString(call.receiver.pointer, "_fields"))
                    unsafe sb_tuple_set(arguments.pointer, 0, names.intoPointer())
                    let values = try unsafe PythonObject(result: PySequence_Tuple(call.receiver.pointer))
                    unsafe sb_tuple_set(arguments.pointer, 1, values.intoPointer())
                    let result = try unsafe PythonObject(result: PyTuple_New(2))
                    unsafe sb_tuple_set(result.pointer, 0, function.intoPointer())
                    unsafe sb_tuple_set(result.pointer, 1, arguments.intoPointer())
                    return result
                }
            }
        ], receiver: "$self")
}

private let reduce = Callable("__reduce__", "", "Return the names and the values, for pickle and copy.")

/// The record with these names of fields and these values: what a pickled one comes back as.
///
/// - Throws: `TypeError` unless both are tuples, names of `str`; `ValueError` where they differ in length.
public func record(names: ObjectReference, values: ObjectReference) throws(PythonError) -> PythonObject {
    guard names.isTuple && values.isTuple else {
        throw PythonError(.type, "a record is made of a tuple of names and a tuple of values")
    }
    guard names.tupleCount == values.tupleCount else {
        throw PythonError(
            .value,
            "\(names.tupleCount) names and \(values.tupleCount) values make no record")
    }
    let type = try RecordClass.named(PythonObject(borrowing: names))
    let make = try unsafe PythonObject(result: PyObject_GetAttrString(type.pointer, "_make"))
    return try unsafe PythonObject(result: PyObject_CallOneArg(make.pointer, values.pointer))
}
