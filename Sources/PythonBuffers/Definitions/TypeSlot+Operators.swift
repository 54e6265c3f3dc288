// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// Python's binary operators that a type may implement.
package enum BinaryOperator: Sendable, CaseIterable {
    case add, subtract, multiply, divide, floorDivide, remainder, power, matrixMultiply
    case and, or, exclusiveOr, shiftLeft, shiftRight
    case addInPlace, multiplyInPlace

    /// The operator as Python writes it.
    package var symbol: String {
        switch self {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .floorDivide: "//"
        case .remainder: "%"
        case .power: "**"
        case .matrixMultiply: "@"
        case .and: "&"
        case .or: "|"
        case .exclusiveOr: "^"
        case .shiftLeft: "<<"
        case .shiftRight: ">>"
        case .addInPlace: "+="
        case .multiplyInPlace: "*="
        }
    }

    fileprivate var slot: CInt {
        switch self {
        case .add: Py_nb_add
        case .subtract: Py_nb_subtract
        case .multiply: Py_nb_multiply
        case .divide: Py_nb_true_divide
        case .floorDivide: Py_nb_floor_divide
        case .remainder: Py_nb_remainder
        case .power: Py_nb_power
        case .matrixMultiply: Py_nb_matrix_multiply
        case .and: Py_nb_and
        case .or: Py_nb_or
        case .exclusiveOr: Py_nb_xor
        case .shiftLeft: Py_nb_lshift
        case .shiftRight: Py_nb_rshift
        case .addInPlace: Py_nb_inplace_add
        case .multiplyInPlace: Py_nb_inplace_multiply
        }
    }

    /// Whether no other type implements the operator for these operands, one of which is an object of this library: then
    /// the implementation may raise an error of its own. Otherwise it must return `NotImplemented`.
    package func isOurs(_ left: ObjectReference, _ right: ObjectReference) -> Bool {
        let (mine, theirs) = unsafe (implementation(left), implementation(right))
        // Two objects of this library share theirs.
        if unsafe mine != theirs && mine != nil && theirs != nil {
            return isPlainNumber(left) || isPlainNumber(right)
        }
        switch self {
        // CPython tries the sequence slots afterwards.
        case .add: return unsafe PyType_GetSlot(sb_type(left.pointer), Py_sq_concat) == nil
        case .multiply:
            return unsafe PyType_GetSlot(sb_type(left.pointer), Py_sq_repeat) == nil
                && PyType_GetSlot(sb_type(right.pointer), Py_sq_repeat) == nil
        default: return true
        }
    }

    private func implementation(_ object: ObjectReference) -> UnsafeMutableRawPointer? {
        unsafe PyType_GetSlot(sb_type(object.pointer), slot)
    }

    /// Whether an object is one of Python's numbers, which accept only numbers as operands.
    private func isPlainNumber(_ object: ObjectReference) -> Bool {
        object.isExactInt || object.isBool || object.isExactFloat
            || object.isExactComplex
    }
}

extension TypeSlot {
    /// The implementation of a binary operator, called with an object of the type on either side.
    ///
    /// - Precondition: not for ``BinaryOperator/power``.
    package static func binary(_ operation: BinaryOperator, _ function: @escaping Binary) -> TypeSlot {
        unsafe TypeSlot(operation.slot, unsafeBitCast(function, to: UnsafeMutableRawPointer.self))
    }

    /// The implementation of `**`.
    package static func power(_ function: @escaping Ternary) -> TypeSlot {
        unsafe TypeSlot(BinaryOperator.power.slot, unsafeBitCast(function, to: UnsafeMutableRawPointer.self))
    }
}
