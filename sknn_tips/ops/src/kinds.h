/* All kinds of operations with the operands that each requires.

   X(name, inputs, outputs): the first `inputs` inputs and the first `outputs` outputs are required.
   The codes follow this order; Python reads it from `_native.KINDS`. */
#ifndef SKNN_TIPS_KINDS_H
#define SKNN_TIPS_KINDS_H

/* Each element of the result depends on one element of each operand. */
#define ELEMENTWISE_KINDS(X)      \
    X(abs, 1, 1)                  \
    X(neg, 1, 1)                  \
    X(sign, 1, 1)                 \
    X(exp, 1, 1)                  \
    X(log, 1, 1)                  \
    X(log1p, 1, 1)                \
    X(sqrt, 1, 1)                 \
    X(rsqrt, 1, 1)                \
    X(reciprocal, 1, 1)           \
    X(square, 1, 1)               \
    X(tanh, 1, 1)                 \
    X(sigmoid, 1, 1)              \
    X(relu, 1, 1)                 \
    X(copy, 1, 1)                 \
    X(fill, 0, 1)                 \
    X(affine, 1, 1)               \
    X(clamp, 1, 1)                \
    X(leaky_relu, 1, 1)           \
    X(elu, 1, 1)                  \
    X(softplus, 1, 1)             \
    X(gelu, 1, 1)                 \
    X(gelu_tanh, 1, 1)            \
    X(silu, 1, 1)                 \
    X(add, 2, 1)                  \
    X(sub, 2, 1)                  \
    X(mul, 2, 1)                  \
    X(div, 2, 1)                  \
    X(maximum, 2, 1)              \
    X(equal, 2, 1)                \
    X(xlogy, 2, 1)                \
    X(add_scaled, 2, 1)           \
    X(lerp, 2, 1)                 \
    X(threshold_backward, 2, 1)   \
    X(tanh_backward, 2, 1)        \
    X(sigmoid_backward, 2, 1)     \
    X(leaky_relu_backward, 2, 1)  \
    X(elu_backward, 2, 1)         \
    X(gelu_backward, 2, 1)        \
    X(gelu_tanh_backward, 2, 1)   \
    X(silu_backward, 2, 1)        \
    X(softplus_backward, 2, 1)    \
    X(add_product, 3, 1)          \
    X(mish, 1, 2)

#define OTHER_KINDS(X)    \
    X(matmul, 2, 1)       \
    X(sum_rows, 1, 1)     \
    X(sum_columns, 1, 1)  \
    X(max_columns, 1, 1)  \
    X(dot, 2, 1)          \
    X(gather, 1, 1)       \
    X(one_hot, 1, 1)      \
    X(dropout, 1, 1)      \
    X(skip_if_zero, 1, 0) \
    X(count, 0, 1)        \
    X(clip_norm, 0, 1)    \
    X(decay, 1, 1)        \
    X(sgd, 2, 1)          \
    X(adam, 5, 1)         \
    X(rmsprop, 3, 1)

#define ALL_KINDS(X) ELEMENTWISE_KINDS(X) OTHER_KINDS(X)

#define KIND_CODE(name, inputs, outputs) KIND_##name,
enum { ALL_KINDS(KIND_CODE) N_KINDS };
#undef KIND_CODE

#define KIND_COUNT(name, inputs, outputs) +1
enum { N_ELEMENTWISE_KINDS = 0 ELEMENTWISE_KINDS(KIND_COUNT) };
#undef KIND_COUNT

#endif
