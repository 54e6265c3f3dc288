internal import BufferLayout
internal import KernelLoops

#if arch(x86_64)
    internal import KernelLoopsAVX2
    internal import KernelLoopsAVX512
#endif

/// The inner loops of `KernelLoops`, built for one set of instructions. Their contracts stand there.
@safe
final class Loops: Sendable {
    let instructionSet: Kernels.InstructionSet
    let convertContiguous: @Sendable (UnsafeRawPointer, Scalar, UnsafeMutableRawPointer, Scalar, Int) -> Bool
    /// The same in vectors of at most 32 bytes.
    let convertFar: @Sendable (UnsafeRawPointer, Scalar, UnsafeMutableRawPointer, Scalar, Int) -> Bool
    let scaleDoubles: @Sendable (UnsafeMutableRawPointer, Int, Double, Double, Bool) -> Void
    let scaleFloats: @Sendable (UnsafeMutableRawPointer, Int, Float) -> Void
    let scaleToIntegers:
        @Sendable (UnsafeRawPointer, Bool, UnsafeMutableRawPointer, Int, Double, Double, Double, Double) -> Void
    let clampIntegers: @Sendable (UnsafeMutableRawPointer, Scalar, Int, Int64, Int64) -> Void
    let areIntegersWithin: @Sendable (UnsafeRawPointer, Scalar, Int, Int64, Int64) -> Bool
    let areDoublesWithin: @Sendable (UnsafeRawPointer, Int, Double, Double) -> Bool
    let wrapDoubles: @Sendable (UnsafeMutableRawPointer, Int) -> Void
    let equalFloats: @Sendable (UnsafeRawPointer, UnsafeRawPointer, Scalar, Int, Bool) -> Bool
    let equalMixed: @Sendable (UnsafeRawPointer, Bool, UnsafeRawPointer, Int) -> Bool
    let equalTransposed: @Sendable (UnsafeRawPointer, Int, UnsafeRawPointer, Int, Int, Int, Int, Bool) -> Bool?
    let anyNegative: @Sendable (UnsafeRawPointer, Int) -> Bool
    let countMatches: @Sendable (UnsafeRawPointer, Int, UInt64, UInt64, Int) -> Int
    let firstMatch: @Sendable (UnsafeRawPointer, Int, UInt64, UInt64, Int) -> Int
    let moveGrid: @Sendable (UnsafeRawPointer, Int, Int, UnsafeMutableRawPointer, Int, Int, Int, Int, Int) -> Void
    let swapContiguous: @Sendable (UnsafeRawPointer, UnsafeMutableRawPointer, Int, Int) -> Void
    let copyRows: @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Int, Int, Bool) -> Void
    let gatherRow: @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Int, Bool) -> Bool
    let splitChannels: @Sendable (UnsafeRawPointer, UnsafeMutableRawPointer, Int, Int, Int, Int) -> Bool
    let joinChannels: @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Int, Int, Bool) -> Bool
    let transposeGrid:
        @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Int, Int, Int, Bool, Bool) -> Bool

    let transposeLines: @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Int, Int, Int, Bool) -> Bool
    let transposePacked: @Sendable (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Int, Int, Int) -> Bool

    init(_ instructionSet: Kernels.InstructionSet) {
        self.instructionSet = instructionSet
        #if arch(x86_64)
            switch instructionSet {
            case .avx512:
                unsafe self.convertContiguous = unsafe KernelLoopsAVX512.convertContiguous
                unsafe self.convertFar = unsafe KernelLoopsAVX2.convertContiguous
                unsafe self.scaleDoubles = unsafe KernelLoopsAVX512.scaleDoubles
                unsafe self.scaleFloats = unsafe KernelLoopsAVX512.scaleFloats
                unsafe self.scaleToIntegers = unsafe KernelLoopsAVX512.scaleToIntegers
                unsafe self.clampIntegers = unsafe KernelLoopsAVX512.clampIntegers
                unsafe self.areIntegersWithin = unsafe KernelLoopsAVX512.areIntegersWithin
                unsafe self.areDoublesWithin = unsafe KernelLoopsAVX512.areDoublesWithin
                unsafe self.wrapDoubles = unsafe KernelLoopsAVX512.wrapDoubles
                unsafe self.equalFloats = unsafe KernelLoopsAVX512.equalFloats
                unsafe self.equalMixed = unsafe KernelLoopsAVX512.equalMixed
                unsafe self.equalTransposed = unsafe KernelLoopsAVX512.equalTransposed
                unsafe self.anyNegative = unsafe KernelLoopsAVX512.anyNegative
                unsafe self.countMatches = unsafe KernelLoopsAVX512.countMatches
                unsafe self.firstMatch = unsafe KernelLoopsAVX512.firstMatch
                unsafe self.moveGrid = unsafe KernelLoopsAVX512.moveGrid
                unsafe self.swapContiguous = unsafe KernelLoopsAVX512.swapContiguous
                unsafe self.copyRows = unsafe KernelLoopsAVX512.copyRows
                unsafe self.gatherRow = unsafe KernelLoopsAVX512.gatherRow
                unsafe self.splitChannels = unsafe KernelLoopsAVX512.splitChannels
                unsafe self.joinChannels = unsafe KernelLoopsAVX512.joinChannels
                unsafe self.transposeGrid = unsafe KernelLoopsAVX512.transposeGrid
                unsafe self.transposeLines = unsafe KernelLoopsAVX512.transposeLines
                unsafe self.transposePacked = unsafe KernelLoopsAVX512.transposePacked
                return
            case .avx2:
                unsafe self.convertContiguous = unsafe KernelLoopsAVX2.convertContiguous
                unsafe self.convertFar = unsafe KernelLoopsAVX2.convertContiguous
                unsafe self.scaleDoubles = unsafe KernelLoopsAVX2.scaleDoubles
                unsafe self.scaleFloats = unsafe KernelLoopsAVX2.scaleFloats
                unsafe self.scaleToIntegers = unsafe KernelLoopsAVX2.scaleToIntegers
                unsafe self.clampIntegers = unsafe KernelLoopsAVX2.clampIntegers
                unsafe self.areIntegersWithin = unsafe KernelLoopsAVX2.areIntegersWithin
                unsafe self.areDoublesWithin = unsafe KernelLoopsAVX2.areDoublesWithin
                unsafe self.wrapDoubles = unsafe KernelLoopsAVX2.wrapDoubles
                unsafe self.equalFloats = unsafe KernelLoopsAVX2.equalFloats
                unsafe self.equalMixed = unsafe KernelLoopsAVX2.equalMixed
                unsafe self.equalTransposed = unsafe KernelLoopsAVX2.equalTransposed
                unsafe self.anyNegative = unsafe KernelLoopsAVX2.anyNegative
                unsafe self.countMatches = unsafe KernelLoopsAVX2.countMatches
                unsafe self.firstMatch = unsafe KernelLoopsAVX2.firstMatch
                unsafe self.moveGrid = unsafe KernelLoopsAVX2.moveGrid
                unsafe self.swapContiguous = unsafe KernelLoopsAVX2.swapContiguous
                unsafe self.copyRows = unsafe KernelLoopsAVX2.copyRows
                unsafe self.gatherRow = unsafe KernelLoopsAVX2.gatherRow
                unsafe self.splitChannels = unsafe KernelLoopsAVX2.splitChannels
                unsafe self.joinChannels = unsafe KernelLoopsAVX2.joinChannels
                unsafe self.transposeGrid = unsafe KernelLoopsAVX2.transposeGrid
                unsafe self.transposeLines = unsafe KernelLoopsAVX2.transposeLines
                unsafe self.transposePacked = unsafe KernelLoopsAVX2.transposePacked
                return
            case .baseline: break
            }
        #endif
        unsafe self.convertContiguous = unsafe KernelLoops.convertContiguous
        unsafe self.convertFar = unsafe KernelLoops.convertContiguous
        unsafe self.scaleDoubles = unsafe KernelLoops.scaleDoubles
        unsafe self.scaleFloats = unsafe KernelLoops.scaleFloats
        unsafe self.scaleToIntegers = unsafe KernelLoops.scaleToIntegers
        unsafe self.clampIntegers = unsafe KernelLoops.clampIntegers
        unsafe self.areIntegersWithin = unsafe KernelLoops.areIntegersWithin
        unsafe self.areDoublesWithin = unsafe KernelLoops.areDoublesWithin
        unsafe self.wrapDoubles = unsafe KernelLoops.wrapDoubles
        unsafe self.equalFloats = unsafe KernelLoops.equalFloats
        unsafe self.equalMixed = unsafe KernelLoops.equalMixed
        unsafe self.equalTransposed = unsafe KernelLoops.equalTransposed
        unsafe self.anyNegative = unsafe KernelLoops.anyNegative
        unsafe self.countMatches = unsafe KernelLoops.countMatches
        unsafe self.firstMatch = unsafe KernelLoops.firstMatch
        unsafe self.moveGrid = unsafe KernelLoops.moveGrid
        unsafe self.swapContiguous = unsafe KernelLoops.swapContiguous
        unsafe self.copyRows = unsafe KernelLoops.copyRows
        unsafe self.gatherRow = unsafe KernelLoops.gatherRow
        unsafe self.splitChannels = unsafe KernelLoops.splitChannels
        unsafe self.joinChannels = unsafe KernelLoops.joinChannels
        unsafe self.transposeGrid = unsafe KernelLoops.transposeGrid
        unsafe self.transposeLines = unsafe KernelLoops.transposeLines
        unsafe self.transposePacked = unsafe KernelLoops.transposePacked
    }
}
