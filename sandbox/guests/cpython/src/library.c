#include <Python.h>

#include "library.h"

#define MAX_MODULES 1024

static struct _frozen modules[MAX_MODULES + 1];
static const char *bytes;
static uint32_t bytes_length;

void phi_library_use(const char *from, uint32_t length)
{
    bytes = from;
    bytes_length = length;
}

static uint32_t number(const char **at)
{
    uint32_t value;
    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

/* For each module: length of its name, name, zero byte, whether it is a package, length of its code, code. */
void phi_library_install(void)
{
    const char *at = bytes;
    size_t count = 0;
    while (at < bytes + bytes_length && count < MAX_MODULES) {
        uint32_t name_length = number(&at);
        struct _frozen *module = &modules[count++];
        module->name = at;
        at += name_length + 1;
        module->is_package = (int)number(&at);
        module->size = (int)number(&at);
        module->code = (const unsigned char *)at;
        at += module->size;
    }
    PyImport_FrozenModules = modules;
}

void phi_library_seal(void)
{
    /* The module that speaks with the host. */
    for (struct _inittab *entry = PyImport_Inittab; entry->name != NULL; entry++) {
        if (strcmp(entry->name, "host") == 0) {
            entry->name = "\0";
        }
    }
}
