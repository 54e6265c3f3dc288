// SPDX-License-Identifier: Apache-2.0
internal import KernelShims

extension Kernels {
    /// An instruction set that the inner loops are compiled for; each includes those before it.
    public enum InstructionSet: Int, Sendable, Comparable, CaseIterable {
        /// What every CPU of the architecture has.
        case baseline
        /// x86-64-v3: AVX2, F16C, FMA, BMI2.
        case avx2
        /// x86-64-v4 and VBMI: AVX-512 as Ice Lake and Zen 4 have it.
        case avx512

        public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

        /// The best that this machine has.
        public static var supported: InstructionSet {
            InstructionSet(rawValue: Int(ks_instruction_set())) ?? .baseline
        }
    }

    /// The instructions in use: the best that this machine has, or what the environment variable `SWIFTBUFFER_CPU`
    /// (`baseline`, `avx2` or `avx512`) allowed of them when the first kernel ran.
    public static var instructionSet: InstructionSet { .allowed }
}
