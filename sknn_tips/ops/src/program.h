/* A program: the operations of one step, validated and planned. */
#ifndef SKNN_TIPS_PROGRAM_H
#define SKNN_TIPS_PROGRAM_H

#include <stdint.h>

#include "kinds.h"

enum { MAX_INPUTS = 6, MAX_OUTPUTS = 2, MAX_CONSTANTS = 8 };

/* A matrix; strides count elements, 0 repeats a row or column. An absent operand has no data. */
typedef struct {
    void *data;
    int64_t row, column;
} Operand;

/* The layout that Python packs. */
typedef struct {
    int64_t kind, rows, columns, inner;
    Operand in[MAX_INPUTS], out[MAX_OUTPUTS];
    double constants[MAX_CONSTANTS];
} Operation;

/* Number of elements that a run of element-wise operations processes at a time: a few arrays of
   this size fit into the first-level cache. A multiple of LANES. */
enum { TILE = 1024 };

/* The loops process this many elements at a time, for every instruction set. */
enum { LANES = 16 };

enum { MAX_ELEMENTWISE_INPUTS = 3, MAX_FIXED = 8, MAX_FUSED = 48 };
enum { N_TILE_BUFFERS = MAX_FIXED + MAX_ELEMENTWISE_INPUTS + MAX_OUTPUTS };

/* How a tile of an operand is accessed. */
typedef enum {
    ABSENT,
    DIRECT, /* the elements of the tile are contiguous */
    FIXED,  /* the same in every tile: written to a buffer before the first one */
    COLUMN, /* one number per row: repeated in a buffer */
    STRIDED /* any other layout: copied to or from a buffer */
} Access;

typedef struct {
    Access access;
    int buffer; /* index of the buffer if FIXED */
} Reach;

typedef struct {
    Reach in[MAX_ELEMENTWISE_INPUTS], out[MAX_OUTPUTS];
} Fused;

/* Consecutive operations that are run together: a single one, or element-wise ones of one shape. */
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
    Fused *fused; /* one per operation; unused if it is not element-wise */
    Run *runs;
    void *tiles;  /* N_TILE_BUFFERS buffers of TILE numbers */
    void *packed; /* for matrices that must be rearranged before a product */
} Program;

/* The batch of a step. */
typedef struct {
    const int64_t *index; /* the samples of the batch, or NULL: consecutive from `start` on */
    int64_t start;
} Batch;

/* Return NULL and set *error (a message) if the operations are malformed. */
Program *make_program(const void *operations, int64_t n_operations, int is_double,
                      const char **error);
void free_program(Program *program);

typedef void Step(const Program *program, const Batch *batch);

Step step_float_baseline, step_double_baseline;
Step step_float_avx2, step_double_avx2;
Step step_float_avx512, step_double_avx512;

#endif
