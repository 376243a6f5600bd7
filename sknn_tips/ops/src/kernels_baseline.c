/* The kernels for the instructions of every processor of the architecture: SSE2, NEON. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "blas.h"
#include "platform.h"
#include "program.h"

#define INSTRUCTIONS baseline
#define VECTOR_BYTES 16
#define MAX_BLOCK 6
#define MAX_TALL_BLOCK 12
#define MAX_STRIPS 2
#if defined(__x86_64__)
#define SMALL_FACTOR (1 << 14) /* BLAS may use newer instructions than SSE2 */
#else
#define SMALL_FACTOR (1 << 19)
#endif
#include "both_precisions.h"
