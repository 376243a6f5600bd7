/* The clock and aligned memory, for each operating system. */
#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "platform.h"

#define CACHE_LINE 64

#if defined(_WIN32)
#include <malloc.h>
#include <windows.h>

double monotonic_seconds(void) {
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    return (double)ticks.QuadPart / (double)per_second.QuadPart;
}

void *aligned_memory(size_t n_bytes) { return _aligned_malloc(n_bytes ? n_bytes : 1, CACHE_LINE); }

void free_aligned_memory(void *memory) { _aligned_free(memory); }

#else
#include <time.h>

double monotonic_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void *aligned_memory(size_t n_bytes) {
    void *memory = NULL;
    return posix_memalign(&memory, CACHE_LINE, n_bytes ? n_bytes : 1) ? NULL : memory;
}

void free_aligned_memory(void *memory) { free(memory); }
#endif
