/* SPDX-License-Identifier: Apache-2.0 */
/* The search for two tables whose entries add up to a quantised sum, and their plain kernel. */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "kernels/blend.h"

enum {
    MOST = 10000,  /* of an entry: sums and differences fit 16 bits, with FREE as well */
    FREE = 20000,  /* no bound: two entries are never further apart */
    ROUNDS = 100   /* scales whose ratio is one of small numbers take some 30 */
};

/* Entry b is -y[b]: x[a] - y[b] is to lie within low and high. */
typedef struct search {
    int16_t x[256], y[256];
    int16_t low[256][256], high[256][256];
} search;

static void find_bounds(search *s, const crl_blend_target *t, const crl_blend_kernels *k)
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
static bool begin(search *s, const crl_blend_target *t)
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

/* Lowers what exceeds a bound; whether anything did. */
static bool lower(search *s)
{
    bool moved = false;
    for (int i = 0; i < 256; i++) {
        int16_t least = s->x[i];
        for (int j = 0; j < 256; j++) {
            const int16_t most = (int16_t)(s->y[j] + s->high[i][j]);
            least = most < least ? most : least;
        }
        moved = moved || least < s->x[i];
        s->x[i] = least;
    }
    for (int i = 0; i < 256; i++) {
        const int16_t x = s->x[i];
        int16_t above = 0;
        for (int j = 0; j < 256; j++) {
            const int16_t most = (int16_t)(x - s->low[i][j]);
            above = (int16_t)(above | (most < s->y[j]));
            s->y[j] = most < s->y[j] ? most : s->y[j];
        }
        moved = moved || above;
    }
    return moved;
}

static bool within(const search *s)
{
    bool all = true;
    for (int i = 0; i < 256; i++) all = all && s->x[i] >= -MOST && s->y[i] >= -MOST;
    return all;
}

crl_status crl_blend_fit_tables(crl_blend_tables *tables, bool *found, const crl_blend_target *t, const crl_blend_kernels *k,
                                crl_error *err)
{
    *found = false;
    if (!k->tables || !crl_blend_sum_fits(t)) return CRL_OK;
    search *s = crl_alloc(sizeof *s);
    if (!s) return crl_fail_memory(err, "the search for a sum's tables");
    if (begin(s, t)) {
        find_bounds(s, t, k);
        bool moved = true;
        for (int i = 0; i < ROUNDS && moved && within(s); i++) moved = lower(s);
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
