/* SPDX-License-Identifier: Apache-2.0 */
/* The search for two tables whose entries add up to a quantised sum, and their plain kernel. */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "kernels/blend_search.h"

enum {
    MOST = 10000,  /* of an entry: sums and differences fit 16 bits, with FREE as well */
    FREE = 20000,  /* no bound: two entries are never further apart */
    ROUNDS = 100   /* scales whose ratio is one of small numbers take some 30 */
};

static void find_bounds(crl_blend_search *s, const crl_blend_target *t, const crl_blend_kernels *k)
{
    uint8_t a[256], b[256], out[256];
    for (int i = 0; i < 256; i++) b[i] = (uint8_t)i;
    for (int i = 0; i < 256; i++) {
        for (int j = 0; j < 256; j++) a[j] = (uint8_t)i;
        k->sum(out, a, b, 256, t);
        for (int j = 0; j < 256; j++) {
            const int32_t first = out[j] << CRL_BLEND_TABLE_SHIFT, last = first + (1 << CRL_BLEND_TABLE_SHIFT) - 1;
            s->low[i][j] = (int16_t)(out[j] > t->min ? first : -FREE);
            s->high[i][j] = (int16_t)(out[j] < t->max ? last : FREE);
        }
    }
}

/* Where the real numbers are, half a step high, so that most entries need not rise; false: they do not fit. */
static bool begin(crl_blend_search *s, const crl_blend_target *t)
{
    const double unit = ldexp((double)t->scale.mult, t->scale.shift - 31 + CRL_BLEND_TABLE_SHIFT);
    const double zero = ldexp(t->zero + 1, CRL_BLEND_TABLE_SHIFT) - 1;
    const int32_t *a = t->fa, *b = t->fb;
    const double x0 = fmin(a[0], a[255]) * unit, x1 = fmax(a[0], a[255]) * unit;
    const double y0 = -fmax(b[0], b[255]) * unit - zero, y1 = -fmin(b[0], b[255]) * unit - zero;
    const double least = fmin(x0, y0), most = fmax(x1, y1), middle = (least + most) / 2;
    if (most - middle > MOST) return false;
    for (int i = 0; i < 256; i++) {
        s->x[i] = (int16_t)lrint(a[i] * unit - middle);
        s->y[i] = (int16_t)lrint(-b[i] * unit - zero - middle);
    }
    return true;
}

static bool within(const crl_blend_search *s)
{
    bool all = true;
    for (int i = 0; i < 256; i++) all = all && s->x[i] >= -MOST && s->y[i] >= -MOST;
    return all;
}

bool crl_blend_lower_ref(crl_blend_search *s)
{
    return crl_blend_lower(s);
}

crl_status crl_blend_fit_tables(crl_blend_tables *tables, bool *found, const crl_blend_target *t, const crl_blend_kernels *k,
                                crl_error *err)
{
    *found = false;
    if (!k->tables || !crl_blend_sum_fits(t)) return CRL_OK;
    crl_blend_search *s = crl_alloc(sizeof *s);
    if (!s) return crl_fail_memory(err, "the search for a sum's tables");
    if (begin(s, t)) {
        find_bounds(s, t, k);
        bool moved = true;
        for (int i = 0; i < ROUNDS && moved && within(s); i++) moved = (k->lower ? k->lower : crl_blend_lower_ref)(s);
        *found = !moved && within(s);
    }
    *tables = (crl_blend_tables){ .min = t->min, .max = t->max };
    for (int i = 0; i < 256; i++) {
        tables->a[i] = s->x[i];
        tables->b[i] = (int16_t)-s->y[i];
    }
    crl_free(s);
    return CRL_OK;
}

void crl_blend_tables_u8_ref(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend_tables *t)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)crl_clamp((t->a[a[i]] + t->b[b[i]]) >> CRL_BLEND_TABLE_SHIFT, t->min, t->max);
}
