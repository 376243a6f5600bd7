/* Element-wise operations: the loops, and the iteration over tiles. A template like functions.h. */

#define LOOP(kind, expression)                               \
    case KIND_##kind:                                        \
        INDEPENDENT                                          \
        for (int64_t i = 0; i < n; i++) o[i] = (expression); \
        break;

/* Run the operation on n elements, a multiple of LANES. */
static void NAME(apply_lanes)(const Operation *operation, int64_t n, const REAL *x, const REAL *y,
                              const REAL *z, REAL *o, REAL *second) {
    const REAL a = (REAL)operation->constants[0], b = (REAL)operation->constants[1];
    const REAL a_times_b = a * b;
    n = n / LANES * LANES; /* lets the compiler know that n is a multiple */
    switch (operation->kind) {
        LOOP(abs, ABSOLUTE(x[i]))
        LOOP(neg, -x[i])
        LOOP(sign, NAME(sign)(x[i]))
        LOOP(exp, NAME(exp)(x[i]))
        LOOP(log, NAME(log)(x[i]))
        LOOP(log1p, NAME(log1p)(x[i]))
        LOOP(sqrt, ROOT(x[i]))
        LOOP(rsqrt, 1 / ROOT(x[i]))
        LOOP(reciprocal, 1 / x[i])
        LOOP(square, x[i] * x[i])
        LOOP(tanh, NAME(tanh)(x[i]))
        LOOP(sigmoid, NAME(sigmoid)(x[i]))
        LOOP(relu, x[i] <= 0 ? 0 : x[i])
        LOOP(copy, x[i])
        LOOP(fill, a)
        LOOP(affine, a * x[i] + b)
        LOOP(clamp, NAME(clamp)(x[i], a, b))
        LOOP(leaky_relu, x[i] > 0 ? x[i] : x[i] * a)
        LOOP(elu, b * NAME(elu)(x[i], a))
        LOOP(softplus, NAME(softplus)(x[i], a, b))
        LOOP(gelu, NAME(gelu)(x[i]))
        LOOP(gelu_tanh, NAME(gelu_tanh)(x[i]))
        LOOP(silu, NAME(silu)(x[i]))
        LOOP(add, x[i] + y[i])
        LOOP(sub, x[i] - y[i])
        LOOP(mul, x[i] * y[i])
        LOOP(div, x[i] / y[i])
        LOOP(maximum, NAME(larger)(x[i], y[i]))
        LOOP(equal, x[i] == y[i] ? 1 : 0)
        LOOP(xlogy, NAME(xlogy)(x[i], y[i]))
        LOOP(add_scaled, x[i] + a * y[i])
        LOOP(lerp, x[i] + a * (y[i] - x[i]))
        LOOP(threshold_backward, y[i] <= 0 ? 0 : x[i])
        LOOP(tanh_backward, x[i] * (1 - y[i] * y[i]))
        LOOP(sigmoid_backward, x[i] * y[i] * (1 - y[i]))
        LOOP(leaky_relu_backward, y[i] > 0 ? x[i] : x[i] * a)
        LOOP(elu_backward, y[i] > 0 ? x[i] * b : x[i] * a_times_b * NAME(exp)(y[i]))
        LOOP(gelu_backward, x[i] * NAME(gelu_slope)(y[i]))
        LOOP(gelu_tanh_backward, x[i] * NAME(gelu_tanh_slope)(y[i]))
        LOOP(silu_backward, x[i] * NAME(silu_slope)(y[i]))
        LOOP(softplus_backward, NAME(softplus_backward)(x[i], y[i], a, b))
        LOOP(add_product, x[i] + a * y[i] * z[i])
    case KIND_mish:
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) {
            REAL derivative;
            const REAL value = NAME(mish)(x[i], &derivative);
            o[i] = value, second[i] = derivative;
        }
        break;
    }
}

#undef LOOP

/* The last elements, fewer than LANES, are processed in buffers of size LANES. */
NOINLINE void NAME(apply_rest)(const Operation *operation, int64_t n, const REAL *x, const REAL *y,
                               const REAL *z, REAL *o, REAL *second) {
    const size_t size = (size_t)n * sizeof(REAL);
    REAL from[MAX_ELEMENTWISE_INPUTS][LANES] = {{0}}, to[MAX_OUTPUTS][LANES];
    if (x) memcpy(from[0], x, size);
    if (y) memcpy(from[1], y, size);
    if (z) memcpy(from[2], z, size);
    NAME(apply_lanes)(operation, LANES, from[0], from[1], from[2], to[0], to[1]);
    memcpy(o, to[0], size);
    if (second) memcpy(second, to[1], size);
}

static void NAME(apply)(const Operation *operation, int64_t n, const REAL *const in[],
                        REAL *const out[]) {
    const int64_t whole = n / LANES * LANES;
    if (whole) NAME(apply_lanes)(operation, whole, in[0], in[1], in[2], out[0], out[1]);
    if (whole == n) return;
    NAME(apply_rest)(operation, n - whole, in[0] ? in[0] + whole : NULL,
                     in[1] ? in[1] + whole : NULL, in[2] ? in[2] + whole : NULL, out[0] + whole,
                     out[1] ? out[1] + whole : NULL);
}

/* Position and size of a tile in the matrix. */
typedef struct {
    int64_t row, column, rows, columns;
} NAME(Tile);

INLINE REAL *NAME(at)(const Operand *operand, const NAME(Tile) * tile) {
    return (REAL *)operand->data + tile->row * operand->row + tile->column * operand->column;
}

/* Repeat the number of each row; a separate call for each width lets the compiler unroll it. */
INLINE void NAME(repeat)(const REAL *from, int64_t stride, int64_t rows, int64_t columns,
                         REAL *to) {
    for (int64_t i = 0; i < rows; i++) {
        const REAL value = from[i * stride];
        for (int64_t j = 0; j < columns; j++) to[i * columns + j] = value;
    }
}

static void NAME(expand)(const REAL *from, const Operand *operand, int64_t rows, int64_t columns,
                         REAL *to) {
    if (operand->column == 0) {
        switch (columns) {
        case 2: NAME(repeat)(from, operand->row, rows, 2, to); return;
        case 3: NAME(repeat)(from, operand->row, rows, 3, to); return;
        case 4: NAME(repeat)(from, operand->row, rows, 4, to); return;
        case 10: NAME(repeat)(from, operand->row, rows, 10, to); return;
        default: NAME(repeat)(from, operand->row, rows, columns, to); return;
        }
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            to[i * columns + j] = from[i * operand->row + j * operand->column];
}

static void NAME(scatter)(const REAL *from, const NAME(Tile) * tile, const Operand *operand) {
    REAL *to = NAME(at)(operand, tile);
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->columns; j++)
            to[i * operand->row + j * operand->column] = from[i * tile->columns + j];
}

/* Repeat one row in the first tile_rows rows of a buffer; each pass doubles the number of rows. */
static void NAME(expand_fixed)(const Operand *operand, int64_t rows, int64_t columns, REAL *to) {
    const REAL *from = operand->data;
    const int64_t n = rows * columns;
    if (operand->column == 0) {
        const REAL value = *from;
        for (int64_t i = 0; i < n; i++) to[i] = value;
        return;
    }
    for (int64_t j = 0; j < columns; j++) to[j] = from[j * operand->column];
    for (int64_t filled = columns; filled < n; filled *= 2) {
        const int64_t more = filled < n - filled ? filled : n - filled;
        memcpy(to + filled, to, (size_t)more * sizeof(REAL));
    }
}

static void NAME(do_tile)(const Program *program, const Operation *operation, const Fused *fused,
                          const NAME(Tile) * tile) {
    REAL *fixed = program->tiles;
    REAL *buffer = fixed + MAX_FIXED * TILE;
    const REAL *in[MAX_ELEMENTWISE_INPUTS];
    REAL *out[MAX_OUTPUTS];
    for (int i = 0; i < MAX_ELEMENTWISE_INPUTS; i++, buffer += TILE) {
        const Operand *operand = &operation->in[i];
        switch (fused->in[i].access) {
        case ABSENT: in[i] = NULL; break;
        case DIRECT: in[i] = NAME(at)(operand, tile); break;
        case FIXED: in[i] = fixed + fused->in[i].buffer * TILE; break;
        default:
            NAME(expand)(NAME(at)(operand, tile), operand, tile->rows, tile->columns, buffer);
            in[i] = buffer;
        }
    }
    for (int i = 0; i < MAX_OUTPUTS; i++, buffer += TILE) {
        const Access access = fused->out[i].access;
        out[i] = access == ABSENT   ? NULL
                 : access == DIRECT ? NAME(at)(&operation->out[i], tile)
                                    : buffer;
    }
    NAME(apply)(operation, tile->rows * tile->columns, in, out);
    for (int i = 0; i < MAX_OUTPUTS; i++)
        if (fused->out[i].access > DIRECT) NAME(scatter)(out[i], tile, &operation->out[i]);
}

/* Run all operations on one tile before the next, so that it stays in the first-level cache. */
static void NAME(elementwise)(const Program *program, const Run *run) {
    const int64_t tile_columns = run->columns < TILE ? run->columns : TILE;
    if (!run->rows || !run->columns) return;
    for (int i = 0; i < run->n_fixed; i++)
        NAME(expand_fixed)(&run->fixed[i], run->tile_rows, tile_columns,
                           (REAL *)program->tiles + i * TILE);
    for (int64_t row = 0; row < run->rows; row += run->tile_rows)
        for (int64_t column = 0; column < run->columns; column += tile_columns) {
            const int64_t rows_left = run->rows - row, columns_left = run->columns - column;
            const NAME(Tile) tile = {
                row,
                column,
                rows_left < run->tile_rows ? rows_left : run->tile_rows,
                columns_left < tile_columns ? columns_left : tile_columns,
            };
            for (int64_t i = run->first; i < run->first + run->n_operations; i++)
                NAME(do_tile)(program, &program->operations[i], &program->fused[i], &tile);
        }
}
