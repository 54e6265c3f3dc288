internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What users of NumPy ask memory for that it does not have: names and operators whose errors say where they are.
///
/// The names are attributes that raise `AttributeError`, so that `hasattr` is false and the attributes that there are
/// cost no more than without them.
enum NumPyNames {
    private static let names: [StaticString] = [
        "all", "any", "argmax", "argmin", "argpartition", "argsort", "choose", "clip", "compress", "conj", "conjugate",
        "cumprod", "cumsum", "diagonal", "dot", "dtype", "flat", "imag", "max", "mean", "min", "nonzero", "partition",
        "prod", "put", "real", "repeat", "round", "searchsorted", "sort", "std", "sum", "take", "trace", "var",
    ]

    nonisolated(unsafe) static let properties: [PropertyDefinition] = names.indices.map { index in
        unsafe PropertyDefinition(
            names[index],
            """
            Not offered: numpy.asarray(memory).\(names[index]) has it, on the same memory without a copy.

            >>> hasattr(swiftbuffer.zeros(3), '\(names[index])')
            False
            """, context: index
        ) { object, context in
            unsafe returningObject { () throws(PythonError) in
                let name = names[Int(bitPattern: context)]
                throw PythonError(
                    .attribute,
                    "'\(unsafe typeNameOf(object!))' object has no attribute '\(name)'; numpy.asarray(memory).\(name) "
                        + "has it, on the same memory without a copy")
            }
        }
    }

    /// Every operator but `*`, which arrays have.
    nonisolated(unsafe) static let slots: [TypeSlot] =
        unsafe [
            .binary(.add) { unsafe refuse($0, .add, $1) },
            unsafe .binary(.subtract) { unsafe refuse($0, .subtract, $1) },
            unsafe .binary(.divide) { unsafe refuse($0, .divide, $1) },
            unsafe .binary(.floorDivide) { unsafe refuse($0, .floorDivide, $1) },
            unsafe .binary(.remainder) { unsafe refuse($0, .remainder, $1) },
            unsafe .binary(.matrixMultiply) { unsafe refuse($0, .matrixMultiply, $1) },
            unsafe .binary(.and) { unsafe refuse($0, .and, $1) },
            unsafe .binary(.or) { unsafe refuse($0, .or, $1) },
            unsafe .binary(.exclusiveOr) { unsafe refuse($0, .exclusiveOr, $1) },
            unsafe .binary(.shiftLeft) { unsafe refuse($0, .shiftLeft, $1) },
            unsafe .binary(.shiftRight) { unsafe refuse($0, .shiftRight, $1) },
            unsafe .power { left, right, _ in unsafe refuse(left, .power, right) },
        ]

    static func refuse(
        _ left: ObjectPointer?, _ operation: BinaryOperator, _ right: ObjectPointer?
    ) -> ObjectPointer? {
        unsafe returningObject { () throws(PythonError) in
            guard let left = unsafe left, let right = unsafe right, unsafe operation.isOurs(left, right) else {
                return .notImplemented
            }
            throw unsafe unsupported(left, operation.symbol, right)
        }
    }

    static func unsupported(_ left: ObjectPointer, _ symbol: String, _ right: ObjectPointer) -> PythonError {
        PythonError(
            .type,
            "unsupported operand types for \(symbol): '\(unsafe typeNameOf(left))' and '\(unsafe typeNameOf(right))'; "
                + "numpy.asarray(memory) \(symbol) ... computes with the items, on the same memory without a copy")
    }

    /// The error for `<`, `<=`, `>` and `>=`; `nil` where the other operand may know an answer.
    static func unordered(_ memory: ObjectPointer, _ other: ObjectPointer, _ operation: CInt) -> PythonError? {
        let isOther =
            unsafe sb_is_exact_int(other) == 0 && sb_is_bool(other) == 0 && sb_is_exact_float(other) == 0
            && sb_is_list(other) == 0 && sb_type(memory) != sb_type(other)
        if isOther { return nil }
        let symbol =
            switch operation {
            case Py_LT: "<"
            case Py_LE: "<="
            case Py_GT: ">"
            default: ">="
            }
        return unsafe unsupported(memory, symbol, other)
    }

    /// `dir(memory)`: what there is.
    nonisolated(unsafe) static let method: MethodDefinition =
        unsafe directory.method {
            unsafe directory.call($0, $1, $2, $3) { (call) throws(PythonError) in
                let function = try unsafe PythonObject(result: PyObject_GetAttrString(sb_object_type(), "__dir__"))
                let all = try unsafe PythonObject(result: PyObject_CallOneArg(function.pointer, call.receiver))
                let missing = try unsafe PythonObject(result: PySet_New(nil))
                for name in names {
                    let text = try PythonObject("\(name)")
                    if unsafe PySet_Add(missing.pointer, text.pointer) < 0 { throw PythonError.pending() }
                }
                let shown = try unsafe PythonObject(result: PySet_New(all.pointer))
                return try unsafe PythonObject(result: PyNumber_Subtract(shown.pointer, missing.pointer))
            }
        }
}

private let directory = Callable("__dir__", "", "Return the names of the attributes that there are.")
