/* SPDX-License-Identifier: Apache-2.0 */
/* The harness of the checks.
 *
 * A check program has areas (tests/areas.h). An area lists its checks in a table and calls check_main(). Each check is a
 * function; it runs once, or, when it is marked `per_level`, once for every instruction level up to the machine's own,
 * beginning with the reference. Guarded memory ends at an unmapped page: a kernel that touches one byte too many dies there,
 * and the harness names it.
 *
 *   program AREA [--seed N] [--match TEXT] [--assume LEVEL] [--bench] [--list]
 *
 * --assume takes a level for granted: there are emulators that have more than they announce. With CHECK_SAMPLE in the
 * environment, checks of many rounds do a twelfth of them: every run of a test draws others.
 *
 * The last line is "N passed, N failed, N skipped". */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct check check;

typedef struct check_case {
    const char *name;
    void (*run)(check *t, unsigned cpu); /* cpu: levels allowed; all of them when not per_level */
    bool per_level;
    const void *data; /* for check_data(), where several checks share one function */
} check_case;

typedef struct check_area {
    const char *name;
    int (*run)(int argc, char **argv);
} check_area;

/* The main() of a program: runs the area that argv[1] names, with the arguments behind it. */
int check_areas(int argc, char **argv, const check_area *areas, size_t n);

/* Runs the table; the exit status of the program. */
int check_main(int argc, char **argv, const check_case *cases, size_t n);

/* true: this function has not been seen in this check yet and matches --match. Ask before testing a variant. */
#define check_variant(t, fn, name) check_variant_((t), (void (*)(void))(fn), (name))
bool check_variant_(check *t, void (*fn)(void), const char *name);

/* Names what follows in reports and in --bench, where no function stands for it. `name` is not copied. */
void check_name(check *t, const char *name);

/* How often to do what a check does `n` times. */
int check_rounds(const check *t, int n);

/* Numbers from the seed. Both ends included. */
int32_t check_range(check *t, int32_t lo, int32_t hi); /* even spread */
int32_t check_edgy(check *t, int32_t lo, int32_t hi);  /* ends, powers of two and their neighbours, then noise */
uint64_t check_random(check *t);
void check_fill(check *t, void *p, size_t bytes);      /* even noise */
void check_fill_edgy_u8(check *t, uint8_t *p, size_t n); /* whole runs of 0, 255, 128, then noise */
void check_fill_edgy_s8(check *t, int8_t *p, size_t n);

/* Memory that ends at an unmapped page and is filled with noise; released with the check. */
void *check_guarded(check *t, size_t bytes);
/* Releases all of it now: for checks of many rounds. (A process has 65,530 mappings, half as many blocks.) */
void check_release(check *t);

/* Failing. All print the variant, the seed and the text; they return whether the check may go on. */
bool check_equal(check *t, const void *want, const void *got, size_t bytes, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
bool check_equal_s32(check *t, const int32_t *want, const int32_t *got, size_t n, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
bool check_equal_f32(check *t, const float *want, const float *got, size_t n, int ulp, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* check_that(t, a == b, "a %d, b %d", a, b) */
bool check_that(check *t, bool ok, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The check cannot be done here (no reference data, no such level); the reason is printed. */
void check_skip(check *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool check_failed(const check *t);
/* The `data` of the case that runs. */
const void *check_data(const check *t);

/* With --bench: best of many runs of `call` over `items` items, ns per item and the ratio to the reference. */
#define check_bench(t, items, call)                                                                                    \
    do {                                                                                                               \
        for (check_bench_begin(t); check_bench_more(t, (items));) {                                                    \
            call;                                                                                                      \
        }                                                                                                              \
    } while (0)
void check_bench_begin(check *t);
bool check_bench_more(check *t, size_t items);

#endif
