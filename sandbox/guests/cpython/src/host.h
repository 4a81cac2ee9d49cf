/* What the guest may ask of the host. A program that reaches these functions can only hurt itself: none of them can make
   a program pass. */

#ifndef PHI_HOST_H
#define PHI_HOST_H

#include <stdint.h>

#define PHI_HOST(name) __attribute__((import_module("phi"), import_name(name)))

/* Sleeping costs the fuel that computing for as long would cost. */
PHI_HOST("sleep") void phi_sleep(uint64_t nanoseconds);
/* Ends the program at once as one that exited with `code`; doesn't return. */
PHI_HOST("exit") void phi_exit(int32_t code);
/* Ends the program at once as one that tried to deceive its test; doesn't return. */
PHI_HOST("deceived") void phi_deceived(const char *how, uint32_t length);
/* How a program that didn't pass ended. `kind` is `failed`, `syntax_error`, `exited` or `unsupported`. */
PHI_HOST("report")
void phi_report(const char *kind, uint32_t kind_length, const char *exception, uint32_t exception_length, const char *message,
                uint32_t message_length, const char *traceback, uint32_t traceback_length, int32_t code);
/* A piece of what the program wrote. Ends the program if it is over the output limit. */
PHI_HOST("write") void phi_write(uint32_t to_stderr, const char *bytes, uint32_t length);


#endif
