// SPDX-License-Identifier: Apache-2.0
internal import KernelInterface
internal import KernelLoops
internal import KernelShims

#if arch(x86_64)
    internal import KernelLoopsAVX2
    internal import KernelLoopsAVX512
#endif

/// The inner loops in use. Chosen once, at the first use.
let loops = Kernels.InstructionSet.allowed.loops

/// The same in vectors of at most 32 bytes, for conversions of memory larger than the caches, where wider ones are slower.
let memoryBoundLoops = min(Kernels.InstructionSet.allowed, .avx2).loops

extension Kernels.InstructionSet {
    /// The build of `KernelLoops` for these instructions.
    ///
    /// - Precondition: the machine has them.
    var loops: any InnerLoops.Type {
        #if arch(x86_64)
            switch self {
            case .avx512: KernelLoopsAVX512.Loops.self
            case .avx2: KernelLoopsAVX2.Loops.self
            case .baseline: KernelLoops.Loops.self
            }
        #else
            KernelLoops.Loops.self
        #endif
    }

    /// The best that this machine has and the environment allows.
    static let allowed: Self = {
        let supported = Self.supported
        guard let name = unsafe ks_environment("SWIFTBUFFER_CPU") else { return supported }
        return switch unsafe String(cString: name) {
        case "baseline": .baseline
        case "avx2": min(.avx2, supported)
        default: supported
        }
    }()
}
