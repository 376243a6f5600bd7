/* Validation and planning of programs. */
#include "program.h"

#include "platform.h"

#define MAX_SIZE INT32_MAX             /* BLAS uses 32-bit integers */
#define MAX_EXTENT ((int64_t)1 << 44) /* so that sizes in bytes do not overflow */

#define KIND_INPUTS(name, inputs, outputs) inputs,
static const int REQUIRED_INPUTS[] = {ALL_KINDS(KIND_INPUTS)};
#define KIND_OUTPUTS(name, inputs, outputs) outputs,
static const int REQUIRED_OUTPUTS[] = {ALL_KINDS(KIND_OUTPUTS)};

/* ---- Checks ---- */

static int lies_in_a_row(const Operand *operand, int64_t n) {
    return !operand->data || n <= 1 || operand->column == 1;
}

/* Some kinds require contiguous vectors. */
static const char *check_vectors(const Operation *operation) {
    const int64_t n = operation->columns;
    int n_inputs = 0;
    unsigned scalars = 0; /* one bit for each input that is a single number */
    switch (operation->kind) {
    case KIND_clip_norm: break;
    case KIND_decay: n_inputs = 1, scalars = 1u; break;
    case KIND_sgd: n_inputs = 4, scalars = 1u << 1 | 1u << 3; break;
    case KIND_adam: n_inputs = 6, scalars = 1u << 3 | 1u << 4; break;
    case KIND_rmsprop: n_inputs = 5, scalars = 1u << 2; break;
    default: return NULL;
    }
    if (operation->rows != 1) return "parameters must have one row";
    if (!lies_in_a_row(&operation->out[0], n)) return "parameters must be contiguous";
    for (int i = 0; i < n_inputs; i++)
        if (!(scalars >> i & 1) && !lies_in_a_row(&operation->in[i], n))
            return "an optimizer's vectors must be contiguous";
    return NULL;
}

/* Optional operands that are required by the constants. */
static const char *check_options(const Operation *operation) {
    const Operand *in = operation->in;
    const double *constants = operation->constants;
    if (operation->kind == KIND_sgd && constants[0] != 0 && !in[2].data)
        return "sgd needs a buffer where it has momentum";
    if (operation->kind == KIND_rmsprop && constants[2] != 0 && !in[4].data)
        return "rmsprop needs a buffer where it has momentum";
    return NULL;
}

static const char *check_strides(const Operand *operand, int64_t rows, int64_t columns) {
    const int64_t row = operand->row, column = operand->column;
    if (row < 0 || column < 0) return "negative stride";
    if (row > MAX_SIZE || column > MAX_SIZE) return "too long stride";
    if (rows * row > MAX_EXTENT || columns * column > MAX_EXTENT) return "too large matrix";
    return NULL;
}

static const char *check_sizes(const Operation *operation) {
    const char *error;
    const int64_t rows = operation->rows, columns = operation->columns, inner = operation->inner;
    if (rows < 0 || columns < 0 || inner < 0) return "negative size";
    if (rows > MAX_SIZE || columns > MAX_SIZE) return "too many rows or columns";
    if (operation->kind == KIND_matmul && inner > MAX_SIZE) return "too long sums";
    const Operand *operands[MAX_INPUTS + MAX_OUTPUTS];
    for (int i = 0; i < MAX_INPUTS; i++) operands[i] = &operation->in[i];
    for (int i = 0; i < MAX_OUTPUTS; i++) operands[MAX_INPUTS + i] = &operation->out[i];
    for (int i = 0; i < MAX_INPUTS + MAX_OUTPUTS; i++)
        if ((error = check_strides(operands[i], rows, columns))) return error;
    return NULL;
}

/* Two elements of a result must not have the same address. */
static const char *check_outputs(const Operation *operation) {
    for (int i = 0; i < REQUIRED_OUTPUTS[operation->kind]; i++) {
        const Operand *out = &operation->out[i];
        if ((operation->rows > 1 && !out->row && operation->kind != KIND_gather) ||
            (operation->columns > 1 && !out->column && operation->kind != KIND_gather))
            return "an output cannot be broadcast";
    }
    return NULL;
}

static const char *check(const Operation *operation) {
    if (operation->kind < 0 || operation->kind >= N_KINDS) return "unknown kind";
    const char *error = check_sizes(operation);
    if (error) return error;
    for (int i = 0; i < REQUIRED_INPUTS[operation->kind]; i++)
        if (!operation->in[i].data) return "an input is absent";
    for (int i = 0; i < REQUIRED_OUTPUTS[operation->kind]; i++)
        if (!operation->out[i].data) return "an output is absent";
    if ((error = check_outputs(operation))) return error;
    if ((error = check_vectors(operation))) return error;
    return check_options(operation);
}

/* ---- Runs of element-wise operations ---- */

static int is_elementwise(const Operation *operation) {
    return operation->kind < N_ELEMENTWISE_KINDS;
}

/* Set the strides of dimensions with at most one element to 0. */
static Operand normal(const Operand *operand, int64_t rows, int64_t columns) {
    Operand result = *operand;
    if (rows <= 1) result.row = 0;
    if (columns <= 1) result.column = 0;
    return result;
}

static int is_contiguous(const Operand *operand, int64_t rows, int64_t columns) {
    return (columns <= 1 || operand->column == 1) && (rows <= 1 || operand->row == columns);
}

/* Operands with one row, or one number, are written to a buffer once. */
static int is_fixed(const Operand *operand, int64_t rows, int64_t columns) {
    const Operand plain = normal(operand, rows, columns);
    return plain.data && !is_contiguous(&plain, rows, columns) && plain.row == 0;
}

/* The end of the operand's memory, as a number of elements from its start. */
static int64_t extent(const Operand *operand, int64_t rows, int64_t columns) {
    return (rows - 1) * operand->row + (columns - 1) * operand->column + 1;
}

/* Whether running two operations tile by tile would access the same element in different tiles. */
static int collide(const Operand *a, const Operand *b, int64_t rows, int64_t columns,
                   int64_t number_size) {
    if (!a->data || !b->data || rows == 0 || columns == 0) return 0;
    const Operand x = normal(a, rows, columns), y = normal(b, rows, columns);
    const int same = x.data == y.data && x.row == y.row && x.column == y.column;
    if (same && !is_fixed(&x, rows, columns)) return 0;
    const char *first = x.data, *second = y.data;
    return first < second + extent(&y, rows, columns) * number_size &&
           second < first + extent(&x, rows, columns) * number_size;
}

static int may_follow(const Operation *earlier, const Operation *later, int64_t number_size) {
    const int64_t rows = later->rows, columns = later->columns;
    for (int o = 0; o < MAX_OUTPUTS; o++) {
        for (int i = 0; i < MAX_ELEMENTWISE_INPUTS; i++)
            if (collide(&earlier->out[o], &later->in[i], rows, columns, number_size) ||
                collide(&later->out[o], &earlier->in[i], rows, columns, number_size))
                return 0;
        for (int i = 0; i < MAX_OUTPUTS; i++)
            if (collide(&earlier->out[o], &later->out[i], rows, columns, number_size)) return 0;
    }
    return 1;
}

/* Operands that the kind does not have may contain anything: clear them before planning. */
static void empty_unused(Operation *operation) {
    static const Operand nothing = {NULL, 0, 0};
    for (int i = REQUIRED_OUTPUTS[operation->kind]; i < MAX_OUTPUTS; i++)
        operation->out[i] = nothing;
    if (is_elementwise(operation))
        for (int i = REQUIRED_INPUTS[operation->kind]; i < MAX_INPUTS; i++)
            operation->in[i] = nothing;
}

static int find_fixed(const Run *run, const Operand *operand) {
    const Operand plain = normal(operand, run->rows, run->columns);
    for (int i = 0; i < run->n_fixed; i++)
        if (run->fixed[i].data == plain.data && run->fixed[i].column == plain.column) return i;
    return -1;
}

/* Return the index of a fixed operand, adding it at its first use; -1 if there is no room. */
static int keep_fixed(Run *run, const Operand *operand) {
    const int found = find_fixed(run, operand);
    if (found >= 0 || run->n_fixed == MAX_FIXED) return found;
    run->fixed[run->n_fixed] = normal(operand, run->rows, run->columns);
    return run->n_fixed++;
}

/* Add all fixed operands of the operation; return 0 if there is no room. */
static int keep_all_fixed(Run *run, const Operation *operation) {
    const int before = run->n_fixed;
    for (int i = 0; i < MAX_ELEMENTWISE_INPUTS; i++)
        if (is_fixed(&operation->in[i], run->rows, run->columns) &&
            keep_fixed(run, &operation->in[i]) < 0) {
            run->n_fixed = before;
            return 0;
        }
    return 1;
}

static int joins(Run *run, const Operation *operations, const Operation *next,
                 int64_t number_size) {
    if (!run->elementwise || !is_elementwise(next) || run->n_operations == MAX_FUSED) return 0;
    if (next->rows != run->rows || next->columns != run->columns) return 0;
    for (int64_t i = 0; i < run->n_operations; i++)
        if (!may_follow(&operations[run->first + i], next, number_size)) return 0;
    return keep_all_fixed(run, next);
}

typedef int OperandTest(const Operand *operand, int64_t rows, int64_t columns);

/* Whether all operands that are present in a run pass a test. */
static int all_pass(const Run *run, const Operation *operations, OperandTest *test) {
    for (int64_t i = 0; i < run->n_operations; i++) {
        const Operation *operation = &operations[run->first + i];
        for (int j = 0; j < MAX_ELEMENTWISE_INPUTS + MAX_OUTPUTS; j++) {
            const Operand *operand = j < MAX_ELEMENTWISE_INPUTS
                                         ? &operation->in[j]
                                         : &operation->out[j - MAX_ELEMENTWISE_INPUTS];
            const Operand plain = normal(operand, run->rows, run->columns);
            if (plain.data && !test(&plain, run->rows, run->columns)) return 0;
        }
    }
    return 1;
}

static int is_flat(const Operand *operand, int64_t rows, int64_t columns) {
    const int is_scalar = operand->row == 0 && operand->column == 0;
    return is_scalar || is_contiguous(operand, rows, columns);
}

static int has_no_gaps(const Operand *operand, int64_t rows, int64_t columns) {
    return operand->column != 1 || operand->row == 0 || operand->row == columns;
}

enum { LONG_ROW = 64 };

/* Turn an operation whose operands are contiguous or single numbers into one with a single row. */
static void flatten(Operation *operation) {
    const int64_t rows = operation->rows, columns = operation->columns;
    for (int i = 0; i < MAX_ELEMENTWISE_INPUTS; i++)
        operation->in[i].column = is_contiguous(&operation->in[i], rows, columns);
    for (int i = 0; i < MAX_OUTPUTS; i++) operation->out[i].column = 1;
    operation->rows = 1, operation->columns = rows * columns;
}

/* A tile has several whole rows; or one row, if rows are long and there are gaps between them; or a
   part of a row that is longer than TILE. Its number of elements is then usually a multiple of
   LANES. */
static void choose_tiles(Run *run, Operation *operations) {
    if (all_pass(run, operations, is_flat)) {
        for (int64_t i = 0; i < run->n_operations; i++) flatten(&operations[run->first + i]);
        run->columns *= run->rows, run->rows = 1;
    }
    run->tile_rows = run->columns > 0 ? TILE / run->columns : 1;
    if (run->columns >= LONG_ROW && !all_pass(run, operations, has_no_gaps)) run->tile_rows = 1;
    if (run->tile_rows > LANES) run->tile_rows -= run->tile_rows % LANES;
    else if (run->tile_rows > 4) run->tile_rows -= run->tile_rows % 4;
    if (run->tile_rows < 1) run->tile_rows = 1;
    if (run->tile_rows > run->rows) run->tile_rows = run->rows;
}

static Reach reach(Run *run, const Operand *operand) {
    Reach result = {ABSENT, 0};
    if (!operand->data) return result;
    const Operand plain = normal(operand, run->rows, run->columns);
    const int whole = is_contiguous(&plain, run->rows, run->columns);
    const int rowwise = run->tile_rows == 1 && (run->columns <= 1 || plain.column == 1);
    if (whole || rowwise) {
        result.access = DIRECT;
    } else if (plain.row == 0) {
        /* a row wider than a buffer only gets here with an unusual stride */
        const int fits = run->columns <= TILE || plain.column == 0;
        result.access = fits ? FIXED : STRIDED;
        if (fits) result.buffer = keep_fixed(run, operand);
    } else {
        result.access = plain.column == 0 ? COLUMN : STRIDED;
    }
    return result;
}

static void plan_run(Run *run, Operation *operations, Fused *fused) {
    if (!run->elementwise) return;
    choose_tiles(run, operations);
    run->n_fixed = 0; /* some can be accessed directly, now that the tiles are known */
    for (int64_t i = run->first; i < run->first + run->n_operations; i++) {
        for (int j = 0; j < MAX_ELEMENTWISE_INPUTS; j++)
            fused[i].in[j] = reach(run, &operations[i].in[j]);
        for (int j = 0; j < MAX_OUTPUTS; j++)
            fused[i].out[j] = reach(run, &operations[i].out[j]);
    }
}

static void plan(Program *program) {
    const int64_t number_size = program->is_double ? sizeof(double) : sizeof(float);
    Run *run = NULL;
    for (int64_t i = 0; i < program->n_operations; i++) {
        const Operation *next = &program->operations[i];
        if (run && joins(run, program->operations, next, number_size)) {
            run->n_operations++;
            continue;
        }
        run = &program->runs[program->n_runs++];
        memset(run, 0, sizeof *run);
        run->first = i, run->n_operations = 1, run->elementwise = is_elementwise(next);
        run->rows = next->rows, run->columns = next->columns;
        if (run->elementwise) keep_all_fixed(run, next);
    }
    for (int64_t i = 0; i < program->n_runs; i++)
        plan_run(&program->runs[i], program->operations, program->fused);
}

/* ---- Allocation ---- */

/* Both factors and the result may have to be copied for a product, where a small number of columns
   is padded to the width of the widest vector. */
static int64_t packed_numbers(const Operation *operation) {
    if (operation->kind != KIND_matmul) return 0;
    const int64_t rows = operation->rows + LANES, columns = operation->columns + LANES;
    return rows * operation->inner + operation->inner * columns + rows * columns;
}

static int allocate(Program *program, int64_t n_packed) {
    const size_t n = (size_t)program->n_operations, at_least = n ? n : 1;
    const size_t number_size = program->is_double ? sizeof(double) : sizeof(float);
    program->operations = malloc(at_least * sizeof(Operation));
    program->fused = calloc(at_least, sizeof(Fused));
    program->runs = malloc(at_least * sizeof(Run));
    program->tiles = aligned_memory((size_t)N_TILE_BUFFERS * TILE * number_size);
    program->packed = aligned_memory((size_t)n_packed * number_size);
    return program->operations && program->fused && program->runs && program->tiles &&
           program->packed;
}

Program *make_program(const void *operations, int64_t n_operations, int is_double,
                      const char **error) {
    int64_t n_packed = 0, gathered_rows = 0;
    for (int64_t i = 0; i < n_operations; i++) {
        Operation operation; /* a copy, since the bytes may be unaligned */
        memcpy(&operation, (const char *)operations + i * (int64_t)sizeof operation,
               sizeof operation);
        if ((*error = check(&operation))) return NULL;
        const int64_t needed = packed_numbers(&operation);
        if (needed > n_packed) n_packed = needed;
        if (operation.kind == KIND_gather && operation.rows > gathered_rows)
            gathered_rows = operation.rows;
    }
    Program *program = calloc(1, sizeof *program);
    *error = "out of memory";
    if (!program) return NULL;
    program->n_operations = n_operations, program->is_double = is_double;
    program->gathered_rows = gathered_rows;
    if (!allocate(program, n_packed)) {
        free_program(program);
        return NULL;
    }
    *error = NULL;
    memcpy(program->operations, operations, (size_t)n_operations * sizeof(Operation));
    for (int64_t i = 0; i < n_operations; i++) empty_unused(&program->operations[i]);
    plan(program);
    return program;
}

void free_program(Program *program) {
    if (!program) return;
    free(program->operations);
    free(program->fused);
    free(program->runs);
    free_aligned_memory(program->tiles);
    free_aligned_memory(program->packed);
    free(program);
}
