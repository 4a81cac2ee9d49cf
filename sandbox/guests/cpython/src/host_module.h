#ifndef PHI_HOST_MODULE_H
#define PHI_HOST_MODULE_H

/* Offers the host's functions to the guest's own Python modules, as the module `host`. Before the interpreter starts. */
void phi_host_module_install(void);

#endif
