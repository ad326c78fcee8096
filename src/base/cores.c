/* SPDX-License-Identifier: Apache-2.0 */
/* Counting cores: see cores.h. What cannot be read limits nothing. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "base/cores.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 512, TEXT = 4096 };

static bool has(const crl_cpu_set *set, int cpu)
{
    return cpu >= 0 && cpu < CRL_CPUS && (set->words[cpu / CRL_CPUS_A_WORD] >> cpu % CRL_CPUS_A_WORD & 1);
}

/* The beginning of a file as a string; "" where there is none. */
static const char *read_text(char text[TEXT], const char *path)
{
    size_t n = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    for (ssize_t got; fd >= 0 && n < TEXT - 1 && (got = read(fd, text + n, TEXT - 1 - n)) > 0;) n += (size_t)got;
    if (fd >= 0) close(fd);
    text[n] = 0;
    return text;
}

/* ---- quota ---- */

/* CPUs that `quota` of `period` stand for, rounded up; 0: no limit. */
static int cpus_of(const char *quota, const char *period)
{
    const long long q = atoll(quota), p = atoll(period); /* "max" and "-1" are no limit */
    if (q <= 0 || p <= 0) return 0;
    const long long cpus = q / p + (q % p != 0);
    return cpus < CRL_CPUS ? (int)cpus : CRL_CPUS;
}

static int limit_of(const char *folder, bool v2)
{
    char path[2 * PATH], text[TEXT], period[TEXT];
    if (v2) {
        snprintf(path, sizeof path, "%s/cpu.max", folder);
        const char *space = strchr(read_text(text, path), ' ');
        return space ? cpus_of(text, space + 1) : 0;
    }
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!*read_text(text, path)) return 0;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    return cpus_of(text, read_text(period, path));
}

/* Of two limits, of which 0 is none. */
static int less(int a, int b)
{
    return !a || (b && b < a) ? b : a;
}

/* The least of a group and of all around it. In a container the path may be that of the host, of which only the end of the
 * way, the mount, is there: what is not there limits nothing. */
static int least_limit(const char *mount, const char *group, bool v2)
{
    char path[PATH];
    int least = 0;
    const size_t top = strlen(mount);
    if (strstr(group, "..")) group = ""; /* outside of the namespace */
    if ((size_t)snprintf(path, sizeof path, "%s%s", mount, group) >= sizeof path) path[top] = 0;
    for (;;) {
        least = less(least, limit_of(path, v2));
        char *slash = strrchr(path + top, '/');
        if (!slash) return least;
        *slash = 0;
    }
}

/* Whether "cpu" is in a list such as "cpu,cpuacct". */
static bool names_cpu(const char *list, const char *end)
{
    while (list < end) {
        const char *comma = memchr(list, ',', (size_t)(end - list));
        const char *stop = comma ? comma : end;
        if (stop - list == 3 && !memcmp(list, "cpu", 3)) return true;
        list = stop + 1;
    }
    return false;
}

/* Lines are "number:controllers:group"; v2's has no controllers. v1 is mounted under the list of controllers, in whatever
 * order, and mostly linked to from each of them. */
static int quota(const char *root)
{
    char path[PATH], text[TEXT];
    int least = 0;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    read_text(text, path);
    for (char *line = text, *end; *line; line = end) {
        end = line + strcspn(line, "\n");
        if (*end) *end++ = 0;
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group) continue;
        const bool v2 = group == controllers + 1;
        if (!v2 && !names_cpu(controllers + 1, group)) continue;
        *group = 0;
        snprintf(path, sizeof path, "%s/sys/fs/cgroup%s%.64s", root, v2 ? "" : "/", controllers + 1);
        least = less(least, least_limit(path, group + 1, v2));
        if (v2) continue;
        snprintf(path, sizeof path, "%s/sys/fs/cgroup/cpu", root);
        least = less(least, least_limit(path, group + 1, v2));
    }
    return least;
}

/* ---- cores ---- */

static long read_number(const char *root, int cpu, const char *name, long missing)
{
    char path[PATH], text[TEXT], *end;
    snprintf(path, sizeof path, "%s/sys/devices/system/cpu/cpu%d/%s", root, cpu, name);
    const long n = strtol(read_text(text, path), &end, 10);
    return end != text ? n : missing;
}

/* Capacity in any unit, by the first of these that there is; where there is none, all are equal. */
static const char *const capacities[] = { "cpu_capacity", "acpi_cppc/highest_perf", "cpufreq/cpuinfo_max_freq" };
enum { N_CAPACITIES = sizeof capacities / sizeof capacities[0] };

static const char *find_capacity(const char *root, const crl_cpu_set *allowed)
{
    int first = 0;
    while (first < CRL_CPUS && !has(allowed, first)) first++;
    for (int k = 0; k < N_CAPACITIES; k++)
        if (read_number(root, first, capacities[k], 0) > 0) return capacities[k];
    return NULL;
}

int crl_cores_find(const char *root, const crl_cpu_set *allowed)
{
    const char *capacity = find_capacity(root, allowed);
    long most = 0;
    int cores = 0;
    for (int i = 0; i < CRL_CPUS && capacity; i++) {
        const long n = has(allowed, i) ? read_number(root, i, capacity, 0) : 0;
        if (n > most) most = n;
    }
    for (int i = 0; i < CRL_CPUS; i++) {
        if (!has(allowed, i)) continue;
        const long first = read_number(root, i, "topology/thread_siblings_list", i);
        if (first != i && has(allowed, (int)first)) continue; /* counted already */
        if (capacity && read_number(root, i, capacity, most) < most / 3) continue;
        cores++;
    }
    const int limit = quota(root);
    if (limit && cores > limit) cores = limit;
    return cores > 0 ? cores : 1;
}

/* ---- here ---- */

static bool find_allowed(crl_cpu_set *allowed)
{
    *allowed = (crl_cpu_set){ { 0 } };
    return !sched_getaffinity(0, sizeof *allowed, (cpu_set_t *)(void *)allowed);
}

int crl_cpus_here(void)
{
    crl_cpu_set allowed;
    int cpus = 0;
    const size_t words = find_allowed(&allowed) ? CRL_CPUS / CRL_CPUS_A_WORD : 0;
    for (size_t i = 0; i < words; i++) cpus += __builtin_popcountl(allowed.words[i]);
    return cpus > 0 ? cpus : 1;
}

/* Some hundred files on a large machine, so the last answer is kept. Who finds it in other hands looks for himself: a
 * lock could be held by nobody in the child of a fork(). */
int crl_cores_here(void)
{
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    static crl_cpu_set last;
    static int found; /* 0: nothing is kept */
    crl_cpu_set allowed;
    if (!find_allowed(&allowed)) return 1;
    const bool mine = !atomic_flag_test_and_set(&taken);
    if (mine && (!found || memcmp(&last, &allowed, sizeof last))) {
        last = allowed;
        found = crl_cores_find("", &allowed);
    }
    const int cores = mine ? found : crl_cores_find("", &allowed);
    if (mine) atomic_flag_clear(&taken);
    return cores;
}
