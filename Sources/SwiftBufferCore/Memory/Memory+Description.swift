internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// How memory shows itself to a person.

/// Items shown at each end of an axis that is too long to be shown whole.
private let edgeCount = 3
/// Items shown altogether before axes are cut short.
private let shownCount = 60
/// Bytes of text after which the rest is left out: many short axes, or large items, are not cut short by counts.
private let textLimit = 2000

extension Memory {
    /// `<Array shape=(2, 3) format='d' [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]>`
    func representation(_ typeName: String) throws(PythonError) -> PythonObject {
        guard !isClosed else { return try PythonObject("<released \(typeName)>") }
        return try hold { (contents) throws(PythonError) in
            let layout = Layout(contents.layout)
            var text = "<\(typeName) shape=\(layout.shapeText) format='\(contents.formatText)'"
            if !contents.layout.isCContiguous {
                text += contents.layout.isFContiguous ? " order='F'" : " strides=\(layout.stridesText)"
            }
            if contents.layout.isIndirect { text += " suboffsets=\(Layout(contents.layout).suboffsetsText)" }
            if contents.isReadOnly { text += " readonly" }
            let isCut = layout.shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) > shownCount
            var items = ""
            do throws(PythonError) {
                try unsafe contents.show(
                    axis: 0, UnsafeRawPointer(contents.address), contents.layout, isCut: isCut, to: &items)
            } catch {
                // An item that cannot be read is no reason not to be shown.
                guard error.matches(.notImplemented) || error.matches(.value) else { throw error }
                items = "items of an unknown format"
            }
            return try PythonObject("\(text) \(items)>")
        }
    }
}

extension Memory.Contents {
    fileprivate func show(
        axis: Int, _ address: UnsafeRawPointer, _ layout: borrowing LayoutView, isCut: Bool, to text: inout String
    ) throws(PythonError) {
        guard axis < layout.ndim else {
            let item = try unsafe object(at: address)
            let shown = try unsafe PythonObject(result: PyObject_Repr(item.pointer))
            text += try shown.string()
            return
        }
        let count = layout.shape[axis]
        text += "["
        var index = 0
        while index < count {
            if isCut && index == edgeCount && count > 2 * edgeCount {
                text += ", ..."
                index = count - edgeCount
            }
            if index > 0 { text += ", " }
            if text.utf8.count > textLimit {
                text += "..."
                break
            }
            try unsafe show(
                axis: axis + 1, layout.step(from: address, axis: axis, to: index), layout, isCut: isCut, to: &text)
            index += 1
        }
        text += "]"
    }
}
