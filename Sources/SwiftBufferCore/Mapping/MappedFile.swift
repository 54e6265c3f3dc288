// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// A file whose bytes are the items of an array: the memory behind `map_file`.
///
/// The file ends where the items do, once it has grown or shrunk with them. The address space of a mapping reaches
/// beyond that end, so that the file can grow without being mapped anew each time.
final class MappedFile: MemoryBacking {
    enum Mode: String, CaseIterable {
        case read = "r"
        case readWrite = "r+"
        case create = "w+"
        case copyOnWrite = "c"

        fileprivate var sharing: FileHandle.Sharing {
            switch self {
            case .read: .read
            case .readWrite, .create: .write
            case .copyOnWrite: .copyOnWrite
            }
        }

        fileprivate var access: FileHandle.Access {
            switch self {
            case .read, .copyOnWrite: .read
            case .readWrite: .write
            case .create: .create
            }
        }
    }

    private let file: FileHandle
    private let mode: Mode
    /// Bytes of the file in front of the items.
    private let offset: Int

    init(_ path: [CChar], _ mode: Mode, offset: Int) throws(PythonError) {
        self.mode = mode
        self.offset = offset
        file = try FileHandle(path, mode.access)
    }

    func name() throws(PythonError) -> PythonObject { try file.pathText() }

    /// The bytes behind the offset.
    var room: Int {
        get throws(PythonError) {
            let size = try file.size
            guard offset <= size else {
                throw PythonError(.value, "offset \(offset) is beyond the end of the file, which has \(size) bytes")
            }
            return size - offset
        }
    }

    /// The memory of the first items.
    ///
    /// - Throws: `ValueError` for a file that is too short, `OSError`.
    func memory(byteCount: Int) throws(PythonError) -> BufferMemory {
        let (end, overflow) = offset.addingReportingOverflow(byteCount)
        guard !overflow else { throw PythonError(.overflow, "offset \(offset) and the items are too large for a file") }
        if mode == .create {
            // Emptied first: what was in the file does not show through.
            try file.setSize(0)
            try file.setSize(end)
        } else {
            let size = try file.size
            guard end <= size else {
                throw PythonError(
                    .value,
                    "the items take \(byteCount) bytes from offset \(offset) on, but the file has \(size) bytes; mode "
                        + "'w+' makes a file, and an array of one dimension grows one in mode 'r+'")
            }
        }
        return try map(byteCount)
    }

    private func map(_ byteCount: Int) throws(PythonError) -> BufferMemory {
        try file.map(offset: offset, byteCount: byteCount, mode.sharing, backing: self)
    }

    // -- Growth

    /// What is written to private memory must not reach the file.
    var growsInPlace: Bool { mode != .copyOnWrite }

    func checkResizable(length: Int) throws(PythonError) {
        guard growsInPlace else { return }
        let size = try wholeSize(length)
        guard size == offset + length else {
            throw PythonError(
                .value,
                "the items end at byte \(offset + length) of the file, which goes on up to \(size): resizing would "
                    + "change what is behind them")
        }
    }

    func remapped(byteCount: Int) throws(PythonError) -> BufferMemory { try map(byteCount) }

    func setLength(from old: Int, to new: Int, append: borrowing RawSpan) throws(PythonError) {
        let (end, overflow) = offset.addingReportingOverflow(new)
        guard !overflow else { throw PythonError(.overflow, "the file would be too large") }
        let written = max(min(append.byteCount, new - old), 0)
        do throws(PythonError) {
            // Not through the memory: a full disk is an error of this call, where a store would end the process.
            try file.write(append, count: written, at: offset + old)
            if new != old + written { try file.setSize(end) }
        } catch {
            try? file.setSize(offset + old)
            throw error
        }
    }

    /// The length of the file; throws where it no longer has all bytes of the items.
    private func wholeSize(_ length: Int) throws(PythonError) -> Int {
        let size = try file.size
        guard size >= offset + length else {
            throw PythonError(
                .buffer,
                "the file was truncated to \(size) bytes, but the items end at byte \(offset + length); reading those "
                    + "behind its end would end the process")
        }
        return size
    }

    // -- Methods

    func flush(_ memory: BufferMemory, length: Int) throws(PythonError) {
        guard mode != .copyOnWrite else {
            throw PythonError(.type, "memory of mode 'c' is never written to the file; open it in mode 'r+'")
        }
        _ = try wholeSize(length)
        if mode != .read { try flushMapping(memory, length: length, of: file) }
    }

    func advise(_ memory: BufferMemory, _ advice: MemoryAdvice, bytes: Range<Int>) throws(PythonError) {
        guard mode != .copyOnWrite || advice != .dontNeed else {
            throw PythonError(.value, "advice 'dontneed' would undo what was written to memory of mode 'c'")
        }
        try adviseMapping(memory, advice, bytes: bytes, of: file)
    }

    var sharedName: String? { nil }
}
