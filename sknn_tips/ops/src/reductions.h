/* Sums and maxima. A template like functions.h. */

/* Column sums for fewer than LANES columns: LANES rows at a time are treated as one long vector. */
static void NAME(sum_narrow_rows)(const REAL *x, int64_t rows, int64_t columns, REAL *out) {
    REAL sums[LANES * LANES] = {0};
    const int64_t block = LANES * columns;
    int64_t row = 0;
    for (; row + LANES <= rows; row += LANES) {
        const REAL *from = x + row * columns;
        INDEPENDENT
        for (int64_t i = 0; i < block; i++) sums[i] += from[i];
    }
    for (int64_t i = 0; i < (rows - row) * columns; i++) sums[i] += x[row * columns + i];
    for (int64_t i = 1; i < LANES; i++)
        for (int64_t j = 0; j < columns; j++) sums[j] += sums[i * columns + j];
    memcpy(out, sums, (size_t)columns * sizeof(REAL));
}

enum { NAME(ROWS_TOGETHER) = 8 };

/* Several rows at a time, so that the sums are read and written less often. */
static void NAME(sum_wide_rows)(const REAL *x, int64_t row, int64_t rows, int64_t columns,
                                REAL *out) {
    int64_t i = 0;
    memset(out, 0, (size_t)columns * sizeof(REAL));
    for (; i + NAME(ROWS_TOGETHER) <= rows; i += NAME(ROWS_TOGETHER)) {
        const REAL *a = x + i * row, *b = a + row, *c = b + row, *d = c + row;
        const REAL *e = d + row, *f = e + row, *g = f + row, *h = g + row;
        INDEPENDENT
        for (int64_t j = 0; j < columns; j++)
            out[j] += ((a[j] + b[j]) + (c[j] + d[j])) + ((e[j] + f[j]) + (g[j] + h[j]));
    }
    for (; i < rows; i++) {
        const REAL *a = x + i * row;
        INDEPENDENT
        for (int64_t j = 0; j < columns; j++) out[j] += a[j];
    }
}

static void NAME(sum_rows)(const Operation *q) {
    const Operand *x = &q->in[0], *out = &q->out[0];
    const int64_t rows = q->inner, columns = q->columns;
    const REAL *from = x->data;
    REAL *to = out->data;
    const int side_by_side = (columns <= 1 || (x->column == 1 && out->column == 1));
    if (side_by_side && columns < LANES && (rows <= 1 || x->row == columns)) {
        NAME(sum_narrow_rows)(from, rows, columns, to);
        return;
    }
    if (!side_by_side) {
        for (int64_t j = 0; j < columns; j++) {
            REAL sum = 0;
            for (int64_t i = 0; i < rows; i++) sum += from[i * x->row + j * x->column];
            to[j * out->column] = sum;
        }
        return;
    }
    NAME(sum_wide_rows)(from, x->row, rows, columns, to);
}

/* The sum of n values f(i), in parallel lanes, which vectorises and has smaller rounding errors. */
#define SUM_IN_LANES(TYPE, result, n, expression)                                 \
    do {                                                                          \
        TYPE sums[4 * LANES] = {0};                                               \
        int64_t i = 0;                                                            \
        for (; i + 4 * LANES <= (n); i += 4 * LANES)                              \
            for (int64_t l = 0; l < 4 * LANES; l++) sums[l] += expression(i + l); \
        for (int64_t l = 0; i < (n); i++, l++) sums[l] += expression(i);          \
        for (int64_t half = 2 * LANES; half; half /= 2)                           \
            for (int64_t l = 0; l < half; l++) sums[l] += sums[l + half];         \
        result = sums[0];                                                         \
    } while (0)

static REAL NAME(sum)(const REAL *x, int64_t n) {
    REAL result;
#define TERM(i) x[i]
    SUM_IN_LANES(REAL, result, n, TERM);
#undef TERM
    return result;
}

INLINE REAL NAME(sum_short)(const REAL *x, int64_t stride, int64_t n) {
    REAL sum = 0;
    for (int64_t j = 0; j < n; j++) sum += x[j * stride];
    return sum;
}

INLINE REAL NAME(max_short)(const REAL *x, int64_t stride, int64_t n) {
    REAL largest = n ? x[0] : -(REAL)INFINITY;
    for (int64_t j = 1; j < n; j++) largest = NAME(larger)(largest, x[j * stride]);
    return largest;
}

#define EACH_ROW(function, n)                                                                  \
    for (int64_t i = 0; i < q->rows; i++) to[i * stride] = function(from + i * x->row, step, n)

static void NAME(sum_columns)(const Operation *q) {
    const Operand *x = &q->in[0];
    const int64_t stride = q->out[0].row, n = q->inner, step = n > 1 ? x->column : 1;
    const REAL *from = x->data;
    REAL *to = q->out[0].data;
    if (step == 1 && n >= 2 * LANES) {
        for (int64_t i = 0; i < q->rows; i++)
            to[i * stride] = NAME(sum)(from + i * x->row, n);
        return;
    }
    switch (n) {
    case 2: EACH_ROW(NAME(sum_short), 2); break;
    case 3: EACH_ROW(NAME(sum_short), 3); break;
    case 10: EACH_ROW(NAME(sum_short), 10); break;
    default: EACH_ROW(NAME(sum_short), n);
    }
}

static void NAME(max_columns)(const Operation *q) {
    const Operand *x = &q->in[0];
    const int64_t stride = q->out[0].row, n = q->inner, step = n > 1 ? x->column : 1;
    const REAL *from = x->data;
    REAL *to = q->out[0].data;
    switch (n) {
    case 2: EACH_ROW(NAME(max_short), 2); break;
    case 3: EACH_ROW(NAME(max_short), 3); break;
    case 10: EACH_ROW(NAME(max_short), 10); break;
    default: EACH_ROW(NAME(max_short), n);
    }
}

#undef EACH_ROW

static void NAME(dot)(const Operation *q) {
    const Operand *a = &q->in[0], *b = &q->in[1];
    const int64_t n = q->inner;
    const REAL *x = a->data, *y = b->data;
    REAL *out = q->out[0].data, result;
    if (n > 1 && (a->column != 1 || b->column != 1)) {
#define TERM(i) x[(i) * a->column] * y[(i) * b->column]
        SUM_IN_LANES(REAL, result, n, TERM);
#undef TERM
    } else {
#define TERM(i) x[i] * y[i]
        SUM_IN_LANES(REAL, result, n, TERM);
#undef TERM
    }
    *out = result;
}

/* The sum of squares, in double, since squares of floats overflow easily. */
static double NAME(sum_of_squares)(const REAL *x, int64_t n) {
    double result;
#define TERM(i) (double)x[i] * (double)x[i]
    SUM_IN_LANES(double, result, n, TERM);
#undef TERM
    return result;
}
