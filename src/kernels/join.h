/* SPDX-License-Identifier: Apache-2.0 */
/* Two elements of a type joined to one: the arithmetic of StableHLO operators, which looks at no scale.
 *
 * Integers wrap around; BOOL is 0 or 1, and a sum of two of them is 1 when one is; a FLOAT16 is rounded after each step.
 * Source: TensorFlow Lite, kernels/stablehlo_elementwise.h, stablehlo_scatter.cc, stablehlo_reduce_window.cc. */
#ifndef CRL_KERNELS_JOIN_H
#define CRL_KERNELS_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/tensor.h>

typedef enum crl_join_kind {
    CRL_JOIN_NONE,     /* b */
    CRL_JOIN_ADD,
    CRL_JOIN_MUL,
    CRL_JOIN_MAX,      /* a where one is NaN */
    CRL_JOIN_MIN,
    CRL_JOIN_MAX_LAST, /* b where one is NaN */
    CRL_JOIN_MIN_LAST,
    CRL_JOIN_BITS_AND, /* integers only, as the next one */
    CRL_JOIN_SHIFT,    /* a to the left by b, of which the lower five bits count */
    CRL_JOIN_ALL,      /* 1 when neither is 0 */
    CRL_JOIN_ANY
} crl_join_kind;

/* Types that can be joined: FLOAT16, FLOAT32, FLOAT64, BOOL, integers of 8 to 64 bits. */
bool crl_join_has(crl_type type);
/* out, a and b may be the same. */
void crl_join_one(crl_join_kind kind, crl_type type, void *out, const void *a, const void *b);

enum { CRL_JOIN_MOST_RANK = 6 };

/* Windows that slide over a tensor which is stretched (dilated) and framed (padded, or cut where `low` is negative) by the
 * initial value; each becomes one element: the initial value joined with all of the window, the last axis first. */
typedef struct crl_join_windows {
    crl_join_kind kind;
    crl_type type;
    int32_t rank;
    int32_t in[CRL_JOIN_MOST_RANK], out[CRL_JOIN_MOST_RANK];
    int32_t window[CRL_JOIN_MOST_RANK], stride[CRL_JOIN_MOST_RANK];
    int32_t stretch[CRL_JOIN_MOST_RANK];  /* steps from one element to the next */
    int32_t dilation[CRL_JOIN_MOST_RANK]; /* of the window */
    int32_t low[CRL_JOIN_MOST_RANK];      /* frame in front */
} crl_join_windows;

void crl_join_windows_ref(void *out, const void *in, const void *init, const crl_join_windows *w);

#endif
