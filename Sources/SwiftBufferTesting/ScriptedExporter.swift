// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// An exporter that fills in a `Py_buffer` as Python code says, right or wrong: the base of the recorders, the refusing
/// and the broken exporters of `swiftbuffer.testing`.
///
/// A subclass in Python has a method `_answer(flags, address, token)`, which returns the thirteen ``Field``s, and a
/// method `_released(address, token, known)`. Nothing is checked on purpose. The arrays that an answer points at live
/// until its buffer is released, or as long as the exporter where it never is.
struct ScriptedExporter: ~Copyable {
    /// Read and changed under the lock of the object; the collector stops all other threads.
    private var answers = Answers()

    static let type = TypeDefinition(
        name: "swiftbuffer._testing.ScriptedExporter",
        documentation: "An exporter whose answers are written in Python; the base of those of swiftbuffer.testing.",
        basicSize: Instance<ScriptedExporter>.size,
        flags: [.collected, .subclassable],
        slots: [
            .new { type, _, _ in
                returningObject { () throws(PythonError) in
                    try Instance<ScriptedExporter>.make(of: type, ScriptedExporter())
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

    /// Runs `body`, which runs no Python code, on the answers of an exporter, under its lock.
    private static func withAnswers<Result>(
        of exporter: ObjectReference, _ body: (inout Answers) -> Result
    ) -> Result {
        ObjectLock.holding(exporter) {
            unsafe body(&Instance<ScriptedExporter>.value(in: exporter).pointee.answers)
        }
    }

    /// Drops the references that the answers hold, for the collector: the holders of their buffers are garbage, too.
    private static func forget(_ exporter: ObjectReference) {
        // Dropping one may run Python code, which may release others.
        let live = withAnswers(of: exporter) { Array($0.arrays.values) }
        for arrays in live { arrays.forget() }
    }

    /// Calls `_answer` and fills in what it returns.
    private static func fill(
        _ view: UnsafeMutablePointer<Py_buffer>, of exporter: ObjectReference, _ flags: CInt
    ) throws(PythonError) -> CInt {
        let token = withAnswers(of: exporter) { $0.newToken() }
        let object = PythonObject(borrowing: exporter)
        let place = try unsafe PythonObject(address: view)
        let answer = try call("_answer", of: object, PythonObject(Int(flags)), place, PythonObject(token))
        guard answer.isTuple && answer.tupleCount == Field.allCases.count else {
            throw PythonError(.type, "_answer must return a tuple of \(Field.allCases.count) fields")
        }
        let arrays = try AnswerArrays(answer)
        unsafe view.pointee.buf = try UnsafeMutableRawPointer(bitPattern: answer.number(.buf))
        unsafe view.pointee.len = try answer.number(.len)
        unsafe view.pointee.itemsize = try answer.number(.itemsize)
        unsafe view.pointee.readonly = try CInt(truncatingIfNeeded: answer.number(.readonly))
        unsafe view.pointee.ndim = try CInt(truncatingIfNeeded: answer.number(.ndim))
        unsafe view.pointee.format = arrays.format
        unsafe view.pointee.shape = arrays.shape
        unsafe view.pointee.strides = arrays.strides
        unsafe view.pointee.suboffsets = arrays.suboffsets
        unsafe view.pointee.internal = UnsafeMutableRawPointer(bitPattern: token)
        let status = try answer.number(.status)
        // A refusal is never released, and its exception would keep the frames of the consumer. A status above zero is
        // success to some consumers and failure to others: its arrays stay with the exporter, under a token that no
        // release gives.
        if status >= 0 { withAnswers(of: exporter) { $0.arrays[status == 0 ? token : ~token] = arrays } }
        if let owner = answer.field(.obj) {
            // A refusal leaves a pointer without a reference: a consumer must not use it.
            unsafe view.pointee.obj = owner.pointer
            if status == 0 { _ = unsafe owner.intoPointer() }
        }
        if let error = answer.field(.error) { unsafe PyErr_SetObject(error.type.pointer, error.pointer) }
        return CInt(truncatingIfNeeded: status)
    }

    /// Calls `_released`, for a second release of the same buffer, too.
    private static func release(_ view: UnsafeMutablePointer<Py_buffer>, of exporter: ObjectReference) {
        let token = unsafe Int(bitPattern: view.pointee.internal)
        let arrays = withAnswers(of: exporter) { $0.arrays.removeValue(forKey: token) }
        let object = PythonObject(borrowing: exporter)
        // `PyBuffer_Release` is about to drop a reference that was dropped before.
        if arrays == nil { _ = unsafe object.copy().intoPointer() }
        PythonError.settingPendingAside {
            do throws(PythonError) {
                let place = try unsafe PythonObject(address: view)
                _ = try call("_released", of: object, place, PythonObject(token), PythonObject(arrays != nil))
            } catch {
                // The collector may have emptied the class before, where that is garbage with the exporter.
                let isEmptied = error.matches(.attribute) && !object.hasAttribute("_released")
                if !isEmptied { error.reportUnraisable(in: object) }
            }
        }
    }

    private static func call(
        _ method: String, of exporter: borrowing PythonObject, _ first: consuming PythonObject,
        _ second: consuming PythonObject, _ third: consuming PythonObject
    ) throws(PythonError) -> PythonObject {
        var tuple = try TupleBuilder(capacity: 3)
        tuple.append(first)
        tuple.append(second)
        tuple.append(third)
        return try exporter.attribute(method).call(tuple: tuple.finish())
    }

    /// The order of the fields of an answer.
    enum Field: Int, CaseIterable {
        case buf, obj, len, itemsize, readonly, ndim, format, shape, strides, suboffsets, status, error, keep
    }

    /// The answers whose buffers have not been released, by the token in `internal`.
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

extension PythonObject {
    /// A field of an answer; `nil` where it is `None`.
    fileprivate func field(_ field: ScriptedExporter.Field) -> PythonObject? {
        let object = unsafe tupleItem(field.rawValue)
        if object.isNone { return nil }
        return PythonObject(borrowing: object)
    }

    /// A field that is a number, 0 where it is `None`.
    fileprivate func number(_ field: ScriptedExporter.Field) throws(PythonError) -> Int {
        guard let object = self.field(field) else { return 0 }
        // Addresses are unsigned and lengths signed; both are one machine word.
        return try object.machineWord()
    }
}

/// The arrays and the text that a `Py_buffer` points at; NULL where the answer says None.
@safe
private final class AnswerArrays: @unchecked Sendable {
    private let shapeValues: StableValues<Int>?
    private let stridesValues: StableValues<Int>?
    private let suboffsetsValues: StableValues<Int>?
    private let text: StableValues<CChar>?
    /// What keeps the memory of the answer, alive as long as this; `nil` once the collector has found it to be garbage.
    private var answer: PythonObject?

    init(_ answer: borrowing PythonObject) throws(PythonError) {
        self.answer = answer.copy()
        shapeValues = try Self.numbers(answer, .shape)
        stridesValues = try Self.numbers(answer, .strides)
        suboffsetsValues = try Self.numbers(answer, .suboffsets)
        guard let format = answer.field(.format) else {
            text = nil
            return
        }
        // An exporter may write bytes there that are not text.
        text = try format.isBytes ? StableValues(Self.characters(format), padding: 0) : StableValues(format.string())
    }

    var shape: UnsafeMutablePointer<Int>? { unsafe shapeValues?.start }
    var strides: UnsafeMutablePointer<Int>? { unsafe stridesValues?.start }
    var suboffsets: UnsafeMutablePointer<Int>? { unsafe suboffsetsValues?.start }
    var format: UnsafeMutablePointer<CChar>? { unsafe text?.start }

    func visit(_ visitor: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
        unsafe PythonBuffers.visit(answer?.reference, visitor, context)
    }

    /// Drops the reference to the answer. The arrays stay: the buffer that points at them is released later.
    func forget() {
        let dropped = answer.take()
        _ = consume dropped
    }

    /// The bytes of a `bytes` object, with a NUL behind them.
    private static func characters(_ bytes: borrowing PythonObject) -> [CChar] {
        unsafe bytes.contents.withUnsafeBytes { unsafe $0.map { CChar(bitPattern: $0) } + [0] }
    }

    private static func numbers(
        _ answer: borrowing PythonObject, _ field: ScriptedExporter.Field
    ) throws(PythonError) -> StableValues<Int>? {
        guard let values = try answer.field(field)?.integers("\(field)") else { return nil }
        // A consumer that believes a wrong number of dimensions finds zeros behind the values, not memory of others.
        return StableValues(values, capacity: TestFlags.maximumDimensions, padding: 0)
    }
}
