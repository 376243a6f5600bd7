/* Operations that prepare a batch: its samples, one-hot classes, dropout masks. A template like
   functions.h. */

static void NAME(gather)(const Operation *q, const Batch *batch) {
    const char *source = q->in[0].data;
    char *out = q->out[0].data;
    const int64_t n_bytes = q->inner, stride = q->in[0].row;
    if (!batch->index && stride == n_bytes) {
        memcpy(out, source + batch->start * stride, (size_t)(q->rows * n_bytes));
        return;
    }
    if (batch->index && n_bytes == sizeof(int64_t)) { /* e.g. class codes: no function call */
        for (int64_t i = 0; i < q->rows; i++)
            memcpy(out + i * n_bytes, source + batch->index[i] * stride, sizeof(int64_t));
        return;
    }
    for (int64_t i = 0; i < q->rows; i++) {
        const int64_t row = batch->index ? batch->index[i] : batch->start + i;
        memcpy(out + i * n_bytes, source + row * stride, (size_t)n_bytes);
    }
}

/* For a code outside of the columns, no column is set to `on`. */
static void NAME(one_hot)(const Operation *q) {
    const REAL on = (REAL)q->constants[0], off = (REAL)q->constants[1];
    const Operand *out = &q->out[0];
    const int64_t *codes = q->in[0].data;
    const int64_t columns = q->columns, stride = q->in[0].row;
    REAL *to = out->data;
    if (out->row == columns && (columns == 1 || out->column == 1)) {
        for (int64_t i = 0; i < q->rows * columns; i++) to[i] = off;
    } else {
        for (int64_t i = 0; i < q->rows; i++)
            for (int64_t j = 0; j < columns; j++) to[i * out->row + j * out->column] = off;
    }
    for (int64_t i = 0; i < q->rows; i++) {
        const int64_t code = codes[i * stride];
        if (code >= 0 && code < columns) to[i * out->row + code * out->column] = on;
    }
}

/* The definition of numpy's bitgen_t. */
typedef struct {
    void *state;
    uint64_t (*next_uint64)(void *);
    uint32_t (*next_uint32)(void *);
    double (*next_double)(void *);
    uint64_t (*next_raw)(void *);
} NAME(BitGenerator);

enum { NAME(WORDS) = 64 };

/* Sixteen random bits decide on one value: four values per word, lowest bits first. */
static void NAME(dropout)(const Operation *q) {
    const NAME(BitGenerator) *generator = q->in[0].data;
    const int64_t limit = (int64_t)q->constants[0] - 32768, n = q->rows * q->columns;
    const REAL scale = (REAL)q->constants[1];
    const Operand *out = &q->out[0];
    const int whole = (q->rows <= 1 || out->row == q->columns) &&
                      (q->columns <= 1 || out->column == 1);
    REAL *to = out->data;
    int64_t row = 0, column = 0;
    for (int64_t start = 0; start < n; start += 4 * NAME(WORDS)) {
        const int64_t count = n - start < 4 * NAME(WORDS) ? n - start : 4 * NAME(WORDS);
        uint64_t words[NAME(WORDS)];
        REAL kept[4 * NAME(WORDS)];
        for (int64_t i = 0; 4 * i < count; i++) words[i] = generator->next_raw(generator->state);
        for (int64_t i = 0; i < count; i++) {
            const int16_t bits = (int16_t)(uint16_t)(words[i / 4] >> 16 * (i % 4));
            kept[i] = bits >= limit ? scale : 0;
        }
        if (whole) {
            memcpy(to + start, kept, (size_t)count * sizeof(REAL));
            continue;
        }
        for (int64_t i = 0; i < count; i++) {
            to[row * out->row + column * out->column] = kept[i];
            if (++column == q->columns) column = 0, row++;
        }
    }
}
