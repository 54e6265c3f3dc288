internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What stands behind `swiftbuffer.trace_exports`: while it is on, the functions by which an `Array` and a `View` export
/// are exchanged for ones that tell a tracer, an object of Python's, of each export and its end. While it is off, nothing
/// is done for it.
enum ExportTracing {
    nonisolated(unsafe) static let functions: [MethodDefinition] =
        [
            setTracer.method {
                setTracer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try set(call.optional(0), for: call.receiver)
                    return .none
                }
            }
        ]

    private static func set(_ tracer: ObjectReference?, for module: ObjectReference) throws(PythonError) {
        let types = try ViewTypes(for: module)
        let place = unsafe types.state + CoreState.exportTracer.rawValue
        // The tracer stays when tracing ends: another thread may be about to tell it something.
        let old = unsafe place.pointee
        if let tracer, old.map({ $0 == tracer }) != true {
            unsafe place.pointee = ObjectReference(pointer: PythonObject(borrowing: tracer).intoPointer())
            if let old { unsafe sb_decref(old.pointer) }
        }
        let exporters: [CoreState] = [
            .arrayType, .singleItemArrayType, .adoptingArrayType, .adoptingSingleItemArrayType, .viewType,
            .singleItemViewType,
        ]
        for type in exporters {
            guard let type = unsafe types.state[type.rawValue] else { continue }
            unsafe exchange(of: typeObject(type), isTraced: tracer != nil)
        }
    }

    /// Exchanges the functions by which a type exports.
    private static func exchange(of type: UnsafeMutablePointer<PyTypeObject>, isTraced: Bool) {
        if isTraced {
            unsafe sb_set_buffer_slots(type, swiftbuffer_traced_getbuffer, swiftbuffer_traced_releasebuffer)
        } else {
            unsafe sb_set_buffer_slots(type, exportBuffer, releaseExport)
        }
    }

    /// The tracer, where there is one.
    private static func tracer(for object: ObjectReference) -> PythonObject? {
        unsafe ModuleState.objects(for: object)?[CoreState.exportTracer.rawValue].map {
            PythonObject(borrowing: $0)
        }
    }

    /// What an error says of the exports of an object that stand; nothing while tracing is off.
    static func standing(of object: ObjectReference) -> String {
        guard unsafe sb_has_getbuffer(sb_type(object.pointer), swiftbuffer_traced_getbuffer) != 0,
            let tracer = tracer(for: object)
        else { return "" }
        do throws(PythonError) {
            let method = try unsafe PythonObject(result: PyObject_GetAttrString(tracer.pointer, "standing"))
            let text = try unsafe PythonObject(result: PyObject_CallOneArg(method.pointer, object.pointer))
            return try text.string()
        } catch {
            // What is wrong with the exports is worth more than what is wrong with the tracer.
            return ""
        }
    }

    /// Tells the tracer of a new export, and keeps the number that it gives in the field that belongs to the exporter.
    fileprivate static func acquired(_ exporter: ObjectReference, _ view: UnsafeMutablePointer<Py_buffer>) {
        guard let tracer = tracer(for: exporter) else { return }
        do throws(PythonError) {
            let method = try unsafe PythonObject(result: PyObject_GetAttrString(tracer.pointer, "acquired"))
            let address = try unsafe PythonObject(result: PyLong_FromVoidPtr(exporter.pointer))
            let number = try unsafe PythonObject(result: PyObject_CallOneArg(method.pointer, address.pointer))
            unsafe view.pointee.internal = UnsafeMutableRawPointer(bitPattern: try number.int())
        } catch {
            error.raise()
            unsafe PyErr_WriteUnraisable(tracer.pointer)
        }
    }

    /// Tells the tracer that an export has ended.
    fileprivate static func released(_ exporter: ObjectReference, _ number: UnsafeMutableRawPointer) {
        guard let tracer = tracer(for: exporter) else { return }
        // A buffer may be released while an exception is on its way.
        let underway = unsafe sb_take_exception()
        do throws(PythonError) {
            let method = try unsafe PythonObject(result: PyObject_GetAttrString(tracer.pointer, "released"))
            let number = try unsafe PythonObject(result: PyLong_FromVoidPtr(number))
            _ = try unsafe PythonObject(result: PyObject_CallOneArg(method.pointer, number.pointer))
        } catch {
            error.raise()
            unsafe PyErr_WriteUnraisable(tracer.pointer)
        }
        if let underway = unsafe underway { unsafe sb_put_exception(underway) }
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c func swiftbuffer_traced_getbuffer(
    _ exporter: UnsafeMutablePointer<PyObject>?, _ view: UnsafeMutablePointer<Py_buffer>?, _ flags: CInt
) -> CInt {
    let status = unsafe exportBuffer(exporter, view, flags)
    if status == 0, let exporter = unsafe exporter, let view = unsafe view {
        unsafe ExportTracing.acquired(ObjectReference(pointer: exporter), view)
    }
    return status
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c func swiftbuffer_traced_releasebuffer(
    _ exporter: UnsafeMutablePointer<PyObject>?, _ view: UnsafeMutablePointer<Py_buffer>?
) {
    let number = unsafe view?.pointee.internal
    unsafe releaseExport(exporter, view)
    if let exporter = unsafe exporter, let number = unsafe number {
        unsafe ExportTracing.released(ObjectReference(pointer: exporter), number)
    }
}

private let setTracer = Callable(
    "_trace_exports", "tracer, /", "Report the exports of arrays and views to an object from now on; None ends it.")
