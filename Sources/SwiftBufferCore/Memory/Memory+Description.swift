internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// How memory shows itself to a person.

/// Items shown at each end of an axis that is too long to be shown whole.
private let edgeCount = 3
/// Items shown altogether before axes are cut short.
private let shownCount = 60

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
            do throws(PythonError) {
                text += " "
                try unsafe contents.show(
                    axis: 0, UnsafeRawPointer(contents.address), contents.layout, isCut: isCut, to: &text)
            } catch {
                // An item that cannot be read is no reason not to be shown.
                guard error.matches(.notImplemented) || error.matches(.value) else { throw error }
                text += "items of an unknown format"
            }
            return try PythonObject(text + ">")
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
        for index in 0..<count {
            if isCut && count > 2 * edgeCount && (edgeCount..<count - edgeCount).contains(index) {
                if index == edgeCount { text += ", ..." }
                continue
            }
            if index > 0 { text += ", " }
            try unsafe show(
                axis: axis + 1, layout.step(from: address, axis: axis, to: index), layout, isCut: isCut, to: &text)
        }
        text += "]"
    }
}
