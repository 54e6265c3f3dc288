internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// The representation of memory in a notebook: its description and a table of items.

/// Rows and columns shown at each end of an axis that is too long to be shown whole.
private let edgeCount = 5

extension MemoryObject {
    /// An HTML table of the last two dimensions; of more, the first part of each of those before.
    func html(_ typeName: String) throws(PythonError) -> PythonObject {
        guard !isClosed else { return try PythonObject("<p>\(typeName), released</p>") }
        // Pinned, since the items are read one by one.
        return try withExportPinned { (contents) throws(PythonError) in
            try table(contents.ownedLayout, format: contents.formatText, typeName)
        }
    }

    private func table(_ layout: Layout, format: String, _ typeName: String) throws(PythonError) -> PythonObject {
        var text = "<p>\(typeName): shape \(layout.shapeText), format <code>\(escaped(format))</code></p>"
        guard !layout.shape.contains(0) else { return try PythonObject(text) }
        let outer = max(layout.ndim - 2, 0)
        if outer > 0 {
            text += "<p>[" + Array(repeating: "0", count: outer).joined(separator: ", ") + ", :, :]</p>"
        }
        let rows = layout.ndim > 1 ? layout.shape[layout.ndim - 2] : 1
        let columns = layout.ndim > 0 ? layout.shape[layout.ndim - 1] : 1
        text += "<table>"
        for row in Self.shown(rows) {
            text += "<tr>"
            for column in Self.shown(columns) {
                guard let row, let column else {
                    text += "<td>…</td>"
                    continue
                }
                let inner = [row, column].suffix(min(layout.ndim, 2))
                let position = Array(repeating: 0, count: outer) + inner
                text += "<td>\(escaped(try itemText(at: position)))</td>"
            }
            text += "</tr>"
        }
        return try PythonObject(text + "</table>")
    }

    private func itemText(at position: [Int]) throws(PythonError) -> String {
        do {
            return try item(at: position.span).representation()
        } catch {
            guard error.matches(.notImplemented) || error.matches(.value) else { throw error }
            return "?"
        }
    }

    /// The positions to show of an axis; `nil` stands for those left out.
    private static func shown(_ count: Int) -> [Int?] {
        guard count > 2 * edgeCount + 1 else { return Array(0..<count) }
        return Array(0..<edgeCount) + [nil] + Array(count - edgeCount..<count)
    }
}

private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
        switch character {
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "&": result += "&amp;"
        default: result.append(character)
        }
    }
    return result
}
