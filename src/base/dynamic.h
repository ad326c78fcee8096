/* SPDX-License-Identifier: Apache-2.0 */
/* Whether libraries can be loaded while the program runs. */
#ifndef CRL_BASE_DYNAMIC_H
#define CRL_BASE_DYNAMIC_H

#include <stdbool.h>

/* false in a program that was linked statically: it has a libc of its own, with which libraries that bring the system's end in a
 * fault. */
bool crl_can_load(void);

#endif
