/* One step of a program. A template like functions.h. */

static int NAME(all_zero)(const Operation *q) {
    const Operand *x = &q->in[0];
    const REAL *from = x->data;
    for (int64_t i = 0; i < q->inner; i++)
        if (from[i * x->row] != 0) return 0;
    return 1;
}

/* Run an operation that is not element-wise; return whether the step continues. */
static int NAME(do_alone)(const Program *program, const Operation *q, const Batch *batch) {
    switch (q->kind) {
    case KIND_matmul: NAME(matmul)(program, q); break;
    case KIND_sum_rows: NAME(sum_rows)(q); break;
    case KIND_sum_columns: NAME(sum_columns)(q); break;
    case KIND_max_columns: NAME(max_columns)(q); break;
    case KIND_dot: NAME(dot)(q); break;
    case KIND_gather: NAME(gather)(q, batch); break;
    case KIND_one_hot: NAME(one_hot)(q); break;
    case KIND_dropout: NAME(dropout)(q); break;
    case KIND_skip_if_zero: return !NAME(all_zero)(q);
    case KIND_count: *(float *)q->out[0].data += 1; break;
    case KIND_clip_norm: NAME(clip_norm)(q); break;
    case KIND_decay: NAME(decay)(q); break;
    case KIND_sgd: NAME(sgd)(q); break;
    case KIND_adam: NAME(adam)(q); break;
    case KIND_rmsprop: NAME(rmsprop)(q); break;
    }
    return 1;
}

void NAME(step)(const Program *program, const Batch *batch) {
    for (int64_t i = 0; i < program->n_runs; i++) {
        const Run *run = &program->runs[i];
        if (run->elementwise) NAME(elementwise)(program, run);
        else if (!NAME(do_alone)(program, &program->operations[run->first], batch)) return;
    }
}
