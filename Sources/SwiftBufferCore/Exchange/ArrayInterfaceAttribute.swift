// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// `__array_interface__` of `Array` and `View`.
enum ArrayInterfaceAttribute {
    static let properties: [PropertyDefinition] =
        [
            PropertyDefinition(
                "__array_interface__",
                """
                The memory as libraries ask for it that know NumPy's array interface, version 3, a new dict.

                Its 'data' is a View of the bytes, in which the first item stands at 'offset', instead of an address:
                who keeps it keeps an export, so that the memory does not move. Items that are arrays have their axes in
                the shape.

                Raises AttributeError, so that hasattr is false, for pointers to follow (PEP 3118's suboffsets), and for
                items that the interface cannot describe: objects, pointers, bit fields, unions, 24-bit integers.

                >>> swiftbuffer.zeros((2, 3), '>i').__array_interface__['typestr']
                '>i4'

                Source: the array interface protocol in NumPy's manual.
                """
            ) { memory, _ in
                returningObject { () throws(PythonError) in
                    try MemoryObject(memory).withExportPinned { (contents) throws(PythonError) in
                        try dictionary(memory, contents)
                    }
                }
            }
        ]

    /// - Precondition: the memory is pinned, and `contents` are its.
    private static func dictionary(
        _ memory: ObjectReference, _ contents: borrowing MemoryObject.Contents
    ) throws(PythonError) -> PythonObject {
        let item = try contents.storedItem
        guard item.unreadable == nil else {
            throw PythonError(
                .attribute, "__array_interface__ has no type for items of format '\(contents.formatText)'")
        }
        let layout = contents.layout
        guard !layout.isIndirect else {
            throw PythonError(.attribute, "__array_interface__ cannot follow pointers; copy() has it")
        }
        let type = try ArrayInterfaceType(item.format)
        let elements = try raisingLayoutErrors { () throws(LayoutError) in
            let count = try Layout(shape: type.shape, itemsize: 1).view.itemCount
            return try Layout(shape: type.shape, itemsize: count == 0 ? 0 : contents.itemsize / count)
        }
        let extent = try raisingLayoutErrors { () throws(LayoutError) in try layout.byteExtent ?? 0..<0 }
        let bytes = try MemoryObject(memory).reinterpreted(ViewTypes(for: memory)) { (contents) throws(PythonError) in
            let line = try raisingLayoutErrors { () throws(LayoutError) in
                try Layout(shape: [extent.count], itemsize: 1)
            }
            // The bytes that items touch.
            return unsafe MemoryObject.Reinterpretation(
                layout: line, address: contents.address + extent.lowerBound, item: .of(.uint8),
                isReadOnly: contents.isReadOnly)
        }
        let result = try PythonObject(emptyDictionary: ())
        let names = try ExchangeNames(ViewTypes(for: memory))
        func set(_ name: ExchangeNames.Name, _ value: consuming PythonObject) throws(PythonError) {
            try result.setValue(value, at: PythonObject(borrowing: names[name]))
        }
        try set(.version, PythonObject(3))
        try set(.shape, PythonObject(tuple: (layout.shapeArray + type.shape).span))
        try set(.typestr, PythonObject(type.typestr))
        try set(.descr, type.descr.copy())
        try set(.data, bytes)
        try set(.offset, PythonObject(-extent.lowerBound))
        try set(
            .strides,
            layout.isCContiguous ? .none : PythonObject(tuple: (layout.stridesArray + elements.strides).span))
        return result.copy()
    }
}
