// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The implementation of `swiftbuffer.trace_exports`: while it is on, the functions by which an `Array` and a `View` export
/// are exchanged for ones that report each export and its end to a tracer, a Python object. While it is off, it costs
/// nothing.
enum ExportTracing {
    static let functions: [MethodDefinition] =
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
        // The tracer stays when tracing ends: another thread may be about to report to it.
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
            unsafe exchange(of: type.typePointer, isTraced: tracer != nil)
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

    /// The text with which an error lists the outstanding exports of an object; empty while tracing is off.
    static func standing(of object: ObjectReference) -> String {
        guard unsafe sb_has_getbuffer(sb_type(object.pointer), swiftbuffer_traced_getbuffer) != 0,
            let tracer = tracer(for: object)
        else { return "" }
        do throws(PythonError) {
            return try tracer.attribute("standing").call(object).string()
        } catch {
            // The error that this text belongs to matters more than that of the tracer.
            return ""
        }
    }

    /// Reports a new export to the tracer, and keeps the number that it returns in the field that belongs to the exporter.
    fileprivate static func acquired(_ exporter: ObjectReference, _ view: UnsafeMutablePointer<Py_buffer>) {
        guard let tracer = tracer(for: exporter) else { return }
        do throws(PythonError) {
            let address = try unsafe PythonObject(address: exporter.pointer)
            let number = try tracer.attribute("acquired").call(address)
            unsafe view.pointee.internal = UnsafeMutableRawPointer(bitPattern: try number.int())
        } catch {
            error.reportUnraisable(in: tracer)
        }
    }

    /// Reports to the tracer that an export has ended.
    fileprivate static func released(_ exporter: ObjectReference, _ number: UnsafeMutableRawPointer) {
        guard let tracer = tracer(for: exporter) else { return }
        PythonError.settingPendingAside {
            do throws(PythonError) {
                _ = try tracer.attribute("released").call(unsafe PythonObject(address: number))
            } catch {
                error.reportUnraisable(in: tracer)
            }
        }
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
