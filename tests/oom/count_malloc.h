/* SPDX-License-Identifier: Apache-2.0 */
/* Counts every allocation of the program, those inside the C library too, where it can be done: with glibc,
 * and no sanitizer, whose own allocator must stay in place. Elsewhere all counts are always 0. */
#ifndef TESTS_OOM_COUNT_MALLOC_H
#define TESTS_OOM_COUNT_MALLOC_H

long count_malloc_calls(void);  /* so far */
long count_malloc_living(void); /* blocks not freed yet */
long count_malloc_bytes(void);  /* in them */

#endif
