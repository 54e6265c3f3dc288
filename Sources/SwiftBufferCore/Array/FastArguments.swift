// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The arguments of the calls that are made most, read without binding them to parameters: few, all positional, of
/// Python's own types. `nil` for any others, which are left to `Callable.call`.
enum FastArguments {
    /// Whether there are no arguments.
    @inline(__always)
    static func none(_ count: Int, _ keywords: OptionalObjectReference) -> Bool {
        areOnly(0, count, keywords)
    }

    /// Whether there are so many arguments, all by position.
    @inline(__always)
    static func areOnly(_ wanted: Int, _ count: Int, _ keywords: OptionalObjectReference) -> Bool {
        count == wanted && keywords.object == nil
    }

    /// The only argument.
    @inline(__always)
    static func only(
        _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectReference? {
        guard keywords.object == nil, count == 1 else { return nil }
        return unsafe OptionalObjectReference(pointer: arguments.pointer![0]).object
    }

    /// An argument that is a small int; `value` where it was left out.
    @inline(__always)
    static func index(
        _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference, default value: Int
    ) -> Int? {
        if count == 0 && keywords.object == nil { return value }
        guard let argument = only(arguments, count, keywords) else { return nil }
        let index = sb_small_int(argument)
        return index == sb_not_small() ? nil : index
    }

    /// The first of so many arguments, where it is a small int.
    @inline(__always)
    static func leadingIndex(
        of required: Int, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> Int? {
        guard keywords.object == nil, count == required else { return nil }
        let index = sb_small_int(argument(0, arguments))
        return index == sb_not_small() ? nil : index
    }

    /// As many arguments as `required`, and a format of one letter, or one that has been read before, which may be left
    /// out.
    ///
    /// - Parameter owner: what the call belongs to; see ``KnownFormats``.
    @inline(__always)
    static func format(
        after required: Int, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference,
        for owner: ObjectReference
    ) -> ItemFormat?? {
        guard keywords.object == nil, count == required || count == required + 1 else { return nil }
        if count == required { return .some(nil) }
        let text = argument(required, arguments)
        guard let item = ItemFormat.of(oneLetter: text) ?? KnownFormats.known(text, for: owner) else {
            return nil
        }
        return .some(item)
    }

    /// An argument that the call has.
    @inline(__always)
    static func argument(_ index: Int, _ arguments: SBArguments) -> ObjectReference {
        // CPython passes no NULL.
        unsafe ObjectReference(pointer: arguments.pointer![index]!)
    }

    /// A shape of up to four dimensions: a small int, or a tuple of them.
    @inline(__always)
    static func shape(of object: ObjectReference) -> FastShape? {
        var shape = FastShape()
        let length = sb_small_int(object)
        if length != sb_not_small() {
            shape.append(length)
            return shape
        }
        guard object.isTuple, object.tupleCount <= FastShape.capacity else { return nil }
        for axis in 0..<object.tupleCount {
            let length = sb_small_int(object.tupleItem(axis))
            guard length != sb_not_small() else { return nil }
            shape.append(length)
        }
        return shape
    }

    /// A shape that all arguments of a call give, as one or one by one; `nil` where there are none.
    @inline(__always)
    static func shape(_ arguments: SBArguments, _ count: Int) -> FastShape? {
        if count == 1 { return shape(of: argument(0, arguments)) }
        guard count > 1, count <= FastShape.capacity else { return nil }
        var shape = FastShape()
        for index in 0..<count {
            let length = sb_small_int(argument(index, arguments))
            guard length != sb_not_small() else { return nil }
            shape.append(length)
        }
        return shape
    }
}

/// The lengths of a few axes.
struct FastShape {
    static let capacity = 4

    private var lengths = InlineArray<4, Int>(repeating: 0)
    private(set) var count = 0

    /// - Precondition: there are fewer than ``capacity``.
    @inline(__always)
    mutating func append(_ length: Int) {
        lengths[count] = length
        count += 1
    }

    var span: Span<Int> {
        @_lifetime(borrow self)
        get { lengths.span.extracting(first: count) }
    }
}
