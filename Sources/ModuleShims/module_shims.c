#include "ModuleShims.h"

#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))

// Written in Swift, in PythonModules.
extern HIDDEN ModuleShimsObject swiftbuffer_call_function(const void *context, ModuleShimsObject receiver,
                                                          ModuleShimsArguments arguments, long count,
                                                          ModuleShimsObject keywords);
extern HIDDEN ModuleShimsObject swiftbuffer_call_new(const void *context, ModuleShimsObject type,
                                                     ModuleShimsObject arguments, ModuleShimsObject keywords);
extern HIDDEN ModuleShimsObject swiftbuffer_call_unary(const void *context, ModuleShimsObject receiver);
extern HIDDEN long swiftbuffer_call_length(const void *context, ModuleShimsObject receiver);
extern HIDDEN ModuleShimsObject swiftbuffer_call_item(const void *context, ModuleShimsObject receiver, long index);

// clang-format off
#define REPEAT4(M, p) M(p##0) M(p##1) M(p##2) M(p##3)
#define REPEAT16(M, p) REPEAT4(M, p##0) REPEAT4(M, p##1) REPEAT4(M, p##2) REPEAT4(M, p##3)
#define REPEAT64(M, p) REPEAT16(M, p##0) REPEAT16(M, p##1) REPEAT16(M, p##2) REPEAT16(M, p##3)
#define EACH_FUNCTION(M) REPEAT64(M, a) REPEAT64(M, b) REPEAT64(M, c) REPEAT64(M, d) \
                         REPEAT64(M, e) REPEAT64(M, f) REPEAT64(M, g) REPEAT64(M, h)
#define EACH_SLOT(M) REPEAT64(M, s)

#define NUMBER(i) number_##i,
// The names of the functions in their order: number_a000 is 0.
enum { EACH_FUNCTION(NUMBER) function_count };
enum { EACH_SLOT(NUMBER) slot_count };
_Static_assert(function_count == module_shims_function_count, "as the header says");
_Static_assert(slot_count == module_shims_slot_count, "as the header says");

static const void *function_contexts[function_count], *new_contexts[slot_count], *unary_contexts[slot_count],
    *length_contexts[slot_count], *item_contexts[slot_count];

#define FUNCTION(i) static ModuleShimsObject function_##i(ModuleShimsObject receiver, ModuleShimsArguments arguments, \
    long count, ModuleShimsObject keywords) \
    { return swiftbuffer_call_function(function_contexts[number_##i], receiver, arguments, count, keywords); }
#define NEW(i) static ModuleShimsObject new_##i(ModuleShimsObject type, ModuleShimsObject arguments, \
    ModuleShimsObject keywords) { return swiftbuffer_call_new(new_contexts[number_##i], type, arguments, keywords); }
#define UNARY(i) static ModuleShimsObject unary_##i(ModuleShimsObject receiver) \
    { return swiftbuffer_call_unary(unary_contexts[number_##i], receiver); }
#define LENGTH(i) static long length_##i(ModuleShimsObject receiver) \
    { return swiftbuffer_call_length(length_contexts[number_##i], receiver); }
#define ITEM(i) static ModuleShimsObject item_##i(ModuleShimsObject receiver, long index) \
    { return swiftbuffer_call_item(item_contexts[number_##i], receiver, index); }
EACH_FUNCTION(FUNCTION)
EACH_SLOT(NEW)
EACH_SLOT(UNARY)
EACH_SLOT(LENGTH)
EACH_SLOT(ITEM)

#define FUNCTION_ENTRY(i) function_##i,
#define NEW_ENTRY(i) new_##i,
#define UNARY_ENTRY(i) unary_##i,
#define LENGTH_ENTRY(i) length_##i,
#define ITEM_ENTRY(i) item_##i,
static const ModuleShimsFunction functions[] = {EACH_FUNCTION(FUNCTION_ENTRY)};
static const ModuleShimsNew news[] = {EACH_SLOT(NEW_ENTRY)};
static const ModuleShimsUnary unaries[] = {EACH_SLOT(UNARY_ENTRY)};
static const ModuleShimsLength lengths[] = {EACH_SLOT(LENGTH_ENTRY)};
static const ModuleShimsItem items[] = {EACH_SLOT(ITEM_ENTRY)};
// clang-format on

#define TAKE(Type, name, table, contexts, total)                                                                       \
    Type module_shims_take_##name(const void *context) {                                                               \
        static int next = 0;                                                                                           \
        if (next == total) {                                                                                           \
            return NULL;                                                                                               \
        }                                                                                                              \
        contexts[next] = context;                                                                                      \
        return table[next++];                                                                                          \
    }
TAKE(ModuleShimsFunction, function, functions, function_contexts, function_count)
TAKE(ModuleShimsNew, new, news, new_contexts, slot_count)
TAKE(ModuleShimsUnary, unary, unaries, unary_contexts, slot_count)
TAKE(ModuleShimsLength, length, lengths, length_contexts, slot_count)
TAKE(ModuleShimsItem, item, items, item_contexts, slot_count)
