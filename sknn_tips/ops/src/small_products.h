/* Products of small matrices, for which the overhead of BLAS exceeds the computation time.
   A template like functions.h. */

enum { NAME(WIDTH) = VECTOR_BYTES / sizeof(REAL) };
enum { NAME(PARTS) = VECTOR_BYTES / 16, NAME(PART_WIDTH) = 16 / sizeof(REAL) };

/* Vectors that need only the alignment of a single number. */
typedef REAL NAME(Vector)
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));
typedef REAL NAME(Part) __attribute__((vector_size(16)));

/* Start of the vectors of a panel: contiguous, except that the last one ends where the matrix ends.
   It may overlap the previous one; then some numbers are computed twice. */
#define STRIP(j) ((j) == strips - 1 ? last : (j) * NAME(WIDTH))

/* `block` rows of `strips` vectors of the result, all in registers: out = a b, or out += a b. The
   columns of b and out are contiguous. `block` and `strips` are constants in each call. */
INLINE void NAME(block)(const int block, const int strips, int64_t last, const Operand a,
                        const REAL *b, int64_t b_row, int64_t inner, int adds, REAL *out,
                        int64_t out_row) {
    const REAL *from = a.data;
    NAME(Vector) sums[MAX_TALL_BLOCK][MAX_STRIPS];
    UNROLL
    for (int i = 0; i < block; i++)
        UNROLL
        for (int j = 0; j < strips; j++)
            sums[i][j] = adds ? *(const NAME(Vector) *)(out + i * out_row + STRIP(j))
                              : (NAME(Vector)){0};
    for (int64_t k = 0; k < inner; k++, from += a.column, b += b_row) {
        NAME(Vector) row[MAX_STRIPS];
        UNROLL
        for (int j = 0; j < strips; j++) row[j] = *(const NAME(Vector) *)(b + STRIP(j));
        UNROLL
        for (int i = 0; i < block; i++)
            UNROLL
            for (int j = 0; j < strips; j++) sums[i][j] += from[i * a.row] * row[j];
    }
    UNROLL
    for (int i = 0; i < block; i++)
        UNROLL
        for (int j = 0; j < strips; j++)
            *(NAME(Vector) *)(out + i * out_row + STRIP(j)) = sums[i][j];
}

/* The arguments of a product in blocks; the result has the columns of b, counted from `b` on. */
typedef struct {
    Operand a;
    const REAL *b;
    int64_t b_row, rows, columns, inner;
    int adds;
    REAL *out;
    int64_t out_row;
} NAME(Blocks);

#define BLOCK_CASE(m)                                                                        \
    case m:                                                                                  \
        NAME(block)(m, strips, last, a, q->b + column, q->b_row, q->inner, q->adds, out,     \
                    q->out_row);                                                             \
        break;

/* A panel as wide as `strips` vectors, with all rows; block heights differ by at most one. With a
   single vector the blocks are taller: each addition waits for the previous one, so several
   independent ones must be in progress. */
INLINE void NAME(panel)(const int strips, int64_t last, const NAME(Blocks) * q, int64_t column) {
    const int64_t tallest = strips == 1 ? MAX_TALL_BLOCK : MAX_BLOCK;
    const int64_t n_blocks = (q->rows + tallest - 1) / tallest;
    const int64_t least = q->rows / n_blocks, n_larger = q->rows - least * n_blocks;
    Operand a = q->a;
    REAL *out = q->out + column;
    for (int64_t i = 0; i < n_blocks; i++) {
        const int64_t n = least + (i < n_larger);
        switch (n) {
            BLOCK_CASE(1)
            BLOCK_CASE(2)
            BLOCK_CASE(3)
            BLOCK_CASE(4)
            BLOCK_CASE(5)
            BLOCK_CASE(6)
        }
        if (strips == 1) {
            switch (n) {
                BLOCK_CASE(7)
                BLOCK_CASE(8)
                BLOCK_CASE(9)
                BLOCK_CASE(10)
                BLOCK_CASE(11)
                BLOCK_CASE(12)
            }
        }
        a.data = (REAL *)a.data + n * a.row;
        out += n * q->out_row;
    }
}

/* All columns, at least as many as one vector has, in panels of about equal width. */
static void NAME(panels)(const NAME(Blocks) * q) {
    const int64_t n_strips = (q->columns + NAME(WIDTH) - 1) / NAME(WIDTH);
    const int64_t n_panels = (n_strips + MAX_STRIPS - 1) / MAX_STRIPS;
    int64_t column = 0;
    for (int64_t i = 0; i < n_panels; i++) {
        const int64_t strips = n_strips / n_panels + (i < n_strips % n_panels);
        const int64_t end = column + strips * NAME(WIDTH);
        const int64_t last = (end < q->columns ? end : q->columns) - NAME(WIDTH) - column;
        switch (strips) {
        case 1: NAME(panel)(1, last, q, column); break;
        case 2: NAME(panel)(2, last, q, column); break;
#if MAX_STRIPS > 2
        case 3: NAME(panel)(3, last, q, column); break;
        case 4: NAME(panel)(4, last, q, column); break;
#endif
        }
        column = end;
    }
}

/* This many rows of b at a time, in one panel, fit into the second-level cache. */
enum { NAME(LONGEST_SUM) = 512 };
enum { NAME(ROWS_AT_A_TIME) = 24, NAME(FEW_NUMBERS) = 16384 / sizeof(REAL) };

/* out = a b for at least as many columns as one vector has; columns of b and out are contiguous. */
NOINLINE void NAME(wide_product)(const Operand a, const REAL *b, int64_t b_row, int64_t rows,
                                 int64_t columns, int64_t inner, REAL *out, int64_t out_row) {
    NAME(Blocks) q = {a, b, b_row, rows, columns, inner, 0, out, out_row};
    if (inner * columns <= NAME(FEW_NUMBERS)) { /* b fits into the first cache: write in order */
        for (int64_t row = 0; row < rows; row += NAME(ROWS_AT_A_TIME)) {
            q.rows = rows - row < NAME(ROWS_AT_A_TIME) ? rows - row : NAME(ROWS_AT_A_TIME);
            q.a.data = (REAL *)a.data + row * a.row;
            q.out = out + row * out_row;
            NAME(panels)(&q);
        }
        return;
    }
    for (int64_t k = 0; k < inner; k += NAME(LONGEST_SUM)) {
        q.inner = inner - k < NAME(LONGEST_SUM) ? inner - k : NAME(LONGEST_SUM);
        q.a.data = (REAL *)a.data + k * a.column;
        q.b = b + k * b_row;
        q.adds = k > 0;
        NAME(panels)(&q);
    }
}

INLINE REAL NAME(sum_of_vector)(const NAME(Vector) x) {
    NAME(Part) parts[NAME(PARTS)];
    memcpy(parts, &x, sizeof x);
    for (int i = 1; i < NAME(PARTS); i++) parts[0] += parts[i];
    REAL sum = parts[0][0];
    for (int i = 1; i < NAME(PART_WIDTH); i++) sum += parts[0][i];
    return sum;
}

enum { NAME(DOT_ROWS) = 4, NAME(DOT_COLUMNS) = 4 };

/* Dot products of several rows of a with several rows of b, which are contiguous. */
INLINE void NAME(dots)(const int rows, const int columns, const REAL *a, int64_t a_row,
                       const REAL *b, int64_t b_row, int64_t inner, REAL *out,
                       const Operand place) {
    NAME(Vector) sums[NAME(DOT_ROWS)][NAME(DOT_COLUMNS)];
    UNROLL
    for (int i = 0; i < rows; i++)
        UNROLL
        for (int j = 0; j < columns; j++) sums[i][j] = (NAME(Vector)){0};
    int64_t k = 0;
    for (; k + NAME(WIDTH) <= inner; k += NAME(WIDTH)) {
        UNROLL
        for (int i = 0; i < rows; i++)
            UNROLL
            for (int j = 0; j < columns; j++)
                sums[i][j] += *(const NAME(Vector) *)(a + i * a_row + k) *
                              *(const NAME(Vector) *)(b + j * b_row + k);
    }
    UNROLL
    for (int i = 0; i < rows; i++)
        UNROLL
        for (int j = 0; j < columns; j++) {
            REAL sum = NAME(sum_of_vector)(sums[i][j]);
            for (int64_t l = k; l < inner; l++) sum += a[i * a_row + l] * b[j * b_row + l];
            out[i * place.row + j * place.column] = sum;
        }
}

INLINE void NAME(all_dots)(const int columns, const REAL *a, int64_t a_row, const REAL *b,
                           int64_t b_row, int64_t rows, int64_t inner, const Operand place) {
    REAL *out = place.data;
    int64_t i = 0;
    for (; i + NAME(DOT_ROWS) <= rows; i += NAME(DOT_ROWS))
        NAME(dots)(NAME(DOT_ROWS), columns, a + i * a_row, a_row, b, b_row, inner,
                   out + i * place.row, place);
    for (; i < rows; i++)
        NAME(dots)(1, columns, a + i * a_row, a_row, b, b_row, inner, out + i * place.row, place);
}

/* out = a b for few columns, where the rows of a are contiguous. */
NOINLINE void NAME(narrow_product)(const Operand a, const Operand b, const Operand out,
                                   int64_t rows, int64_t columns, int64_t inner, REAL *packed) {
    for (int64_t j = 0; j < columns; j++)
        for (int64_t k = 0; k < inner; k++)
            packed[j * inner + k] = ((const REAL *)b.data)[k * b.row + j * b.column];
    switch (columns) {
    case 1: NAME(all_dots)(1, a.data, a.row, packed, inner, rows, inner, out); break;
    case 2: NAME(all_dots)(2, a.data, a.row, packed, inner, rows, inner, out); break;
    case 3: NAME(all_dots)(3, a.data, a.row, packed, inner, rows, inner, out); break;
    case 4: NAME(all_dots)(4, a.data, a.row, packed, inner, rows, inner, out); break;
    }
}

#if HAS_SHUFFLES
/* Transpose a square of PART_WIDTH columns; the columns of the source are contiguous. */
INLINE void NAME(transpose_square)(const REAL *from, int64_t column, REAL *to, int64_t width) {
    NAME(Part) x[NAME(PART_WIDTH)];
    for (int j = 0; j < NAME(PART_WIDTH); j++) memcpy(&x[j], from + j * column, sizeof x[j]);
#if IS_DOUBLE
    const NAME(Part) first = __builtin_shufflevector(x[0], x[1], 0, 2);
    const NAME(Part) second = __builtin_shufflevector(x[0], x[1], 1, 3);
    memcpy(to, &first, sizeof first);
    memcpy(to + width, &second, sizeof second);
#else
    const NAME(Part) a = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5);
    const NAME(Part) b = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
    const NAME(Part) c = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5);
    const NAME(Part) d = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
    x[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    x[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    x[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    x[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
    for (int i = 0; i < 4; i++) memcpy(to + i * width, &x[i], sizeof x[i]);
#endif
}
#endif

#if HAS_SHUFFLES
/* Transpose a block of squares. Numbers that are far apart in memory compete for the same lines of
   the first-level cache, so it holds only few rows at a time. */
static void NAME(transpose_block)(const REAL *from, int64_t column, int64_t rows, int64_t columns,
                                  REAL *to, int64_t width) {
    for (int64_t j = 0; j < columns; j += NAME(PART_WIDTH))
        for (int64_t i = 0; i < rows; i += NAME(PART_WIDTH))
            NAME(transpose_square)(from + i + j * column, column, to + i * width + j, width);
}

INLINE int64_t NAME(at_most_lanes)(int64_t n) { return n < LANES ? n : LANES; }
#endif

/* Copy part of any matrix, starting at a given row and column, to rows of `width` columns. */
static void NAME(copy_part)(const Operand b, int64_t row, int64_t column, int64_t rows,
                            int64_t columns, int64_t width, REAL *packed) {
    for (int64_t i = row; i < rows; i++)
        for (int64_t j = column; j < columns; j++)
            packed[i * width + j] = ((const REAL *)b.data)[i * b.row + j * b.column];
}

/* Copy a matrix to rows of `width` columns, filled with zeros after its own columns. */
static const REAL *NAME(pack_columns)(const Operand b, int64_t rows, int64_t columns,
                                      int64_t width, REAL *packed) {
    int64_t whole_rows = 0, whole_columns = columns;
#if HAS_SHUFFLES
    if (b.row == 1) {
        whole_rows = rows / NAME(PART_WIDTH) * NAME(PART_WIDTH);
        whole_columns = columns / NAME(PART_WIDTH) * NAME(PART_WIDTH);
        for (int64_t i = 0; i < whole_rows; i += LANES)
            for (int64_t j = 0; j < whole_columns; j += LANES)
                NAME(transpose_block)((const REAL *)b.data + i + j * b.column, b.column,
                                      NAME(at_most_lanes)(whole_rows - i),
                                      NAME(at_most_lanes)(whole_columns - j),
                                      packed + i * width + j, width);
        NAME(copy_part)(b, 0, whole_columns, whole_rows, columns, width, packed);
    }
#endif
    NAME(copy_part)(b, whole_rows, 0, rows, columns, width, packed);
    for (int64_t i = 0; i < rows && columns < width; i++)
        for (int64_t j = columns; j < width; j++) packed[i * width + j] = 0;
    return packed;
}

/* Any strides; `packed` has room for b and the result, both padded to at least one vector. */
static void NAME(small_product)(const Operand a, const Operand b, const Operand out, int64_t rows,
                                int64_t columns, int64_t inner, REAL *packed) {
    if (columns <= NAME(DOT_COLUMNS) && a.column == 1) {
        NAME(narrow_product)(a, b, out, rows, columns, inner, packed);
        return;
    }
    const int is_wide = columns >= NAME(WIDTH);
    const int64_t width = is_wide ? columns : NAME(WIDTH);
    const REAL *from = b.data;
    int64_t b_row = b.row;
    if (b.column != 1 || !is_wide) {
        from = NAME(pack_columns)(b, inner, columns, width, packed);
        b_row = width;
        packed += inner * width;
    }
    if (out.column == 1 && is_wide) {
        NAME(wide_product)(a, from, b_row, rows, width, inner, out.data, out.row);
        return;
    }
    NAME(wide_product)(a, from, b_row, rows, width, inner, packed, width);
    NAME(copy_back)(packed, width, rows, columns, out);
}
