// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The attributes of memoryview, `size` and `address`, for `Array` and `View`.
enum MemoryProperty: Int, CaseIterable {
    case nbytes, readonly, format, itemsize, ndim, shape, strides, suboffsets, size, address
    case isCContiguous, isFContiguous, isContiguous

    static let definitions: [PropertyDefinition] =
        MemoryFields.properties + NumPyNames.properties + ArrayInterfaceAttribute.properties
        + DTypeAttribute.properties
        + allCases.map { property in
            PropertyDefinition(property.name, property.documentation, property.getter)
        }

    private var name: StaticString {
        switch self {
        case .nbytes: "nbytes"
        case .readonly: "readonly"
        case .format: "format"
        case .itemsize: "itemsize"
        case .ndim: "ndim"
        case .shape: "shape"
        case .strides: "strides"
        case .suboffsets: "suboffsets"
        case .size: "size"
        case .address: "address"
        case .isCContiguous: "c_contiguous"
        case .isFContiguous: "f_contiguous"
        case .isContiguous: "contiguous"
        }
    }

    private var summary: String {
        switch self {
        case .nbytes: "The bytes that the items take together: the product of shape and itemsize, an int."
        case .readonly: "Whether the memory cannot be written, a bool."
        case .format: "The struct-style format of one item, a str (PEP 3118)."
        case .itemsize: "The bytes of one item, an int."
        case .ndim: "The number of dimensions, an int."
        case .shape: "The number of items along each dimension, a tuple of ints."
        case .strides: "The bytes from one item to the next along each dimension, a tuple of ints."
        case .suboffsets:
            "For each dimension the bytes to add after following a pointer, negative where there is none; a tuple of "
                + "ints, empty where no dimension has pointers (PEP 3118)."
        case .size: "The number of items: the product of the shape, an int. len() is that of the first dimension alone."
        case .address:
            "The address of the first item, an int; 0 where there is no memory. An Array's memory may move when it is "
                + "resized: hold an export, such as a View, for as long as the address is used."
        case .isCContiguous: "Whether the items lie in C order without gaps, a bool."
        case .isFContiguous: "Whether the items lie in Fortran order without gaps, a bool."
        case .isContiguous: "Whether the items lie in C or Fortran order without gaps, a bool."
        }
    }

    private var documentation: String { "\(summary)\n\n\(example)" }

    private var example: String {
        switch self {
        case .nbytes: ">>> swiftbuffer.zeros((2, 3), 'i').nbytes\n24"
        case .readonly: ">>> swiftbuffer.View(b'abc').readonly\nTrue"
        case .format: ">>> swiftbuffer.zeros(3).format\n'd'"
        case .itemsize: ">>> swiftbuffer.zeros(3).itemsize\n8"
        case .ndim: ">>> swiftbuffer.zeros((2, 3)).ndim\n2"
        case .shape: ">>> swiftbuffer.zeros((2, 3)).shape\n(2, 3)"
        case .strides: ">>> swiftbuffer.zeros((2, 3)).strides\n(24, 8)"
        case .suboffsets: ">>> swiftbuffer.zeros((2, 3)).suboffsets\n()"
        case .size: ">>> swiftbuffer.zeros((2, 3)).size\n6"
        case .address: ">>> swiftbuffer.zeros(3).address % 64\n0"
        case .isCContiguous: ">>> swiftbuffer.zeros((2, 3)).c_contiguous\nTrue"
        case .isFContiguous: ">>> swiftbuffer.zeros((2, 3)).T.f_contiguous\nTrue"
        case .isContiguous: ">>> swiftbuffer.zeros((2, 3))[:, ::2].contiguous\nFalse"
        }
    }

    /// A function for each, since one for all would take longer to find out which is meant than to answer.
    private var getter: PropertyDefinition.Getter {
        switch self {
        case .nbytes:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in try PythonObject(contents.length) }
            }
        case .readonly: return { object, _ in Self.read(object) { (contents) in PythonObject(contents.isReadOnly) } }
        case .format:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in
                    try unsafe PythonObject(text: contents.record.format)
                }
            }
        case .itemsize:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in try PythonObject(contents.itemsize) }
            }
        case .ndim:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in try PythonObject(contents.ndim) }
            }
        case .shape:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in try PythonObject(tuple: contents.layout.shape) }
            }
        case .strides:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in try PythonObject(tuple: contents.layout.strides) }
            }
        case .suboffsets:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in
                    try PythonObject(tuple: contents.layout.suboffsets)
                }
            }
        case .size:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in
                    let layout = contents.layout
                    return try PythonObject(raisingLayoutErrors { () throws(LayoutError) in try layout.itemCount })
                }
            }
        case .address:
            return { object, _ in
                Self.read(object) { (contents) throws(PythonError) in
                    try unsafe PythonObject(address: contents.record.address)
                }
            }
        case .isCContiguous:
            return { object, _ in Self.read(object) { (contents) in PythonObject(contents.isCContiguous) } }
        case .isFContiguous:
            return { object, _ in Self.read(object) { (contents) in PythonObject(contents.isFContiguous) } }
        case .isContiguous:
            return { object, _ in Self.read(object) { (contents) in PythonObject(contents.isContiguous) } }
        }
    }

    /// Answers by the contents of some memory.
    @inline(__always)
    private static func read(
        _ object: ObjectReference, _ body: (borrowing MemoryObject.Contents) throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in try MemoryObject(object).withReadAccess(body) }
    }
}
