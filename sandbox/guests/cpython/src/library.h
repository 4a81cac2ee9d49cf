/* The standard library, marshalled, as frozen modules. */

#ifndef PHI_LIBRARY_H
#define PHI_LIBRARY_H

#include <stdint.h>

/* Takes the text that library.py makes; it must outlive the interpreter. */
void phi_library_use(const char *bytes, uint32_t length);
/* Lets the interpreter find its modules there. Before the interpreter starts. */
void phi_library_install(void);
/* Takes built-in modules that a program must not import anew out of the interpreter's table. */
void phi_library_seal(void);

#endif
