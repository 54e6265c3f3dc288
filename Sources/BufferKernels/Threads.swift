// SPDX-License-Identifier: Apache-2.0
internal import KernelShims
internal import Synchronization

extension Kernels {
    /// The most threads that ``setThreads(_:)`` grants.
    public static let maximumThreads = 64

    /// How many threads share a large copy or conversion: 1, or what the environment variable `SWIFTBUFFER_THREADS` said
    /// at the first use, or what ``setThreads(_:)`` has set since.
    public static var threads: Int { wantedThreads.value.load(ordering: .relaxed) }

    /// Sets how many threads, including the calling one, share a large copy or conversion from now on; the number is
    /// clamped to 1...64.
    ///
    /// Threads are started for the call that uses them and joined before it returns. None stays behind, so that a
    /// process may fork at any time.
    public static func setThreads(_ count: Int) {
        wantedThreads.value.store(min(max(count, 1), maximumThreads), ordering: .relaxed)
    }
}

private final class WantedThreads: Sendable {
    let value: Atomic<Int>

    init() {
        let text = unsafe ks_environment("SWIFTBUFFER_THREADS").map { unsafe String(cString: $0) } ?? ""
        value = Atomic(min(max(Int(text) ?? 1, 1), Kernels.maximumThreads))
    }
}

private let wantedThreads = WantedThreads()

/// Results of fewer bytes than this stay on one thread: starting another takes as long as copying a MiB or two.
private let parallelThreshold = 8 << 20

/// Calls `body` for the whole pair, or on several threads at once for parts of it that make up the whole; whether all
/// returned true. `byteCount` is the number of bytes written.
func inParallel(_ pair: inout AxisPair, _ byteCount: Int, _ body: (inout AxisPair) -> Bool) -> Bool {
    let threads = byteCount < parallelThreshold ? 1 : Kernels.threads
    guard threads > 1, unsafe pair.ndim > 0 else { return unsafe body(&pair) }
    // The outermost axis keeps the parts apart in the destination; a short one would leave threads idle.
    var axis = 0
    if unsafe pair.axes[0].count < 16 &* threads {
        for i in unsafe 1..<max(pair.ndim, 1) where unsafe pair.axes[i].count > pair.axes[axis].count { axis = i }
    }
    let count = unsafe pair.axes[axis].count
    guard count >= threads else { return unsafe body(&pair) }
    let whole = unsafe pair
    let wholeCount = unsafe pair.count
    let allSucceeded = Atomic(true)
    // The compiler keeps the length of this file's path with the check that `body` did not escape. A name instead of the
    // path makes the compiled code the same in every folder.
    #sourceLocation(file:"inParallel",line:1)
    unsafe withoutActuallyEscaping(body) { body in
        var task = ParallelTask { part in
            let (start, end) = (count &* part / threads, count &* (part &+ 1) / threads)
            unsafe withUnsafeTemporaryAllocation(of: Axis.self, capacity: whole.ndim) { axes in
                _ = unsafe axes.initialize(from: UnsafeBufferPointer(start: whole.axes, count: whole.ndim))
                unsafe axes[axis].count = end &- start
                var part = unsafe whole
                unsafe part.axes = axes.baseAddress!
                unsafe part.wholeCount = wholeCount
                unsafe part.source += start &* axes[axis].source
                unsafe part.destination += start &* axes[axis].destination
                if unsafe !body(&part) { allSucceeded.store(false, ordering: .relaxed) }
            }
        }
        unsafe withUnsafeMutablePointer(to: &task) { task in
            unsafe ks_parallel(threads, { context, part in unsafe context.load(as: ParallelTask.self).run(part) }, task)
        }
    }
    #sourceLocation()
    return allSucceeded.load(ordering: .relaxed)
}

/// What each thread of one call does, given the number of its part.
@safe
private struct ParallelTask {
    let run: (Int) -> Void
    init(_ run: @escaping (Int) -> Void) { self.run = run }
}
