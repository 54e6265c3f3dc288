// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

// The representation of memory: `repr(memory)`.

/// Items shown at each end of an axis that is too long to be shown whole.
private let edgeCount = 3
/// The most items shown altogether; with more, axes are abbreviated.
private let shownCount = 60

extension MemoryObject {
    /// `<Array shape=(2, 3) format='d' [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]>`
    ///
    /// - Parameter released: what stands for the type once the memory is released, if not its name.
    func representation(_ typeName: String, released: String? = nil) throws(PythonError) -> PythonObject {
        guard !isClosed else { return try PythonObject("<released \(released ?? typeName)>") }
        return try withExportPinned { (contents) throws(PythonError) in
            let layout = contents.layout
            var text = "<\(typeName) shape=\(layout.shapeText) format='\(contents.formatText)'"
            if !contents.layout.isCContiguous {
                text += contents.layout.isFContiguous ? " order='F'" : " strides=\(layout.stridesText)"
            }
            if contents.layout.isIndirect { text += " suboffsets=\(layout.suboffsetsText)" }
            if contents.isReadOnly { text += " readonly" }
            let count = contents.itemsize > 0 ? contents.length / contents.itemsize : 0
            var items = Items(isCut: count > shownCount)
            do throws(PythonError) {
                try unsafe contents.show(axis: 0, UnsafeRawPointer(contents.address), contents.layout, in: &items)
            } catch {
                // The description is still useful.
                guard error.matches(.notImplemented) || error.matches(.value) else { throw error }
                items.text = "items that cannot be read"
            }
            return try PythonObject("\(text) \(items.text)>")
        }
    }
}

/// The items as text, as many as fit.
private struct Items {
    let isCut: Bool
    var text = ""
    /// How many more items and empty lists may be shown: many short axes add up.
    var left = shownCount

    init(isCut: Bool) {
        self.isCut = isCut
    }
}

extension MemoryObject.Contents {
    fileprivate func show(
        axis: Int, _ address: UnsafeRawPointer, _ layout: borrowing LayoutView, in items: inout Items
    ) throws(PythonError) {
        guard axis < layout.ndim else {
            let item = try unsafe object(at: address)
            items.text += try item.representation()
            items.left -= 1
            return
        }
        let count = layout.shape[axis]
        if count == 0 { items.left -= 1 }
        items.text += "["
        var index = 0
        while index < count {
            if items.left <= 0 {
                items.text += index > 0 ? ", ..." : "..."
                break
            }
            if items.isCut && count > 2 * edgeCount && index == edgeCount {
                items.text += ", ..."
                index = count - edgeCount
            }
            if index > 0 { items.text += ", " }
            try unsafe show(axis: axis + 1, layout.step(from: address, axis: axis, to: index), layout, in: &items)
            index += 1
        }
        items.text += "]"
    }
}
