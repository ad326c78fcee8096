/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with programs: nothing with real ones, and whatever is broken in them. */
#include <corallite/package.h>

#include <stdio.h>
#include <string.h>

#include "areas.h"
#include "check.h"
#include "make.h"
#include "real.h"

typedef struct heard {
    char text[512]; /* all faults */
    int n;
} heard;

static void hear(void *user, const char *text)
{
    heard *h = user;
    const size_t used = strlen(h->text);
    snprintf(h->text + used, sizeof h->text - used, "%s; ", text);
    h->n++;
}

static void is_sound(check *t, const char *name, const crl_package *p)
{
    heard h = { "", 0 };
    crl_error err = { .text = "" };
    check_that(t, !crl_package_verify(p, hear, &h, &err), "%s: %s", name, err.text);
    check_that(t, !h.n, "%s: %d faults, %s", name, h.n, h.text);
    bool together = true;
    check_that(t, !crl_packages_together(p, p, &together, &err) && together == !p->caching->parameter_bytes, "%s: beside itself", name);
}

static void real_ones_are_sound(check *t, unsigned cpu)
{
    (void)cpu;
    real_packages(t, is_sound);
}

/* ---- one thing wrong with a program that is written here -------------------------------------- */

/* A program of the package is one of the sound ones, with `to` in the place of `from`. */
static bool put_program(check *t, made *m, int e, const char *text, const char *from, const char *to)
{
    return check_that(t, made_program(m, e, text, from, to), "no \"%s\"", from ? from : "");
}

static void finds_what_is_wrong(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        int program; /* 0 runs, 1 caches */
        const char *from, *to, *says;
    } cases[] = {
        { 0, NULL, NULL, NULL },
        { 1, "sequence=1", "sequence=2", "the caching program: instruction 8 has number 2, 1 is next" },
        { 1, "halt code=4", "halt code=1", "halts with code 1, 4 is expected" },
        { 1, "start bits=2432", "start bits=2176", "says that 2176 bits follow, there are 2432" },
        { 1, "alu\nend", "end", "says that 2432 bits follow, there are 2304" },
        { 1, "alu\nalu\nend", "end", "does not go from one start to one halt" },
        { 1, "alu\nend", "alu store=0xc\nend", "does not go from one start to one halt" },
        { 1, "b=0x40", "b=0x41", "asks for 65 bytes, which makes 65 of hint 1's 64" },
        { 1, "to=8 b=0x2", "to=8 b=0x1", "asks for a transfer of kind 1, hint 1 is of kind 2" },
        { 0, "a=7 b=0x8", "a=7 b=0x7", "asks for a transfer of kind 4, hint 2 is of kind 3" },
        { 0, "alu store=0xa store_at=0x3 store_from=8\nalu store=0xc\nhalt", "alu store=0xa store_at=0x3 store_from=8\nalu\nhalt",
          "no transfer is asked for that hint 3 is for" },
        { 0, "to=8000", "to=64", "parameters at units 64 to 67 of wide memory are written over, at 64 to 67" },
        { 0, "to=8000", "to=8318", "up to unit 8322 of wide memory, which has 8320" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        made m;
        crl_package *p = NULL;
        heard h = { "", 0 };
        crl_error err = { .text = "" };
        made_begin(&m);
        const bool ready = put_program(t, &m, 0, made_running, cases[i].program ? NULL : cases[i].from, cases[i].to) &&
                           put_program(t, &m, 1, made_caching, cases[i].program ? cases[i].from : NULL, cases[i].to);
        made_finish(&m);
        if (ready && check_that(t, !crl_package_open(&p, &m.model, 0, &err), "%s", err.text) &&
            check_that(t, !crl_package_verify(p, hear, &h, &err), "%s", err.text)) {
            if (cases[i].says)
                check_that(t, h.n && strstr(h.text, cases[i].says), "wanted \"%s\", got %d, \"%s\"", cases[i].says, h.n, h.text);
            else
                check_that(t, !h.n, "case %zu: %s", i, h.text);
        }
        crl_package_close(p);
        made_end(&m);
    }
}

int area_package_verify(int argc, char **argv)
{
    static const check_case cases[] = {
        { "finds_what_is_wrong", finds_what_is_wrong, false },
        { "real_ones_are_sound", real_ones_are_sound, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
