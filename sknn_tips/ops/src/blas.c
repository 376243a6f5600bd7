/* Find gemm in scipy.linalg.cython_blas, which exports capsules named by function signatures. */
#include <Python.h>
#include <string.h>

#include "blas.h"

GemmFloat *blas_gemm_float = NULL;
GemmDouble *blas_gemm_double = NULL;

/* The argument types of gemm: c for char *, i for int *, t for a pointer to the number type. */
static const char GEMM_ARGUMENTS[] = "cciiittititti";

/* Whether the argument from `text` to `end` has the type that the letter denotes. */
static int is_type(const char *text, const char *end, char letter) {
    const char *expected = letter == 'c' ? "char *" : "int *";
    const size_t length = (size_t)(end - text);
    const int is_other = length == strlen(expected) && !strncmp(text, expected, length);
    if (letter != 't') return is_other;
    return length > 2 && end[-1] == '*' && strncmp(text, "int ", 4) && strncmp(text, "char ", 5);
}

static int is_gemm(const char *signature) {
    static const char start[] = "void (";
    if (!signature || strncmp(signature, start, strlen(start))) return 0;
    const char *text = signature + strlen(start);
    for (const char *letter = GEMM_ARGUMENTS; *letter; letter++) {
        const char *end = text + strcspn(text, ",)");
        if (*end != (letter[1] ? ',' : ')') || !is_type(text, end, *letter)) return 0;
        text = end + (letter[1] ? 2 : 1);
    }
    return *text == '\0';
}

static void *find(PyObject *functions, const char *name) {
    PyObject *capsule = PyMapping_GetItemString(functions, name);
    if (!capsule) return NULL;
    const char *signature = PyCapsule_GetName(capsule);
    void *function = NULL;
    if (is_gemm(signature)) function = PyCapsule_GetPointer(capsule, signature);
    if (!function && !PyErr_Occurred())
        PyErr_Format(PyExc_ImportError,
                     "scipy.linalg.cython_blas.%s has another signature than the compiled steps "
                     "of sknn_tips can call (a BLAS with 32-bit integers): %s",
                     name, signature ? signature : "none");
    Py_DECREF(capsule); /* still referenced by the dict of functions */
    return function;
}

int find_blas(void) {
    PyObject *module = PyImport_ImportModule("scipy.linalg.cython_blas");
    PyObject *functions = module ? PyObject_GetAttrString(module, "__pyx_capi__") : NULL;
    void *single = functions ? find(functions, "sgemm") : NULL;
    void *twice = single ? find(functions, "dgemm") : NULL;
    Py_XDECREF(functions);
    Py_XDECREF(module); /* still referenced by sys.modules */
    if (!twice) return -1;
    memcpy(&blas_gemm_float, &single, sizeof single);
    memcpy(&blas_gemm_double, &twice, sizeof twice);
    return 0;
}
