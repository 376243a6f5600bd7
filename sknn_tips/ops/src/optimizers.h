/* The parameter updates of the optimizers, as in torch. A template like functions.h. */

static double NAME(whole_power)(double base, int64_t exponent) {
    double result = 1;
    for (; exponent > 0; exponent /= 2, base *= base)
        if (exponent % 2) result *= base;
    return result;
}

/* The weighted mean of x and y, computed as in torch: starting from the nearer of both. */
INLINE REAL NAME(between)(REAL x, REAL y, REAL weight) {
    return weight < NUMBER(0.5) ? x + weight * (y - x) : y - (y - x) * (1 - weight);
}

static void NAME(clip_norm)(const Operation *q) {
    REAL *gradient = q->out[0].data;
    const double norm = sqrt(NAME(sum_of_squares)(gradient, q->columns));
    const double factor = q->constants[0] / (norm + 1e-6);
    if (factor >= 1) return;
    const REAL share = (REAL)factor;
    INDEPENDENT
    for (int64_t i = 0; i < q->columns; i++) gradient[i] *= share;
}

static void NAME(decay)(const Operation *q) {
    REAL *parameters = q->out[0].data;
    const REAL share = (REAL)(1 - *(const double *)q->in[0].data * q->constants[0]);
    INDEPENDENT
    for (int64_t i = 0; i < q->columns; i++) parameters[i] *= share;
}

static void NAME(sgd)(const Operation *q) {
    const REAL *gradient = q->in[0].data;
    REAL *parameters = q->out[0].data, *buffer = q->in[2].data;
    const REAL momentum = (REAL)q->constants[0], share = (REAL)(1 - q->constants[2]);
    const int nesterov = q->constants[1] != 0;
    const REAL rate = (REAL)(*(const double *)q->in[1].data * q->constants[3]);
    const int64_t n = q->columns;
    if (momentum == 0) {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) parameters[i] -= rate * gradient[i];
        return;
    }
    if (q->in[3].data && *(const REAL *)q->in[3].data != 0) {
        memcpy(buffer, gradient, (size_t)n * sizeof(REAL));
    } else {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) buffer[i] = momentum * buffer[i] + share * gradient[i];
    }
    if (nesterov) {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++)
            parameters[i] -= rate * (gradient[i] + momentum * buffer[i]);
    } else {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) parameters[i] -= rate * buffer[i];
    }
}

static void NAME(adam)(const Operation *q) {
    const REAL *gradient = q->in[0].data;
    REAL *parameters = q->out[0].data;
    REAL *mean = q->in[1].data, *square = q->in[2].data, *largest = q->in[5].data;
    const int64_t step = (int64_t) * (const float *)q->in[3].data;
    const double rate = *(const double *)q->in[4].data * q->constants[3];
    const double beta1 = q->constants[0], beta2 = q->constants[1];
    const REAL size = (REAL)(rate / (1 - NAME(whole_power)(beta1, step)));
    const REAL scale = (REAL)(1 / sqrt(1 - NAME(whole_power)(beta2, step)));
    const REAL weight = (REAL)(1 - beta1), decay = (REAL)beta2, share = (REAL)(1 - beta2);
    const REAL eps = (REAL)q->constants[2];
    const int64_t n = q->columns;
    if (largest) {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) {
            const REAL g = gradient[i], m = NAME(between)(mean[i], g, weight);
            const REAL v = decay * square[i] + share * g * g, w = NAME(larger)(largest[i], v);
            mean[i] = m, square[i] = v, largest[i] = w;
            parameters[i] -= size * m / (ROOT(w) * scale + eps);
        }
        return;
    }
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const REAL g = gradient[i], m = NAME(between)(mean[i], g, weight);
        const REAL v = decay * square[i] + share * g * g;
        mean[i] = m, square[i] = v;
        parameters[i] -= size * m / (ROOT(v) * scale + eps);
    }
}

/* The cases are constants in each call, so that the compiler creates one loop for each. */
INLINE void NAME(rmsprop_case)(const Operation *q, const int centered, const int has_momentum) {
    const REAL *gradient = q->in[0].data;
    REAL *parameters = q->out[0].data;
    REAL *square = q->in[1].data, *mean = q->in[3].data, *buffer = q->in[4].data;
    const REAL alpha = (REAL)q->constants[0], share = (REAL)(1 - q->constants[0]);
    const REAL eps = (REAL)q->constants[1], momentum = (REAL)q->constants[2];
    const REAL rate = (REAL)(*(const double *)q->in[2].data * q->constants[3]);
    INDEPENDENT
    for (int64_t i = 0; i < q->columns; i++) {
        const REAL g = gradient[i];
        REAL size = alpha * square[i] + share * g * g;
        square[i] = size;
        if (centered) {
            const REAL m = NAME(between)(mean[i], g, share);
            mean[i] = m;
            size -= m * m;
        }
        REAL change = g / (ROOT(size) + eps);
        if (has_momentum) {
            change = momentum * buffer[i] + change;
            buffer[i] = change;
        }
        parameters[i] -= rate * change;
    }
}

static void NAME(rmsprop)(const Operation *q) {
    const int centered = q->in[3].data != NULL, has_momentum = q->constants[2] != 0;
    if (centered && has_momentum) NAME(rmsprop_case)(q, 1, 1);
    else if (centered) NAME(rmsprop_case)(q, 1, 0);
    else if (has_momentum) NAME(rmsprop_case)(q, 0, 1);
    else NAME(rmsprop_case)(q, 0, 0);
}
