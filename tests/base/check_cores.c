/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of src/base/cores.c, on machines that are made of files in a folder. */
#define _GNU_SOURCE /* sched_setaffinity, CPU_ZERO */
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "areas.h"
#include "base/cores.h"
#include "check.h"

typedef struct machine {
    char root[64];
    crl_cpu_set allowed;
} machine;

static void allow(machine *m, int first, int last)
{
    for (int i = first; i <= last; i++) m->allowed.words[i / CRL_CPUS_A_WORD] |= 1ul << i % CRL_CPUS_A_WORD;
}

/* A machine without files. */
static bool begin(check *t, machine *m)
{
    *m = (machine){ .root = "/tmp/check_cores_XXXXXX" };
    return check_that(t, mkdtemp(m->root) != NULL, "no folder in /tmp: %s", strerror(errno));
}

static int discard(const char *path, const struct stat *s, int type, struct FTW *at)
{
    (void)s;
    (void)type;
    (void)at;
    return remove(path);
}

static void end(machine *m)
{
    nftw(m->root, discard, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(check *t, const machine *m, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", m->root, name);
    for (char *slash = path + strlen(m->root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        mkdir(path, 0777);
    }
    FILE *f = fopen(path, "w");
    if (!check_that(t, f != NULL, "%s: %s", path, strerror(errno))) return;
    fputs(text, f);
    fclose(f);
}

static void put_cpu(check *t, const machine *m, int cpu, const char *name, int value, const char *rest)
{
    char path[128], text[64];
    snprintf(path, sizeof path, "sys/devices/system/cpu/cpu%d/%s", cpu, name);
    snprintf(text, sizeof text, "%d%s\n", value, rest);
    put(t, m, path, text);
}

static void expect(check *t, const machine *m, int cores, const char *what)
{
    const int found = crl_cores_find(m->root, &m->allowed);
    check_that(t, found == cores, "%s: %d cores, %d are there", what, found, cores);
}

static void cores_are_counted_once(check *t, unsigned cpu)
{
    (void)cpu;
    machine m;
    if (!begin(t, &m)) return;
    expect(t, &m, 1, "no CPU is allowed");
    allow(&m, 0, 3);
    expect(t, &m, 4, "nothing is known");
    for (int i = 0; i < 8; i++) put_cpu(t, &m, i, "topology/thread_siblings_list", i % 4, i < 4 ? ",4" : ",8");
    allow(&m, 0, 7);
    expect(t, &m, 4, "two threads a core");
    m.allowed = (crl_cpu_set){ { 0 } };
    allow(&m, 5, 6);
    expect(t, &m, 2, "one thread of two cores, not their first");
    m.allowed = (crl_cpu_set){ { 0 } };
    allow(&m, 2, 2);
    allow(&m, 6, 6);
    allow(&m, 8000, 8001);
    expect(t, &m, 3, "both threads of a core, and two far away");
    put_cpu(t, &m, 6, "topology/thread_siblings_list", -7, "nonsense");
    expect(t, &m, 4, "a list that is none");
    end(&m);
}

static void slow_cores_do_not_count(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *file;
        int fast, slow, n_fast, cores; /* of 8 */
        const char *what;
    } cases[] = {
        { "cpu_capacity", 1024, 414, 4, 8, "Cortex-A76 and A55" },
        { "cpu_capacity", 1024, 250, 1, 1, "Cortex-X1 and A55" },
        { "acpi_cppc/highest_perf", 64, 42, 2, 8, "P and E" },
        { "acpi_cppc/highest_perf", 64, 20, 6, 6, "P and low-power E" },
        { "cpufreq/cpuinfo_max_freq", 2000000, 500000, 3, 3, "by frequency" },
        { "cpufreq/cpuinfo_max_freq", 1800000, 1800000, 8, 8, "all alike" },
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        machine m;
        if (!begin(t, &m)) return;
        allow(&m, 0, 7);
        for (int i = 0; i < 8; i++) put_cpu(t, &m, i, cases[k].file, i < 8 - cases[k].n_fast ? cases[k].slow : cases[k].fast, "");
        expect(t, &m, cases[k].cores, cases[k].what);
        /* Capacity counts before frequency. */
        for (int i = 0; i < 8; i++) put_cpu(t, &m, i, "cpu_capacity", 1024, "");
        expect(t, &m, 8, "equal capacities");
        /* The fastest that is allowed counts, not the fastest that is there. */
        m.allowed = (crl_cpu_set){ { 0 } };
        allow(&m, 0, 1);
        expect(t, &m, 2, "two that are alike");
        end(&m);
    }
}

static void quotas_of_cgroups_count(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *group; /* /proc/self/cgroup */
        const char *file[4]; /* name, text, name, text */
        int cores;           /* of 8 */
    } cases[] = {
        { "0::/\n", { "cpu.max", "max 100000\n" }, 8 },
        { "0::/\n", { "cpu.max", "200000 100000\n" }, 2 },
        { "0::/\n", { "cpu.max", "150000 100000\n" }, 2 },
        { "0::/\n", { "cpu.max", "10000 100000\n" }, 1 },
        { "0::/\n", { "cpu.max", "900000 100000\n" }, 8 },
        { "0::/a/b\n", { "a/b/cpu.max", "max 100000\n", "a/cpu.max", "300000 100000\n" }, 3 },
        { "0::/a/b\n", { "a/b/cpu.max", "400000 100000\n", "a/cpu.max", "700000 100000\n" }, 4 },
        { "0::/../other\n", { "cpu.max", "200000 100000\n", "other/cpu.max", "100000 100000\n" }, 2 },
        { "0::/a\n", { "cpu.max", "nonsense", "a/cpu.max", "" }, 8 },
        { "0::/a\n", { "a/cpu.max", "-5 0" }, 8 },
        /* v1, beside v2 without a CPU controller; the path of the host, which is not there; no link called cpu */
        { "3:memory:/\n2:cpu,cpuacct:/\n0::/\n", { "cpu/cpu.cfs_quota_us", "250000\n", "cpu/cpu.cfs_period_us", "100000\n" }, 3 },
        { "2:cpu,cpuacct:/\n", { "cpu/cpu.cfs_quota_us", "-1\n", "cpu/cpu.cfs_period_us", "100000\n" }, 8 },
        { "2:cpuacct,cpu:/docker/12ab\n", { "cpu/cpu.cfs_quota_us", "100000\n", "cpu/cpu.cfs_period_us", "50000\n" }, 2 },
        { "2:cpuacct,cpu:/x\n", { "cpuacct,cpu/x/cpu.cfs_quota_us", "500000\n", "cpuacct,cpu/x/cpu.cfs_period_us", "100000\n" }, 5 },
        { "2:cpuset:/\n", { "cpu/cpu.cfs_quota_us", "100000\n", "cpu/cpu.cfs_period_us", "100000\n" }, 8 },
        { "no line of that kind", { "cpu.max", "200000 100000\n" }, 8 },
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        machine m;
        if (!begin(t, &m)) return;
        allow(&m, 0, 7);
        put(t, &m, "proc/self/cgroup", cases[k].group);
        for (int i = 0; i < 4 && cases[k].file[i]; i += 2) {
            char name[128];
            snprintf(name, sizeof name, "sys/fs/cgroup/%s", cases[k].file[i]);
            put(t, &m, name, cases[k].file[i + 1]);
        }
        expect(t, &m, cases[k].cores, cases[k].group);
        end(&m);
    }
}

static void this_process_has_cores(check *t, unsigned cpu)
{
    (void)cpu;
    cpu_set_t before, one;
    const int cpus = crl_cpus_here(), cores = crl_cores_here();
    check_that(t, cores >= 1 && cpus >= cores, "%d cores, %d CPUs", cores, cpus);
    if (sched_getaffinity(0, sizeof before, &before)) return;
    int first = 0;
    while (!CPU_ISSET(first, &before)) first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    if (sched_setaffinity(0, sizeof one, &one)) return;
    check_that(t, crl_cpus_here() == 1 && crl_cores_here() == 1, "%d CPUs and %d cores of one", crl_cpus_here(), crl_cores_here());
    sched_setaffinity(0, sizeof before, &before);
    check_that(t, crl_cpus_here() == cpus && crl_cores_here() == cores, "the first answer is not found again");
}

int area_cores(int argc, char **argv)
{
    static const check_case cases[] = {
        { "cores_are_counted_once", cores_are_counted_once, false },
        { "quotas_of_cgroups_count", quotas_of_cgroups_count, false },
        { "slow_cores_do_not_count", slow_cores_do_not_count, false },
        { "this_process_has_cores", this_process_has_cores, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
