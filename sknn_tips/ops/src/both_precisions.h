/* The kernels for float and double, for the instruction set that INSTRUCTIONS names. */

#define REAL float
#define IS_DOUBLE 0
#define PRECISION float
#define GEMM blas_gemm_float
#include "kernels.h"
#undef REAL
#undef IS_DOUBLE
#undef PRECISION
#undef GEMM

#define REAL double
#define IS_DOUBLE 1
#define PRECISION double
#define GEMM blas_gemm_double
#include "kernels.h"
#undef REAL
#undef IS_DOUBLE
#undef PRECISION
#undef GEMM
