// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers
internal import Synchronization

/// Where one named field of a structure is, and what its items are.
@safe
struct FieldPlace: ~Copyable {
    // Nothing in it changes after it is made, but the format of the items, which is made on first use.

    /// The interned name, by which a subscript in Python code is found without comparing texts; NULL where there is
    /// none.
    fileprivate let name: ObjectPointer?
    /// Bytes from the start of the item.
    let offset: Int
    /// The type of one item: of a sub-array, that of an element.
    let type: ItemType
    /// Bytes that one item takes.
    let itemsize: Int
    /// The dimensions of a sub-array.
    let ndim: Int
    /// Its shape, then its strides.
    let dimensions: UnsafeMutablePointer<Int>
    private let madeItem = MadeOnce<ItemFormat>()

    fileprivate init(_ field: Field, name: ObjectPointer?) {
        unsafe self.name = name
        offset = field.offset
        var type = field.type
        var shape: [Int] = []
        while case .array(let inner, let element) = type {
            shape += inner
            type = element
        }
        self.type = type
        itemsize = type.size
        ndim = shape.count
        unsafe dimensions = .allocate(capacity: 2 * ndim)
        var stride = type.size
        for axis in shape.indices.reversed() {
            unsafe (dimensions + axis).initialize(to: shape[axis])
            unsafe (dimensions + ndim + axis).initialize(to: stride)
            // The parser has checked that the products fit.
            stride = stride &* shape[axis]
        }
    }

    deinit { unsafe dimensions.deallocate() }

    /// The format of the items, if it has been needed before.
    @inline(__always)
    var knownItem: Unmanaged<ItemFormat>? { unsafe madeItem.known }

    /// The format of the items, made and printed once.
    var item: ItemFormat { madeItem.value { ItemFormat(Format(type.packed)) } }

    var shape: [Int] { (0..<ndim).map { unsafe dimensions[$0] } }
}

/// The named fields of a structure.
///
/// It belongs to one interpreter, as the names do.
@safe
final class FieldTable: @unchecked Sendable {
    private let places: UnsafeMutablePointer<FieldPlace>
    private let count: Int
    private let numbers: [String: Int]
    private let fields: [Field]
    private let keptNames = KeptObject()
    private let keptDescription = KeptObject()
    /// The formats of items of which some fields are kept, by these as bits. Nobody waits for it.
    private let choices = Mutex<[UInt32: ItemFormat]>([:])
    private let interpreter = sb_attached_interpreter()

    /// - Precondition: a thread state is attached.
    init(_ fields: [Field]) {
        unsafe places = .allocate(capacity: fields.count)
        var numbers: [String: Int] = [:]
        for field in fields {
            // A union may have a name twice, and means the first.
            guard let name = field.name, numbers[name] == nil else { continue }
            // Without memory for it, the name is found by its text.
            let object = unsafe (try? PythonObject(interned: name))?.intoPointer()
            unsafe (places + numbers.count).initialize(to: FieldPlace(field, name: object))
            numbers[name] = numbers.count
        }
        self.numbers = numbers
        self.fields = fields
        count = numbers.count
    }

    deinit {
        let isAttached = sb_attached_interpreter() == interpreter
        for number in 0..<count {
            if isAttached, let name = unsafe places[number].name { unsafe sb_decref(name) }
            unsafe (places + number).deinitialize(count: 1)
        }
        unsafe places.deallocate()
        guard isAttached else { return }
        keptNames.drop()
        keptDescription.drop()
    }

    /// The names of the fields, a tuple.
    func names() throws(PythonError) -> PythonObject {
        try keptNames.object { () throws(PythonError) in
            var names = try TupleBuilder(capacity: fields.count)
            for field in fields { names.append(try PythonObject(field.name ?? "")) }
            return names.finish()
        }
    }

    /// A dict of the format and the offset of each field, which no other code changes.
    func description() throws(PythonError) -> PythonObject {
        try keptDescription.object { () throws(PythonError) in
            let result = try PythonObject(emptyDictionary: ())
            for field in fields {
                let format = try PythonObject(Format(field.type.packed).description)
                let entry = try PythonObject(pair: format, PythonObject(field.offset))
                try result.setValue(entry, at: PythonObject(field.name ?? ""))
            }
            return result
        }
    }

    /// The place of a field, as long as the table lives.
    func place(named name: String) -> UnsafeMutablePointer<FieldPlace>? {
        guard let number = numbers[name] else { return nil }
        return unsafe places + number
    }

    /// The place of one of the first fields whose interned name is this object, as long as the table lives; `nil` for
    /// other names, equal ones too.
    @inline(__always)
    func place(interned name: ObjectReference) -> UnsafeMutablePointer<FieldPlace>? {
        for number in 0..<min(count, 32) where unsafe places[number].name == name.pointer {
            return unsafe places + number
        }
        return nil
    }

    /// The fields that a list names, each once and in the order of memory, as bits; `nil` for others, and for names that
    /// are not interned.
    func bits(named names: ObjectReference) -> UInt32? {
        var bits: UInt32 = 0
        for index in 0..<sb_sequence_count(names) {
            guard let pointer = unsafe sb_sequence_item(names, index) else { return nil }
            defer { unsafe sb_decref(pointer) }
            guard let place = unsafe place(interned: ObjectReference(pointer: pointer)) else { return nil }
            let bit = unsafe UInt32(1) << UInt32(place - places)
            guard bit > bits else { return nil }
            bits |= bit
        }
        return bits
    }

    /// The format of items of which some fields are kept, where it was made before.
    func choice(_ bits: UInt32) -> ItemFormat? { choices.withLockIfAvailable { $0[bits] } ?? nil }

    /// Remembers the format of items of which the fields of some names are kept.
    func remember(_ names: [String], _ item: ItemFormat) {
        var bits: UInt32 = 0
        for name in names {
            guard let number = numbers[name], number < UInt32.bitWidth else { return }
            bits |= 1 << UInt32(number)
        }
        choices.withLockIfAvailable { choices in
            // A program chooses few; one that tries all is not to fill the memory.
            if choices.count < 16 { choices[bits] = item }
        }
    }
}
