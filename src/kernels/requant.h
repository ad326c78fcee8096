/* SPDX-License-Identifier: Apache-2.0 */
/* The last step of a layer: int32 accumulators to uint8 outputs, one scale per channel.
 *
 *   fixed   out = clamp(zero_point + crl_scale_apply(acc, scale[c]), min, max)   two roundings: base/fixed.h
 *   real    out = clamp(zero_point + round(acc * real[c]), min, max)             in double, ties away from zero
 *   single  out = clamp(zero_point + rint((float)acc * single[c]), min, max)     in float, ties to even: the Edge TPU
 *
 * These are the definitions, for outputs of 8 and 16 bits, which the plain loops of layers call. What follows is for kernels
 * whose outputs are uint8.
 *
 * A kernel keeps 16 channels together as "lanes" and applies one of these forms to them:
 *
 *   FLOAT_CUT    rint(fma((float)acc, a, b)) + 128, three instructions, where the clamp hides the results of all negative
 *                accumulators (ReLU, ReLU6). Rounding to a float is the finer the smaller a number is, so that outputs from
 *                -128 on have a proof twice as often as those from 0 on; packing to bytes adds the 128 for 64 of them at once
 *   FLOAT_ANY    rint(fma((float)acc, a, acc < 0 ? -b : b)) + zero_point
 *   PATCHED_CUT  as FLOAT_CUT, one more for the accumulator `up`, one less for the accumulator `down`; seven
 *   PATCHED_ANY  as FLOAT_ANY, likewise
 *   EXACT_CUT    the two roundings in integers, some thirteen instructions; CUT as above
 *   EXACT_ANY    likewise, any sign
 *   REAL         the definition of `real`, in double, for lanes of which not all have a FLOAT form
 *   SUMS         none of these: accumulators are the results, of four bytes each (gemm.h)
 *
 * `single` is FLOAT_ANY with b = 0, by its definition: nothing is to be proved, and the clamp is never part of it, since the
 * zero point is added after the rounding.
 *
 * For `fixed` and `real` the FLOAT forms are proved, not approximate. Both they and the exact function never fall when acc rises, so
 * they are the same function if they agree on both sides of every step of the exact one, and there are at most
 * 255 steps. The proof decides that from how the two roundings of the form work (requant_prove.c); it runs once per
 * channel, at load, and holds for the accumulators that the layer's weights can reach. Nearly all channels have such
 * a form; of the others most miss one or two of the 510 comparisons, and those are patched. It needs the rounding
 * mode to be "to nearest", as it is unless a program changes MXCSR.
 *
 * A layer that wants another arithmetic gets another form here, and kernels that inline crl_requant_x16_* or
 * crl_requant_x8_* have it. */
#ifndef CRL_KERNELS_REQUANT_H
#define CRL_KERNELS_REQUANT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/pool.h>

#include "base/fixed.h"

/* What a layer asks for. One of `scale`, `real` and `single` is set; the arrays are borrowed and indexed by channel. */
typedef struct crl_requant {
    const crl_scale *scale;
    const double *real;
    const float *single;
    int32_t zero_point, min, max; /* min <= max, within the output's type; for kernels 0 <= min, max <= 255 */
} crl_requant;

/* The same from channel `first` on. */
static inline crl_requant crl_requant_from(crl_requant q, size_t first)
{
    if (q.scale) q.scale += first;
    if (q.real) q.real += first;
    if (q.single) q.single += first;
    return q;
}

/* Out of range becomes INT32_MIN, as the conversion instruction of x86 has it. */
static inline int32_t crl_requant_round(double v)
{
    const double r = round(v);
    return r > -2147483649.0 && r < 2147483648.0 ? (int32_t)r : INT32_MIN;
}

/* The zero point wraps. */
static inline int32_t crl_requant_place(int32_t v, const crl_requant *q)
{
    return crl_clamp((int32_t)((uint32_t)v + (uint32_t)q->zero_point), q->min, q->max);
}

/* Clamped first, so that every product has its place. min - zero_point is a float: there are outputs of 16 bits at most. */
static inline int32_t crl_requant_place_single(float v, const crl_requant *q)
{
    const float min = (float)(q->min - q->zero_point), max = (float)(q->max - q->zero_point);
    return (int32_t)lrintf(v < min ? min : v > max ? max : v) + q->zero_point;
}

/* The definition: the output of channel c. */
static inline int32_t crl_requant_apply(int32_t acc, const crl_requant *q, size_t c)
{
    if (q->single) return crl_requant_place_single((float)acc * q->single[c], q);
    return crl_requant_place(q->real ? crl_requant_round(acc * q->real[c]) : crl_scale_apply(acc, q->scale[c]), q);
}

/* The same for accumulators of 64 bits, which `fixed` scales by crl_scale_apply_wide. */
static inline int32_t crl_requant_apply_wide(int64_t acc, const crl_requant *q, size_t c)
{
    if (q->single) return crl_requant_place_single((float)acc * q->single[c], q);
    const int32_t v = q->real ? crl_requant_round((double)acc * q->real[c]) : crl_scale_apply_wide(acc, q->scale[c]);
    return crl_requant_place(v, q);
}

/* A scale below 2^-32 is 0: a channel that training has silenced gives its zero point whatever its accumulators are, and these
 * often leave 32 bits, since its bias was divided by that scale. */
static inline bool crl_requant_is_silent(const crl_requant *q, size_t c)
{
    return q->scale && !q->scale[c].mult;
}

/* What has one scale, and not `real`, by its values: in a loop over elements no store can change them, so nothing is loaded and
 * asked again. */
typedef struct crl_requant_one {
    crl_requant q; /* whose arrays are not looked at */
    crl_scale scale;
    float single;
    bool is_single;
} crl_requant_one;

static inline crl_requant_one crl_requant_one_of(const crl_requant *q)
{
    return (crl_requant_one){ .q = *q, .scale = q->scale ? *q->scale : (crl_scale){ 0, 0 },
                              .single = q->single ? *q->single : 0, .is_single = q->single };
}

static inline int32_t crl_requant_apply_one(int32_t acc, const crl_requant_one *one)
{
    return one->is_single ? crl_requant_place_single((float)acc * one->single, &one->q)
                          : crl_requant_place(crl_scale_apply(acc, one->scale), &one->q);
}

/* The accumulators that a channel can reach, both ends included. */
typedef struct crl_requant_range {
    int32_t min, max;
} crl_requant_range;

/* By what they cost: see crl_requant_form_common. */
typedef enum crl_requant_form {
    CRL_REQUANT_FLOAT_CUT,
    CRL_REQUANT_FLOAT_ANY,
    CRL_REQUANT_PATCHED_CUT,
    CRL_REQUANT_PATCHED_ANY,
    CRL_REQUANT_EXACT_CUT,
    CRL_REQUANT_EXACT_ANY,
    CRL_REQUANT_REAL,
    CRL_REQUANT_SUMS /* of gemm.h: no requantisation at all */
} crl_requant_form;

/* Parameters of 16 lanes. Align to 64 bytes: kernels load whole vectors. */
typedef struct crl_requant_lanes {
    union {
        struct {
            float a[16], b[16]; /* FLOAT, PATCHED */
        } f;
        double real[16]; /* REAL */
    } u;
    int32_t mult[16]; /* EXACT: scale.mult, */
    int32_t left[16]; /* its shift to the left, */
    int32_t right[16]; /* to the right, */
    int32_t half[16]; /* and half of 2^right, 0 for right == 0 */
    int32_t up[16], down[16]; /* PATCHED: accumulators, CRL_REQUANT_NONE where there is nothing to patch */
} crl_requant_lanes;

/* What FLOAT_CUT takes from outputs before they are rounded. */
#define CRL_REQUANT_CENTRE 128

/* No accumulator: below all that fit. */
#define CRL_REQUANT_NONE INT32_MIN

/* What was found for a channel. */
typedef struct crl_requant_proof {
    float a, b;
    int32_t up, down; /* CRL_REQUANT_NONE in both: no patch */
    bool found;
    bool any; /* of a FLOAT_ANY form, though a CUT one would do: all channels of the layer are */
} crl_requant_proof;

/* The exact function of one channel as the list of its steps: what a proof looks at. */
typedef struct crl_requant_steps {
    double scale, offset;  /* output begins at k - 1/2 -+ offset, in units of acc * scale: see requant_prove.c */
    int32_t zero_point;
    int32_t first, n;      /* outputs first .. first + n - 1 begin at a reachable accumulator, */
    int32_t at[256 + 16];  /* namely at[i]; the rest is slack for vectors */
} crl_requant_steps;

typedef void crl_requant_lanes_fn(uint8_t out[16], const int32_t acc[16], const crl_requant_lanes *lanes,
                                  crl_requant_form form, const crl_requant *q);

typedef struct crl_requant_kernels {
    /* 16 outputs in the order of the lanes: the form, and the clamp of q. For places where speed is no matter. */
    crl_requant_lanes_fn *lanes;
    /* The loops of a proof, NULL where no kernel uses the FLOAT forms. A level changes their speed only. */
    /* Fills at[]. */
    void (*steps)(crl_requant_steps *s);
    /* With a, the form (FLOAT_CUT or FLOAT_ANY) meets every step if *lo < b < *hi. An empty interval: with no b. */
    void (*bounds)(const crl_requant_steps *s, double a, crl_requant_form form, double *lo, double *hi);
    /* The three strictest of these bounds, infinite where there are fewer; lo falls, hi rises. */
    void (*strictest)(const crl_requant_steps *s, double a, crl_requant_form form, double lo[3], double hi[3]);
    /* How many comparisons does the form, FLOAT_CUT or FLOAT_ANY, miss, with the operations of the kernels? Counts
     * no further than one accumulator that is too low (proof->up) and one that is too high (proof->down): 0, 1, 2,
     * or 3 for more. a and b are those of the proof. */
    int (*check)(const crl_requant_steps *s, crl_requant_proof *proof, crl_requant_form form);
} crl_requant_kernels;

/* The form that serves lanes of two forms of one layer: every slower form has what it needs in all lanes. */
static inline crl_requant_form crl_requant_form_common(crl_requant_form a, crl_requant_form b)
{
    return a > b ? a : b;
}

/* Fills the slots with the best variants that `cpu` allows. */
void crl_requant_kernels_init(crl_requant_kernels *k, unsigned cpu);

/* Can the forms serve this channel? They need |acc * scale| below 2^30, for shifts to the left |acc| * 2^left likewise,
 * and no overflow in what lies between, which only a malformed or monstrous model exceeds. (Past the range of int32 the
 * definition wraps, and how depends on the zero point, which is another one in kernel form.) */
bool crl_requant_fits(const crl_requant *q, size_t c, crl_requant_range range);

/* Of a channel whose output is one and the same over the whole range, because its filter is 0 or hardly counts: what may be added
 * to its bias, so that accumulators are as near to 0 as that output lets them be. 0 for others, and where the range has 0 in it. A
 * bias of -2^31, which is what converters write where a scale is next to nothing, then keeps no layer from a kernel. */
int64_t crl_requant_nearer(const crl_requant *q, size_t c, crl_requant_range range);

/* Looks for the float forms of channels 0 .. n-1, which fit (crl_requant_fits).
 *
 * range   reachable accumulators of each channel
 * k       with NULL, or without loops for the proof, nothing is proved. For layers with a handful of pixels that is
 *         right: the proof would cost more than it saves.
 * pool    whose threads search as well; NULL: the caller alone. Any gives the same.
 * One scale for all channels, as uint8 models have it, is proved once, for all that any channel reaches. Where FLOAT_CUT fails for a few,
 * all channels are tried with FLOAT_ANY: outputs near the zero point are far from the centre, and such of small scales want finer floats. */
void crl_requant_prove(crl_requant_proof *proof, const crl_requant *q, size_t n, const crl_requant_range *range,
                       const crl_requant_kernels *k, crl_pool *pool);

/* Parameters of 16 lanes. Lane i does channel[i]; a negative one does nothing and gives zero_point.
 * Returns the fastest form that serves all 16. proof: [channels] of q->scale, not looked at where another kind is set. */
crl_requant_form crl_requant_lanes_init(crl_requant_lanes *lanes, const crl_requant *q,
                                        const crl_requant_proof *proof, const int32_t channel[16]);

/* Notes one missed comparison: x is an accumulator that is too low or too high. Returns the new count of `check`. */
int crl_requant_miss(crl_requant_proof *proof, int misses, int32_t x, bool low);

crl_requant_lanes_fn crl_requant_lanes_ref, crl_requant_lanes_avx2, crl_requant_lanes_avx512vnni, crl_requant_lanes_neon;
void crl_requant_steps_avx2(crl_requant_steps *s);
void crl_requant_bounds_avx2(const crl_requant_steps *s, double a, crl_requant_form form, double *lo, double *hi);
void crl_requant_strictest_avx2(const crl_requant_steps *s, double a, crl_requant_form form, double lo[3], double hi[3]);
int crl_requant_check_avx2(const crl_requant_steps *s, crl_requant_proof *proof, crl_requant_form form);
void crl_requant_steps_avx512vnni(crl_requant_steps *s);
void crl_requant_bounds_avx512vnni(const crl_requant_steps *s, double a, crl_requant_form form, double *lo, double *hi);
void crl_requant_strictest_avx512vnni(const crl_requant_steps *s, double a, crl_requant_form form, double lo[3], double hi[3]);
int crl_requant_check_avx512vnni(const crl_requant_steps *s, crl_requant_proof *proof, crl_requant_form form);

#endif
