/* The kernels for AVX-512 (servers since 2017, some desktops). */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "blas.h"
#include "platform.h"
#include "program.h"

#if HAS_X86_KERNELS
/* Only the code below uses these instructions; functions of the headers above may be shared. */
#if defined(__clang__)
#pragma clang attribute push(                                               \
    __attribute__((target("avx2,fma,avx512f,avx512dq,avx512bw,avx512vl"))), \
    apply_to = function)
#else
#pragma GCC target("avx2,fma,avx512f,avx512dq,avx512bw,avx512vl,prefer-vector-width=512")
#endif

#define INSTRUCTIONS avx512
#define VECTOR_BYTES 64
#define MAX_BLOCK 6
#define MAX_TALL_BLOCK 12
#define MAX_STRIPS 4
#define SMALL_FACTOR (1 << 21)
#include "both_precisions.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing_for_this_architecture;
#endif
