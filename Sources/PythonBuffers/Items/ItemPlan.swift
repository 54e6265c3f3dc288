// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims
internal import Synchronization

/// How the items of one format become Python objects and back: the format as a flat list of steps, compiled once, so
/// that an item costs little more than its values. It reads every item that ``Format/object(at:)`` reads, to equal
/// objects and errors, and writes the common ones.
///
/// A handle on memory of its own, without reference counting by Swift, which would take longer than reading a value
/// does: whoever makes a plan deallocates it. The class of its records belongs to one interpreter, and so does a plan.
@safe
package struct ItemPlan: @unchecked Sendable {
    // Nothing in it changes after it is made but the class of its records, which is found on first use.

    /// What an item becomes.
    enum Container {
        /// The only value itself.
        case none
        case tuple, list
        /// A tuple with names.
        case record
    }

    /// One field: a value, or as many equal ones as it repeats.
    @safe
    struct Step {
        enum Kind: UInt8 {
            case scalar, bytes
            /// A structure or a sub-array, by a plan of its own.
            case plan
            /// Any other type, read and written by ``ItemType``.
            case other
        }

        let kind: Kind
        let scalar: Scalar
        let swapped: Bool
        /// Bytes from the start of the item to the first value.
        let offset: Int
        let repeats: Int
        /// Bytes that one value takes.
        let size: Int
        let plan: ItemPlan?
    }

    @safe
    struct Body: ~Copyable {
        let container: Container
        /// Whether a list is among the values, at any depth: only those can become part of a cycle.
        let holdsLists: Bool
        /// Whether fields share bytes, so that they cannot be written together.
        let hasOverlaps: Bool
        /// Whether every number that is written comes back as an equal one.
        let storesExactly: Bool
        /// The number of values, which the container holds.
        let valueCount: Int
        let stepCount: Int
        let steps: UnsafeMutablePointer<Step>
        /// What is compared; NULL where only Python compares some of the values.
        let parts: UnsafeMutablePointer<Part>?
        let partCount: Int
        /// The field of each step.
        let fields: [Field]
        /// The structure whose names records have.
        let names: Format?
        let recordClass = KeptObject()
        let interpreter = Atomic<Int64>(-1)
    }

    let body: UnsafeMutablePointer<Body>

    /// - Complexity: linear in the length of the format's text.
    package init(_ format: Format) {
        guard let only = format.only else {
            self.init(structure: format, at: 0)
            return
        }
        switch only.type {
        case .structure(let structure): self.init(structure: structure, at: only.offset)
        case .array(let shape, let element): self.init(shape[...], element, at: only.offset)
        default: self.init(.none, [only], at: 0)
        }
    }

    private init(structure: Format, at offset: Int) {
        self.init(
            structure.hasNames ? .record : .tuple, structure.fields, at: offset, names: structure,
            hasOverlaps: structure.hasOverlaps)
    }

    /// The nested lists of a sub-array.
    private init(_ shape: ArraySlice<Int>, _ element: ItemType, at offset: Int) {
        let rest = Array(shape.dropFirst())
        let count = shape.first ?? 0
        let value = rest.isEmpty ? element : .array(shape: rest, element: element)
        self.init(
            .list, count == 0 ? [] : [Field(name: nil, offset: 0, type: value, repeats: count)], at: offset)
    }

    private init(
        _ container: Container, _ fields: [Field], at offset: Int, names: Format? = nil, hasOverlaps: Bool = false
    ) {
        let steps = UnsafeMutablePointer<Step>.allocate(capacity: fields.count)
        var holdsLists = container == .list
        var storesExactly = container != .list
        for (number, field) in fields.enumerated() {
            let step = Step(field, at: offset)
            unsafe (steps + number).initialize(to: step)
            if let plan = step.plan {
                if unsafe plan.body.pointee.holdsLists { holdsLists = true }
                if unsafe !plan.body.pointee.storesExactly { storesExactly = false }
            } else if !field.type.storesExactly {
                storesExactly = false
            }
        }
        let parts = Self.parts(fields, at: offset) { unsafe steps[$0].plan }
        let partRoom = unsafe parts.map { UnsafeMutablePointer<Part>.allocate(capacity: $0.count) }
        for (number, part) in (parts ?? []).enumerated() { unsafe (partRoom! + number).initialize(to: part) }
        unsafe body = UnsafeMutablePointer<Body>.allocate(capacity: 1)
        unsafe body.initialize(
            to: Body(
                container: container, holdsLists: holdsLists, hasOverlaps: hasOverlaps,
                storesExactly: storesExactly, valueCount: fields.reduce(0) { $0 &+ $1.repeats },
                stepCount: fields.count, steps: steps, parts: partRoom, partCount: parts?.count ?? 0, fields: fields,
                names: names))
    }

    /// Ends the plan, which nothing may use any more.
    package func deallocate() {
        for number in unsafe 0..<body.pointee.stepCount { unsafe body.pointee.steps[number].plan?.deallocate() }
        unsafe body.pointee.steps.deallocate()
        unsafe body.pointee.parts?.deallocate()
        // A Swift program may drop a plan where its interpreter is not attached: the class is leaked then.
        if unsafe sb_attached_interpreter() == body.pointee.interpreter.load(ordering: .relaxed) {
            unsafe body.pointee.recordClass.drop()
        }
        unsafe body.deinitialize(count: 1)
        unsafe body.deallocate()
    }

    /// Whether an item is a tuple in Python, with names or without.
    package var takesTuples: Bool {
        let container = unsafe body.pointee.container
        return container == .tuple || container == .record
    }

    /// The class of the records, where it has been needed before.
    @inline(__always)
    var recordType: UnsafeMutablePointer<PyTypeObject>? {
        unsafe body.pointee.recordClass.known?.typePointer
    }

    /// The class of the records, borrowed from the plan.
    @inline(never)
    func findRecordType() throws(PythonError) -> UnsafeMutablePointer<PyTypeObject> {
        guard let names = unsafe body.pointee.names else { throw PythonError(.system, "a record without names") }
        let type = try unsafe body.pointee.recordClass.reference { () throws(PythonError) in
            let type = try RecordClass.of(names)
            unsafe body.pointee.interpreter.store(sb_attached_interpreter(), ordering: .relaxed)
            return type
        }
        return unsafe type.typePointer
    }
}

extension ItemPlan.Step {
    fileprivate init(_ field: Field, at start: Int) {
        offset = start &+ field.offset
        repeats = field.repeats
        size = field.type.size
        var kind = Kind.other
        var scalar = Scalar.uint8
        var isSwapped = false
        var nested: ItemPlan?
        switch field.type {
        case .scalar(let type, let swapped): (kind, scalar, isSwapped) = (.scalar, type, swapped)
        case .pointer(let swapped): (kind, scalar, isSwapped) = (.scalar, .address, swapped)
        case .bytes, .void: kind = .bytes
        case .array, .structure:
            kind = .plan
            nested = ItemPlan(Format(field.type))
        case .pascal, .bits, .opaque, .object, .ucs2, .ucs4: break
        }
        self.kind = kind
        self.scalar = scalar
        swapped = isSwapped
        plan = nested
    }
}

extension Format {
    /// The only value of an item, where there is but one and it has no name.
    var only: Field? {
        guard fields.count == 1, fields[0].repeats == 1, fields[0].name == nil else { return nil }
        return fields[0]
    }
}
