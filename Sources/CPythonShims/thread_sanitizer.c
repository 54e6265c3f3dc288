// SPDX-License-Identifier: Apache-2.0

// Lets ThreadSanitizer see what orders threads inside of Swift's runtime, which is compiled without it. Nothing at all
// in any other build.
#if __has_feature(thread_sanitizer)

#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// Of Swift's runtime: tells it that there is a ThreadSanitizer, to which it says from then on when a global has been
// initialised (swift_once). The sanitizer would call it by itself, had the process begun with the runtime in it.
void __tsan_on_initialize(void);
__attribute__((constructor)) static void tell_swift(void) { __tsan_on_initialize(); }

// The linker puts the second in place of the first wherever it is called (--wrap, see tools/swiftpm.py).
void __real_swift_release(void *object);
void __wrap_swift_release(void *object);

// What was done with an object before a reference to it was dropped comes before the end of the object, whoever drops
// the last one.
void __wrap_swift_release(void *object) {
    // As the runtime itself: NULL and what is marked as no object, such as the text of a literal, is not counted.
    if ((intptr_t)object > 0) {
        __tsan_acquire(object);
        __tsan_release(object);
    }
    __real_swift_release(object);
}

#endif
