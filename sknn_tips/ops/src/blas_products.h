/* Matrix products with BLAS. A template like functions.h. */

/* The layout of a matrix (rows, columns): 'N' row-major, 'T' column-major, 0 otherwise; and the
   leading dimension. */
static char NAME(layout)(const Operand *x, int64_t rows, int64_t columns, int *leading) {
    const int64_t least_row = columns > 1 ? columns : 1, least_column = rows > 1 ? rows : 1;
    if (columns <= 1 || x->column == 1) {
        if (rows <= 1 || x->row >= least_row) {
            *leading = (int)(rows <= 1 ? least_row : x->row);
            return 'N';
        }
    }
    if (rows <= 1 || x->row == 1) {
        if (columns <= 1 || x->column >= least_column) {
            *leading = (int)(columns <= 1 ? least_column : x->column);
            return 'T';
        }
    }
    return 0;
}

/* Copy a matrix with any strides to contiguous rows. */
static Operand NAME(pack)(const Operand *x, int64_t rows, int64_t columns, REAL *to) {
    const REAL *from = x->data;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            to[i * columns + j] = from[i * x->row + j * x->column];
    const Operand packed = {to, columns, 1};
    return packed;
}

/* BLAS expects column-major matrices: a row-major matrix is its transpose there, so the product is
   computed as out^T = b^T a^T. */
static void NAME(blas)(Operand a, Operand b, Operand out, int64_t rows, int64_t columns,
                       int64_t inner) {
    int m = (int)columns, n = (int)rows, k = (int)inner, lda, ldb, ldc;
    REAL one = 1, zero = 0;
    char of_a = NAME(layout)(&a, inner, columns, &lda), of_b = NAME(layout)(&b, rows, inner, &ldb);
    NAME(layout)(&out, rows, columns, &ldc);
    GEMM(&of_a, &of_b, &m, &n, &k, &one, a.data, &lda, b.data, &ldb, &zero, out.data, &ldc);
}

static Operand NAME(transposed)(Operand x) {
    const Operand result = {x.data, x.column, x.row};
    return result;
}

/* Copy contiguous rows of `width` columns to a matrix with any strides. */
static void NAME(copy_back)(const REAL *from, int64_t width, int64_t rows, int64_t columns,
                            const Operand out) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            ((REAL *)out.data)[i * out.row + j * out.column] = from[i * width + j];
}

static void NAME(zero)(const Operand *out, int64_t rows, int64_t columns) {
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            ((REAL *)out->data)[i * out->row + j * out->column] = 0;
}
