/* The choice of the algorithm for a matrix product. A template like functions.h. */

typedef struct {
    Operand a, b, out;
    int64_t rows, columns, inner;
} NAME(Product);

static NAME(Product) NAME(transposed_product)(const NAME(Product) * q) {
    const NAME(Product) result = {
        NAME(transposed)(q->b), NAME(transposed)(q->a), NAME(transposed)(q->out),
        q->columns,             q->rows,                q->inner,
    };
    return result;
}

static void NAME(product_by_blas)(const NAME(Product) * q, REAL *packed) {
    Operand a = q->a, b = q->b, to = q->out;
    int unused;
    if (!NAME(layout)(&a, q->rows, q->inner, &unused)) {
        a = NAME(pack)(&a, q->rows, q->inner, packed);
        packed += q->rows * q->inner;
    }
    if (!NAME(layout)(&b, q->inner, q->columns, &unused)) {
        b = NAME(pack)(&b, q->inner, q->columns, packed);
        packed += q->inner * q->columns;
    }
    if (NAME(layout)(&to, q->rows, q->columns, &unused) != 'N') {
        const Operand place = {packed, q->columns, 1};
        to = place;
    }
    NAME(blas)(b, a, to, q->rows, q->columns, q->inner);
    if (to.data != q->out.data) NAME(copy_back)(packed, q->columns, q->rows, q->columns, q->out);
}

#if HAS_VECTOR_TYPES
/* A product with few columns is faster transposed, with few rows: vectors run along the columns,
   which must be contiguous in the second factor, here a^T. */
static int NAME(is_better_transposed)(const NAME(Product) * q) {
    if (q->columns < LANES) return q->rows >= LANES && q->a.row == 1;
    return q->out.column != 1 && q->out.row == 1;
}

/* BLAS is faster if b is too large for the second-level cache; for few columns it is slow. */
static int NAME(is_small)(const NAME(Product) * q) {
    const int64_t depth = q->inner < NAME(LONGEST_SUM) ? q->inner : NAME(LONGEST_SUM);
    const int is_narrow = q->rows <= NAME(DOT_COLUMNS) || q->columns <= NAME(DOT_COLUMNS);
    return is_narrow || depth * q->columns * (int64_t)sizeof(REAL) <= SMALL_FACTOR;
}

static void NAME(product)(const NAME(Product) * q, REAL *packed) {
    if (NAME(is_small)(q))
        NAME(small_product)(q->a, q->b, q->out, q->rows, q->columns, q->inner, packed);
    else
        NAME(product_by_blas)(q, packed);
}
#else
static int NAME(is_better_transposed)(const NAME(Product) * q) {
    return q->out.column != 1 && q->out.row == 1;
}

static void NAME(product)(const NAME(Product) * q, REAL *packed) {
    NAME(product_by_blas)(q, packed);
}
#endif

static void NAME(matmul)(const Program *program, const Operation *operation) {
    const NAME(Product) q = {
        operation->in[0], operation->in[1],   operation->out[0],
        operation->rows,  operation->columns, operation->inner,
    };
    if (!q.rows || !q.columns) return;
    if (!q.inner) {
        NAME(zero)(&q.out, q.rows, q.columns);
    } else if (NAME(is_better_transposed)(&q)) {
        const NAME(Product) other = NAME(transposed_product)(&q);
        NAME(product)(&other, program->packed);
    } else {
        NAME(product)(&q, program->packed);
    }
}
