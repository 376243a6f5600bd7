/* What differs between compilers and systems. */
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
/* Before a loop whose passes do not depend on each other: an output may be the very memory of an
   input, which a compiler must otherwise take for an overlap. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#define UNROLL _Pragma("GCC unroll 16")
#endif
#endif

/* Whether this compiler has vectors as types: arithmetic on `__attribute__((vector_size))`. */
#if defined(SKNN_TIPS_NO_VECTOR_TYPES) /* as MSVC, to test it */
#define HAS_VECTOR_TYPES 0
#elif defined(__GNUC__) || defined(__clang__)
#define HAS_VECTOR_TYPES 1
#else
#define HAS_VECTOR_TYPES 0
#endif

/* Whether it can rearrange the numbers of vectors. */
#define HAS_SHUFFLES 0
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#undef HAS_SHUFFLES
#define HAS_SHUFFLES 1
#endif
#endif

/* Whether kernels for newer x86 processors are compiled, to be chosen at run time. */
#if HAS_VECTOR_TYPES && defined(__x86_64__)
#define HAS_X86_KERNELS 1
#else
#define HAS_X86_KERNELS 0
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

/* Seconds of a clock that never goes back. */
double monotonic_seconds(void);

/* Memory that starts at a cache line, and its release; NULL where there is none left. */
void *aligned_memory(size_t n_bytes);
void free_aligned_memory(void *memory);

#endif
