/* All kernels for one number type and one instruction set.

   Before including this file, define REAL (the type), IS_DOUBLE, PRECISION (the name of the type)
   and INSTRUCTIONS (the name of the set). */

#define NAME(name) JOIN(JOIN(name, PRECISION), INSTRUCTIONS)
#define NUMBER(constant) ((REAL)(constant))

#include "functions.h"

#include "elementwise.h"
#include "reductions.h"

#include "blas_products.h"
#if HAS_VECTOR_TYPES
#include "small_products.h"
#endif
#include "matmul.h"

#include "batch.h"
#include "optimizers.h"
#include "step.h"

#undef NAME
#undef NUMBER
#undef BITS
#undef MANTISSA
#undef BIAS
#undef MAGIC
#undef TWO_TO_MANTISSA
#undef SMALLEST_NORMAL
#undef SQRT_HALF_BITS
#undef LOG2E
#undef EXP_LOWEST
#undef EXP_HIGHEST
#undef EXPM1_LOWEST
#undef EXP_LN2_HIGH
#undef EXP_LN2_LOW
#undef LOG_LN2_HIGH
#undef LOG_LN2_LOW
#undef ABSOLUTE
#undef ROOT
#undef GELU_BETA
#undef GELU_KAPPA
#undef SUM_IN_LANES
#undef BLOCK_CASE
#undef STRIP
