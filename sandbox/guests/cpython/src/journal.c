#include "journal.h"

#include "host.h"

/* One change: in the class `owner`, or in the dictionary `owner`; `old` is NULL where there was nothing. */
struct change {
    PyObject *owner;
    PyObject *key;
    PyObject *old;
};

static enum phi_phase current;
static int watcher = -1;
static PyObject *classes; /* from the address of a class's dictionary to the class */
static struct change *changes;
static size_t change_count, change_room;

static PyObject *address(PyObject *dict)
{
    return PyLong_FromVoidPtr(dict);
}

/* The class whose dictionary this is, or the dictionary itself; borrowed. */
static PyObject *owner_of(PyObject *dict)
{
    PyObject *key = address(dict);
    PyObject *class = key ? PyDict_GetItemWithError(classes, key) : NULL;
    Py_XDECREF(key);
    return class ? class : dict;
}

static int note(PyObject *dict, PyObject *key, PyObject *old)
{
    if (change_count == change_room) {
        size_t room = change_room ? 2 * change_room : 64;
        struct change *more = realloc(changes, room * sizeof *more);
        if (more == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        changes = more;
        change_room = room;
    }
    changes[change_count++] = (struct change){Py_NewRef(owner_of(dict)), Py_NewRef(key), Py_XNewRef(old)};
    return 0;
}

static int matters_to_a_test(PyObject *value)
{
    return PyCallable_Check(value) || PyModule_Check(value) || Py_IS_TYPE(value, &PyProperty_Type);
}

static void stop(PyObject *key)
{
    char text[200];
    const char *name = PyUnicode_Check(key) ? PyUnicode_AsUTF8(key) : NULL;
    int length = snprintf(text, sizeof text, "the program replaced `%.100s` of the standard library while its test ran",
                          name ? name : "something");
    PyErr_Clear();
    phi_deceived(text, (uint32_t)length);
}

static int changed(PyDict_WatchEvent event, PyObject *dict, PyObject *key, PyObject *value)
{
    if (current == PHI_IDLE || event == PyDict_EVENT_DEALLOCATED) {
        return 0;
    }
    PyObject *error = PyErr_GetRaisedException();
    int result = 0;
    if (event == PyDict_EVENT_CLEARED || event == PyDict_EVENT_CLONED) {
        Py_ssize_t at = 0;
        PyObject *name, *old;
        while (result == 0 && PyDict_Next(dict, &at, &name, &old)) {
            if (current == PHI_TEST) {
                stop(name);
            }
            result = note(dict, name, old);
        }
    } else {
        PyObject *old = PyDict_GetItemWithError(dict, key);
        if (current == PHI_SOLUTION) {
            /* What is new in a class can hide what it inherits; what is new in a module hides nothing. */
            if (old != NULL || PyType_Check(owner_of(dict))) {
                result = note(dict, key, old);
            }
        } else if (old != NULL && matters_to_a_test(old)) {
            stop(key);
        }
    }
    PyErr_SetRaisedException(error);
    return result;
}

int phi_journal_watch(PyObject *thing)
{
    if (watcher < 0) {
        watcher = PyDict_AddWatcher(changed);
        classes = PyDict_New();
        if (watcher < 0 || classes == NULL) {
            return -1;
        }
    }
    if (!PyType_Check(thing)) {
        return PyDict_Watch(watcher, thing);
    }
    PyObject *dict = PyType_GetDict((PyTypeObject *)thing);
    PyObject *key = dict ? address(dict) : NULL;
    int result = key ? PyDict_SetItem(classes, key, thing) : -1;
    if (result == 0) {
        result = PyDict_Watch(watcher, dict);
    }
    Py_XDECREF(key);
    Py_XDECREF(dict);
    return result;
}

void phi_journal_phase(enum phi_phase phase)
{
    current = phase;
}

static int put_back(const struct change *change)
{
    if (PyType_Check(change->owner)) {
        return PyType_Type.tp_setattro(change->owner, change->key, change->old);
    }
    if (change->old != NULL) {
        return PyDict_SetItem(change->owner, change->key, change->old);
    }
    return PyDict_Pop(change->owner, change->key, NULL) < 0 ? -1 : 0;
}

int phi_journal_undo(void)
{
    current = PHI_IDLE;
    while (change_count > 0) {
        struct change *change = &changes[--change_count];
        int result = put_back(change);
        if (result < 0 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear(); /* deleted twice */
            result = 0;
        }
        Py_DECREF(change->owner);
        Py_DECREF(change->key);
        Py_XDECREF(change->old);
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}
