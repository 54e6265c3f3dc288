// SPDX-License-Identifier: Apache-2.0
#include "ModuleShims.h"

#include <stddef.h>

typedef ModuleShimsObject Object;
#define HIDDEN __attribute__((visibility("hidden")))

// Written in Swift, in PythonModules.
extern HIDDEN Object swiftbuffer_call_function(const void *context, Object receiver, ModuleShimsArguments arguments,
                                               long count, Object keywords);
extern HIDDEN Object swiftbuffer_call_plain(const void *context, Object receiver);
extern HIDDEN Object swiftbuffer_call_new(const void *context, Object receiver, Object arguments, Object keywords);
extern HIDDEN Object swiftbuffer_call_unary(const void *context, Object receiver);
extern HIDDEN Object swiftbuffer_call_binary(const void *context, Object left, Object right);
extern HIDDEN Object swiftbuffer_call_power(const void *context, Object left, Object right, Object modulus);
extern HIDDEN Object swiftbuffer_call_compare(const void *context, Object left, Object right, int comparison);
extern HIDDEN long swiftbuffer_call_length(const void *context, Object receiver);
extern HIDDEN long swiftbuffer_call_hash(const void *context, Object receiver);
extern HIDDEN Object swiftbuffer_call_item(const void *context, Object receiver, long index);
extern HIDDEN int swiftbuffer_call_truth(const void *context, Object receiver);
extern HIDDEN int swiftbuffer_call_contains(const void *context, Object receiver, Object item);
extern HIDDEN int swiftbuffer_call_assign(const void *context, Object receiver, Object key, Object value);

// clang-format off
#define REPEAT4(M, p) M(p##0) M(p##1) M(p##2) M(p##3)
#define REPEAT16(M, p) REPEAT4(M, p##0) REPEAT4(M, p##1) REPEAT4(M, p##2) REPEAT4(M, p##3)
#define REPEAT64(M, p) REPEAT16(M, p##0) REPEAT16(M, p##1) REPEAT16(M, p##2) REPEAT16(M, p##3)
#define EACH_SLOT(M) REPEAT64(M, a)
#define EACH_OPERATOR(M) REPEAT64(M, a) REPEAT64(M, b) REPEAT64(M, c) REPEAT64(M, d)
#define EACH_FUNCTION(M) EACH_OPERATOR(M) REPEAT64(M, e) REPEAT64(M, f) REPEAT64(M, g) REPEAT64(M, h)

#define NUMBER(i) number_##i,
#define ONE(i) +1
// The names of the functions in their order: number_a000 is 0.
enum { EACH_FUNCTION(NUMBER) function_count };
_Static_assert(function_count == module_shims_function_count, "as the header says");
_Static_assert((0 EACH_OPERATOR(ONE)) == module_shims_operator_count, "as the header says");
_Static_assert((0 EACH_SLOT(ONE)) == module_shims_slot_count, "as the header says");

#define FUNCTION(i) static Object function_##i(Object receiver, ModuleShimsArguments arguments, long count, Object keywords) \
    { return swiftbuffer_call_function(function_contexts[number_##i], receiver, arguments, count, keywords); }
#define PLAIN(i) static Object plain_##i(Object receiver, Object nothing) \
    { (void)nothing; return swiftbuffer_call_plain(plain_contexts[number_##i], receiver); }
#define NEW(i) static Object new_##i(Object type, Object arguments, Object keywords) \
    { return swiftbuffer_call_new(new_contexts[number_##i], type, arguments, keywords); }
#define CALL(i) static Object call_##i(Object receiver, Object arguments, Object keywords) \
    { return swiftbuffer_call_new(call_contexts[number_##i], receiver, arguments, keywords); }
#define UNARY(i) static Object unary_##i(Object receiver) \
    { return swiftbuffer_call_unary(unary_contexts[number_##i], receiver); }
#define BINARY(i) static Object binary_##i(Object left, Object right) \
    { return swiftbuffer_call_binary(binary_contexts[number_##i], left, right); }
#define POWER(i) static Object power_##i(Object left, Object right, Object modulus) \
    { return swiftbuffer_call_power(power_contexts[number_##i], left, right, modulus); }
#define COMPARE(i) static Object compare_##i(Object left, Object right, int comparison) \
    { return swiftbuffer_call_compare(compare_contexts[number_##i], left, right, comparison); }
#define LENGTH(i) static long length_##i(Object receiver) \
    { return swiftbuffer_call_length(length_contexts[number_##i], receiver); }
#define HASH(i) static long hash_##i(Object receiver) \
    { return swiftbuffer_call_hash(hash_contexts[number_##i], receiver); }
#define ITEM(i) static Object item_##i(Object receiver, long index) \
    { return swiftbuffer_call_item(item_contexts[number_##i], receiver, index); }
#define TRUTH(i) static int truth_##i(Object receiver) \
    { return swiftbuffer_call_truth(truth_contexts[number_##i], receiver); }
#define CONTAINS(i) static int contains_##i(Object receiver, Object item) \
    { return swiftbuffer_call_contains(contains_contexts[number_##i], receiver, item); }
#define ASSIGN(i) static int assign_##i(Object receiver, Object key, Object value) \
    { return swiftbuffer_call_assign(assign_contexts[number_##i], receiver, key, value); }

#define FUNCTION_ENTRY(i) function_##i,
#define PLAIN_ENTRY(i) plain_##i,
#define NEW_ENTRY(i) new_##i,
#define CALL_ENTRY(i) call_##i,
#define UNARY_ENTRY(i) unary_##i,
#define BINARY_ENTRY(i) binary_##i,
#define POWER_ENTRY(i) power_##i,
#define COMPARE_ENTRY(i) compare_##i,
#define LENGTH_ENTRY(i) length_##i,
#define HASH_ENTRY(i) hash_##i,
#define ITEM_ENTRY(i) item_##i,
#define TRUTH_ENTRY(i) truth_##i,
#define CONTAINS_ENTRY(i) contains_##i,
#define ASSIGN_ENTRY(i) assign_##i,
// clang-format on

// The functions of one kind, and what takes the next of them.
#define SUPPLY(Type, name, MACRO, EACH, total)                                                                         \
    static const void *name##_contexts[total];                                                                         \
    EACH(MACRO)                                                                                                        \
    Type module_shims_take_##name(const void *context) {                                                               \
        static const Type table[] = {EACH(MACRO##_ENTRY)};                                                             \
        static int next = 0;                                                                                           \
        if (next == total) {                                                                                           \
            return NULL;                                                                                               \
        }                                                                                                              \
        name##_contexts[next] = context;                                                                               \
        return table[next++];                                                                                          \
    }
SUPPLY(ModuleShimsFunction, function, FUNCTION, EACH_FUNCTION, module_shims_function_count)
SUPPLY(ModuleShimsPlain, plain, PLAIN, EACH_OPERATOR, module_shims_operator_count)
SUPPLY(ModuleShimsNew, new, NEW, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsNew, call, CALL, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsUnary, unary, UNARY, EACH_OPERATOR, module_shims_operator_count)
SUPPLY(ModuleShimsBinary, binary, BINARY, EACH_OPERATOR, module_shims_operator_count)
SUPPLY(ModuleShimsPower, power, POWER, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsCompare, compare, COMPARE, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsLength, length, LENGTH, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsLength, hash, HASH, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsItem, item, ITEM, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsTruth, truth, TRUTH, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsContains, contains, CONTAINS, EACH_SLOT, module_shims_slot_count)
SUPPLY(ModuleShimsAssign, assign, ASSIGN, EACH_SLOT, module_shims_slot_count)
