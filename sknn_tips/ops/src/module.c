/* sknn_tips.ops._native: programs of operations, run without the interpreter and the GIL. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>

#include "blas.h"
#include "platform.h"
#include "program.h"

static const char CAPSULE_NAME[] = "sknn_tips.ops._native.program";

/* ---- Instruction sets ---- */

typedef struct {
    const char *name;
    Step *of_float, *of_double;
} InstructionSet;

/* In ascending order; sets that this processor does not support are excluded at import. */
static const InstructionSet ALL_SETS[] = {
    {"baseline", step_float_baseline, step_double_baseline},
#if HAS_X86_KERNELS
    {"avx2", step_float_avx2, step_double_avx2},
    {"avx512", step_float_avx512, step_double_avx512},
#endif
};
static int n_sets = 1, chosen_set = 0;

static int count_usable_sets(void) {
#if HAS_X86_KERNELS
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return avx512 ? 3 : 2;
#else
    return 1;
#endif
}

static PyObject *instruction_sets(PyObject *module, PyObject *unused) {
    PyObject *names = PyTuple_New(n_sets);
    for (int i = 0; names && i < n_sets; i++) {
        PyObject *name = PyUnicode_FromString(ALL_SETS[i].name);
        if (!name || PyTuple_SetItem(names, i, name)) Py_CLEAR(names);
    }
    return names;
}

static PyObject *instruction_set(PyObject *module, PyObject *unused) {
    return PyUnicode_FromString(ALL_SETS[chosen_set].name);
}

static PyObject *use_instruction_set(PyObject *module, PyObject *args) {
    const char *name;
    if (!PyArg_ParseTuple(args, "s:use_instruction_set", &name)) return NULL;
    for (int i = 0; i < n_sets; i++)
        if (!strcmp(name, ALL_SETS[i].name)) {
            chosen_set = i;
            Py_RETURN_NONE;
        }
    return PyErr_Format(PyExc_ValueError, "instruction set %s is not among instruction_sets()",
                        name);
}

/* ---- Programs ---- */

static void destroy(PyObject *capsule) {
    free_program(PyCapsule_GetPointer(capsule, CAPSULE_NAME));
}

static PyObject *make(const Py_buffer *view, int is_double) {
    if (view->len % (Py_ssize_t)sizeof(Operation))
        return PyErr_Format(PyExc_ValueError, "operations have %zu bytes each, but %zd came",
                            sizeof(Operation), view->len);
    const char *error = NULL;
    const int64_t n = view->len / (Py_ssize_t)sizeof(Operation);
    Program *made = make_program(view->buf, n, is_double, &error);
    if (!made) return PyErr_Format(PyExc_ValueError, "malformed program: %s", error);
    PyObject *capsule = PyCapsule_New(made, CAPSULE_NAME, destroy);
    if (!capsule) free_program(made);
    return capsule;
}

static PyObject *program(PyObject *module, PyObject *args) {
    Py_buffer view;
    int is_double;
    if (!PyArg_ParseTuple(args, "y*p:program", &view, &is_double)) return NULL;
    PyObject *capsule = make(&view, is_double);
    PyBuffer_Release(&view);
    return capsule;
}

typedef struct {
    long long n_steps, start, batch;
    const int64_t *index;
    const double *rates;
    double *rate;
    const void *total;
    double seconds;
} Schedule;

static int is_finite_total(const Program *steps, const void *total) {
    if (!total) return 1;
    return steps->is_double ? isfinite(*(const double *)total) : isfinite(*(const float *)total);
}

static long long run_steps(const Program *steps, Step *step, const Schedule *schedule) {
    const double end = monotonic_seconds() + schedule->seconds;
    long long done = 0;
    while (done < schedule->n_steps) {
        Batch batch = {NULL, schedule->start + done * schedule->batch};
        if (schedule->index) batch.index = schedule->index + done * schedule->batch;
        if (schedule->rates) *schedule->rate = schedule->rates[done];
        step(steps, &batch);
        done++;
        if (!is_finite_total(steps, schedule->total) || monotonic_seconds() >= end) break;
    }
    return done;
}

static void *address(unsigned long long number) { return (void *)(uintptr_t)number; }

static PyObject *run(PyObject *module, PyObject *args) {
    PyObject *capsule;
    Schedule schedule;
    unsigned long long index, rates, rate, total;
    if (!PyArg_ParseTuple(args, "OLKLLKKKd:run", &capsule, &schedule.n_steps, &index,
                          &schedule.start, &schedule.batch, &rates, &rate, &total,
                          &schedule.seconds))
        return NULL;
    Program *steps = PyCapsule_GetPointer(capsule, CAPSULE_NAME);
    if (!steps) return NULL;
    schedule.index = address(index), schedule.rates = address(rates);
    schedule.rate = address(rate), schedule.total = address(total);
    if (schedule.rates && !schedule.rate)
        return PyErr_Format(PyExc_ValueError, "rates need a place of the rate");
    if (schedule.batch < steps->gathered_rows || schedule.start < 0)
        return PyErr_Format(PyExc_ValueError, "the program gathers %lld rows, not %lld from %lld",
                            (long long)steps->gathered_rows, schedule.batch, schedule.start);
    if (steps->busy)
        return PyErr_Format(PyExc_RuntimeError, "this program runs in another thread");
    const InstructionSet *set = &ALL_SETS[chosen_set];
    long long done;
    Py_INCREF(capsule);
    steps->busy = 1;
    Py_BEGIN_ALLOW_THREADS
    done = run_steps(steps, steps->is_double ? set->of_double : set->of_float, &schedule);
    Py_END_ALLOW_THREADS
    steps->busy = 0;
    Py_DECREF(capsule);
    return PyLong_FromLongLong(done);
}

/* ---- The module ---- */

#define KIND_NAME(name, inputs, outputs) #name,
static const char *const KIND_NAMES[] = {ALL_KINDS(KIND_NAME)};

static PyObject *kind_names(void) {
    PyObject *names = PyTuple_New(N_KINDS);
    for (int i = 0; names && i < N_KINDS; i++) {
        PyObject *name = PyUnicode_FromString(KIND_NAMES[i]);
        if (!name || PyTuple_SetItem(names, i, name)) Py_CLEAR(names);
    }
    return names;
}

static int fill_module(PyObject *module) {
    if (find_blas()) return -1;
    n_sets = count_usable_sets();
    chosen_set = n_sets - 1;
    PyObject *names = kind_names();
    const int failed = !names || PyModule_AddObjectRef(module, "KINDS", names);
    Py_XDECREF(names);
    return failed ? -1 : PyModule_AddIntConstant(module, "OPERATION_SIZE", sizeof(Operation));
}

static PyMethodDef METHODS[] = {
    {"program", program, METH_VARARGS,
     "program(operations, is_double)\n--\n\nCheck and plan operations given as packed bytes."},
    {"run", run, METH_VARARGS,
     "run(program, n_steps, index_address, start, batch, rates_address, rate_address, "
     "total_address, seconds)\n--\n\nDo up to n_steps steps and return how many were done."},
    {"instruction_sets", instruction_sets, METH_NOARGS,
     "instruction_sets()\n--\n\nReturn the names of those that this processor has."},
    {"instruction_set", instruction_set, METH_NOARGS,
     "instruction_set()\n--\n\nReturn the name of the one in use."},
    {"use_instruction_set", use_instruction_set, METH_VARARGS,
     "use_instruction_set(name)\n--\n\nUse another one, in tests and benchmarks."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot SLOTS[] = {{Py_mod_exec, fill_module}, {0, NULL}};

static PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sknn_tips.ops._native",
    .m_doc = "Programs of operations, run without the interpreter and its lock.",
    .m_size = 0,
    .m_methods = METHODS,
    .m_slots = SLOTS,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&MODULE); }
