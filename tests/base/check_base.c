/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of src/base: errors, fixed point, memory. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/fixed.h"
#include "check.h"

static void error_within_keeps_the_sentence(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err;
    crl_fail(&err, CRL_ERR_FORMAT, "tensor %d: a\nb", 7);
    check_that(t, !strcmp(err.text, "tensor 7: a?b"), "got \"%s\"", err.text);
    crl_within(&err, err.status, "op %d", 3);
    check_that(t, !strcmp(err.text, "op 3: tensor 7: a?b"), "got \"%s\"", err.text);
    char longest[400];
    memset(longest, 'p', sizeof longest);
    longest[sizeof longest - 1] = 0;
    crl_within(&err, err.status, "%s", longest);
    check_that(t, strstr(err.text, "op 3: tensor 7: a?b") != NULL, "the sentence was cut: \"%s\"", err.text);
    check_that(t, crl_fail(NULL, CRL_ERR_IO, "x") == CRL_ERR_IO, "status lost");
}

/* The two roundings in wide arithmetic, written from the definition rather than from the code. */
static int32_t scale_wide(int32_t x, crl_scale s)
{
    const double shifted = s.shift > 0 ? (double)x * ldexp(1, s.shift) : x;
    const double high = floor(shifted * s.mult / 2147483648.0 + 0.5); /* ties up */
    if (s.shift >= 0) return (int32_t)high;
    const double q = high / ldexp(1, -s.shift);
    return (int32_t)(q < 0 ? -floor(-q + 0.5) : floor(q + 0.5)); /* ties away from zero */
}

static void fixed_scale_rounds_twice(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < 200000; i++) {
        const int32_t shift = check_range(t, -31, 3);
        const int32_t top = 1 << 20;
        const crl_scale s = { check_edgy(t, 1 << 30, INT32_MAX), shift };
        const int32_t x = check_edgy(t, -top, top);
        const int32_t want = scale_wide(x, s), got = crl_scale_apply(x, s);
        if (!check_that(t, want == got, "x %d mult %d shift %d: want %d, got %d", x, s.mult, s.shift, want, got)) return;
    }
    /* The table of docs/arithmetic.md: a quarter of -6..6. */
    static const int32_t quarter[] = { -2, -1, -1, -1, -1, 0, 0, 1, 1, 1, 1, 2, 2 };
    for (int32_t x = -6; x <= 6; x++) {
        const int32_t got = crl_scale_apply(x, crl_scale_from_real(0.25));
        check_that(t, got == quarter[x + 6], "%d / 4 became %d", x, got);
    }
}

static void fixed_scale_from_real(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_scale one = crl_scale_from_real(1.0), zero = crl_scale_from_real(0.0), tiny = crl_scale_from_real(1e-12);
    check_that(t, one.mult == 1 << 30 && one.shift == 1, "1.0 became %d, %d", one.mult, one.shift);
    check_that(t, zero.mult == 0 && tiny.mult == 0, "0 and 1e-12 have to vanish");
    const crl_scale below = crl_scale_from_real(nextafter(1.0, 0.0)); /* rounds up to the next power of two */
    check_that(t, below.mult == 1 << 30 && below.shift == 1, "just below 1 became %d, %d", below.mult, below.shift);
    const crl_scale huge = crl_scale_from_real(0x1p101); /* 102 bits to the left, which are 6 */
    check_that(t, huge.mult == 1 << 30 && huge.shift == 6, "2^101 became %d, %d", huge.mult, huge.shift);
    const crl_scale endless = crl_scale_from_real((double)INFINITY); /* UndefinedBehaviorSanitizer looks, too */
    check_that(t, endless.mult == 0 && endless.shift == 0, "infinity became %d, %d", endless.mult, endless.shift);
}

static void cpu_levels_are_nested(check *t, unsigned cpu)
{
    unsigned capped;
    crl_error err;
    check_that(t, !crl_cpu_cap(&capped, cpu, "ref", &err) && capped == 0, "ref is not empty");
    check_that(t, crl_cpu_cap(&capped, cpu, "z80", &err) == CRL_ERR_ARGUMENT, "z80 was accepted");
    check_that(t, !crl_cpu_cap(&capped, cpu, crl_cpu_name(cpu), &err), "the machine's own level was refused");
}

static bool refuse(void *user, size_t bytes)
{
    (void)bytes;
    ++*(int *)user;
    return false;
}

static void alloc_checks_sizes(check *t, unsigned cpu)
{
    (void)cpu;
    check_that(t, !crl_alloc_array(SIZE_MAX / 2, 3), "an overflowing array was allocated");
    check_that(t, !crl_alloc_aligned(SIZE_MAX - 3), "an overflowing block was allocated");
    crl_pile pile = { 0 };
    check_that(t, !crl_pile_alloc(&pile, SIZE_MAX - 3), "an overflowing pile was allocated");
    uint8_t *p = crl_pile_alloc(&pile, 100);
    check_that(t, p && (uintptr_t)p % 64 == 0 && p[0] == 0 && p[99] == 0, "a pile's block is not aligned and zeroed");
    crl_pile_free(&pile);
    int asked = 0;
    crl_alloc_hook(refuse, &asked);
    void *refused = crl_alloc(1);
    crl_alloc_hook(NULL, NULL);
    check_that(t, !refused && asked == 1, "the hook was not asked");
}

static bool is_zero(const uint8_t *p, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (p[i]) return false;
    return true;
}

static void pages_are_zeroed_and_refused(check *t, unsigned cpu)
{
    (void)cpu;
    static const size_t sizes[] = { 0, 1, 4096, (1 << 20) - 1, 1 << 20, (2 << 20) - 64, 2 << 20, (3 << 20) + 100, 5 << 20 };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *p = crl_pages_new(sizes[i]);
        if (!check_that(t, p && (uintptr_t)p % 64 == 0 && is_zero(p, sizes[i]), "%zu bytes", sizes[i])) return;
        memset(p, 1, sizes[i]);
        int asked = 0;
        crl_alloc_hook(refuse, &asked);
        void *refused = crl_pages_new(sizes[i]);
        crl_alloc_hook(NULL, NULL);
        check_that(t, !refused && asked > 0, "%zu bytes, and the hook was not asked", sizes[i]);
        crl_pages_free(p);
    }
    check_that(t, !crl_pages_new(SIZE_MAX - 3), "an overflowing block was allocated");
    crl_pages_free(NULL);
}

static void piles_take_from_their_reserve(check *t, unsigned cpu)
{
    (void)cpu;
    crl_pile pile = { 0 };
    check_that(t, !crl_pile_reserve(&pile, SIZE_MAX - 3), "an overflowing reserve");
    if (!check_that(t, crl_pile_reserve(&pile, 2 << 20), "no reserve")) return;
    uint8_t *block[40];
    for (int i = 0; i < 40; i++) { /* 2 MiB are 32 of them */
        block[i] = crl_pile_alloc(&pile, 65536 - (size_t)i);
        if (!check_that(t, block[i] && (uintptr_t)block[i] % 64 == 0 && is_zero(block[i], 65536 - (size_t)i), "block %d", i))
            break;
        memset(block[i], 255, 65536 - (size_t)i);
        check_that(t, i == 0 || i > 31 || block[i] == block[i - 1] + 65536, "block %d is not out of the reserve", i);
    }
    crl_pile_free(&pile);
    check_that(t, !pile.head && !pile.reserved, "the pile is not empty");
}

static void piles_ask_their_account(check *t, unsigned cpu)
{
    (void)cpu;
    const size_t mib = 1 << 20;
    crl_account a = { .most = 8 * mib };
    crl_pile pile = { .account = &a };
    check_that(t, crl_pile_alloc(&pile, 1000) && a.held >= 1000 && a.held < 1200, "%zu bytes are held for 1000", a.held);
    check_that(t, crl_pile_alloc(&pile, 3 * mib) && a.held > 3 * mib && a.held < 5 * mib, "%zu bytes are held for 3 MiB", a.held);
    check_that(t, !a.refused && !crl_pile_alloc(&pile, 6 * mib) && a.refused, "9 MiB of 8 are given");
    check_that(t, !crl_pile_alloc(&pile, SIZE_MAX - 3) && !crl_pile_array(&pile, SIZE_MAX / 2, 2), "more than there is, is given");
    crl_pile other = crl_pile_beside(&pile);
    check_that(t, !crl_pile_alloc(&other, 6 * mib), "another pile has an account of its own");
    crl_pile_free(&pile);
    check_that(t, !a.held && pile.account == &a, "%zu bytes are held for an empty pile", a.held);
    /* What is left of a reserve goes back; one that is not allowed is none. */
    a.refused = false;
    check_that(t, crl_pile_reserve(&pile, 7 * mib) && a.held > 7 * mib, "%zu bytes are held for a reserve", a.held);
    uint8_t *p = crl_pile_alloc(&pile, mib);
    check_that(t, p && a.held < 8 * mib + 1000, "a block is not out of the reserve");
    const size_t before = a.held;
    crl_pile_settle(&pile);
    check_that(t, a.held == before || a.held < 5 * mib, "%zu bytes are held for one block", a.held);
    if (p) memset(p, 1, mib);
    uint8_t *q = crl_pile_alloc(&pile, 3 * mib / 2);
    if (check_that(t, q && is_zero(q, 3 * mib / 2), "no block after the reserve")) memset(q, 1, 3 * mib / 2);
    crl_pile_settle(&pile);
    crl_pile_free(&pile);
    check_that(t, crl_pile_reserve(&pile, 9 * mib) && !a.held && !a.refused, "9 MiB of 8 are reserved");
    check_that(t, crl_pile_alloc(&pile, mib) != NULL, "no block without a reserve");
    crl_pile_free(&pile);
    check_that(t, !a.held, "%zu bytes are held for nothing", a.held);
}

int area_base(int argc, char **argv)
{
    static const check_case cases[] = {
        { "alloc_checks_sizes", alloc_checks_sizes, false },
        { "cpu_levels_are_nested", cpu_levels_are_nested, false },
        { "error_within_keeps_the_sentence", error_within_keeps_the_sentence, false },
        { "fixed_scale_from_real", fixed_scale_from_real, false },
        { "fixed_scale_rounds_twice", fixed_scale_rounds_twice, false },
        { "pages_are_zeroed_and_refused", pages_are_zeroed_and_refused, false },
        { "piles_ask_their_account", piles_ask_their_account, false },
        { "piles_take_from_their_reserve", piles_take_from_their_reserve, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
