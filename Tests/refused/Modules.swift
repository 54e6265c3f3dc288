// SPDX-License-Identifier: Apache-2.0
import PythonModules

// What declarations must not say; and the layer below them, which authors cannot reach.

struct Frame: BufferExporter {
    let memory: BufferMemory

    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(memory, shape: [4], of: Float.self)
    }
}

struct Plain: PythonValue {
    var count = 0
}

final class Log {
    var lines: [String] = []
}

struct NotConvertible {}

func tooFewParameters() -> Def {
    Def("f", "a") { (a: Int, b: Int) in a + b }  // error: cannot conform to 'PythonParameter'
}

func tooManyParameters() -> Def {
    Def("f", "a", "b") { (a: Int) in a }  // error: contextual closure type
}

func unknownParameter() -> Def {
    Def("f", "a") { (a: NotConvertible) in }  // error: requires that 'NotConvertible' conform to 'PythonParameter'
}

func defaultOfAnotherType() -> Def {
    Def("f", .optional("a", "x")) { (a: Int) in a }  // error: cannot convert
}

func defaultWithoutText() -> Def {
    Def("f", .optional("a", [1])) { (a: [Int]) in a }  // error: to 'PythonLiteral'
}

func sharedState() -> Def {
    var calls = 0
    return Def("f") { calls += 1 }  // error: captured var 'calls'
}

func sharedClass(_ log: Log) -> Def {
    Def("f") { log.lines.append("called") }  // error: non-Sendable
}

func keptObject(_ object: HeldObject) -> Def {
    Def("f") { try object.object() }  // error: non-Sendable
}

func writeInMethod() -> Method<Plain> {
    Method("f") { (value: inout Plain) in value.count += 1 }  // error: cannot convert value of type
}

func resizePlainValue() -> Resizing<Plain> {  // error: type 'Plain' does not conform to protocol 'BufferExporter'
    Resizing("f") { (value: inout Plain) in value.count += 1 }
}

func memberOfAnotherType() -> PythonType<Plain> {
    PythonType(Plain.self, "Plain") {
        Method<Frame>("f") { (frame: borrowing Frame) in 1 }  // error: cannot convert value of type 'Method<Frame>'
    }
}

func anotherValueFromInit() -> PythonType<Plain> {
    PythonType(Plain.self, "Plain") { Init("n") { (n: Int) in n } }  // error: closure result type 'Plain'
}

func objectAsArgument(_ argument: Argument) -> PythonObject {
    PythonObject(borrowing: argument.reference)  // error: inaccessible due to 'package' protection level
}

func argumentOfOnesOwn(_ object: borrowing PythonObject) {
    _ = Argument(object, index: 3)  // error: initializer is inaccessible due to 'internal' protection level
}

func readAnotherValue(_ object: ObjectReference) throws {
    _ = try Exported<Frame>.read(object) { _ in 1 }  // error: cannot find 'Exported' in scope
    _ = try ValueAccess<Frame>.read(object) { _ in 1 }  // error: cannot find 'ValueAccess' in scope
}

func indicesOfArguments() {
    _ = Callable("f", "a, b", "")  // error: cannot find 'Callable' in scope
}

func variadicOfOneValue() -> Def {
    Def("f", .variadic("values")) { (values: Int) in values }  // error: (borrowing [Item])
}

func keywordsWithoutNames() -> Def {
    Def("f", .keywords("k")) { (map: [Int: Int]) in map.count }  // error: (borrowing [String : Int])
}

func operatorOfAnotherType() -> PythonType<Plain> {
    PythonType(Plain.self, "Plain") {
        Binary(.add) { (left: borrowing Frame, right: Int) in right }  // error: no exact matches
    }
}

func operatorThatWrites() -> Binary<Plain> {
    Binary(.add) { (left: inout Plain, right: Int) in left.count += right }  // error: cannot convert value of type
}

func equalityWithoutEquatable() -> Equality<Plain> {  // error: does not conform to protocol 'PythonParameter'
    Equality()
}

func hashWithoutHashable() -> Hash<Plain> {
    Hash()  // error: requires that 'Plain' conform to 'Hashable'
}

func iterateOverNothing() -> Iterate<Plain> {
    Iterate { $0.count }  // error: conform to 'Sequence'
}

func keepASpan() -> Def {
    var kept: [Float] = []
    return Def("f", "a") { (a: Span<Float>) in kept.append(a[0]) }  // error: captured var 'kept'
}

func returnASpan() -> Def {
    Def("f", "a") { (a: Span<Float>) -> Span<Float> in a }  // error: declared closure result 'Span<Float>'
}

func callWithWhatHasNoConversion(_ function: borrowing PythonObject) throws {
    _ = try function.call(NotConvertible())  // error: requires that 'NotConvertible' conform to 'ToPython'
}
