/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the machine this process gets: what affinity, cgroups and unequal cores leave of it.
 *
 *   affinity   sched_setaffinity(2), taskset, cpusets
 *   quota      cpu.max of cgroups v2, cpu.cfs_quota_us of v1: of the process's own group and of those around it. A part of
 *              a CPU counts as one: a thread that is stopped now and then does more than one that is not started.
 *   siblings   the threads of one core share its multipliers, so that only one of them is worth starting
 *   capacity   where cores differ (big.LITTLE, Intel's P and E), those with less than a third of the fastest's do not
 *              count. Work is shared as threads come for it: a core with a third still does one task of a layer of
 *              ten while the fastest does three; a slower one is what all wait for. */
#ifndef CRL_BASE_CORES_H
#define CRL_BASE_CORES_H

#include <stdbool.h>
#include <stddef.h>

/* A set of CPUs, as sched_getaffinity(2) gives it: as many as a kernel can be built for. */
enum { CRL_CPUS = 8192, CRL_CPUS_A_WORD = 8 * sizeof(unsigned long) };
typedef struct crl_cpu_set {
    unsigned long words[CRL_CPUS / CRL_CPUS_A_WORD];
} crl_cpu_set;

/* Threads of this process that can run at once, at least 1: affinity alone. (A quota allows as many for a while.) */
int crl_cpus_here(void);

/* Threads that are worth starting, at least 1. Looked up again only when the affinity has changed; any thread may call. */
int crl_cores_here(void);

/* The same of a process that may run on these CPUs, where the files of /sys and /proc lie below `root`. */
int crl_cores_find(const char *root, const crl_cpu_set *allowed);

#endif
