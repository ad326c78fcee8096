/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of units, and the form that serves all channels of one. */
#include "kernels/unit16.h"

#include <math.h>

#include "base/error.h"

static int64_t bias_of(const crl_unit16_spec *s, int32_t c)
{
    if (s->wide) return s->wide_bias ? s->wide_bias[c] : 0;
    return s->narrow_bias ? s->narrow_bias[c] : 0;
}

/* The most that a sum of this channel can be, with its bias, as a float that is not too small. */
static double reach(const crl_unit16_spec *s, int32_t c, const uint64_t *weights)
{
    return (double)weights[c] * 32768 + fabs((double)bias_of(s, c)) + 1;
}

static int32_t wide_mult(crl_scale s)
{
    return s.mult < 0x7FFF0000 ? (s.mult + (1 << 15)) >> 16 : 0x7FFF;
}

/* Results that fit 32 bits with room: beyond, definitions wrap or give the lowest number. */
static bool is_wide(const crl_unit16_spec *s, int32_t c, double most)
{
    const crl_scale scale = s->requant.scale[c];
    if (crl_requant_is_silent(&s->requant, (size_t)c)) return true;
    return most < 0x1p37 && ldexp(most * wide_mult(scale), scale.shift - 15) < 0x1p30;
}

static bool is_fixed(const crl_unit16_spec *s, int32_t c, double most)
{
    if (most >= 0x1p31) return false;
    return crl_requant_fits(&s->requant, (size_t)c, (crl_requant_range){ -(int32_t)most, (int32_t)most });
}

static bool is_real(const crl_unit16_spec *s, int32_t c, double most)
{
    return most < (s->wide ? 0x1p52 : 0x1p31) && most * fabs(s->requant.real[c]) < 0x1p30;
}

static crl_unit16_form form_of(const crl_unit16_spec *s, int32_t first, int32_t columns, const uint64_t *weights, bool pieces,
                               bool integers)
{
    const crl_unit16_form form = s->requant.real ? CRL_UNIT16_REAL : s->wide ? CRL_UNIT16_WIDE : CRL_UNIT16_FIXED;
    bool serves = !s->requant.single && !s->requant.zero_point && !(pieces && integers);
    for (int32_t c = first; serves && c < first + columns; c++) {
        const double most = reach(s, c, weights);
        serves = form == CRL_UNIT16_REAL ? is_real(s, c, most) : form == CRL_UNIT16_WIDE ? is_wide(s, c, most) : is_fixed(s, c, most);
    }
    /* REAL adds the bias to 32 bits where there are no doubles. */
    if (form == CRL_UNIT16_REAL && integers)
        for (int32_t c = first; serves && c < first + columns; c++) serves = reach(s, c, weights) < 0x1p31;
    return serves ? form : CRL_UNIT16_PLAIN;
}

static crl_status wide_lanes(crl_unit16 *u, const crl_unit16_spec *s, int32_t lanes, crl_pile *pile, crl_error *err)
{
    double *a = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *a), *b = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *b);
    int64_t *add = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *add);
    int32_t *mult = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *mult), *right = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *right);
    if (!a || !b || !add || !mult || !right) return crl_fail_memory(err, "scales of a layer");
    for (int32_t i = 0; i < 2 * lanes; i++) {
        const int32_t column = crl_unit16_column(i / lanes, i % lanes), c = u->first + column;
        if (column >= u->columns) continue;
        const crl_scale scale = s->requant.scale[c];
        mult[i] = wide_mult(scale);
        right[i] = 15 - scale.shift;
        a[i] = ldexp(mult[i], -right[i]);
        b[i] = (double)(mult[i] ? bias_of(s, c) : 0) * a[i] + (right[i] > 0 ? ldexp(1, -right[i] - 1) : 0);
        add[i] = (mult[i] ? bias_of(s, c) * mult[i] : 0) + (right[i] > 0 ? INT64_C(1) << (right[i] - 1) : 0);
    }
    u->a = a;
    u->b = b;
    u->add = add;
    u->mult = mult;
    u->right = right;
    return CRL_OK;
}

/* FIXED and REAL, sums of 32 bits: scales as of lanes of 8 bits, and the bias. */
static crl_status narrow_lanes(crl_unit16 *u, const crl_unit16_spec *s, int32_t lanes, crl_pile *pile, crl_error *err)
{
    crl_requant_lanes *fixed = crl_pile_array(pile, CRL_UNIT16_MOST / 16, sizeof *fixed);
    int32_t *start = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *start);
    crl_requant_proof proof[CRL_UNIT16_MOST] = { { 0 } };
    if (!fixed || !start) return crl_fail_memory(err, "scales of a layer");
    const crl_requant q = crl_requant_from(s->requant, (size_t)u->first);
    for (int32_t i = 0; i < 2 * lanes; i += 16) {
        int32_t channel[16];
        for (int32_t k = 0; k < 16; k++) {
            const int32_t at = i + k, column = at < 2 * lanes ? crl_unit16_column(at / lanes, at % lanes) : u->columns;
            channel[k] = column < u->columns ? column : -1;
            if (column < u->columns) start[at] = (int32_t)bias_of(s, u->first + column);
        }
        crl_requant_lanes_init(&fixed[i / 16], &q, q.real ? NULL : proof, channel);
    }
    u->fixed = fixed;
    u->start = start;
    return CRL_OK;
}

static crl_status real_lanes(crl_unit16 *u, const crl_unit16_spec *s, int32_t lanes, crl_pile *pile, crl_error *err)
{
    double *a = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *a), *b = crl_pile_array(pile, CRL_UNIT16_MOST, sizeof *b);
    if (!a || !b) return crl_fail_memory(err, "scales of a layer");
    for (int32_t i = 0; i < 2 * lanes; i++) {
        const int32_t column = crl_unit16_column(i / lanes, i % lanes);
        if (column >= u->columns) continue;
        a[i] = s->requant.real[u->first + column];
        b[i] = (double)bias_of(s, u->first + column);
    }
    u->a = a;
    u->b = b;
    return CRL_OK;
}

crl_status crl_unit16_init(crl_unit16 *u, const crl_unit16_spec *spec, int32_t first, int32_t columns, int32_t lanes,
                           const uint64_t *weights, bool pieces, bool integers, crl_pile *pile, crl_error *err)
{
    *u = (crl_unit16){ .form = form_of(spec, first, columns, weights, pieces, integers), .first = first, .columns = columns };
    switch (u->form) {
    case CRL_UNIT16_WIDE: return wide_lanes(u, spec, lanes, pile, err);
    case CRL_UNIT16_FIXED: return narrow_lanes(u, spec, lanes, pile, err);
    case CRL_UNIT16_REAL: return integers ? narrow_lanes(u, spec, lanes, pile, err) : real_lanes(u, spec, lanes, pile, err);
    default: return CRL_OK;
    }
}

void crl_unit16_plain(int16_t *out, const int64_t *sums, const crl_unit16 *u, const crl_unit16_spec *spec, int32_t lanes)
{
    for (int32_t i = 0; i < 2 * lanes; i++) {
        const int32_t column = crl_unit16_column(i / lanes, i % lanes), c = u->first + column;
        if (column >= u->columns) continue;
        const uint64_t sum = (uint64_t)sums[i] + (uint64_t)bias_of(spec, c);
        out[column] = (int16_t)(spec->wide ? crl_requant_apply_wide((int64_t)sum, &spec->requant, (size_t)c)
                                           : crl_requant_apply((int32_t)(uint32_t)sum, &spec->requant, (size_t)c));
    }
}
