// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

// Looking for a record by its bytes, without making objects of the items.

extension MemoryObject {
    /// A record as items would hold it.
    struct Pattern: ~Copyable {
        fileprivate let plan: ItemPlan
        fileprivate let image: EncodedItem
        /// Whether an item can equal the value at all.
        fileprivate let isHeld: Bool
        /// Keeps the plan.
        fileprivate let item: ItemFormat
    }

    /// The pattern of a value; `nil` where only Python can tell which items equal it.
    func pattern(of value: ObjectReference) throws(PythonError) -> Pattern? {
        // Where the items cannot be read, reading the first one raises the error.
        guard leasedContents.scalar == nil, let item = try? item, let plan = item.plan, plan.comparesInMemory else {
            return nil
        }
        let image = try EncodedItem(byteCount: item.format.itemsize)
        guard let address = unsafe image.bytes.baseAddress, unsafe plan.store(value, to: address) else { return nil }
        // What does not come back from an item, such as 0.1 from a float of four bytes or a tuple from a sub-array,
        // equals none. The values are of Python's own types, whose comparison runs no other code.
        var isHeld = true
        if !plan.storesExactly {
            let again = try unsafe plan.object(at: address)
            isHeld = try unsafe again.reference.isSameOrEqual(to: value)
        }
        return Pattern(plan: plan, image: image, isHeld: isHeld, item: item)
    }

    func firstPlace(of pattern: borrowing Pattern, from start: Int, upTo stop: Int) throws(PythonError) -> Place? {
        let found = try search(for: pattern, start, stop, isFirstEnough: true)
        guard let number = found.first else { return nil }
        // Neither the number of dimensions nor the shape of a view changes, and only arrays of one dimension are
        // resized.
        let contents = leasedContents
        if contents.ndim == 1 { return .position(found.start + number) }
        var index = contents.layout.index(ofItem: number)
        index[0] += found.start
        return .item(index)
    }

    func count(of pattern: borrowing Pattern) throws(PythonError) -> Int {
        try search(for: pattern, 0, .max, isFirstEnough: false).count
    }

    private func search(
        for pattern: borrowing Pattern, _ start: Int, _ stop: Int, isFirstEnough: Bool
    ) throws(PythonError) -> PatternSearch {
        try withExportPinned { (contents) throws(PythonError) in
            let range = try contents.positions(start, stop)
            var search = unsafe PatternSearch(
                plan: pattern.plan, image: UnsafeRawPointer(pattern.image.bytes.baseAddress!), start: range.lowerBound,
                isFirstEnough: isFirstEnough)
            // Memory without items may have long axes before the one that is empty.
            let layout = contents.layout
            guard pattern.isHeld, !(0..<layout.ndim).contains(where: { layout.shape[$0] == 0 }) else { return search }
            try detached(if: contents.length >= detachThreshold) {
                unsafe search.visit(axis: 0, range, UnsafeRawPointer(contents.address), contents.layout)
            }
            return search
        }
    }
}

/// A search of memory for the items that equal one.
@safe
private struct PatternSearch {
    let plan: ItemPlan
    let image: UnsafeRawPointer
    /// The position of the part that is searched along the first axis.
    let start: Int
    let isFirstEnough: Bool
    /// How many items have been looked at.
    private var visited = 0
    /// How many were equal, and the number of the first in C order of the part.
    private(set) var count = 0
    private(set) var first: Int?
    private var isDone: Bool { isFirstEnough && first != nil }

    init(plan: ItemPlan, image: UnsafeRawPointer, start: Int, isFirstEnough: Bool) {
        self.plan = plan
        unsafe self.image = image
        self.start = start
        self.isFirstEnough = isFirstEnough
    }

    /// Searches some positions of an axis. It takes no closure: the compiler would specialise the recursion without
    /// end.
    ///
    /// - Precondition: the items are in memory that is pinned.
    mutating func visit(
        axis: Int, _ range: Range<Int>, _ address: UnsafeRawPointer, _ layout: borrowing LayoutView
    ) {
        guard axis < layout.ndim - 1 else {
            let hasPointers = layout.suboffset(axis) >= 0
            var next = range.lowerBound
            while next < range.upperBound {
                let found = unsafe plan.firstIndex(
                    equal: true, layout.step(from: address, axis: axis, to: next), stride: layout.strides[axis], image,
                    stride: 0, count: hasPointers ? 1 : range.upperBound - next)
                guard let found else {
                    next = hasPointers ? next + 1 : range.upperBound
                    continue
                }
                count += 1
                if first == nil { first = visited + next + found - range.lowerBound }
                if isDone { return }
                next += found + 1
            }
            visited += range.count
            return
        }
        for index in range {
            unsafe visit(
                axis: axis + 1, 0..<layout.shape[axis + 1], layout.step(from: address, axis: axis, to: index), layout)
            if isDone { return }
        }
    }
}
