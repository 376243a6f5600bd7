/* Elementary functions of one number, without branches and calls, so that loops over them can be
   vectorised. A template: REAL, NAME, NUMBER (a constant) and IS_DOUBLE are defined by kernels.h.

   The polynomials are from Cephes (exp for floats, erf) and fdlibm (log). */

#if IS_DOUBLE
#define BITS uint64_t
#define MANTISSA 52
#define BIAS 1023
#define MAGIC 6755399441055744.0
#define TWO_TO_MANTISSA 4503599627370496.0
#define SMALLEST_NORMAL DBL_MIN
#define SQRT_HALF_BITS 0x3fe6a09e00000000u
#define LOG2E 1.4426950408889634074
#define EXP_LOWEST -746.0
#define EXP_HIGHEST 710.0
#define EXPM1_LOWEST -60.0
#define EXP_LN2_HIGH 6.93147180369123816490e-01
#define EXP_LN2_LOW 1.90821492927058770002e-10
#define LOG_LN2_HIGH 6.93147180369123816490e-01
#define LOG_LN2_LOW 1.90821492927058770002e-10
#define ABSOLUTE fabs
#define ROOT sqrt
#else
#define BITS uint32_t
#define MANTISSA 23
#define BIAS 127
#define MAGIC 12582912.0f
#define TWO_TO_MANTISSA 8388608.0f
#define SMALLEST_NORMAL FLT_MIN
#define SQRT_HALF_BITS 0x3f3504f3u
#define LOG2E 1.44269504088896341f
#define EXP_LOWEST -104.0f
#define EXP_HIGHEST 89.0f
#define EXPM1_LOWEST -30.0f
#define EXP_LN2_HIGH 0.693359375f
#define EXP_LN2_LOW -2.12194440e-4f
#define LOG_LN2_HIGH 6.9313812256e-01f
#define LOG_LN2_LOW 9.0580006145e-06f
#define ABSOLUTE fabsf
#define ROOT sqrtf
#endif

INLINE BITS NAME(bits)(REAL x) {
    BITS result;
    memcpy(&result, &x, sizeof result);
    return result;
}

INLINE REAL NAME(from_bits)(BITS x) {
    REAL result;
    memcpy(&result, &x, sizeof result);
    return result;
}

/* 2^n, from a biased exponent above 0. */
INLINE REAL NAME(power_of_two)(BITS biased) { return NAME(from_bits)(biased << MANTISSA); }

/* exp(r) - 1 for |r| <= log(2) / 2. */
INLINE REAL NAME(expm1_near_zero)(REAL r) {
#if IS_DOUBLE
    REAL p = 1.6059043836821614599e-10; /* 1 / 13!, a Taylor coefficient */
    p = p * r + 2.0876756987868098979e-9;
    p = p * r + 2.5052108385441718775e-8;
    p = p * r + 2.7557319223985890653e-7;
    p = p * r + 2.7557319223985890653e-6;
    p = p * r + 2.4801587301587301587e-5;
    p = p * r + 1.9841269841269841270e-4;
    p = p * r + 1.3888888888888888889e-3;
    p = p * r + 8.3333333333333333333e-3;
    p = p * r + 4.1666666666666666667e-2;
    p = p * r + 1.6666666666666666667e-1;
    p = p * r + 0.5;
#else
    REAL p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
#endif
    return p * (r * r) + r;
}

/* Split x into n log(2) + r; return exp(r) - 1, and n in two's complement. Adding 1.5 * 2^MANTISSA
   rounds to an integer, which is then in the lowest bits. */
INLINE REAL NAME(split_exp)(REAL x, BITS *n) {
    const REAL shifted = x * LOG2E + MAGIC;
    const REAL whole = shifted - MAGIC;
    *n = NAME(bits)(shifted) - NAME(bits)(MAGIC);
    return NAME(expm1_near_zero)((x - whole * EXP_LN2_HIGH) - whole * EXP_LN2_LOW);
}

/* Scale by two factors, so that results near the largest and the smallest number are correct. */
INLINE REAL NAME(exp)(REAL x) {
    BITS n;
    x = x < EXP_LOWEST ? EXP_LOWEST : x;
    x = x > EXP_HIGHEST ? EXP_HIGHEST : x;
    const REAL m = NAME(split_exp)(x, &n);
    const BITS positive = n + 2 * (BIAS + 1), half = positive >> 1;
    return (m + 1) * NAME(power_of_two)(half - 1) * NAME(power_of_two)(positive - half - 1);
}

/* exp(x) - 1 for x <= 0. */
INLINE REAL NAME(expm1_negative)(REAL x) {
    BITS n;
    x = x < EXPM1_LOWEST ? EXPM1_LOWEST : x;
    const REAL m = NAME(split_exp)(x, &n), scale = NAME(power_of_two)(n + BIAS);
    return m * scale + (scale - 1);
}

/* log(x) + c, where c corrects the last bits of the result. */
INLINE REAL NAME(log_corrected)(REAL x, REAL c) {
    const int is_small = x < SMALLEST_NORMAL;
    const REAL scaled = is_small ? x * TWO_TO_MANTISSA : x;
    const BITS one = (BITS)BIAS << MANTISSA, mantissas = ((BITS)1 << MANTISSA) - 1;
    const BITS moved = NAME(bits)(scaled) + (one - SQRT_HALF_BITS);
    /* convert the exponent to a number: place it below the leading bit of 2^MANTISSA */
    const REAL raised = NAME(from_bits)((moved >> MANTISSA) | NAME(bits)(TWO_TO_MANTISSA));
    const REAL n = raised - (is_small ? TWO_TO_MANTISSA + (BIAS + MANTISSA)
                                      : TWO_TO_MANTISSA + BIAS);
    const REAL f = NAME(from_bits)((moved & mantissas) + SQRT_HALF_BITS) - 1;
    const REAL s = f / (2 + f), z = s * s;
#if IS_DOUBLE
    REAL p = 1.479819860511658591e-01;
    p = p * z + 1.531383769920937332e-01;
    p = p * z + 1.818357216161805012e-01;
    p = p * z + 2.222219843214978396e-01;
    p = p * z + 2.857142874366239149e-01;
    p = p * z + 3.999999999940941908e-01;
    p = p * z + 6.666666666666735130e-01;
#else
    REAL p = 0.24279078841f;
    p = p * z + 0.28498786688f;
    p = p * z + 0.40000972152f;
    p = p * z + 0.66666662693f;
#endif
    const REAL half_square = NUMBER(0.5) * f * f;
    const REAL low = s * (half_square + p * z) + (n * LOG_LN2_LOW + c);
    const REAL result = n * LOG_LN2_HIGH + (f - (half_square - low));
    const REAL outside = x < 0 ? (REAL)NAN : x; /* infinity and NaN are unchanged */
    return x > 0 && x < (REAL)INFINITY ? result : x == 0 ? -(REAL)INFINITY : outside;
}

INLINE REAL NAME(log)(REAL x) { return NAME(log_corrected)(x, 0); }

/* Corrects for the digits of x that are lost in 1 + x. */
INLINE REAL NAME(log1p)(REAL x) {
    const REAL u = 1 + x, lost = (x - (u - 1)) / u;
    return x == 0 ? x : NAME(log_corrected)(u, lost);
}

INLINE REAL NAME(tanh)(REAL x) {
    const BITS sign = (BITS)1 << (8 * sizeof(REAL) - 1);
    const REAL m = NAME(expm1_negative)(-2 * ABSOLUTE(x));
    const REAL size = -m / (m + 2);
    return NAME(from_bits)(NAME(bits)(size) | (NAME(bits)(x) & sign));
}

INLINE REAL NAME(sigmoid)(REAL x) { return 1 / (1 + NAME(exp)(-x)); }

/* The normal distribution function, and the unnormalised density exp(-x^2 / 2). With z = |x| /
   sqrt(2), erf(z) is a rational function below z = 1, and erfc(z) another one from there on. */
INLINE REAL NAME(normal)(REAL x, REAL *density) {
    const REAL bell = NAME(exp)(NUMBER(-0.5) * x * x);
    const REAL size = ABSOLUTE(x) * NUMBER(0.70710678118654752440);
    const REAL z = size > 20 ? 20 : size, y = z * z;
    REAL t = NUMBER(9.60497373987051638749e0), u = y + NUMBER(3.35617141647503099647e1);
    t = t * y + NUMBER(9.00260197203842689217e1);
    t = t * y + NUMBER(2.23200534594684319226e3);
    t = t * y + NUMBER(7.00332514112805075473e3);
    t = t * y + NUMBER(5.55923013010394962768e4);
    u = u * y + NUMBER(5.21357949780152679795e2);
    u = u * y + NUMBER(4.59432382970980127987e3);
    u = u * y + NUMBER(2.26290000613890934246e4);
    u = u * y + NUMBER(4.92673942608635921086e4);
    REAL p = NUMBER(2.46196981473530512524e-10), q = z + NUMBER(1.32281951154744992508e1);
    p = p * z + NUMBER(5.64189564831068821977e-1);
    p = p * z + NUMBER(7.46321056442269912687e0);
    p = p * z + NUMBER(4.86371970985681366614e1);
    p = p * z + NUMBER(1.96520832956077098242e2);
    p = p * z + NUMBER(5.26445194995477358631e2);
    p = p * z + NUMBER(9.34528527171957607540e2);
    p = p * z + NUMBER(1.02755188689515710272e3);
    p = p * z + NUMBER(5.57535335369399327526e2);
    q = q * z + NUMBER(8.67072140885989742329e1);
    q = q * z + NUMBER(3.54937778887819891062e2);
    q = q * z + NUMBER(9.75708501743205489753e2);
    q = q * z + NUMBER(1.82390916687909736289e3);
    q = q * z + NUMBER(2.24633760818710981792e3);
    q = q * z + NUMBER(1.65666309194161350182e3);
    q = q * z + NUMBER(5.57535340817727675546e2);
    const int is_near = z < 1;
    const REAL quotient = (is_near ? z * t : bell * p) / (is_near ? u : q);
    const REAL tail = is_near ? NUMBER(0.5) - NUMBER(0.5) * quotient : NUMBER(0.5) * quotient;
    *density = bell;
    return x < 0 ? tail : 1 - tail;
}

INLINE REAL NAME(gelu)(REAL x) {
    REAL density;
    return x * NAME(normal)(x, &density);
}

INLINE REAL NAME(gelu_slope)(REAL x) {
    REAL density;
    const REAL share = NAME(normal)(x, &density);
    return share + x * (density * NUMBER(0.39894228040143267794));
}

#define GELU_BETA NUMBER(0.79788456080286535588) /* sqrt(2 / pi) */
#define GELU_KAPPA NUMBER(0.044715)

INLINE REAL NAME(gelu_tanh)(REAL x) {
    const REAL inner = GELU_BETA * (x + GELU_KAPPA * (x * x * x));
    return NUMBER(0.5) * x * (1 + NAME(tanh)(inner));
}

INLINE REAL NAME(gelu_tanh_slope)(REAL x) {
    const REAL square = x * x;
    const REAL t = NAME(tanh)(GELU_BETA * (x + GELU_KAPPA * (square * x)));
    const REAL by_inner = GELU_BETA * (1 + 3 * GELU_KAPPA * square);
    return NUMBER(0.5) * (1 + t) + NUMBER(0.5) * x * ((1 - t * t) * by_inner);
}

INLINE REAL NAME(silu)(REAL x) { return x / (1 + NAME(exp)(-x)); }

INLINE REAL NAME(silu_slope)(REAL x) {
    const REAL s = NAME(sigmoid)(x);
    return s * (1 + x * (1 - s));
}

INLINE REAL NAME(elu)(REAL x, REAL alpha) {
    return x > 0 ? x : alpha * NAME(expm1_negative)(x > 0 ? 0 : x);
}

INLINE REAL NAME(softplus)(REAL x, REAL beta, REAL threshold) {
    const REAL steep = x * beta;
    return steep > threshold ? x : NAME(log1p)(NAME(exp)(steep)) / beta;
}

INLINE REAL NAME(softplus_backward)(REAL g, REAL x, REAL beta, REAL threshold) {
    const REAL steep = x * beta, e = NAME(exp)(steep);
    return steep > threshold ? g : g * e / (e + 1);
}

/* x tanh(log(1 + exp(x))) and its derivative; from x = 20 on the factor of x is 1. */
INLINE REAL NAME(mish)(REAL x, REAL *derivative) {
    const REAL e = NAME(exp)(x > 20 ? 20 : x);
    const REAL m = e + NUMBER(0.5) * e * e, m1 = m + 1, t = m / m1;
    *derivative = t + x * (e * (e + 1) / (m1 * m1));
    return x * t;
}

INLINE REAL NAME(sign)(REAL x) { return x > 0 ? 1 : x < 0 ? -1 : x; }

INLINE REAL NAME(larger)(REAL x, REAL y) { return x >= y || x != x ? x : y; }

INLINE REAL NAME(clamp)(REAL x, REAL low, REAL high) {
    const REAL raised = x < low ? low : x;
    return raised > high ? high : raised;
}

INLINE REAL NAME(xlogy)(REAL x, REAL y) {
    return y != y ? y : x == 0 ? 0 : x * NAME(log)(y);
}
