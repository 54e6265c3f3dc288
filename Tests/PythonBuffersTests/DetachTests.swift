// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import PythonBuffers

/// Work without the GIL beside forks.
@Suite struct DetachTests {
    /// The steps of work on another thread, which a forked child sees as they were when it was forked.
    private final class Progress: Sendable {
        let hasStarted = Atomic<Bool>(false)
        let mayEnd = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
    }

    /// Forks while `work` runs detached on another thread; returns whether the child found that it had ended.
    private func childSeesEnd(
        of purpose: Python.DetachPurpose, _ work: @escaping @Sendable (borrowing Atomic<Bool>) -> Void
    ) throws -> Bool {
        let progress = Progress()
        let worker = DispatchWorkItem {
            Python.attach {
                Python.detach(for: purpose) {
                    progress.hasStarted.store(true, ordering: .sequentiallyConsistent)
                    work(progress.mayEnd)
                    progress.hasEnded.store(true, ordering: .sequentiallyConsistent)
                }
            }
        }
        var status: CInt = -1
        try withPython {
            DispatchQueue.global().async(execute: worker)
            Python.detach(for: .waiting) {
                while !progress.hasStarted.load(ordering: .sequentiallyConsistent) { usleep(1000) }
            }
            let child = try evaluate("__import__('os').fork()").int()
            if child == 0 { _exit(progress.hasEnded.load(ordering: .sequentiallyConsistent) ? 0 : 1) }
            progress.mayEnd.store(true, ordering: .sequentiallyConsistent)
            unsafe _ = waitpid(pid_t(child), &status, 0)
        }
        worker.wait()
        return status == 0
    }

    @Test func aForkWaitsForDetachedWork() throws {
        #expect(try childSeesEnd(of: .computing) { _ in usleep(300_000) })
    }

    @Test func aForkDoesNotWaitForAThreadThatWaits() throws {
        let sawEnd = try childSeesEnd(of: .waiting) { mayEnd in
            // Set after the fork: if the fork waited for this, neither would end.
            while !mayEnd.load(ordering: .sequentiallyConsistent) { usleep(1000) }
        }
        #expect(!sawEnd)
    }

    @Test func aForkDoesNotWaitForDetachedWorkThatWaitsForTheGIL() throws {
        let sawEnd = try childSeesEnd(of: .computing) { mayEnd in
            // The thread that forks holds the GIL. If it waited for this loop, neither would end.
            while !mayEnd.load(ordering: .sequentiallyConsistent) {
                Python.attach { _ = try? evaluate("40 + 2").int() }
            }
        }
        #expect(!sawEnd)
    }

    @Test func detachedWorkMayFork() throws {
        try withPython {
            var status: CInt = -1
            let sum = Python.detachUnchecked {
                let child = fork()
                if child == 0 { _exit(7) }
                unsafe _ = waitpid(child, &status, 0)
                return Python.attach { Python.detach { 3 } } + 4
            }
            #expect(sum == 7)
            #expect(status == 7 << 8)
        }
    }
}
