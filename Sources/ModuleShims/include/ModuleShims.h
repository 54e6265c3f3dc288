// SPDX-License-Identifier: Apache-2.0

// C functions for CPython's tables, each with a context of its own.
//
// CPython calls a function of a table without telling it which entry it stands for. So there is a supply of functions:
// number i calls Swift with the context that was set when it was taken.
#ifndef SWIFTBUFFER_MODULE_SHIMS_H
#define SWIFTBUFFER_MODULE_SHIMS_H

// Objects are only handed on.
typedef void *_Nullable ModuleShimsObject;
typedef ModuleShimsObject const *_Nullable ModuleShimsArguments;

typedef ModuleShimsObject (*ModuleShimsFunction)(ModuleShimsObject receiver, ModuleShimsArguments arguments, long count,
                                                 ModuleShimsObject keywords);
// A function without parameters: `METH_NOARGS`.
typedef ModuleShimsObject (*ModuleShimsPlain)(ModuleShimsObject receiver, ModuleShimsObject nothing);
// `tp_new` and `tp_call`: the arguments in a tuple, those with names in a dictionary.
typedef ModuleShimsObject (*ModuleShimsNew)(ModuleShimsObject receiver, ModuleShimsObject arguments,
                                            ModuleShimsObject keywords);
typedef ModuleShimsObject (*ModuleShimsUnary)(ModuleShimsObject receiver);
typedef ModuleShimsObject (*ModuleShimsBinary)(ModuleShimsObject left, ModuleShimsObject right);
// `nb_power`: the operands, and what is None but for pow(a, b, c).
typedef ModuleShimsObject (*ModuleShimsPower)(ModuleShimsObject left, ModuleShimsObject right, ModuleShimsObject modulus);
// `tp_richcompare`.
typedef ModuleShimsObject (*ModuleShimsCompare)(ModuleShimsObject left, ModuleShimsObject right, int comparison);
typedef long (*ModuleShimsLength)(ModuleShimsObject receiver);
typedef ModuleShimsObject (*ModuleShimsItem)(ModuleShimsObject receiver, long index);
typedef int (*ModuleShimsTruth)(ModuleShimsObject receiver);
typedef int (*ModuleShimsContains)(ModuleShimsObject receiver, ModuleShimsObject item);
// `mp_ass_subscript`: NULL for a value that is to be deleted.
typedef int (*ModuleShimsAssign)(ModuleShimsObject receiver, ModuleShimsObject key, ModuleShimsObject value);

#pragma clang assume_nonnull begin

// The functions that there are: methods and functions of modules, and slots of types of each kind.
enum {
    module_shims_function_count = 512,
    module_shims_operator_count = 256, // unary and binary, and functions without parameters
    module_shims_slot_count = 64
};

// The next function that has not been taken, with its context; NULL when all have been. They are taken by one thread at a
// time.
ModuleShimsFunction _Nullable module_shims_take_function(const void *context);
ModuleShimsPlain _Nullable module_shims_take_plain(const void *context);
ModuleShimsNew _Nullable module_shims_take_new(const void *context);
ModuleShimsNew _Nullable module_shims_take_call(const void *context);
ModuleShimsUnary _Nullable module_shims_take_unary(const void *context);
ModuleShimsBinary _Nullable module_shims_take_binary(const void *context);
ModuleShimsPower _Nullable module_shims_take_power(const void *context);
ModuleShimsCompare _Nullable module_shims_take_compare(const void *context);
ModuleShimsLength _Nullable module_shims_take_length(const void *context);
ModuleShimsLength _Nullable module_shims_take_hash(const void *context);
ModuleShimsItem _Nullable module_shims_take_item(const void *context);
ModuleShimsTruth _Nullable module_shims_take_truth(const void *context);
ModuleShimsContains _Nullable module_shims_take_contains(const void *context);
ModuleShimsAssign _Nullable module_shims_take_assign(const void *context);

#pragma clang assume_nonnull end

#endif
