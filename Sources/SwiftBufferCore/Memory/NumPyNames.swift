// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import PythonBuffers

/// Names and operators of NumPy that memory does not have: their errors point to `numpy.asarray`.
///
/// The names are attributes that raise `AttributeError`, so `hasattr` is false, and other attributes are looked up as
/// fast as without them.
enum NumPyNames {
    private static let names: [StaticString] = [
        "all", "any", "argmax", "argmin", "argpartition", "argsort", "choose", "clip", "compress", "conj", "conjugate",
        "cumprod", "cumsum", "diagonal", "dot", "flat", "imag", "max", "mean", "min", "nonzero", "partition",
        "prod", "put", "real", "repeat", "round", "searchsorted", "sort", "std", "sum", "take", "trace", "var",
    ]

    static let properties: [PropertyDefinition] = names.indices.map { index in
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

    /// Every operator but `*`, which arrays implement.
    static let slots: [TypeSlot] =
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

    /// The error for `<`, `<=`, `>` and `>=`; `nil` if the other operand may implement it.
    static func unordered(_ memory: ObjectReference, _ other: ObjectReference, _ operation: CInt) -> PythonError? {
        let isOther =
            !other.isExactInt && !other.isBool && !other.isExactFloat
            && !other.isList && !(memory.type == other.type)
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

    /// `dir(memory)`, without these names.
    /// The attributes that some memory has and other memory has not.
    private static let conditional = ["name", "dtype", "__array_interface__"]

    private static func isMissing(_ name: String, in memory: ObjectReference) throws(PythonError) -> Bool {
        do {
            _ = try PythonObject(borrowing: memory).attribute(name)
            return false
        } catch {
            if error.matches(.attribute) { return true }
            // Released memory has the attribute, which says that it is released.
            if error.matches(.value) { return false }
            throw error
        }
    }

    static let method: MethodDefinition =
        directory.method {
            directory.call($0, $1, $2, $3) { (call) throws(PythonError) in
                let all = try PythonObject(borrowing: PythonObject.objectType).attribute("__dir__").call(call.receiver)
                let shown = try unsafe PythonObject(setOf: all.reference)
                for name in names { try shown.discard(PythonObject("\(name)")) }
                for name in conditional where try isMissing(name, in: call.receiver) {
                    try shown.discard(PythonObject(name))
                }
                return shown
            }
        }
}

private let directory = Callable("__dir__", "", "Return the names of the attributes that there are.")
