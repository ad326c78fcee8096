/* SPDX-License-Identifier: Apache-2.0 */
/* Which forms are proved: a public compiled model of that very form comes out of its model byte for byte, but for the token. */
#include "compile/codegen/codegen.h"

#include <stdio.h>
#include <stdlib.h>

/* What the form of a public compiled model was. Source: the templates of LibrEdgeTPU. */
static const crl_form proved[] = {
    { .family = CRL_FAMILY_DENSE, .inputs = 256, .outputs = 256 },
    { .family = CRL_FAMILY_DENSE, .inputs = 512, .outputs = 512 },
    { .family = CRL_FAMILY_DENSE, .inputs = 1024, .outputs = 1024 },
};

static bool same(const crl_form *a, const crl_form *b)
{
    return a->family == b->family && a->inputs == b->inputs && a->outputs == b->outputs && a->is_signed == b->is_signed;
}

static int32_t distance(const crl_form *a, const crl_form *b)
{
    if (a->family != b->family) return INT32_MAX;
    return abs(a->inputs - b->inputs) + abs(a->outputs - b->outputs);
}

bool crl_form_proved(const crl_form *form, char *near)
{
    const crl_form *best = &proved[0];
    for (size_t i = 0; i < sizeof proved / sizeof proved[0]; i++) {
        if (same(form, &proved[i])) return true;
        if (distance(form, &proved[i]) < distance(form, best)) best = &proved[i];
    }
    crl_form_text(best, near);
    return false;
}
