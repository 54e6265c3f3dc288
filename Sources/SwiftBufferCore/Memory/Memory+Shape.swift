internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Other layouts of the same memory. Never a copy: where only a copy would do, BufferError says so.

extension Memory {
    /// A view in the layout that `body` makes of this one's, at the same address.
    func relaidOut(
        _ body: (borrowing LayoutView) throws(LayoutError) -> Layout
    ) throws(PythonError) -> PythonObject {
        try unsafe subview(ViewTypes(near: object)) { (contents) throws(PythonError) in
            do throws(LayoutError) {
                return unsafe (try body(contents.layout), contents.address)
            } catch {
                throw error.kind == .wouldNeedCopy || error.kind == .indirect
                    ? PythonError(.buffer, error.message + "; use copy()") : PythonError(error)
            }
        }
    }

    /// A view of any shape and strides whose items lie in the memory that this one's items span.
    func strided(shape: [Int], strides: [Int]?, item: ItemFormat? = nil) throws(PythonError) -> PythonObject {
        try unsafe reinterpreted(ViewTypes(near: object)) { (contents) throws(PythonError) in
            if item != nil { try contents.checkHoldsNoObjects() }
            let whole = contents.layout
            let itemsize = item?.format.itemsize ?? whole.itemsize
            let layout = try raisingLayoutErrors { () throws(LayoutError) in
                if let axis = whole.firstIndirectAxis {
                    throw LayoutError(
                        .indirect, "axis \(axis) holds pointers, whose targets no strides reach; use copy() first")
                }
                let memory = try whole.byteExtent ?? 0..<0
                let layout =
                    if let strides { try Layout(shape: shape, strides: strides, itemsize: itemsize) } else {
                        try Layout(shape: shape, itemsize: itemsize)
                    }
                try layout.view.checkFits(in: memory)
                return layout
            }
            return unsafe Reinterpretation(
                layout: layout, address: contents.address, item: item, isReadOnly: contents.isReadOnly)
        }
    }

    /// A view that cannot be written through.
    func readOnly() throws(PythonError) -> PythonObject {
        try unsafe reinterpreted(ViewTypes(near: object)) { (contents) throws(PythonError) in
            unsafe Reinterpretation(
                layout: Layout(contents.layout), address: contents.address, item: nil, isReadOnly: true)
        }
    }
}
