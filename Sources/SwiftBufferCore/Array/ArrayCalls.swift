// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// `Array(...)`: what calling the type makes.

extension ArrayObject {
    /// The slot `tp_new`, for what does not come by `vectorcall`.
    static func new(
        _ type: ObjectReference, _ arguments: OptionalObjectReference, _ keywords: OptionalObjectReference
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in
            try make(type, newArray.bind(type, tuple: arguments, dictionary: keywords))
        }
    }

    private static func make(
        _ type: ObjectReference, _ bound: borrowing Arguments
    ) throws(PythonError) -> PythonObject {
        let array = try ViewTypes(ofModuleOf: type).array
        guard let data = bound.reference(0) else {
            let item = try bound.format(1) ?? .of(.float64)
            return try make(
                array, shape: [0].span, item: item, order: bound.order(2, default: .c), contents: .uninitialized,
                isReadOnly: bound.bool(3, default: false))
        }
        return try make(
            array, from: data, item: bound.format(1), order: bound.order(2, default: .c),
            isReadOnly: bound.bool(3, default: false))
    }

    /// What CPython calls for `Array(...)`, without a tuple of arguments in between.
    fileprivate static func call(
        _ type: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult {
        if let item = FastArguments.format(after: 1, arguments, count, keywords, for: type) {
            return returningObject { () throws(PythonError) in
                try make(
                    ViewTypes(ofModuleOf: type).array, from: FastArguments.argument(0, arguments), item: item,
                    order: .c,
                    isReadOnly: false)
            }
        }
        return newArray.call(type, arguments, count, keywords) { (call) throws(PythonError) in try make(type, call) }
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c func swiftbuffer_array(
    _ type: ObjectReference, _ arguments: SBArguments, _ flags: Int, _ keywords: OptionalObjectReference
) -> ObjectResult {
    // The highest bit says that the place before the arguments may be written to.
    ArrayObject.call(type, arguments, flags & Int.max, keywords)
}

private let newArray = Callable("Array", "data=(), format=None, *, order='C', readonly=False", "")
