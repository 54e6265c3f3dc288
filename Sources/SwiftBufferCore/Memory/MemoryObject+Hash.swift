internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

extension MemoryObject {
    /// The hash of read-only memory: for items of one byte that of the bytes, as memoryview has it.
    ///
    /// Equal memory must have equal hashes whatever its format. So each item counts as one byte, its value modulo 256,
    /// as long as every item could be a byte; otherwise as Python's own hash of the value.
    ///
    /// - Throws: `ValueError` for writable memory; `TypeError` if an exporter's own hash refuses.
    func hash() throws(PythonError) -> Int {
        // Known even after the memory is released, as of a memoryview.
        let known = rememberedHash
        if known != -1 { return known }
        let hash = try withExportPinned { (contents) throws(PythonError) in
            guard contents.isReadOnly else {
                throw PythonError(.value, "cannot hash writable memory; a frozen copy can be hashed")
            }
            if let owner = contents.owner, let exporter = unsafe sb_lease_buffer(owner.pointer).pointee.obj {
                // Memory that may change under a read-only view has an exporter that refuses this.
                if unsafe PyObject_Hash(exporter) == -1 { throw PythonError.pending() }
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
        let hash = unsafe PyObject_Hash(bytes.pointer)
        if hash == -1 { throw PythonError.pending() }
        return hash
    }

    private func itemsHash() throws(PythonError) -> Int {
        let items = try unsafe PythonObject(result: PyList_New(0))
        try flatten(try list(), into: items)
        var bytes: [UInt8] = []
        let count = unsafe PyList_Size(items.pointer)
        for index in 0..<count {
            let item = unsafe PyList_GetItem(items.pointer, index)!
            guard let byte = try unsafe Self.byte(ObjectReference(pointer: item)) else {
                let tuple = try Self.hashable(items)
                let hash = unsafe PyObject_Hash(tuple.pointer)
                if hash == -1 { throw PythonError.pending() }
                return hash
            }
            bytes.append(byte)
        }
        let object = unsafe try PythonObject(bytes: bytes.span.bytes)
        return unsafe PyObject_Hash(object.pointer)
    }

    private func flatten(_ items: borrowing PythonObject, into flat: borrowing PythonObject) throws(PythonError) {
        guard items.reference.isList else {
            if unsafe PyList_Append(flat.pointer, items.pointer) < 0 { throw PythonError.pending() }
            return
        }
        for index in 0..<(unsafe PyList_Size(items.pointer)) {
            try flatten(
                unsafe PythonObject(borrowing: ObjectReference(pointer: PyList_GetItem(items.pointer, index)!)),
                into: flat)
        }
    }

    /// The same values with every list a tuple: items with sub-arrays in them hold lists, which have no hash.
    private static func hashable(_ value: borrowing PythonObject) throws(PythonError) -> PythonObject {
        guard value.reference.isList || value.reference.isTuple else { return value.copy() }
        let values = try unsafe PythonObject(result: PySequence_Tuple(value.pointer))
        let count = values.tupleCount
        let result = try unsafe PythonObject(result: PyTuple_New(count))
        for index in 0..<count {
            let item = try hashable(PythonObject(borrowing: values.reference.tupleItem(index)))
            unsafe sb_tuple_set(result.pointer, index, item.intoPointer())
        }
        return result
    }

    /// The value modulo 256 of a number, or the byte of a string, that an item of one byte could be equal to.
    private static func byte(_ item: ObjectReference) throws(PythonError) -> UInt8? {
        if unsafe item.isBytes && sb_bytes_count(item.pointer) == 1 {
            return unsafe UInt8(bitPattern: sb_bytes_address(item.pointer).pointee)
        }
        if item.isFloat || item.isComplex {
            let number = unsafe PyComplex_AsCComplex(item.pointer)
            guard number.imag == 0, (-128...255).contains(number.real), number.real.rounded() == number.real else {
                return nil
            }
            return UInt8(truncatingIfNeeded: Int(number.real))
        }
        guard item.isInt else { return nil }
        var overflow: CInt = 0
        let value = unsafe PyLong_AsLongLongAndOverflow(item.pointer, &overflow)
        guard overflow == 0, (-128...255).contains(value) else { return nil }
        return UInt8(truncatingIfNeeded: value)
    }
}
