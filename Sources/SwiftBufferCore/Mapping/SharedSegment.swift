// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims
internal import PythonBuffers

/// A named segment of shared memory, which every process of this machine may attach: the memory behind `shared`.
///
/// It is a file in the memory of the system, at the place where `multiprocessing.shared_memory` has its own. Source:
/// shm_open(3).
final class SharedSegment: MemoryBacking {
    let segmentName: String
    private let file: FileHandle

    private static let folder = "/dev/shm/"

    private init(_ name: String, _ file: FileHandle) {
        segmentName = name
        self.file = file
    }

    /// - Throws: `ValueError` for what is no name.
    static func checkName(_ name: String) throws(PythonError) {
        guard !name.isEmpty, !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 }), name != ".",
            name != ".."
        else {
            throw PythonError(.value, "a segment's name is a file name without '/', not \(name.debugDescription)")
        }
    }

    /// The memory of a new segment, which is removed when this memory ends.
    ///
    /// - Parameter name: `nil` for a name that nothing else has.
    /// - Throws: `FileExistsError`, `OSError` where there is no room for so many bytes.
    static func make(_ name: String?, byteCount: Int) throws(PythonError) -> BufferMemory {
        let (name, file) = try makeFile(name)
        let path = file.path
        do throws(PythonError) {
            // Others cannot map a segment without bytes. Room is taken now: later there would be no way to say that
            // there is none, but SIGBUS.
            try file.allocate(max(byteCount, 1))
            let segment = SharedSegment(name, file)
            let memory = try file.map(offset: 0, byteCount: byteCount, .write, backing: segment)
            let removal = try PythonObject(importing: "swiftbuffer._shared").attribute("made").call(PythonObject(name))
            memory.callAtEnd(removal)
            return memory
        } catch {
            _ = unsafe sb_file_remove(path)
            throw error
        }
    }

    private static func makeFile(_ name: String?) throws(PythonError) -> (String, FileHandle) {
        if let name { return try (name, FileHandle(path(of: name), .createNew)) }
        while true {
            let name = "sb_" + String(UInt64.random(in: .min ... .max), radix: 36)
            do throws(PythonError) {
                return try (name, FileHandle(path(of: name), .createNew))
            } catch {
                // Somebody has this very name.
                guard error.matches(.fileExists) else { throw error }
            }
        }
    }

    /// The memory of a segment that exists.
    ///
    /// - Parameter byteCount: how many bytes to map, of those that the segment has.
    /// - Throws: `FileNotFoundError`, `OSError`, and what `byteCount` throws.
    static func attach(
        _ name: String, isReadOnly: Bool, byteCount: (_ room: Int) throws(PythonError) -> Int
    ) throws(PythonError) -> BufferMemory {
        let file = try FileHandle(path(of: name), isReadOnly ? .read : .write)
        let room = try file.size
        let byteCount = try byteCount(room)
        guard byteCount <= room else {
            throw PythonError(
                .value, "the items take \(byteCount) bytes, but the segment '\(name)' has \(room)")
        }
        return try file.map(
            offset: 0, byteCount: byteCount, isReadOnly ? .read : .write, backing: SharedSegment(name, file))
    }

    private static func path(of name: String) -> [CChar] {
        (folder + name).utf8.map { CChar(bitPattern: $0) } + [0]
    }

    // -- MemoryBacking

    func name() throws(PythonError) -> PythonObject { try PythonObject(segmentName) }

    var sharedName: String? { segmentName }

    var growsInPlace: Bool { false }

    func checkResizable(length: Int) throws(PythonError) {
        throw PythonError(
            .type,
            "an array in a shared segment keeps its length, which other processes rely on; copy() makes one that grows")
    }

    func remapped(byteCount: Int) throws(PythonError) -> BufferMemory {
        try file.map(offset: 0, byteCount: byteCount, .write, backing: self)
    }

    func setLength(from old: Int, to new: Int, append: borrowing RawSpan) throws(PythonError) {
        try checkResizable(length: old)
    }

    func flush(_ memory: BufferMemory, length: Int) throws(PythonError) {
        throw PythonError(.type, "a shared segment has no file to write to; other processes see changes at once")
    }

    func advise(_ memory: BufferMemory, _ advice: MemoryAdvice, bytes: Range<Int>) throws(PythonError) {
        try adviseMapping(memory, advice, bytes: bytes, of: file)
    }
}
