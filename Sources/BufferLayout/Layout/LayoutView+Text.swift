// SPDX-License-Identifier: Apache-2.0

// Dimensions as text, for messages.

extension LayoutView {
    /// The shape as Python prints a tuple.
    package var shapeText: String { tupleText(shape) }
    /// The strides as Python prints a tuple.
    package var stridesText: String { tupleText(strides) }
    /// The suboffsets as Python prints a tuple.
    package var suboffsetsText: String { tupleText(suboffsets) }
}

extension Layout {
    /// The shape as Python prints a tuple.
    package var shapeText: String { view.shapeText }
    /// The strides as Python prints a tuple.
    package var stridesText: String { view.stridesText }
    /// The suboffsets as Python prints a tuple.
    package var suboffsetsText: String { view.suboffsetsText }
}

/// Integers as Python prints a tuple.
package func tupleText(_ values: borrowing Span<Int>) -> String {
    if values.count == 1 { return "(\(values[0]),)" }
    var text = "("
    for i in values.indices {
        if i > 0 { text += ", " }
        text += "\(values[i])"
    }
    return text + ")"
}
