public import KernelInterface

/// The loops of this target, compiled for one set of instructions. Each stands in the file of its topic.
public enum Loops: InnerLoops {}
