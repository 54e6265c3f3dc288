// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// A parsed format, with its text at an address that stays, for C code to point to.
@safe
final class ItemFormat: @unchecked Sendable {
    // Nothing in it changes after it is made but the table of its fields, which is made on first use.

    let format: Format
    /// Why items cannot be read, if they cannot. The format is one of so many raw bytes then, which can still be copied.
    let unreadable: String?
    /// The bytes of an item that are values; the rest is padding, which writing leaves as it is. `nil` for items without
    /// padding.
    let valueRuns: [ValueRun]?
    /// Whether each of these is written once and all bits of it.
    let hasPlainRuns: Bool
    /// Whether items may hold pointers to Python objects. An unreadable format counts if it has the letter `O`.
    let holdsObjects: Bool
    /// How items are read and written; `nil` for scalars, and where items cannot be read.
    let plan: ItemPlan?
    /// The text, as long as this object lives.
    let text: UnsafePointer<CChar>
    /// Whether a number that is too large becomes infinite. Only a lone `f` or `@f` does so, as in memoryview and `struct`;
    /// every other spelling, and every field, raises.
    private let becomesInfinite: Bool
    /// The scalar that an item is, where it is one.
    let scalar: (type: Scalar, swapped: Bool)?
    /// What an export record says of the item, as long as this object lives.
    let exported: ExportedItem
    /// Whether it lives as long as the process, so that references to it need not be counted.
    let isPermanent: Bool
    private let fields = MadeOnce<FieldTable>()

    /// - Parameters:
    ///   - text: the format as its user has spelled it.
    ///   - isPermanent: whether the caller keeps it as long as the process lives.
    init(_ format: Format, text: String? = nil, unreadable: String? = nil, isPermanent: Bool = false) {
        self.format = format
        self.isPermanent = isPermanent
        self.unreadable = unreadable
        becomesInfinite = text == "f" || text == "@f"
        scalar = format.scalar
        let isScalar = scalar != nil
        valueRuns = !isScalar && format.hasPadding ? format.valueRuns : nil
        hasPlainRuns = valueRuns?.allSatisfy { $0.axes.isEmpty && $0.mask == .max } ?? true
        plan = isScalar || unreadable != nil ? nil : ItemPlan(format)
        let spelling = text ?? format.description
        holdsObjects =
            !isScalar && (unreadable == nil ? format.holdsObjects : Format.mayHoldObjects(spelling))
        let characters = spelling.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
        for (index, character) in characters.enumerated() { unsafe (copy + index).initialize(to: character) }
        unsafe self.text = UnsafePointer(copy)
        unsafe exported = ExportedItem(format: copy, scalar: scalar)
    }

    deinit {
        unsafe text.deallocate()
        plan?.deallocate()
    }

    /// A named field of the structure that an item is, as long as this object lives; `nil` if there is none.
    ///
    /// - Precondition: a thread state is attached.
    func field(_ name: String) -> UnsafeMutablePointer<FieldPlace>? { unsafe fieldTable?.place(named: name) }

    /// The named fields of the structure that an item is; `nil` if there are none, as in all formats that interpreters
    /// share: the table belongs to one.
    ///
    /// - Precondition: a thread state is attached.
    var fieldTable: FieldTable? {
        if let knownTable { return knownTable }
        let named = format.namedFields
        guard !named.isEmpty else { return nil }
        return fields.value { FieldTable(named) }
    }

    /// ``fieldTable``, once any field has been looked up.
    var knownTable: FieldTable? { unsafe fields.known?.takeUnretainedValue() }

    /// As ``field(_:)``, by an interned name, once any field has been looked up; `nil` where that is needed first.
    @inline(__always)
    func knownField(_ name: ObjectReference) -> UnsafeMutablePointer<FieldPlace>? {
        unsafe fields.known?._withUnsafeGuaranteedRef { table in unsafe table.place(interned: name) } ?? nil
    }

    /// The scalar that an item is, where it is one in native byte order.
    var nativeScalar: Scalar? {
        guard let (type, swapped) = scalar, !swapped else { return nil }
        return type
    }

    /// The format as its user has spelled it.
    var spelling: String { unsafe String(cString: text) }

    /// Writes a Python value as an item.
    ///
    /// - Throws: `TypeError`, `OutOfRangeError`, `ValueError`, and what the value's own conversion raises.
    /// - Precondition: `address` is that of as many writable bytes as an item has, all zero, that no other code can reach yet.
    func encode(_ value: ObjectReference, to address: UnsafeMutableRawPointer) throws(PythonError) {
        if becomesInfinite {
            let number = try unsafe Scalar.float64.double(of: value, place: Destination(spelling: text))
            unsafe address.storeBytes(of: Float(number), as: Float.self)
            return
        }
        if let plan {
            if unsafe plan.store(value, to: address) { return }
            unsafe address.initializeMemory(as: UInt8.self, repeating: 0, count: format.itemsize)
        }
        try unsafe format.encode(value, to: address, place: Destination(spelling: text))
    }

    /// An item as a Python object.
    ///
    /// - Throws: what the format says cannot be read.
    /// - Precondition: `address` is that of an item, whose bytes stay while Python code may run.
    func object(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        if let plan { return try unsafe plan.object(at: address) }
        return try unsafe format.object(at: address)
    }

    /// The format that `text` describes, kept as it is written.
    ///
    /// - Throws: `ValueError` that points at what cannot be read.
    static func parse(_ text: String) throws(PythonError) -> ItemFormat {
        if let known = scalars[text] { return known }
        do {
            return ItemFormat(try Format(text), text: text)
        } catch {
            throw PythonError(.value, error.message)
        }
    }

    /// The format of items of a known size. A text that cannot be parsed, or that describes another size, is kept as
    /// unreadable.
    convenience init(reading text: String, itemsize: Int) {
        do throws(FormatError) {
            let format = try Format(text)
            if format.itemsize == itemsize {
                self.init(format, text: text)
                return
            }
            self.init(
                Format(.bytes(itemsize)), text: text,
                unreadable: "format '\(text)' describes \(format.itemsize) bytes, but an item has \(itemsize)")
        } catch {
            self.init(Format(.bytes(itemsize)), text: text, unreadable: error.message)
        }
    }

    /// The format of items of a known size, readable or not; see ``init(reading:itemsize:)``.
    static func reading(_ text: String, itemsize: Int) -> ItemFormat {
        if let known = scalars[text], known.format.itemsize == itemsize { return known }
        return ItemFormat(reading: text, itemsize: itemsize)
    }

    /// The format, for reading or writing items.
    ///
    /// - Throws: `NotImplementedError` where items cannot be read, as memoryview does when it is asked for one.
    var readable: ItemFormat {
        get throws(PythonError) {
            if let unreadable { throw PythonError(.notImplemented, unreadable) }
            return self
        }
    }

    /// Whether items of both formats are the same bytes; of unreadable formats, whether the texts are equal.
    func isEquivalent(to other: ItemFormat) -> Bool {
        if unreadable == nil && other.unreadable == nil { return format.isEquivalent(to: other.format) }
        return spelling == other.spelling && format.itemsize == other.format.itemsize
    }

    /// Whether items of the other format may be copied over items of this one; as ``isEquivalent(to:)``, but that `b`, `B`
    /// and `c` count as one.
    func isAssignable(from other: ItemFormat) -> Bool {
        if unreadable == nil && other.unreadable == nil { return format.isAssignable(from: other.format) }
        return isEquivalent(to: other)
    }

    /// The format of one scalar that is spelled as one ASCII letter, with a byte order before it or without: found
    /// without a `String`. `nil` for any other text.
    ///
    /// - Precondition: `text` points at bytes that end with a zero.
    @unsafe
    static func plain(_ text: UnsafePointer<CChar>) -> ItemFormat? {
        let first = UInt8(bitPattern: unsafe text[0])
        // Each byte is read only if the one before was not the last.
        if first == 0 { return nil }
        let second = UInt8(bitPattern: unsafe text[1])
        if second == 0 { return of(letter: first) }
        guard unsafe text[2] == 0, second < 128, let order = orders.firstIndex(of: first) else { return nil }
        return orderedLetters[order][Int(second)]
    }

    private static let orders: [UInt8] = Array("@^=<>!".utf8)

    private static let orderedLetters: [[ItemFormat?]] = orders.map { order in
        (UInt8(0)..<128).map { scalars[String(Unicode.Scalar(order)) + String(Unicode.Scalar($0))] }
    }

    /// The scalars in native byte order, made once: most memory holds one of them.
    static func of(_ scalar: Scalar) -> ItemFormat { native[Int(scalar.rawValue)] }

    /// The format of a scalar, where an object is the `str` of the one ASCII letter that spells it.
    static func of(oneLetter object: ObjectReference) -> ItemFormat? { of(letter: sb_one_letter(object)) }

    /// The format of a scalar that one ASCII letter spells.
    static func of(letter: UInt8) -> ItemFormat? { letter < 128 ? letters[Int(letter)] : nil }

    private static let letters: [ItemFormat?] = (UInt8(0)..<128).map { scalars[String(Unicode.Scalar($0))] }

    private static let native: [ItemFormat] = Scalar.allCases.map {
        ItemFormat(Format($0), text: "\($0.code)", isPermanent: true)
    }

    /// The formats of one scalar by their plain spellings, an order character or none before a letter. All interpreters
    /// share them, so they refer to no Python object.
    private static let scalars: [String: ItemFormat] = {
        var known: [String: ItemFormat] = [:]
        for item in native { known[item.spelling] = item }
        let letters = (UInt8(ascii: "?")...UInt8(ascii: "z")).map { String(Unicode.Scalar($0)) }
        for order in ["", "@", "^", "=", "<", ">", "!"] {
            for letter in letters + letters.map({ "Z" + $0 }) + letters.map({ "R" + $0 }) {
                let text = order + letter
                if known[text] == nil, let format = try? Format(text), format.scalar != nil {
                    known[text] = ItemFormat(format, text: text, isPermanent: true)
                }
            }
        }
        return known
    }()
}
