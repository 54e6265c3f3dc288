// SPDX-License-Identifier: Apache-2.0

// What the kernels need and Swift cannot express. Functions that run for each item are `static inline`, so that they are
// compiled for the CPU of the target that uses them.
#ifndef KERNEL_SHIMS_H
#define KERNEL_SHIMS_H


#include "KernelBase.h"
#include "KernelVectors.h"
#include "KernelIntegers24.h"
#include "KernelSmallFloats.h"

#pragma clang assume_nonnull begin

// Floating point to integer, towards zero. C leaves values out of range undefined; here they give the nearest value
// in range, and NaN gives zero. `low` and `high` are the bounds as the floating-point type holds them; `high` is the
// first value too large, so that it is exact for every width.
#define KS_SATURATE(name, from, to, low, high, minimum, maximum)                                                       \
    KS_INLINE to name(from x) {                                                                                        \
        to inside = (to)(x > (from)(low) && x < (from)(high) ? x : (from)0);                                           \
        return x >= (from)(high) ? (to)(maximum) : x <= (from)(low) ? (to)(minimum) : inside;                          \
    }

#define KS_SATURATE_ALL(prefix, from)                                                                                  \
    KS_SATURATE(prefix##_i8, from, int8_t, -128, 128, INT8_MIN, INT8_MAX)                                              \
    KS_SATURATE(prefix##_u8, from, uint8_t, 0, 256, 0, UINT8_MAX)                                                      \
    KS_SATURATE(prefix##_i16, from, int16_t, -32768, 32768, INT16_MIN, INT16_MAX)                                      \
    KS_SATURATE(prefix##_u16, from, uint16_t, 0, 65536, 0, UINT16_MAX)                                                 \
    KS_SATURATE(prefix##_i32, from, int32_t, -2147483648.0, 2147483648.0, INT32_MIN, INT32_MAX)                        \
    KS_SATURATE(prefix##_u32, from, uint32_t, 0, 4294967296.0, 0, UINT32_MAX)                                          \
    KS_SATURATE(prefix##_i64, from, int64_t, -9223372036854775808.0, 9223372036854775808.0, INT64_MIN, INT64_MAX)      \
    KS_SATURATE(prefix##_u64, from, uint64_t, 0, 18446744073709551616.0, 0, UINT64_MAX)

KS_SATURATE_ALL(ks_float, float)
KS_SATURATE_ALL(ks_double, double)
KS_SATURATE(ks_long_double_i64_value, long double, int64_t, -9223372036854775808.0L, 9223372036854775808.0L, INT64_MIN,
            INT64_MAX)
KS_SATURATE(ks_long_double_u64_value, long double, uint64_t, 0, 18446744073709551616.0L, 0, UINT64_MAX)

// Halves. Where `-march` says that the CPU converts them, its instructions; elsewhere bit arithmetic, since the compiler
// would call `__extendhfsf2` and `__truncsfhf2`, which older systems' libgcc lacks.
#if defined(__F16C__) || defined(__aarch64__)
KS_INLINE float ks_float_from_half(uint16_t bits) {
    _Float16 half;
    memcpy(&half, &bits, sizeof half);
    return (float)half;
}
KS_INLINE uint16_t ks_half_from_float(float x) {
    _Float16 half = (_Float16)x;
    uint16_t bits;
    memcpy(&bits, &half, sizeof bits);
    return bits;
}
#else
KS_INLINE float ks_float_from_half(uint16_t half) {
    // Exponent and mantissa moved into position give 2^-112 of the value, subnormals included; one exact multiplication
    // corrects that. Infinities and NaN become at least 65536, and their exponent is filled.
    uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
    float magnitude, scale = 0x1p112f;
    memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude *= scale;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= (half & 0x7c00) == 0x7c00 ? 0x7f800000u : 0;
    bits |= (half & 0x7c00) == 0x7c00 && (half & 0x3ff) ? 0x00400000u : 0;
    bits |= (uint32_t)(half & 0x8000) << 16;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}
KS_INLINE uint16_t ks_half_from_float(float x) {
    uint32_t bits, result;
    memcpy(&bits, &x, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    // Normal halves: drop 13 bits, to nearest even. A carry into the exponent gives the next value, up to infinity.
    uint32_t normal = (magnitude - 0x38000000u + 0xfff + (magnitude >> 13 & 1)) >> 13;
    // Subnormal halves: adding 0.5 leaves the rounded mantissa in the low bits.
    float shifted;
    memcpy(&shifted, &magnitude, sizeof shifted);
    shifted += 0.5f;
    uint32_t subnormal;
    memcpy(&subnormal, &shifted, sizeof subnormal);
    subnormal -= 0x3f000000u;
    result = magnitude < 0x38800000u ? subnormal : normal;
    result = magnitude >= 0x47800000u ? 0x7c00u : result;
    result = magnitude > 0x7f800000u ? 0x7e00u | (magnitude >> 13 & 0x3ff) : result;
    return (uint16_t)(result | sign);
}
#endif

// The nearest half of a double.
KS_INLINE uint16_t ks_half_from_double(double x) { return ks_half_from_float(ks_float_odd(x)); }

// `long double` differs between platforms and Swift imports it on few: it is accessed through memory only.
KS_INLINE long double ks_load_long_double(const void *p) {
    long double x;
    memcpy(&x, p, sizeof x);
    return x;
}

// Padding is stored as zeros, so that equal values are equal bytes.
KS_INLINE void ks_store_long_double(void *p, long double x) {
    memset(p, 0, sizeof x);
#if defined(__x86_64__) || defined(__i386__)
    memcpy(p, &x, 10);
#else
    memcpy(p, &x, sizeof x);
#endif
}

KS_INLINE void ks_long_double_from_i64(void *p, int64_t x) { ks_store_long_double(p, (long double)x); }
KS_INLINE void ks_long_double_from_u64(void *p, uint64_t x) { ks_store_long_double(p, (long double)x); }
KS_INLINE void ks_long_double_from_double(void *p, double x) { ks_store_long_double(p, (long double)x); }
KS_INLINE int64_t ks_long_double_i64(const void *p) { return ks_long_double_i64_value(ks_load_long_double(p)); }
KS_INLINE uint64_t ks_long_double_u64(const void *p) { return ks_long_double_u64_value(ks_load_long_double(p)); }
KS_INLINE double ks_long_double_double(const void *p) { return (double)ks_load_long_double(p); }
KS_INLINE float ks_long_double_float(const void *p) { return (float)ks_load_long_double(p); }
KS_INLINE _Bool ks_long_double_is_zero(const void *p) { return ks_load_long_double(p) == 0; }
KS_INLINE _Bool ks_long_double_is_nan(const void *p) {
    long double x = ks_load_long_double(p);
    return x != x;
}
KS_INLINE _Bool ks_long_double_equal(const void *p, const void *q) {
    return ks_load_long_double(p) == ks_load_long_double(q);
}

// A double that truncates to the same integer of at most 32 bits as `x`, which a double rounded up may not.
KS_INLINE double ks_long_double_toward_zero(const void *p) {
    long double x = ks_load_long_double(p);
    if (!(x > -9e18L && x < 9e18L)) { return (double)x; }
    return (double)(int64_t)x;
}

// A double that rounds to the nearest float16 as `x` itself would: rounding twice (first to double, then to half)
// is wrong unless the first rounding is "to odd".
KS_INLINE double ks_long_double_double_odd(const void *p) {
    long double x = ks_load_long_double(p);
    double d = (double)x;
    if (x != x || (long double)d == x || d - d != 0) { return d; }
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    if (!(bits & 1)) {
        // `d` is even and inexact: step to the odd neighbour on the other side of `x`.
        _Bool away = d > 0 ? (long double)d < x : (long double)d > x;
        if (d == 0) { bits |= 1; } else { bits += away ? 1 : (uint64_t)-1; }
        memcpy(&d, &bits, sizeof d);
    }
    return d;
}

KS_INLINE _Bool ks_same_bytes(const void *a, const void *b, intptr_t count) { return memcmp(a, b, (size_t)count) == 0; }

// Memory. Small blocks come from malloc; from `huge` bytes on, from mmap at a boundary of 2 MiB with the advice to use
// huge pages: fewer page faults, and pages that are zero already. Not inline: the headers that they need define fd_set,
// differently from Python.h, and a module may see only one definition.
void *_Nullable ks_allocate(intptr_t count, _Bool zeroed, intptr_t huge);
void ks_deallocate(void *block, intptr_t count, intptr_t huge);

// The best instruction set that this machine and its system support: 0 baseline, 1 AVX2 (with F16C, BMI2 and FMA, as
// x86-64-v3 has them), 2 AVX-512 (x86-64-v4 with VBMI).
KS_INLINE int ks_instruction_set(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("x86-64-v3")) { return 0; }
    return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vbmi") ? 2 : 1;
#else
    return 0;
#endif
}

const char *_Nullable ks_environment(const char *name);

// Threads. `body` is called once for every part: for the last on the calling thread, for the others on threads of their
// own, which have ended when this returns. A part whose thread cannot be started runs on the calling thread too.
#define KS_MAXIMUM_THREADS 64

void ks_parallel(intptr_t count, void (*body)(void *context, intptr_t part), void *context);

#pragma clang assume_nonnull end

#endif
