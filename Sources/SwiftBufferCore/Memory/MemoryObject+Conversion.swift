// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import PythonBuffers

// Items of another numeric type, and items changed in place.

extension MemoryObject {
    /// A new array with the items as numbers of another format.
    func converted(
        to item: ItemFormat, order: Order, by conversion: NumberConversion
    ) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: object)
        return try withExportPinned { (contents) throws(PythonError) in
            let layout = contents.layout
            let array = try ArrayObject.make(
                types.array, shape: layout.shape, item: item, order: layout.resolved(order), contents: .uninitialized)
            try unsafe MemoryObject(array.reference).withExportPinned { (target) throws(PythonError) in
                try unsafe target.copyItems(
                    from: contents.address, layout: layout, item: contents.item, by: conversion)
            }
            return array
        }
    }

    /// Whether a conversion would give the same items in the same order of memory.
    func isConverted(to item: ItemFormat, order: Order, by conversion: NumberConversion) throws(PythonError) -> Bool {
        try withExportPinned { (contents) throws(PythonError) in
            let layout = contents.layout
            guard !conversion.isScaling, layout.isContiguous(layout.resolved(order)) else { return false }
            return try contents.item.format.isEquivalent(to: item.format)
        }
    }

    /// Reverses the bytes of every number, character and address, in place; the format stays, so that the values change.
    func swapBytes() throws(PythonError) {
        try withExportPinned { (contents) throws(PythonError) in
            try contents.checkWritable()
            try contents.checkHoldsNoObjects()
            guard let values = try contents.item.format.byteOrderRuns else {
                throw PythonError(
                    .type,
                    "cannot swap the bytes of items of format '\(contents.formatText)': bit fields and unions share their "
                        + "bytes")
            }
            let address = unsafe contents.address
            let length = contents.length
            guard length > 0 else { return }
            try detached(if: length >= detachThreshold) { () throws(KernelError) in
                unsafe Kernels.swapBytes(address, layout: contents.layout, values: values)
            }
        }
    }

    /// Writes one value to every item.
    func fill(_ value: ObjectReference) throws(PythonError) {
        let encoded = try encode(value)
        try withExportPinned { (contents) throws(PythonError) in
            try contents.checkWritable()
            try contents.fill(with: encoded)
        }
    }

    /// Copies the items into a writable buffer of the same shape.
    func copy(to target: ObjectReference, by conversion: NumberConversion?) throws(PythonError) {
        let types = try ViewTypes(for: object)
        let view = try ViewObject.make(types, of: target)
        try unsafe MemoryObject(view.reference).copyExactly(from: object, by: conversion)
    }

    /// Copies the items of a buffer of the same shape. The format is to be the same too, unless `conversion` says how
    /// numbers become numbers of another.
    func copyExactly(from source: ObjectReference, by conversion: NumberConversion?) throws(PythonError) {
        let types = try ViewTypes(for: object)
        let view = try ViewObject.make(types, of: source)
        // Pinned before the shapes are compared: another thread could resize an array in between.
        try withExportPinned { (target) throws(PythonError) in
            try unsafe MemoryObject(view.reference).withExportPinned { (contents) throws(PythonError) in
                let (theirs, mine) = (contents.layout, target.layout)
                guard mine.hasShape(of: theirs) else {
                    let stretches = (try? target.broadcast(contents.layout)) != nil
                    throw PythonError(
                        .value,
                        "cannot copy shape \(theirs.shapeText) to shape \(mine.shapeText)"
                            + (stretches ? ": assign to [...] to broadcast" : ""))
                }
                guard let conversion else { return try unsafe copy(from: view.reference) }
                try target.checkWritable()
                try unsafe target.copyItems(
                    from: contents.address, layout: contents.layout, item: contents.item, by: conversion)
            }
        }
    }
}
