// SPDX-License-Identifier: Apache-2.0

/// What stands behind memory that the system maps, and what can be done with it besides reading and writing: a file, a
/// named segment.
///
/// It outlives each ``BufferMemory`` that maps it, since growing exchanges one for a larger one.
package protocol MemoryBacking: AnyObject {
    /// The name by which others find it, as Python shows it.
    func name() throws(PythonError) -> PythonObject

    /// Whether the items can be added and removed in the memory itself; otherwise those of an array that grows move into a
    /// block of its own.
    var growsInPlace: Bool { get }

    /// Throws where items can neither be added nor removed now, with the reason.
    ///
    /// - Parameter length: the bytes that the items take.
    func checkResizable(length: Int) throws(PythonError)

    /// A new mapping of the same memory, with address space for `byteCount` bytes.
    ///
    /// - Precondition: ``growsInPlace``, as for ``setLength(from:to:append:)``.
    func remapped(byteCount: Int) throws(PythonError) -> BufferMemory

    /// Sets how many bytes the items take, and writes bytes behind those that stay; further ones are zero.
    ///
    /// - Throws: `OSError`, with nothing changed.
    func setLength(from old: Int, to new: Int, append: borrowing RawSpan) throws(PythonError)

    /// Waits until the items have reached the device.
    func flush(_ memory: BufferMemory, length: Int) throws(PythonError)

    /// Says how bytes of the items are going to be used.
    func advise(_ memory: BufferMemory, _ advice: MemoryAdvice, bytes: Range<Int>) throws(PythonError)

    /// The name of a segment by which other processes of this machine find the same memory; `nil` for other memory.
    var sharedName: String? { get }
}

/// How memory is going to be used: `madvise`.
package enum MemoryAdvice: CInt, CaseIterable, Sendable {
    case normal, random, sequential, willNeed, dontNeed, hugePage, noHugePage

    /// As Python names it: the constant of `mmap`, without its prefix.
    package var name: String {
        switch self {
        case .normal: "normal"
        case .random: "random"
        case .sequential: "sequential"
        case .willNeed: "willneed"
        case .dontNeed: "dontneed"
        case .hugePage: "hugepage"
        case .noHugePage: "nohugepage"
        }
    }
}
