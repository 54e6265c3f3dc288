// SPDX-License-Identifier: Apache-2.0

// Floats of 16 and 8 bits that no CPU of the baseline has: bfloat16 and the eight of DLPack's float8. Bit arithmetic without
// branches, which the compiler vectorises.
//
// Sources: "OCP 8-bit Floating Point Specification" 1.0 (e4m3fn, e5m2), "OCP Microscaling Formats" 1.0 (e8m0fnu), and
// ml_dtypes, whose results these are, bit for bit but for the payload of a NaN.
#ifndef KERNEL_SMALL_FLOATS_H
#define KERNEL_SMALL_FLOATS_H

#include "KernelBase.h"

#pragma clang assume_nonnull begin

KS_INLINE float ks_float_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
KS_INLINE uint32_t ks_bits_of_float(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

// The float of a double, rounded "to odd": where it is not exact, its last bit is set. Rounded again to a narrower type it
// gives what rounding the double once does, which the nearest float may not: 1 + 2^-8 + 2^-40 is just above the middle
// of two bfloat16, but its nearest float is the middle.
KS_INLINE float ks_float_odd(double x) {
    float f = (float)x;
    uint32_t bits = ks_bits_of_float(f);
    double back = (double)f;
    double size = x < 0 ? -x : x, rounded = back < 0 ? -back : back;
    // An even float that is not exact steps to its odd neighbour on the side of `x`.
    uint32_t step = size > rounded ? 1u : (uint32_t)-1;
    _Bool change = size != rounded && size == size && !(bits & 1) && (bits & 0x7fffffff) != 0x7f800000u;
    bits += change ? ((bits & 0x7fffffff) == 0 ? 1u : step) : 0;
    return ks_float_of_bits(bits);
}

// The same of an integer. What a double cannot hold of it is first joined into one bit below the last digit kept.
KS_INLINE float ks_float_odd_u64(uint64_t x) {
    uint64_t joined = (x & ~(uint64_t)0xfff) | ((x & 0xfff) != 0 ? 0x800 : 0);
    return ks_float_odd((double)(x >> 53 != 0 ? joined : x));
}
KS_INLINE float ks_float_odd_i64(int64_t x) {
    uint64_t size = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
    float rounded = ks_float_odd_u64(size);
    return x < 0 ? -rounded : rounded;
}

KS_INLINE float ks_float_from_bfloat16(uint16_t x) { return ks_float_of_bits((uint32_t)x << 16); }
KS_INLINE uint16_t ks_bfloat16_from_float(float x) {
    uint32_t bits = ks_bits_of_float(x);
    // A carry into the exponent gives the next value, up to infinity.
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000u ? (bits >> 16 | 0x40) : rounded);
}

// Floats of a sign, an exponent and `mantissa` bits. `above` is the code after the largest number: what is too large
// becomes it, and from it on codes are not finite. `nan` is the first code of a NaN; both are without the sign.
KS_INLINE float ks_float_from_small(uint8_t x, int mantissa, int bias, uint32_t above, uint32_t nan) {
    uint32_t code = x & 0x7f, bits = code << (23 - mantissa);
    // Exponent and mantissa moved into position give 2^(bias - 127) of the value, subnormals included; one exact
    // multiplication corrects that.
    float scale = ks_float_of_bits((uint32_t)(254 - bias) << 23);
    bits = ks_bits_of_float(ks_float_of_bits(bits) * scale);
    bits = code >= above ? 0x7f800000u : bits;
    bits = code >= nan ? 0x7fc00000u | (code << (23 - mantissa) & 0x3fffff) : bits;
    return ks_float_of_bits(bits | (uint32_t)(x & 0x80) << 24);
}

// The code of a float's magnitude, to nearest even, without bounds.
KS_INLINE uint32_t ks_small_code(uint32_t magnitude, int mantissa, int bias) {
    int drop = 23 - mantissa;
    uint32_t normal =
        (magnitude - ((uint32_t)(127 - bias) << 23) + ((1u << (drop - 1)) - 1) + (magnitude >> drop & 1)) >> drop;
    // Subnormal numbers: adding the float whose last bit is worth their unit leaves the rounded mantissa in the low bits.
    uint32_t unit = (uint32_t)(127 + 24 - bias - mantissa) << 23;
    uint32_t subnormal = ks_bits_of_float(ks_float_of_bits(magnitude) + ks_float_of_bits(unit)) - unit;
    return magnitude < (uint32_t)(128 - bias) << 23 ? subnormal : normal;
}
KS_INLINE uint8_t ks_small_from_float(float x, int mantissa, int bias, uint32_t above, uint32_t nan) {
    uint32_t bits = ks_bits_of_float(x), magnitude = bits & 0x7fffffff;
    uint32_t code = ks_small_code(magnitude, mantissa, bias);
    code = code > above ? above : code;
    // Infinities have a code of their own, or become a NaN with everything else that is too large.
    uint32_t quiet = above == nan ? nan : above | 1u << (mantissa - 1);
    uint32_t payload = above == nan ? 0 : magnitude >> (23 - mantissa) & ((1u << mantissa) - 1);
    code = magnitude > 0x7f800000u ? quiet | payload : code;
    return (uint8_t)(code | (bits >> 24 & 0x80));
}

// The same without infinities and without a negative zero, whose code stands for the only NaN.
KS_INLINE float ks_float_from_small_uz(uint8_t x, int mantissa, int bias) {
    float number = ks_float_from_small(x, mantissa, bias, 0x80, 0x80);
    return x == 0x80 ? ks_float_of_bits(0x7fc00000u) : number;
}
KS_INLINE uint8_t ks_small_uz_from_float(float x, int mantissa, int bias) {
    uint32_t bits = ks_bits_of_float(x), magnitude = bits & 0x7fffffff;
    uint32_t code = ks_small_code(magnitude, mantissa, bias);
    uint32_t sign = code == 0 ? 0 : bits >> 24 & 0x80;
    return (uint8_t)(code > 0x7f || magnitude > 0x7f800000u ? 0x80 : (code | sign));
}

// A power of two, 2^(code - 127): no sign, no zero, no infinity. What lies in the middle of two goes up, as in ml_dtypes;
// zero and negative numbers give NaN.
KS_INLINE float ks_float_from_e8m0fnu(uint8_t x) {
    uint32_t bits = x == 0 ? 0x00400000u : (uint32_t)x << 23;
    return ks_float_of_bits(x == 0xff ? 0x7fc00000u : bits);
}
KS_INLINE uint8_t ks_e8m0fnu_from_float(float x) {
    uint32_t bits = ks_bits_of_float(x);
    uint32_t normal = (bits + 0x00400000u) >> 23, subnormal = bits >= 0x00600000u;
    uint32_t code = bits < 0x00800000u ? subnormal : normal;
    // Zero wraps around to what is beyond infinity: NaN and negative numbers.
    return (uint8_t)(bits - 1 >= 0x7f800000u || code > 0xff ? 0xff : code);
}

#define KS_SMALL_FLOAT(name, mantissa, bias, above, nan)                                                               \
    KS_INLINE float ks_float_from_##name(uint8_t x) { return ks_float_from_small(x, mantissa, bias, above, nan); }     \
    KS_INLINE uint8_t ks_##name##_from_float(float x) { return ks_small_from_float(x, mantissa, bias, above, nan); }
#define KS_SMALL_FLOAT_UZ(name, mantissa, bias)                                                                        \
    KS_INLINE float ks_float_from_##name(uint8_t x) { return ks_float_from_small_uz(x, mantissa, bias); }              \
    KS_INLINE uint8_t ks_##name##_from_float(float x) { return ks_small_uz_from_float(x, mantissa, bias); }

KS_SMALL_FLOAT(e3m4, 4, 3, 0x70, 0x71)
KS_SMALL_FLOAT(e4m3, 3, 7, 0x78, 0x79)
KS_SMALL_FLOAT(e4m3fn, 3, 7, 0x7f, 0x7f)
KS_SMALL_FLOAT(e5m2, 2, 15, 0x7c, 0x7d)
KS_SMALL_FLOAT_UZ(e4m3b11fnuz, 3, 11)
KS_SMALL_FLOAT_UZ(e4m3fnuz, 3, 8)
KS_SMALL_FLOAT_UZ(e5m2fnuz, 2, 16)

#pragma clang assume_nonnull end

#endif
