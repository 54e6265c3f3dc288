// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

/// Which bytes and bits of an item are values, compared with an enumeration of every value of the fields.
@Suite struct ValueRunTests {
    /// The bits of each byte that belong to values, by walking every value of the fields.
    private func masks(of format: Format) -> [UInt8] {
        var masks = [UInt8](repeating: 0, count: format.itemsize)
        func mark(_ type: ItemType, at offset: Int) {
            switch type {
            case .array(let shape, let element):
                for index in 0..<shape.reduce(1, *) { mark(element, at: offset + index * element.size) }
            case .structure(let inner): for field in inner.fields { mark(field, at: offset) }
            case .bits(let bits): for byte in 0..<bits.size { masks[offset + byte] |= bits.mask(ofByte: byte) }
            default: for byte in 0..<type.size { masks[offset + byte] = .max }
            }
        }
        func mark(_ field: Field, at offset: Int) {
            for index in 0..<field.repeats { mark(field.type, at: offset + field.offset(ofRepeat: index)) }
        }
        for field in format.fields { mark(field, at: 0) }
        return masks
    }

    /// Where a run stands in an item, at every index of its axes.
    private func places(of run: ValueRun) -> [Int] {
        run.axes.reduce([run.offset]) { places, axis in
            places.flatMap { place in (0..<axis.count).map { place + $0 * axis.stride } }
        }
    }

    @Test(arguments: [
        "i", "bi", "ib3x", "5xi5xh", "3x", "T{i:a:b:b:}", "T{i:a:b:b:}T{b:c:}:d:", "(3)T{bxh}", "2T{bxh}:a:xx", "100i",
        "(2,3)T{xi(2)T{bxb}}x", "5s3x4p", "2u2w", "<T{b:a:3xi:b:}:n:x", "3t:a:5t:b:", "3t:a:4t:b:", "7t3r2y6t",
        ">7t9t5t", "T{3t4rx}", "(2)T{3t:a:5t:b:x}", "(0,3)ix", "0s", "", "T{}", "(1)T{bx}", "Zd?xO", "&ixz",
    ])
    func runsAreTheBytesThatValuesTake(_ text: String) throws {
        let format = try Format(text)
        var found = [UInt8](repeating: 0, count: format.itemsize)
        for run in format.valueRuns {
            #expect(run.length > 0 && run.mask != 0 && (run.mask == .max || run.length == 1))
            for place in places(of: run) {
                for byte in place..<place + run.length {
                    #expect(found[byte] & run.mask == 0, "bits that two runs share")
                    found[byte] |= run.mask
                }
            }
        }
        let masks = masks(of: format)
        // Items without values are all of their bytes.
        #expect(found == (masks.allSatisfy { $0 == 0 } ? masks.map { _ in .max } : masks))
        #expect(format.hasPadding == found.contains { $0 != .max })
    }

    @Test(arguments: [
        ("T{h:x:h:y:}", 1), ("i3xbbx", 2), ("(1000,1000)i", 1), ("(1000,1000)T{ih}x", 1), ("(1000,1000)T{hxb}", 2),
        ("3t:a:5t:b:h", 1), ("5s5p", 1),
    ])
    func runsAreAsFewAsPossible(_ text: String, _ count: Int) throws {
        #expect(try Format("=" + text).valueRuns.count == count)
    }

    @Test func valuesWithAnOrderOfBytes() throws {
        let format = try Format("=b:a:xi:b:(2)h:c:Zf:d:3s:e:2w:f:(2)T{xq}:g:Px")
        let values = try #require(format.byteOrderRuns)
        let starts = values.map { places(of: $0).map(String.init).joined(separator: ",") + ":\($0.length)" }
        #expect(starts == ["2:4", "6,8:2", "10,14:4", "21,25:4", "30,39:8", "47:8"])
        #expect(try Format("5t3th").byteOrderRuns == nil)
        #expect(try Format("5s?cbB").byteOrderRuns == [])
    }

    @Test(arguments: [("T{=ib3x}", "T{=ib}3x"), ("=(1)T{ib3x}", "=(1)T{ib}3x"), ("=T{T{i}x}", "=T{T{ix}}")])
    func paddingCutDifferentlyIsEquivalent(_ first: String, _ second: String) throws {
        let (a, b) = (try Format(first), try Format(second))
        #expect(a.isEquivalent(to: b) && b.isEquivalent(to: a))
        #expect(a.valueRuns == b.valueRuns)
    }

    @Test(arguments: [("=(2)T{ib3x}", "=(2)T{ib}6x"), ("=2T{ib3x}", "=2T{ib}6x")])
    func paddingBetweenElementsIsNotEquivalent(_ first: String, _ second: String) throws {
        let (a, b) = (try Format(first), try Format(second))
        #expect(!a.isEquivalent(to: b) && !b.isEquivalent(to: a))
    }
}
