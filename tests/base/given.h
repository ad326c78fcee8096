/* SPDX-License-Identifier: Apache-2.0 */
/* How many more threads the system gives: the linker leads the library's calls of pthread_create to check_threads.c. */
#ifndef TESTS_BASE_GIVEN_H
#define TESTS_BASE_GIVEN_H

#include <stdatomic.h>

enum { THREADS_PLENTY = 1000 };
extern atomic_int threads_given;

#endif
