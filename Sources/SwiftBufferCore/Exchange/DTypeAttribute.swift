// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// `dtype` of `Array` and `View`, for libraries such as Dask that ask whatever they take for an array.
///
/// It is there once NumPy has been imported, as whoever asks for a dtype has: asking must not import NumPy for those who
/// only look whether there is one.
enum DTypeAttribute {
    static let properties: [PropertyDefinition] =
        [
            PropertyDefinition(
                "dtype",
                """
                What the items are to NumPy, a numpy.dtype: that of numpy.asarray(memory).

                Raises AttributeError, so that hasattr is false, where NumPy has not been imported, for items that it
                cannot describe, and for items that are arrays, whose axes NumPy has in the shape.

                >>> import numpy
                >>> swiftbuffer.zeros(3, '>i').dtype
                dtype('>i4')
                """
            ) { memory, _ in
                returningObject { () throws(PythonError) in
                    guard let numpy = try NumPyFormat.imported() else {
                        throw PythonError(
                            .attribute,
                            "'\(typeNameOf(memory))' object has no attribute 'dtype': it is NumPy's, which has not "
                                + "been imported; format says what the items are")
                    }
                    // `numpy.dtype` would make a field of padding.
                    let make = try numpy.attribute("lib").attribute("format").attribute("descr_to_dtype")
                    return try MemoryObject(memory).withExportPinned { (contents) throws(PythonError) in
                        try make.call(described(contents))
                    }
                }
            }
        ]

    /// The items in the notation that NumPy writes into its files.
    private static func described(_ contents: borrowing MemoryObject.Contents) throws(PythonError) -> PythonObject {
        let item = try contents.storedItem
        guard item.unreadable == nil else {
            throw PythonError(.attribute, "NumPy has no dtype for items of format '\(contents.formatText)'")
        }
        let type = try ArrayInterfaceType(item.format)
        guard type.shape.isEmpty else {
            throw PythonError(
                .attribute,
                "items of format '\(contents.formatText)' are arrays of shape \(type.shape), whose axes NumPy has in "
                    + "the shape; numpy.asarray(memory).dtype is that of one element")
        }
        return type.isRecord ? type.descr.copy() : try PythonObject(type.typestr)
    }
}
