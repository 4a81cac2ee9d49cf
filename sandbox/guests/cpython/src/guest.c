/* The cpython guest: starts the interpreter and imports the library before the snapshot; afterwards executes a solution,
   then its test, and says whether both ran to their end. The verdict is the flow of `judge`, which no Python code reaches. */

#include <Python.h>
#include <stdint.h>

#include "host.h"
#include "host_module.h"
#include "journal.h"
#include "library.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* What guests/python/finish.py gathers. */
static struct {
    PyObject *compile_solution;
    PyObject *compile_test;
    PyObject *test_namespace;
    PyObject *report;
    PyObject *flush;
    PyObject *namespace;
} parts;

static void die(const char *what)
{
    phi_write(1, what, (uint32_t)strlen(what));
    phi_write(1, "\n", 1);
    if (PyErr_Occurred()) {
        PyErr_Print();
    }
    __builtin_trap();
}

EXPORT("allocate") void *allocate(uint32_t length)
{
    return malloc(length ? length : 1);
}

static struct source {
    const char *name;
    const char *text;
    uint32_t length;
} sources[32];
static size_t source_count;

/* Something for `initialize` to load: the marshalled standard library under the name "library", else a Python module. */
EXPORT("add_source")
void add_source(const char *name, uint32_t name_length, const char *text, uint32_t length)
{
    char *copy = malloc(name_length + 1);
    memcpy(copy, name, name_length);
    copy[name_length] = 0;
    if (strcmp(copy, "library") == 0) {
        phi_library_use(text, length);
    } else if (source_count < sizeof sources / sizeof *sources) {
        sources[source_count++] = (struct source){copy, text, length};
    } else {
        die("too many sources");
    }
}

static void start_interpreter(void)
{
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    before.allocator = PYMEM_ALLOCATOR_PYMALLOC;
    PyStatus status = Py_PreInitialize(&before);
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.write_bytecode = 0;
    config.install_signal_handlers = 0;
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    config.pathconfig_warnings = 0;
    config.module_search_paths_set = 1;
    config.code_debug_ranges = 0;
    const wchar_t *nowhere = L"/";
    PyConfig_SetString(&config, &config.program_name, L"python3");
    PyConfig_SetString(&config, &config.executable, L"/python3");
    PyConfig_SetString(&config, &config.prefix, nowhere);
    PyConfig_SetString(&config, &config.exec_prefix, nowhere);
    PyConfig_SetString(&config, &config.base_prefix, nowhere);
    PyConfig_SetString(&config, &config.base_exec_prefix, nowhere);
    PyConfig_SetString(&config, &config.stdlib_dir, nowhere);
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        die(status.err_msg ? status.err_msg : "the interpreter did not start");
    }
}

static PyObject *import_source(const struct source *source)
{
    char *text = malloc(source->length + 1);
    memcpy(text, source->text, source->length);
    text[source->length] = 0;
    PyObject *code = Py_CompileString(text, source->name, Py_file_input);
    free(text);
    PyObject *module = code ? PyImport_ExecCodeModule(source->name, code) : NULL;
    Py_XDECREF(code);
    return module;
}

static PyObject *part(PyObject *module, const char *name)
{
    PyObject *value = PyObject_GetAttrString(module, name);
    if (value == NULL) {
        die(name);
    }
    return value;
}

/* To be called once, before the snapshot. */
EXPORT("wizer-initialize") void initialize(void)
{
    phi_library_install();
    phi_host_module_install();
    start_interpreter();
    PyObject *finish = NULL;
    for (size_t i = 0; i < source_count; i++) {
        finish = import_source(&sources[i]);
        if (finish == NULL) {
            die(sources[i].name);
        }
    }
    if (finish == NULL) {
        die("no sources");
    }
    parts.compile_solution = part(finish, "compile_solution");
    parts.compile_test = part(finish, "compile_test");
    parts.test_namespace = part(finish, "test_namespace");
    parts.report = part(finish, "report");
    parts.flush = part(finish, "flush");
    parts.namespace = part(finish, "namespace");
    phi_library_seal();
    PyObject *settle = part(finish, "settle");
    Py_XDECREF(PyObject_CallNoArgs(settle));
    if (PyErr_Occurred()) {
        die("settle");
    }
}

static int execute(PyObject *code, PyObject *namespace)
{
    PyObject *result = PyEval_EvalCode(code, namespace, namespace);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* 0 exactly if the solution, and its test if there is one, ran to their end. */
static int judge(PyObject *solution, PyObject *test)
{
    PyObject *test_code = PyObject_CallFunctionObjArgs(parts.compile_test, solution, test, NULL);
    if (test_code == NULL) {
        return -1;
    }
    PyObject *code = PyObject_CallOneArg(parts.compile_solution, solution);
    if (code == NULL) {
        return -1;
    }
    _Phi_Guarded = 1;
    phi_journal_phase(PHI_SOLUTION);
    if (execute(code, parts.namespace) < 0) {
        return -1;
    }
    if (test == Py_None) {
        return 0;
    }
    if (phi_journal_undo() < 0) {
        return -1;
    }
    PyObject *namespace = PyObject_CallOneArg(parts.test_namespace, parts.namespace);
    if (namespace == NULL) {
        return -1;
    }
    phi_journal_phase(PHI_TEST);
    return execute(test_code, namespace);
}

static void flush(void)
{
    PyObject *result = PyObject_CallNoArgs(parts.flush);
    Py_XDECREF(result);
    PyErr_Clear();
}

static void describe(void)
{
    PyObject *error = PyErr_GetRaisedException();
    phi_journal_phase(PHI_IDLE);
    _Phi_Guarded = 0;
    if (error == NULL) {
        return;
    }
    const char *name = Py_TYPE(error)->tp_name;
    phi_journal_undo();
    flush();
    PyObject *result = PyObject_CallOneArg(parts.report, error);
    if (result == NULL) {
        phi_report("failed", 6, name, (uint32_t)strlen(name), "", 0, "", 0, 0);
        PyErr_Clear();
    }
    Py_XDECREF(result);
}

/* Executes a solution, then its test if there is one. 1 exactly if both ran to their end. The texts are UTF-8, in memory
   from `allocate`. */
EXPORT("run")
uint32_t run(const char *solution, uint32_t solution_length, const char *test, uint32_t test_length, uint32_t has_test)
{
    PyObject *program = PyUnicode_DecodeUTF8(solution, solution_length, "replace");
    PyObject *check = has_test ? PyUnicode_DecodeUTF8(test, test_length, "replace") : Py_NewRef(Py_None);
    if (program == NULL || check == NULL || judge(program, check) < 0) {
        describe();
        return 0;
    }
    flush();
    return 1;
}
