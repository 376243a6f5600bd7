/* A program: the operations of one step, checked and planned. */
#ifndef SKNN_TIPS_PROGRAM_H
#define SKNN_TIPS_PROGRAM_H

#include <stdint.h>

#include "kinds.h"

enum { MAX_INPUTS = 6, MAX_OUTPUTS = 2, MAX_CONSTANTS = 8 };

/* A matrix in memory; the strides count elements, 0 repeats a row or column. No data: absent. */
typedef struct {
    void *data;
    int64_t row, column;
} Operand;

/* As Python packs it. */
typedef struct {
    int64_t kind, rows, columns, inner;
    Operand in[MAX_INPUTS], out[MAX_OUTPUTS];
    double constants[MAX_CONSTANTS];
} Operation;

/* Numbers that a run of element-wise operations treats at a time: a few arrays of them stay in the
   first cache. A multiple of LANES. */
enum { TILE = 1024 };

/* The loops treat this many numbers at a time, whatever the instruction set. */
enum { LANES = 16 };

enum { MAX_ELEMENTWISE_INPUTS = 3, MAX_FIXED = 8, MAX_FUSED = 48 };
enum { N_TILE_BUFFERS = MAX_FIXED + MAX_ELEMENTWISE_INPUTS + MAX_OUTPUTS };

/* How a tile of an operand is reached. */
typedef enum {
    ABSENT,
    DIRECT, /* the tile's numbers lie side by side */
    FIXED,  /* the same in every tile: written to a buffer before the first */
    COLUMN, /* one number for each row: repeated in a buffer */
    STRIDED /* anything else: copied to a buffer, or from it */
} Access;

typedef struct {
    Access access;
    int buffer; /* of what is FIXED */
} Reach;

typedef struct {
    Reach in[MAX_ELEMENTWISE_INPUTS], out[MAX_OUTPUTS];
} Fused;

/* Consecutive operations that are done together: one, or element-wise ones of one shape. */
typedef struct {
    int64_t first, n_operations;
    int elementwise;
    int64_t rows, columns, tile_rows;
    int n_fixed;
    Operand fixed[MAX_FIXED];
} Run;

typedef struct {
    int is_double, busy;
    int64_t n_operations, n_runs, gathered_rows;
    Operation *operations;
    Fused *fused; /* one for each operation; unused where it is not element-wise */
    Run *runs;
    void *tiles;  /* N_TILE_BUFFERS buffers of TILE numbers */
    void *packed; /* for matrices that must be rearranged before a product */
} Program;

/* What changes from step to step. */
typedef struct {
    const int64_t *index; /* the batch's rows, or NULL: `start` and those that follow */
    int64_t start;
} Batch;

/* Return NULL and set *error (a message) for what is malformed. */
Program *make_program(const void *operations, int64_t n_operations, int is_double,
                      const char **error);
void free_program(Program *program);

typedef void Step(const Program *program, const Batch *batch);

Step step_float_baseline, step_double_baseline;
Step step_float_avx2, step_double_avx2;
Step step_float_avx512, step_double_avx512;

#endif
