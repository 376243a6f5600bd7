/* Differences between compilers and operating systems. */
#ifndef SKNN_TIPS_PLATFORM_H
#define SKNN_TIPS_PLATFORM_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(_MSC_VER) && !defined(__clang__)
#define INLINE static __forceinline
#define NOINLINE static __declspec(noinline)
#define INDEPENDENT __pragma(loop(ivdep))
#else
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))
/* Placed before a loop with independent iterations: an output may be the same memory as an input,
   which a compiler must otherwise treat as a possible overlap. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#define UNROLL _Pragma("GCC unroll 16")
#endif
#endif

/* Whether the compiler has vector types: arithmetic on `__attribute__((vector_size))`. */
#if defined(SKNN_TIPS_NO_VECTOR_TYPES) /* to test the code that MSVC compiles */
#define HAS_VECTOR_TYPES 0
#elif defined(__GNUC__) || defined(__clang__)
#define HAS_VECTOR_TYPES 1
#else
#define HAS_VECTOR_TYPES 0
#endif

/* Whether the compiler can rearrange the elements of vectors. */
#define HAS_SHUFFLES 0
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#undef HAS_SHUFFLES
#define HAS_SHUFFLES 1
#endif
#endif

/* Whether kernels for newer x86 processors are compiled; one set is chosen at run time. */
#if HAS_VECTOR_TYPES && defined(__x86_64__)
#define HAS_X86_KERNELS 1
#else
#define HAS_X86_KERNELS 0
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

/* The time in seconds of a clock that never goes backwards. */
double monotonic_seconds(void);

/* Allocate memory that starts at a cache line, or return NULL; and release it. */
void *aligned_memory(size_t n_bytes);
void free_aligned_memory(void *memory);

#endif
