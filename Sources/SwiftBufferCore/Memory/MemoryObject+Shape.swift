// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

// Other layouts of the same memory, never copies: what needs a copy raises BufferError.

extension MemoryObject {
    /// A view at the same address, in a layout that `body` derives from this one.
    ///
    /// - Parameter alternative: the call that makes a copy, for the error.
    func derivedView(
        orElse alternative: StaticString = "copy()",
        _ body: (borrowing LayoutView) throws(LayoutError) -> Layout
    ) throws(PythonError) -> PythonObject {
        try unsafe subview(ViewTypes(for: object)) { (contents) throws(PythonError) in
            do throws(LayoutError) {
                return unsafe (try body(contents.layout), contents.address)
            } catch {
                throw error.kind == .wouldNeedCopy || error.kind == .indirect
                    ? PythonError(.buffer, error.message + "; use \(alternative)") : PythonError(error)
            }
        }
    }

    /// A view of any shape and strides whose items are inside of the memory that this one's items span.
    ///
    /// - Parameter offset: bytes from this memory's first item to the view's.
    func strided(
        shape: [Int], strides: [Int]?, offset: Int, item: ItemFormat? = nil
    ) throws(PythonError) -> PythonObject {
        try reinterpreted(ViewTypes(for: object)) { (contents) throws(PythonError) in
            if item != nil { try contents.checkHoldsNoObjects() }
            let itemsize = item?.format.itemsize ?? contents.itemsize
            let layout = try raisingLayoutErrors { () throws(LayoutError) in
                let layout =
                    if let strides { try Layout(shape: shape, strides: strides, itemsize: itemsize) } else {
                        try Layout(shape: shape, itemsize: itemsize)
                    }
                try contents.layout.checkHolds(layout.view, at: offset)
                return layout
            }
            return unsafe Reinterpretation(
                layout: layout, address: contents.address + offset, item: item, isReadOnly: contents.isReadOnly)
        }
    }

    /// A view that cannot be written through.
    func readOnly() throws(PythonError) -> PythonObject {
        try reinterpreted(ViewTypes(for: object)) { (contents) throws(PythonError) in
            try contents.whole(isReadOnly: true)
        }
    }
}
