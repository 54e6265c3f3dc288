// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import ModuleShims
internal import PythonBuffers
internal import Synchronization

/// What a type's members become: the tables that CPython reads.
struct TypeTables<Value: PythonValue & ~Copyable> {
    private let name: String
    /// The parameters of the ``Init``; `nil` without one.
    private(set) var signature: String?
    private(set) var methods: [MethodDefinition] = []
    private(set) var properties: [PropertyDefinition] = []

    private var single: [CInt: TypeSlot] = [:]
    private var operators: [CInt: OperatorEntry] = [:]
    private var comparisons: [Compare<Value>] = []
    private let items = ItemsEntry()
    private var length: LengthEntry?

    init(of name: String) {
        self.name = name
        items.name = name
    }

    mutating func add(_ member: TypeMember<Value>) throws {
        switch member.kind {
        case .new(let function):
            signature = function.signature
            try set(Py_tp_new, "Init", function.newSlot(of: name))
        case .call(let function): try set(Py_tp_call, "Call", function.callSlot(of: name))
        case .method(let function, let flags): methods.append(try function.definition(flags: flags))
        case .property(let property):
            guard isIdentifier(property.name) else {
                throw PythonError(.system, "'\(property.name)' is no name in Python")
            }
            properties.append(
                PropertyEntry(property.name, property.get, property.set).definition(property.documentation))
        case .constant: break
        case .length(let member):
            let entry = LengthEntry(member.length)
            length = entry
            try set(Py_sq_length, "Length", unsafe slot(Py_sq_length, module_shims_take_length, entry))
        case .item(let member): items.item = member.item
        case .setItem(let member): items.setItem = member.set
        case .subscripting(let member): items.get.append(member.get)
        case .setSubscript(let member): items.set.append(member.set)
        case .deleteSubscript(let member): items.delete.append(member.delete)
        case .contains(let member):
            try set(
                Py_sq_contains, "Contains",
                unsafe slot(Py_sq_contains, module_shims_take_contains, ContainsEntry(member.contains)))
        case .iterate(let member): try setUnary(Py_tp_iter, "Iterate", member.make)
        case .next(let member):
            try setUnary(Py_tp_iter, "Iterate or Next") { PythonObject(borrowing: $0) }
            try setUnary(Py_tp_iternext, "Next") { object in try member.next(object) }
        case .binary(let member): add(member)
        case .unary(let member): try setUnary(member.operation.slot, "Unary(.\(member.operation))", member.body)
        case .compare(let member): comparisons.append(member)
        case .hash(let member):
            try set(Py_tp_hash, "Hash", unsafe slot(Py_tp_hash, module_shims_take_hash, LengthEntry(member.body)))
        case .truth(let member):
            try set(Py_nb_bool, "Truth", unsafe slot(Py_nb_bool, module_shims_take_truth, TruthEntry(member.truth)))
        case .representation(let member): try setUnary(Py_tp_repr, "Repr", member.text)
        case .text(let member): try setUnary(Py_tp_str, "Str", member.text)
        }
    }

    /// Sets a slot that a type has once.
    private mutating func set(_ number: CInt, _ what: String, _ slot: TypeSlot) throws {
        guard single.updateValue(slot, forKey: number) == nil else {
            throw PythonError(.system, "\(name) has two \(what)")
        }
    }

    private mutating func setUnary(
        _ number: CInt, _ what: String, _ body: @escaping @Sendable (ObjectReference) throws -> PythonObject?
    ) throws {
        try set(number, what, unsafe slot(number, module_shims_take_unary, UnaryEntry(body)))
    }

    private mutating func add(_ member: OperatorMember) {
        let number = member.form == .inPlace ? member.operation.inPlaceSlot : member.operation.slot
        let entry = operators[number] ?? OperatorEntry(ObjectIdentifier(Value.self))
        operators[number] = entry
        switch member.form {
        case .binary, .inPlace: entry.forward.append(member.body)
        case .reflected: entry.reflected.append(member.body)
        }
    }

    /// The slots, once all members have been added.
    func slots() throws -> [TypeSlot] {
        var slots = Array(single.values)
        for (number, entry) in operators {
            // The two slots of a power have a third operand.
            let isPower = number == Py_nb_power || number == Py_nb_inplace_power
            slots.append(
                isPower
                    ? try unsafe slot(number, module_shims_take_power, entry)
                    : try unsafe slot(number, module_shims_take_binary, entry))
        }
        if !comparisons.isEmpty {
            let entry = CompareEntry()
            for member in comparisons { entry.bodies[Int(member.comparison.rawValue)].append(member.body) }
            slots.append(try unsafe slot(Py_tp_richcompare, module_shims_take_compare, entry))
        }
        return slots + (try itemSlots())
    }

    private func itemSlots() throws -> [TypeSlot] {
        var slots: [TypeSlot] = []
        if items.item != nil || items.setItem != nil {
            guard let length else { throw PythonError(.system, "\(name) has an Item, and so needs a Length") }
            items.length = length.length
        }
        if items.item != nil { slots.append(try unsafe slot(Py_sq_item, module_shims_take_item, items)) }
        if !items.get.isEmpty {
            slots.append(try unsafe slot(Py_mp_subscript, module_shims_take_binary, KeyEntry(items)))
        }
        if items.setItem != nil || !items.set.isEmpty || !items.delete.isEmpty {
            slots.append(try unsafe slot(sb_mp_ass_subscript(), module_shims_take_assign, items))
        }
        return slots
    }

    /// A slot of a function that `take` gives for an entry.
    private func slot<Function>(
        _ number: CInt, _ take: @Sendable (UnsafeRawPointer) -> Function?, _ entry: AnyObject
    ) throws -> TypeSlot {
        // The entry lives as long as the function, which is that of the process.
        nonisolated(unsafe) let context = unsafe UnsafeRawPointer(Unmanaged.passRetained(entry).toOpaque())
        let bits = PythonModules.Function.taking.withLock { _ in unsafe unsafeBitCast(take(context), to: UInt.self) }
        guard bits != 0 else { throw PythonModules.Function.tooMany }
        return unsafe TypeSlot(number, UnsafeMutableRawPointer(bitPattern: bits))
    }
}

extension PythonOperator {
    /// The name of the method in Python, without underscores.
    var name: String {
        switch self {
        case .add: "add"
        case .subtract: "sub"
        case .multiply: "mul"
        case .divide: "truediv"
        case .floorDivide: "floordiv"
        case .remainder: "mod"
        case .power: "pow"
        case .matrixMultiply: "matmul"
        case .and: "and"
        case .or: "or"
        case .exclusiveOr: "xor"
        case .shiftLeft: "lshift"
        case .shiftRight: "rshift"
        }
    }

    var slot: CInt { slots.0 }
    var inPlaceSlot: CInt { slots.1 }

    private var slots: (CInt, CInt) {
        switch self {
        case .add: (Py_nb_add, Py_nb_inplace_add)
        case .subtract: (Py_nb_subtract, Py_nb_inplace_subtract)
        case .multiply: (Py_nb_multiply, Py_nb_inplace_multiply)
        case .divide: (Py_nb_true_divide, Py_nb_inplace_true_divide)
        case .floorDivide: (Py_nb_floor_divide, Py_nb_inplace_floor_divide)
        case .remainder: (Py_nb_remainder, Py_nb_inplace_remainder)
        case .power: (Py_nb_power, Py_nb_inplace_power)
        case .matrixMultiply: (Py_nb_matrix_multiply, Py_nb_inplace_matrix_multiply)
        case .and: (Py_nb_and, Py_nb_inplace_and)
        case .or: (Py_nb_or, Py_nb_inplace_or)
        case .exclusiveOr: (Py_nb_xor, Py_nb_inplace_xor)
        case .shiftLeft: (Py_nb_lshift, Py_nb_inplace_lshift)
        case .shiftRight: (Py_nb_rshift, Py_nb_inplace_rshift)
        }
    }
}

extension Unary.Operator where Value: ~Copyable {
    var slot: CInt {
        switch self {
        case .negative: Py_nb_negative
        case .positive: Py_nb_positive
        case .absolute: Py_nb_absolute
        case .invert: Py_nb_invert
        case .int: Py_nb_int
        case .float: Py_nb_float
        case .index: Py_nb_index
        }
    }

    /// The name of the method in Python, without underscores.
    var name: String {
        switch self {
        case .negative: "neg"
        case .positive: "pos"
        case .absolute: "abs"
        case .invert: "invert"
        case .int: "int"
        case .float: "float"
        case .index: "index"
        }
    }
}
