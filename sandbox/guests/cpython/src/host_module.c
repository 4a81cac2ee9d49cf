#include <Python.h>

#include "host.h"
#include "host_module.h"
#include "journal.h"

static PyObject *deceived(PyObject *self, PyObject *how)
{
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(how, &length);
    if (text == NULL) {
        return NULL;
    }
    phi_deceived(text, (uint32_t)length);
    Py_RETURN_NONE;
}

static PyObject *report(PyObject *self, PyObject *arguments)
{
    const char *kind, *exception, *message, *traceback;
    Py_ssize_t kind_length, exception_length, message_length, traceback_length;
    int code;
    if (!PyArg_ParseTuple(arguments, "s#s#s#s#i", &kind, &kind_length, &exception, &exception_length, &message,
                          &message_length, &traceback, &traceback_length, &code)) {
        return NULL;
    }
    phi_report(kind, (uint32_t)kind_length, exception, (uint32_t)exception_length, message, (uint32_t)message_length,
               traceback, (uint32_t)traceback_length, code);
    Py_RETURN_NONE;
}

static PyObject *watch(PyObject *self, PyObject *thing)
{
    if (phi_journal_watch(thing) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"deceived", deceived, METH_O, "Ends the program as one that tried to deceive its test."},
    {"report", report, METH_VARARGS, "Tells how a program that didn't pass ended."},
    {"watch", watch, METH_O, "Keeps a journal of what changes in a dictionary or a class."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "host", NULL, -1, methods};

static PyObject *make(void)
{
    return PyModule_Create(&definition);
}

void phi_host_module_install(void)
{
    PyImport_AppendInittab("host", make);
}
