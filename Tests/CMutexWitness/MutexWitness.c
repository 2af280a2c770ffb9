// SPDX-License-Identifier: Apache-2.0
// Tells Thread Sanitizer of the locks that it can't see.
//
// `Synchronization.Mutex` takes a free lock by atomic instructions in the caller, which are instrumented. A lock that is
// held it takes in the standard library, which is not, with the kernel's help; so every hand-over under contention would be
// reported as a race. The two functions that do so stand here in front of the real ones.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdint.h>

#define swift_method __attribute__((swiftcall))
#define swift_self __attribute__((swift_context))

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

swift_method void granary_mutex_lock(uint32_t thread, swift_self void *mutex) __asm__(LOCK);
swift_method void granary_mutex_unlock(swift_self void *mutex) __asm__(UNLOCK);

swift_method void granary_mutex_lock(uint32_t thread, swift_self void *mutex) {
    swift_method void (*lock)(uint32_t, swift_self void *) = dlsym(RTLD_NEXT, LOCK);
    lock(thread, mutex);
    __tsan_acquire(mutex);
}

swift_method void granary_mutex_unlock(swift_self void *mutex) {
    swift_method void (*unlock)(swift_self void *) = dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(mutex);
    unlock(mutex);
}
