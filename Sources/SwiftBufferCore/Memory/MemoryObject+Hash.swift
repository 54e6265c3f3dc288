// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

extension MemoryObject {
    /// The hash of read-only memory: for items of one byte that of the bytes, as memoryview has it.
    ///
    /// Equal memory must have equal hashes whatever its format. So each item counts as one byte, its value modulo 256,
    /// as long as every item could be a byte; otherwise as Python's own hash of the value.
    ///
    /// - Throws: for memory that may change, `TypeError` of arrays, by which callers such as Dask know objects without a
    ///   hash, and `ValueError` of views, as memoryview does; `TypeError` if an exporter's own hash refuses.
    func hash() throws(PythonError) -> Int {
        // A cached hash outlives the memory, as in memoryview.
        let known = rememberedHash
        if known != -1 { return known }
        let hash = try withExportPinned { (contents) throws(PythonError) in
            let kind: PythonError.Kind = contents.owner == nil ? .type : .value
            guard contents.isReadOnly else {
                throw PythonError(kind, "cannot hash writable memory; a frozen copy can be hashed")
            }
            guard try !contents.mayBeChangedElsewhere else {
                throw PythonError(
                    kind, "cannot hash memory that another object may change; freeze() copies it into the array")
            }
            if let owner = contents.owner, let exporter = Lease.exporter(of: owner) {
                // A read-only view of memory that may still change belongs to an exporter that has no hash.
                _ = try exporter.hash()
            }
            if case (.int8, _)? = contents.scalar { return try bytesHash() }
            if case (.uint8, _)? = contents.scalar { return try bytesHash() }
            if case (.char, _)? = contents.scalar { return try bytesHash() }
            if contents.owner != nil {
                throw PythonError(
                    .value, "hashing of views is restricted to formats 'B', 'b' and 'c', not '\(contents.formatText)'")
            }
            return try itemsHash()
        }
        remember(hash: hash)
        return hash
    }

    private func bytesHash() throws(PythonError) -> Int {
        let bytes = try self.bytes(order: .c)
        return try bytes.hash()
    }

    private func itemsHash() throws(PythonError) -> Int {
        let items = try PythonObject(emptyList: ())
        let list = try list()
        try unsafe flatten(list.reference, into: items)
        var bytes: [UInt8] = []
        for index in unsafe 0..<items.reference.listCount {
            guard let byte = try unsafe Self.byte(items.reference.listItem(index)) else {
                return try unsafe Self.hashable(items.reference).hash()
            }
            bytes.append(byte)
        }
        return try unsafe PythonObject(bytes: bytes.span.bytes).hash()
    }

    private func flatten(_ items: ObjectReference, into flat: borrowing PythonObject) throws(PythonError) {
        guard items.isList else { return try flat.append(items) }
        for index in 0..<items.listCount { try flatten(items.listItem(index), into: flat) }
    }

    /// The same values with every list a tuple: items with sub-arrays in them hold lists, which have no hash.
    private static func hashable(_ value: ObjectReference) throws(PythonError) -> PythonObject {
        guard value.isList || value.isTuple else { return PythonObject(borrowing: value) }
        let values = try value.asTuple()
        var result = try TupleBuilder(capacity: values.tupleCount)
        for index in 0..<values.tupleCount { unsafe result.append(try hashable(values.tupleItem(index))) }
        return result.finish()
    }

    /// The value modulo 256 of a number, or the byte of a string, that an item of one byte could be equal to.
    private static func byte(_ item: ObjectReference) throws(PythonError) -> UInt8? {
        if let byte = item.singleByte { return byte }
        if item.isFloat || item.isComplex {
            let number = try item.complex()
            guard number.imaginary == 0, (-128...255).contains(number.real), number.real.rounded() == number.real else {
                return nil
            }
            return UInt8(truncatingIfNeeded: Int(number.real))
        }
        guard item.isInt, let value = item.int64, (-128...255).contains(value) else { return nil }
        return UInt8(truncatingIfNeeded: value)
    }
}
