internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// An exporter that fills in a `Py_buffer` as Python code tells it, right or wrong: what the recorders, the refusing
/// and the broken exporters of `swiftbuffer.testing` derive from.
///
/// A subclass in Python has a method `_answer(flags, address, token)`, which returns the thirteen ``Field``s, and a
/// method `_released(address, token, known)`. Nothing is checked on purpose. The arrays that an answer points at live
/// until it is released, or as long as the exporter where nobody releases it.
struct ScriptedExporter: ~Copyable {
    /// Read and changed under the lock of the object; the collector stops everybody else.
    private var answers = Answers()

    nonisolated(unsafe) static let type = TypeDefinition(
        name: "swiftbuffer._testing.ScriptedExporter",
        documentation: "An exporter whose answers are written in Python; the base of those in swiftbuffer.testing.",
        basicSize: Instance<ScriptedExporter>.size,
        flags: [.collected, .subclassable],
        slots: [
            .new { type, _, _ in
                returningObject { () throws(PythonError) in
                    let type = unsafe UnsafeMutableRawPointer(type.pointer).assumingMemoryBound(to: PyObject.self)
                    return try unsafe Instance<ScriptedExporter>.make(
                        of: ObjectReference(pointer: type), ScriptedExporter())
                }
            },
            .deallocate { Instance<ScriptedExporter>.deallocate($0) },
            unsafe .traverse { object, visitor, context in
                let status = unsafe visitType(of: object, visitor, context)
                if status != 0 { return status }
                return unsafe Instance<ScriptedExporter>.value(in: object).pointee.answers.visit(visitor, context)
            },
            .clear { object in
                forget(object)
                return 0
            },
            unsafe .buffer { exporter, view, flags in
                guard let exporter = unsafe exporter, let view = unsafe view else { return -1 }
                unsafe view.pointee.obj = nil
                return returningInteger { () throws(PythonError) in
                    try unsafe fill(view, of: ObjectReference(pointer: exporter), flags)
                }
            },
            unsafe .releaseBuffer { exporter, view in
                guard let exporter = unsafe exporter, let view = unsafe view else { return }
                unsafe release(view, of: ObjectReference(pointer: exporter))
            },
        ])

    /// Runs `body`, which runs no Python code, on the answers of an exporter that no other thread looks at meanwhile.
    private static func withAnswers<Result>(
        of exporter: ObjectReference, _ body: (inout Answers) -> Result
    ) -> Result {
        ObjectLock.holding(exporter) {
            unsafe body(&Instance<ScriptedExporter>.value(in: exporter).pointee.answers)
        }
    }

    /// Drops the references that the answers hold, for the collector: whoever has a buffer is garbage, too.
    private static func forget(_ exporter: ObjectReference) {
        // Dropping one may run Python code, which may release others.
        let live = withAnswers(of: exporter) { Array($0.arrays.values) }
        for arrays in live { arrays.forget() }
    }

    /// Asks Python and does what it says.
    private static func fill(
        _ view: UnsafeMutablePointer<Py_buffer>, of exporter: ObjectReference, _ flags: CInt
    ) throws(PythonError) -> CInt {
        let token = withAnswers(of: exporter) { $0.newToken() }
        let answer = try call(
            "_answer", of: exporter, PythonObject(Int(flags)), PythonObject(Int(bitPattern: view)), PythonObject(token))
        guard answer.reference.isTuple && answer.tupleCount == Field.allCases.count else {
            throw PythonError(.type, "_answer must return a tuple of \(Field.allCases.count) fields")
        }
        let arrays = try AnswerArrays(answer)
        unsafe view.pointee.buf = try UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: number(answer, .buf)))
        unsafe view.pointee.len = try number(answer, .len)
        unsafe view.pointee.itemsize = try number(answer, .itemsize)
        unsafe view.pointee.readonly = try CInt(truncatingIfNeeded: number(answer, .readonly))
        unsafe view.pointee.ndim = try CInt(truncatingIfNeeded: number(answer, .ndim))
        unsafe view.pointee.format = arrays.format
        unsafe view.pointee.shape = arrays.shape
        unsafe view.pointee.strides = arrays.strides
        unsafe view.pointee.suboffsets = arrays.suboffsets
        unsafe view.pointee.internal = UnsafeMutableRawPointer(bitPattern: token)
        let status = try number(answer, .status)
        // Nobody releases a refusal, whose exception would keep the frames of whoever asked. A status above zero is success
        // to some and failure to others: what it describes stays with the exporter, under a token that nobody gives back.
        if status >= 0 { withAnswers(of: exporter) { $0.arrays[status == 0 ? token : ~token] = arrays } }
        let object = Self.field(answer, .obj)
        if !object.isNone {
            // What a refusal leaves behind belongs to nobody: a consumer must not touch it.
            if status == 0 { unsafe sb_incref(object.pointer) }
            unsafe view.pointee.obj = object.pointer
        }
        let error = Self.field(answer, .error)
        if !error.isNone {
            unsafe PyErr_SetObject(
                UnsafeMutableRawPointer(sb_type(error.pointer)).assumingMemoryBound(to: PyObject.self), error.pointer)
        }
        return CInt(truncatingIfNeeded: status)
    }

    /// Tells Python, which may be told of the same answer twice.
    private static func release(_ view: UnsafeMutablePointer<Py_buffer>, of exporter: ObjectReference) {
        let token = unsafe Int(bitPattern: view.pointee.internal)
        let arrays = withAnswers(of: exporter) { $0.arrays.removeValue(forKey: token) }
        // `PyBuffer_Release` is about to drop a reference that is gone already.
        if arrays == nil { unsafe sb_incref(exporter.pointer) }
        // A buffer may be released while an exception is on its way.
        let underway = unsafe sb_take_exception()
        do {
            _ = try call(
                "_released", of: exporter, PythonObject(Int(bitPattern: view)), PythonObject(token),
                PythonObject(arrays != nil))
        } catch {
            // The collector may have emptied the class before, where that is garbage with the exporter.
            if unsafe !error.matches(.attribute) || PyObject_HasAttrString(exporter.pointer, "_released") != 0 {
                error.raise()
                unsafe PyErr_WriteUnraisable(exporter.pointer)
            }
        }
        if let underway = unsafe underway { unsafe sb_put_exception(underway) }
    }

    private static func call(
        _ method: String, of exporter: ObjectReference, _ first: consuming PythonObject,
        _ second: consuming PythonObject, _ third: consuming PythonObject
    ) throws(PythonError) -> PythonObject {
        let function = try unsafe PythonObject(
            result: method.withCString { unsafe PyObject_GetAttrString(exporter.pointer, $0) })
        let arguments = try unsafe PythonObject(result: PyTuple_New(3))
        unsafe sb_tuple_set(arguments.pointer, 0, first.intoPointer())
        unsafe sb_tuple_set(arguments.pointer, 1, second.intoPointer())
        unsafe sb_tuple_set(arguments.pointer, 2, third.intoPointer())
        return try unsafe PythonObject(result: PyObject_CallObject(function.pointer, arguments.pointer))
    }

    private static func field(_ answer: borrowing PythonObject, _ field: Field) -> ObjectReference {
        answer.reference.tupleItem(field.rawValue)
    }

    private static func number(_ answer: borrowing PythonObject, _ field: Field) throws(PythonError) -> Int {
        let object = Self.field(answer, field)
        if object.isNone { return 0 }
        let number = try unsafe PythonObject(result: PyNumber_Index(object.pointer))
        // Addresses are unsigned and lengths signed; both are one machine word.
        let value = unsafe PyLong_AsUnsignedLongMask(number.pointer)
        if unsafe value == .max && PyErr_Occurred() != nil { throw PythonError.pending() }
        return Int(bitPattern: value)
    }

    /// The order of the fields of an answer.
    enum Field: Int, CaseIterable {
        case buf, obj, len, itemsize, readonly, ndim, format, shape, strides, suboffsets, status, error, keep
    }

    /// The answers that nobody has released yet, by the token in `internal`.
    private struct Answers: ~Copyable {
        var arrays: [Int: AnswerArrays] = [:]
        private var last = 0

        mutating func newToken() -> Int {
            last += 1
            return last
        }

        /// Shows the collector what the answers keep.
        func visit(_ visitor: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
            for kept in arrays.values {
                let status = unsafe kept.visit(visitor, context)
                if status != 0 { return status }
            }
            return 0
        }
    }
}

/// The arrays and the text that a `Py_buffer` points at; NULL where the answer says None.
@safe
private final class AnswerArrays: @unchecked Sendable {
    private(set) var shape: UnsafeMutablePointer<Int>?
    private(set) var strides: UnsafeMutablePointer<Int>?
    private(set) var suboffsets: UnsafeMutablePointer<Int>?
    private(set) var format: UnsafeMutablePointer<CChar>?
    /// What the answer's memory belongs to, alive as long as this; `nil` once the collector has found it to be garbage.
    private var answer: PythonObject?

    init(_ answer: borrowing PythonObject) throws(PythonError) {
        self.answer = answer.copy()
        unsafe shape = try Self.numbers(answer, .shape)
        unsafe strides = try Self.numbers(answer, .strides)
        unsafe suboffsets = try Self.numbers(answer, .suboffsets)
        let text = answer.reference.tupleItem(ScriptedExporter.Field.format.rawValue)
        if !text.isNone {
            // An exporter may write bytes there that are not text.
            let isBytes = text.isBytes
            let characters = try isBytes ? Self.characters(text) : stringValue(of: text).utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
            for (index, character) in characters.enumerated() { unsafe (copy + index).initialize(to: character) }
            unsafe format = copy
        }
    }

    deinit {
        unsafe shape?.deallocate()
        unsafe strides?.deallocate()
        unsafe suboffsets?.deallocate()
        unsafe format?.deallocate()
    }

    func visit(_ visitor: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
        unsafe PythonBuffers.visit(answer?.reference, visitor, context)
    }

    /// Drops the reference to the answer. The arrays stay: the buffer that points at them is released later.
    func forget() {
        let dropped = answer.take()
        _ = consume dropped
    }

    /// The bytes of a `bytes` object, with a NUL behind them.
    private static func characters(_ bytes: ObjectReference) -> ContiguousArray<CChar> {
        // A `bytes` object keeps a NUL behind its bytes, and its characters stay while the answer holds it.
        unsafe ContiguousArray(
            UnsafeBufferPointer(start: sb_bytes_address(bytes.pointer), count: sb_bytes_count(bytes.pointer) + 1))
    }

    private static func numbers(
        _ answer: borrowing PythonObject, _ field: ScriptedExporter.Field
    ) throws(PythonError) -> UnsafeMutablePointer<Int>? {
        let object = answer.reference.tupleItem(field.rawValue)
        if object.isNone { return nil }
        let values = try integersOf(object, "\(field)")
        // Who believes a number of dimensions that is wrong finds zeros behind the values, not somebody else's memory.
        let room = max(values.count, TestFlags.maximumDimensions)
        let copy = UnsafeMutablePointer<Int>.allocate(capacity: room)
        unsafe copy.initialize(repeating: 0, count: room)
        for (index, value) in values.enumerated() { unsafe copy[index] = value }
        return unsafe copy
    }
}
