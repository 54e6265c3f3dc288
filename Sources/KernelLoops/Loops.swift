// SPDX-License-Identifier: Apache-2.0
internal import KernelInterface

/// The loops of this target, compiled for one set of instructions. Each stands in the file of its topic.
package enum Loops: InnerLoops {}
