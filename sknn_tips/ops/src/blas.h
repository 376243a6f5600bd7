/* The matrix product of the BLAS that is bundled with scipy. */
#ifndef SKNN_TIPS_BLAS_H
#define SKNN_TIPS_BLAS_H

typedef void GemmFloat(char *, char *, int *, int *, int *, float *, float *, int *, float *,
                       int *, float *, float *, int *);
typedef void GemmDouble(char *, char *, int *, int *, int *, double *, double *, int *, double *,
                        int *, double *, double *, int *);

extern GemmFloat *blas_gemm_float;
extern GemmDouble *blas_gemm_double;

/* Find both functions; on failure return -1 with a Python exception set. */
int find_blas(void);

#endif
