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
        PropertyDefinition(
            names[index],
            """
            Not offered: numpy.asarray(memory).\(names[index]) has it, on the same memory without a copy.

            >>> hasattr(swiftbuffer.zeros(3), '\(names[index])')
            False
            """, context: index
        ) { object, context in
            returningObject { () throws(PythonError) in
                let name = names[context]
                throw PythonError(
                    .attribute,
                    "'\(typeNameOf(object))' object has no attribute '\(name)'; numpy.asarray(memory).\(name) "
                        + "has it, on the same memory without a copy")
            }
        }
    }

    /// Every operator but `*`, which arrays have.
    nonisolated(unsafe) static let slots: [TypeSlot] =
        [
            .binary(.add) { refuse($0, .add, $1) },
            .binary(.subtract) { refuse($0, .subtract, $1) },
            .binary(.divide) { refuse($0, .divide, $1) },
            .binary(.floorDivide) { refuse($0, .floorDivide, $1) },
            .binary(.remainder) { refuse($0, .remainder, $1) },
            .binary(.matrixMultiply) { refuse($0, .matrixMultiply, $1) },
            .binary(.and) { refuse($0, .and, $1) },
            .binary(.or) { refuse($0, .or, $1) },
            .binary(.exclusiveOr) { refuse($0, .exclusiveOr, $1) },
            .binary(.shiftLeft) { refuse($0, .shiftLeft, $1) },
            .binary(.shiftRight) { refuse($0, .shiftRight, $1) },
            .power { left, right, _ in refuse(left, .power, right) },
        ]

    static func refuse(
        _ left: ObjectReference, _ operation: BinaryOperator, _ right: ObjectReference
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in
            guard operation.isOurs(left, right) else { return .notImplemented }
            throw unsupported(left, operation.symbol, right)
        }
    }

    static func unsupported(_ left: ObjectReference, _ symbol: String, _ right: ObjectReference) -> PythonError {
        PythonError(
            .type,
            "unsupported operand types for \(symbol): '\(typeNameOf(left))' and '\(typeNameOf(right))'; "
                + "numpy.asarray(memory) \(symbol) ... computes with the items, on the same memory without a copy")
    }

    /// The error for `<`, `<=`, `>` and `>=`; `nil` where the other operand may know an answer.
    static func unordered(_ memory: ObjectReference, _ other: ObjectReference, _ operation: CInt) -> PythonError? {
        let isOther =
            unsafe !other.isExactInt && !other.isBool && !other.isExactFloat
            && !other.isList && sb_type(memory.pointer) != sb_type(other.pointer)
        if isOther { return nil }
        let symbol =
            switch operation {
            case Py_LT: "<"
            case Py_LE: "<="
            case Py_GT: ">"
            default: ">="
            }
        return unsupported(memory, symbol, other)
    }

    /// `dir(memory)`: what there is.
    nonisolated(unsafe) static let method: MethodDefinition =
        directory.method {
            directory.call($0, $1, $2, $3) { (call) throws(PythonError) in
                let function = try unsafe PythonObject(result: PyObject_GetAttrString(sb_object_type(), "__dir__"))
                let all = try unsafe PythonObject(result: PyObject_CallOneArg(function.pointer, call.receiver.pointer))
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
