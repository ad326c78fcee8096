/* SPDX-License-Identifier: Apache-2.0 */
/* The harness: levels, guarded memory, edgy numbers, reports. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "check.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/random.h"

enum { MAX_SEEN = 256, MAX_GUARDED = 16384, MAX_BENCH_NAMES = 256, MAX_KEPT = 256, MAX_KEPT_PAGES = 1 << 14 };

/* Memory up to a guard page. */
typedef struct guarded {
    uint8_t *map;
    size_t pages; /* without the guard */
} guarded;

struct check {
    const char *name;
    const void *data;
    const char *match;
    uint64_t seed, state;
    unsigned assumed; /* levels */
    bool sample, bench, failed, skipped;
    const char *level;
    const char *variant;
    void (*seen[MAX_SEEN])(void);
    int n_seen;
    guarded guarded[MAX_GUARDED];
    int n_guarded;
    guarded kept[MAX_KEPT]; /* released */
    int n_kept;
    size_t kept_pages;
    /* the clock of check_bench, and the reference's result of each variant */
    double best_ns, started_ns, total_ns;
    long calls, batch;
    struct {
        const char *variant;
        double ns;
    } reference[MAX_BENCH_NAMES];
    int n_reference;
};

static sigjmp_buf crash;
static volatile sig_atomic_t crash_signal;

static void on_crash(int signal)
{
    crash_signal = signal;
    siglongjmp(crash, 1);
}

int check_rounds(const check *t, int n)
{
    return t->sample ? (n + 11) / 12 : n;
}

/* splitmix64 (Steele, Lea, Flood 2014): one state word, every seed is good. */
uint64_t check_random(check *t)
{
    return crl_random(&t->state);
}

int32_t check_range(check *t, int32_t lo, int32_t hi)
{
    const uint64_t span = (uint64_t)((int64_t)hi - lo) + 1; /* at most 2^32 */
    return (int32_t)((int64_t)((check_random(t) >> 32) * span >> 32) + lo);
}

int32_t check_edgy(check *t, int32_t lo, int32_t hi)
{
    int64_t v;
    switch (check_range(t, 0, 7)) {
    case 0: v = lo; break;
    case 1: v = hi; break;
    case 2: v = (int64_t)lo + check_range(t, 0, 2); break;
    case 3: v = (int64_t)hi - check_range(t, 0, 2); break;
    case 4:
    case 5:
        v = (INT64_C(1) << check_range(t, 0, 31)) + check_range(t, -1, 1);
        if (check_range(t, 0, 1)) v = -v;
        break;
    default: return check_range(t, lo, hi);
    }
    return v < lo || v > hi ? check_range(t, lo, hi) : (int32_t)v;
}

void check_fill(check *t, void *p, size_t bytes)
{
    uint8_t *b = p;
    for (size_t i = 0; i < bytes; i += 8) {
        const uint64_t r = check_random(t);
        memcpy(b + i, &r, bytes - i < 8 ? bytes - i : 8);
    }
}

void check_fill_edgy_u8(check *t, uint8_t *p, size_t n)
{
    static const uint8_t edges[] = { 0, 255, 128, 127, 1, 254 };
    for (size_t i = 0; i < n;) {
        size_t run = (size_t)check_range(t, 1, 80);
        if (run > n - i) run = n - i;
        const int kind = check_range(t, 0, 9);
        if (kind < 6)
            memset(p + i, edges[kind], run);
        else
            check_fill(t, p + i, run);
        i += run;
    }
}

void check_fill_edgy_s8(check *t, int8_t *p, size_t n)
{
    check_fill_edgy_u8(t, (uint8_t *)p, n);
    for (size_t i = 0; i < n; i++) p[i] = (int8_t)(p[i] ^ -128);
}

static guarded new_guarded(size_t pages, size_t page)
{
    const size_t bytes = pages * page;
    uint8_t *map = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + bytes, page, PROT_NONE)) {
        fprintf(stderr, "check: no guarded memory\n");
        exit(2);
    }
    return (guarded){ map, pages };
}

/* One of those that are kept: mapping takes longer than most of what is done with the memory. */
static guarded take_guarded(check *t, size_t pages, size_t page)
{
    for (int i = t->n_kept - 1; i >= 0; i--) {
        const guarded g = t->kept[i];
        if (g.pages != pages) continue;
        t->kept[i] = t->kept[--t->n_kept];
        t->kept_pages -= pages;
        return g;
    }
    return new_guarded(pages, page);
}

void *check_guarded(check *t, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (bytes + page - 1) / page;
    if (t->n_guarded == MAX_GUARDED) {
        fprintf(stderr, "check: too many guarded blocks in one check\n");
        exit(2);
    }
    const guarded g = take_guarded(t, pages, page);
    t->guarded[t->n_guarded++] = g;
    uint8_t *p = g.map + pages * page - bytes;
    check_fill(t, p, bytes);
    return p;
}

void check_release(check *t)
{
    while (t->n_guarded) {
        const guarded g = t->guarded[--t->n_guarded];
        if (t->n_kept < MAX_KEPT && t->kept_pages + g.pages <= MAX_KEPT_PAGES) {
            t->kept[t->n_kept++] = g;
            t->kept_pages += g.pages;
        } else {
            munmap(g.map, (g.pages + 1) * (size_t)sysconf(_SC_PAGESIZE));
        }
    }
}

static void report(check *t, const char *fmt, va_list args)
{
    t->failed = true;
    printf("FAIL %s%s%s%s%s --seed %llu: ", t->name, t->level ? " at " : "", t->level ? t->level : "",
           t->variant ? ", " : "", t->variant ? t->variant : "", (unsigned long long)t->seed);
    vprintf(fmt, args);
    printf("\n");
}

bool check_that(check *t, bool ok, const char *fmt, ...)
{
    if (ok) return true;
    va_list args;
    va_start(args, fmt);
    report(t, fmt, args);
    va_end(args);
    return false;
}

bool check_equal(check *t, const void *want, const void *got, size_t bytes, const char *fmt, ...)
{
    const uint8_t *w = want, *g = got;
    if (bytes == 0 || !memcmp(w, g, bytes)) return true;
    va_list args;
    va_start(args, fmt);
    report(t, fmt, args);
    va_end(args);
    size_t i = 0, differ = 0;
    while (w[i] == g[i]) i++;
    for (size_t k = 0; k < bytes; k++) differ += w[k] != g[k];
    printf("     byte %zu of %zu: want %d, got %d; %zu bytes differ\n", i, bytes, w[i], g[i], differ);
    return false;
}

bool check_equal_s32(check *t, const int32_t *want, const int32_t *got, size_t n, const char *fmt, ...)
{
    for (size_t i = 0; i < n; i++) {
        if (want[i] == got[i]) continue;
        va_list args;
        va_start(args, fmt);
        report(t, fmt, args);
        va_end(args);
        printf("     element %zu of %zu: want %d, got %d\n", i, n, want[i], got[i]);
        return false;
    }
    return true;
}

/* Floats as integers that are ordered as the floats are; NaNs are one value. */
static int64_t ordered(float f)
{
    int32_t i;
    if (f != f) return INT64_MAX;
    memcpy(&i, &f, sizeof i);
    return i < 0 ? (int64_t)INT32_MIN - i : i;
}

bool check_equal_f32(check *t, const float *want, const float *got, size_t n, int ulp, const char *fmt, ...)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t d = ordered(want[i]) - ordered(got[i]);
        if (d >= -ulp && d <= ulp) continue;
        va_list args;
        va_start(args, fmt);
        report(t, fmt, args);
        va_end(args);
        printf("     element %zu of %zu: want %.9g, got %.9g\n", i, n, (double)want[i], (double)got[i]);
        return false;
    }
    return true;
}

void check_skip(check *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    printf("skip %s: ", t->name);
    vprintf(fmt, args);
    printf("\n");
    va_end(args);
    t->skipped = true;
}

bool check_failed(const check *t)
{
    return t->failed;
}

const void *check_data(const check *t)
{
    return t->data;
}

bool check_variant_(check *t, void (*fn)(void), const char *name)
{
    for (int i = 0; i < t->n_seen; i++)
        if (t->seen[i] == fn) return false;
    if (t->n_seen < MAX_SEEN) t->seen[t->n_seen++] = fn;
    t->variant = name;
    return true;
}

void check_name(check *t, const char *name)
{
    t->variant = name;
}

static double now_ns(void)
{
    struct timespec s;
    clock_gettime(CLOCK_MONOTONIC, &s);
    return (double)s.tv_sec * 1e9 + (double)s.tv_nsec;
}

void check_bench_begin(check *t)
{
    t->best_ns = 1e30;
    t->total_ns = 0;
    t->calls = 0;
    t->batch = 1;
    t->started_ns = now_ns();
}

/* Batches grow until one takes 20 us, so that the clock's own cost vanishes; then the best of 50 ms. */
bool check_bench_more(check *t, size_t items)
{
    if (!t->bench) return false;
    if (t->calls < t->batch) {
        if (t->calls++ == 0) t->started_ns = now_ns();
        return true;
    }
    const double ns = now_ns() - t->started_ns;
    t->total_ns += ns;
    if (ns < 20e3)
        t->batch *= 2;
    else if (ns / (double)t->batch < t->best_ns)
        t->best_ns = ns / (double)t->batch;
    t->calls = 0;
    if (t->total_ns < 50e6) return check_bench_more(t, items);
    double reference = 0;
    for (int i = 0; i < t->n_reference; i++)
        if (!strcmp(t->reference[i].variant, t->variant)) reference = t->reference[i].ns;
    if (reference == 0 && t->n_reference < MAX_BENCH_NAMES) {
        t->reference[t->n_reference].variant = t->variant;
        t->reference[t->n_reference++].ns = reference = t->best_ns;
    }
    printf("bench %-36s %-11s %10.3f ns/item %8.2fx\n", t->variant, t->level ? t->level : "", t->best_ns / (double)items,
           reference / t->best_ns);
    return false;
}

static void run_once(check *t, const check_case *c, unsigned cpu, const char *level)
{
    t->level = level;
    t->variant = NULL;
    t->state = t->seed;
    if (sigsetjmp(crash, 1)) {
        check_that(t, false, "crashed with signal %d (%s)", (int)crash_signal, strsignal((int)crash_signal));
    } else {
        c->run(t, cpu);
    }
    check_release(t);
}

static void run_case(check *t, const check_case *c)
{
    t->name = c->name;
    t->data = c->data;
    t->failed = t->skipped = false;
    t->n_seen = t->n_reference = 0;
    const unsigned have = crl_cpu_detect() | t->assumed;
    if (!c->per_level) {
        run_once(t, c, have, NULL);
        return;
    }
    run_once(t, c, 0, "ref");
    static const char *const levels[] = { "avx2", "avxvnni", "avx512vnni", "amx", "neon", "neondot", "i8mm" };
    for (size_t i = 0; i < sizeof levels / sizeof levels[0] && !t->failed; i++) {
        unsigned cpu;
        if (!crl_cpu_cap(&cpu, have, levels[i], NULL)) run_once(t, c, cpu, levels[i]);
    }
}

int check_main(int argc, char **argv, const check_case *cases, size_t n)
{
    static check t; /* large; one is enough */
    t.seed = (uint64_t)time(NULL);
    t.sample = getenv("CHECK_SAMPLE") != NULL;
    bool list = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--bench")) {
            t.bench = true;
        } else if (!strcmp(argv[i], "--list")) {
            list = true;
        } else if (!strcmp(argv[i], "--seed") && i + 1 < argc) {
            t.seed = strtoull(argv[++i], NULL, 0);
        } else if (!strcmp(argv[i], "--match") && i + 1 < argc) {
            t.match = argv[++i];
        } else if (!strcmp(argv[i], "--assume") && i + 1 < argc && !crl_cpu_cap(&t.assumed, ~0u, argv[i + 1], NULL)) {
            i++;
        } else {
            fprintf(stderr, "usage: %s [--seed N] [--match TEXT] [--assume LEVEL] [--bench] [--list]\n", argv[0]);
            return 2;
        }
    }
    /* Most memory here is touched at its ends: of huge pages, clearing would take a fifth of the time. */
    if (!t.bench) prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_NODEFER };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    sigaction(SIGFPE, &action, NULL);
    int passed = 0, failed = 0, skipped = 0;
    for (size_t i = 0; i < n; i++) {
        if (t.match && !strstr(cases[i].name, t.match)) continue;
        if (list) {
            printf("%s\n", cases[i].name);
            continue;
        }
        run_case(&t, &cases[i]);
        failed += t.failed;
        skipped += !t.failed && t.skipped;
        passed += !t.failed && !t.skipped;
        if (!t.failed && !t.skipped) printf("ok   %s\n", cases[i].name);
        fflush(stdout);
    }
    if (!list) printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed ? 1 : 0;
}

int check_areas(int argc, char **argv, const check_area *areas, size_t n)
{
    for (size_t i = 0; i < n && argc > 1; i++)
        if (!strcmp(areas[i].name, argv[1])) return areas[i].run(argc - 1, argv + 1);
    fprintf(stderr, "usage: %s AREA [options]; the areas are", argv[0]);
    for (size_t i = 0; i < n; i++) fprintf(stderr, " %s", areas[i].name);
    fprintf(stderr, "\n");
    return 2;
}
