// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims
internal import InterchangeShims
internal import PythonBuffers

/// What other libraries' objects are asked for, made once: the names, interned, in a tuple that the module keeps.
struct ExchangeNames: ~Copyable {
    enum Name: Int, CaseIterable {
        case dlpack = 0
        case dlpackDevice, arrowArray, arrayInterface
        // The keys of an array interface.
        case version, shape, typestr, descr, data, offset, strides, mask

        fileprivate var text: String {
            switch self {
            case .dlpack: "__dlpack__"
            case .dlpackDevice: "__dlpack_device__"
            case .arrowArray: "__arrow_c_array__"
            case .arrayInterface: "__array_interface__"
            case .version: "version"
            case .shape: "shape"
            case .typestr: "typestr"
            case .descr: "descr"
            case .data: "data"
            case .offset: "offset"
            case .strides: "strides"
            case .mask: "mask"
            }
        }
    }

    private let names: PythonObject

    init(_ types: ViewTypes) throws(PythonError) {
        names = try types.kept(.exchangeNames) { () throws(PythonError) in try Self.made() }
    }

    private static func made() throws(PythonError) -> PythonObject {
        var names = try TupleBuilder(capacity: Name.allCases.count + 2)
        for name in Name.allCases { names.append(try PythonObject(interned: name.text)) }
        let version = try PythonObject(interned: "max_version")
        names.append(try unsafe PythonObject(tupleOf: version.reference))
        names.append(
            try PythonObject(pair: PythonObject(Int(SB_TENSOR_MAJOR)), PythonObject(Int(SB_TENSOR_MINOR))))
        return names.finish()
    }

    // The tuple keeps them.
    subscript(_ name: Name) -> ObjectReference { item(name.rawValue) }
    /// The tuple of the parameter `max_version`.
    var versionNames: ObjectReference { item(Name.allCases.count) }
    /// The newest version of DLPack that is read.
    var version: ObjectReference { item(Name.allCases.count + 1) }

    private func item(_ index: Int) -> ObjectReference { unsafe names.tupleItem(index) }
}
