/* SPDX-License-Identifier: Apache-2.0 */
/* Whether libraries can be loaded: see dynamic.h. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "base/dynamic.h"

#include <link.h>
#include <stddef.h>

/* The first that is told of is the program itself. One without an interpreter was linked statically. */
static int has_interpreter(struct dl_phdr_info *program, size_t size, void *user)
{
    (void)size;
    bool *found = user;
    for (int i = 0; i < program->dlpi_phnum; i++) *found = *found || program->dlpi_phdr[i].p_type == PT_INTERP;
    return 1;
}

bool crl_can_load(void)
{
    bool dynamic = false;
    dl_iterate_phdr(has_interpreter, &dynamic);
    return dynamic;
}
