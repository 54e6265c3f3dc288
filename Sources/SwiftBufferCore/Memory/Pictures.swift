// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// What notebooks and consoles show of memory: `_repr_html_` and `__rich_repr__`, which are written in Python and
/// imported on first use.
enum Pictures {
    static let methods: [MethodDefinition] =
        [
            html.method {
                html.call($0, $1, $2, $3) { (call) throws(PythonError) in try shown(call.receiver, by: "html") }
            },
            rich.method {
                rich.call($0, $1, $2, $3) { (call) throws(PythonError) in try shown(call.receiver, by: "rich") }
            },
        ]

    private static func shown(_ memory: ObjectReference, by function: String) throws(PythonError) -> PythonObject {
        // Read before the functions acquire the buffer themselves. Negative for a released view.
        let exports = ExportCount(of: memory).value
        let arguments = try PythonObject(pair: PythonObject(borrowing: memory), PythonObject(exports))
        return try PythonObject(importing: "swiftbuffer._draw.notebook").attribute(function).call(tuple: arguments)
    }
}

private let html = Callable(
    "_repr_html_", "",
    """
    Return HTML for a notebook: a line about the memory, its picture, and a table of the items; of records with a column
    for each field. At most some 60 KB, whatever the shape.
    """)
private let rich = Callable(
    "__rich_repr__", "",
    """
    Return what Rich shows in a console: names and values of the attributes, and the items, as pairs in a list.
    """)
