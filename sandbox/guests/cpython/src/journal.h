/* A journal of what a program changes in the standard library's modules and classes, so that the test finds them as they
   were, and nothing that the test may use can be replaced while it runs. */

#ifndef PHI_JOURNAL_H
#define PHI_JOURNAL_H

#include <Python.h>

enum phi_phase {
    PHI_IDLE,     /* nothing is noted */
    PHI_SOLUTION, /* changes are noted, to be undone before the test */
    PHI_TEST,     /* replacing a function, a class or a module ends the program */
};

/* Watches a dictionary, or a class's. */
int phi_journal_watch(PyObject *thing);
void phi_journal_phase(enum phi_phase phase);
/* Undoes what was noted, latest first, and goes idle. */
int phi_journal_undo(void);

#endif
