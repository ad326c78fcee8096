/* SPDX-License-Identifier: Apache-2.0 */
/* FlexBuffers: every kind and width of value, and any bytes at all. */
#include <string.h>

#include "areas.h"
#include "check.h"
#include "model/flex.h"

/* Written by the flexbuffers module of Google's Python package:
 * {"big": -2**40, "blob": b"\0\1\2", "d": 0.1, "f4": [1.5, 2.5, 3.5, 4.5] as a tuple, "if": 2.25 and "ii": -7 and
 * "iu": 200 indirectly, "n": None, "neg": -3, "nest": {"k": 2**64-1}, "u": 65535, "v": [1, "two", 3.5, False]} */
static const uint8_t wide[] = {
    98, 105, 103, 0, 98, 108, 111, 98, 0, 3, 0, 1, 2, 100, 0, 102, 52, 0, 0, 0, 0, 0, 192, 63, 0, 0, 32, 64,
    0, 0, 96, 64, 0, 0, 144, 64, 105, 102, 0, 0, 0, 0, 16, 64, 105, 105, 0, 249, 105, 117, 0, 200, 110, 0,
    110, 101, 103, 0, 110, 101, 115, 116, 0, 107, 0, 1, 3, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
    0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 11, 117, 0, 118, 0, 3, 116,
    119, 111, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 14, 0, 0, 0, 0, 0, 96, 64, 0, 0, 0, 0, 6, 20, 14, 106, 12, 141,
    138, 130, 129, 109, 102, 99, 96, 95, 92, 46, 45, 0, 0, 0, 0, 0, 0, 0, 19, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
    0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 182, 0, 0, 0, 0, 0, 0, 0, 154, 153,
    153, 153, 153, 153, 185, 63, 188, 0, 0, 0, 0, 0, 0, 0, 176, 0, 0, 0, 0, 0, 0, 0, 177, 0, 0, 0, 0, 0, 0, 0,
    181, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 253, 255, 255, 255, 255, 255, 255, 255, 160, 0, 0, 0, 0,
    0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 152, 0, 0, 0, 0, 0, 0, 0, 7, 100, 15, 98, 34, 24, 28, 3, 7, 39, 11,
    42, 108, 39, 1,
};

static crl_flex get(const char *key)
{
    return crl_flex_get(crl_flex_root(wide, sizeof wide), key);
}

static void int_is(check *t, const char *what, crl_flex v, int64_t want)
{
    const int64_t got = crl_flex_int(v, 4711);
    check_that(t, got == want, "%s is %lld, want %lld", what, (long long)got, (long long)want);
}

static void reads_every_kind(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_flex root = crl_flex_root(wide, sizeof wide);
    check_that(t, crl_flex_kind_of(root) == CRL_FLEX_MAP && crl_flex_count(root) == 12, "no map of 12");
    int_is(t, "big", get("big"), -((int64_t)1 << 40));
    int_is(t, "ii", get("ii"), -7);
    int_is(t, "iu", get("iu"), 200);
    int_is(t, "neg", get("neg"), -3);
    int_is(t, "u", get("u"), 65535);
    int_is(t, "nest.k", crl_flex_get(get("nest"), "k"), INT64_MAX);
    int_is(t, "d as an int", get("d"), 0);
    int_is(t, "null", get("n"), 4711);
    int_is(t, "absent", get("nothing"), 4711);
    int_is(t, "a text as an int", get("blob"), 4711);
    check_that(t, crl_flex_float(get("d"), 7) == 0.1, "d is %g", crl_flex_float(get("d"), 7));
    check_that(t, crl_flex_float(get("if"), 7) == 2.25, "if is %g", crl_flex_float(get("if"), 7));
    check_that(t, crl_flex_float(get("neg"), 7) == -3, "neg is %g", crl_flex_float(get("neg"), 7));
    check_that(t, crl_flex_float(get("v"), 7) == 7, "a list is a number");
    check_that(t, crl_flex_bool(get("d"), false) && !crl_flex_bool(get("n"), false) && crl_flex_bool(get("n"), true),
               "as bools");

    const crl_flex f4 = get("f4"), v = get("v");
    check_that(t, crl_flex_count(f4) == 4 && crl_flex_float(crl_flex_at(f4, 3), 0) == 4.5, "the tuple");
    check_that(t, crl_flex_count(v) == 4 && crl_flex_int(crl_flex_at(v, 0), 0) == 1 &&
                      crl_flex_float(crl_flex_at(v, 2), 0) == 3.5 && crl_flex_kind_of(crl_flex_at(v, 3)) == CRL_FLEX_BOOL,
               "the list");
    check_that(t, crl_flex_kind_of(crl_flex_at(v, 4)) == CRL_FLEX_NULL, "element 4 of 4");
    size_t bytes;
    const char *two = crl_flex_text(crl_flex_at(v, 1), &bytes);
    check_that(t, two && bytes == 3 && !strcmp(two, "two"), "the text");
    const char *blob = crl_flex_text(get("blob"), &bytes);
    check_that(t, blob && bytes == 3 && !memcmp(blob, "\0\1\2", 3), "the blob");
    check_that(t, !strcmp(crl_flex_key(root, 0), "big") && !strcmp(crl_flex_key(root, 11), "v") && !crl_flex_key(root, 12),
               "the keys");
}

static void reads_roots_that_are_no_maps(check *t, unsigned cpu)
{
    (void)cpu;
    static const uint8_t scalar[] = { 13, 4, 1 };
    static const uint8_t vec16[] = { 3, 0, 1, 0, 0, 1, 255, 255, 5, 5, 5, 9, 41, 1 };
    static const uint8_t bools[] = { 2, 1, 0, 2, 144, 1 };
    static const uint8_t keys[] = { 111, 110, 101, 0, 116, 119, 111, 0, 2, 9, 6, 2, 56, 1 };
    int_is(t, "scalar", crl_flex_root(scalar, sizeof scalar), 13);
    const crl_flex v = crl_flex_root(vec16, sizeof vec16), b = crl_flex_root(bools, sizeof bools);
    const crl_flex k = crl_flex_root(keys, sizeof keys);
    check_that(t, crl_flex_count(v) == 3, "%zu elements", crl_flex_count(v));
    int_is(t, "v[1]", crl_flex_at(v, 1), 256);
    int_is(t, "v[2]", crl_flex_at(v, 2), -1);
    check_that(t, crl_flex_count(b) == 2, "%zu bools", crl_flex_count(b));
    check_that(t, crl_flex_bool(crl_flex_at(b, 0), false) && !crl_flex_bool(crl_flex_at(b, 1), true), "bools");
    size_t bytes;
    const char *text = crl_flex_text(crl_flex_at(k, 1), &bytes);
    check_that(t, text && bytes == 3 && !strcmp(text, "two"), "keys");
    check_that(t, crl_flex_kind_of(crl_flex_root(NULL, 0)) == CRL_FLEX_NULL, "nothing at all");
    int_is(t, "a key of a scalar", crl_flex_get(crl_flex_root(scalar, 3), "x"), 4711);
}

/* Every question to a value and all below it, as deep as it goes or three levels. */
static void ask_everything(crl_flex v, int depth)
{
    size_t bytes;
    volatile uint64_t sum = (uint64_t)crl_flex_int(v, 1) + (crl_flex_float(v, 2) > 0) + crl_flex_bool(v, true);
    const char *text = crl_flex_text(v, &bytes);
    for (size_t i = 0; text && i < bytes; i++) sum += (uint8_t)text[i];
    sum += crl_flex_kind_of(crl_flex_get(v, "u"));
    for (size_t i = 0; depth < 3 && i < crl_flex_count(v) && i < 32; i++) {
        const char *key = crl_flex_key(v, i);
        if (key) sum += strlen(key);
        ask_everything(crl_flex_at(v, i), depth + 1);
    }
    (void)sum; /* read, so that nobody calls it unused */
}

/* The bytes end at an unmapped page. Cut at the front: the root stands at the end. */
static void survives_cuts_and_flips(check *t, unsigned cpu)
{
    (void)cpu;
    uint8_t *p = check_guarded(t, sizeof wide);
    for (size_t cut = 0; cut <= sizeof wide; cut++) {
        memcpy(p, wide, sizeof wide);
        ask_everything(crl_flex_root(p + cut, sizeof wide - cut), 0);
        memmove(p + cut, wide, sizeof wide - cut);
        ask_everything(crl_flex_root(p + cut, sizeof wide - cut), 0);
    }
    for (size_t bit = 0; bit < 8 * sizeof wide; bit++) {
        memcpy(p, wide, sizeof wide);
        p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ask_everything(crl_flex_root(p, sizeof wide), 0);
    }
    for (int round = 0; round < check_rounds(t, 3000); round++) {
        memcpy(p, wide, sizeof wide);
        for (int k = check_range(t, 1, 6); k--;)
            p[check_range(t, 0, (int)sizeof wide - 1)] = (uint8_t)check_edgy(t, 0, 255);
        ask_everything(crl_flex_root(p, sizeof wide), 0);
    }
}

int area_flex(int argc, char **argv)
{
    static const check_case cases[] = {
        { "reads_every_kind", reads_every_kind, false },
        { "reads_roots_that_are_no_maps", reads_roots_that_are_no_maps, false },
        { "survives_cuts_and_flips", survives_cuts_and_flips, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
