/* The kernels for AVX2 and FMA (x86 since 2013). */
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
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define INSTRUCTIONS avx2
#define VECTOR_BYTES 32
#define MAX_BLOCK 6
#define MAX_TALL_BLOCK 12
#define MAX_STRIPS 2
#define SMALL_FACTOR (1 << 19)
#include "both_precisions.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int nothing_for_this_architecture;
#endif
