/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of a tensor, and which range of numbers is worth 8 bits. */
#ifndef CRL_QUANTIZE_RANGES_H
#define CRL_QUANTIZE_RANGES_H

#include <corallite/quantize.h>

/* Numbers are counted in bins whose width is a power of 2, from a multiple of it on, and which become twice as wide when a number lies
 * past the last one. So two tensors have bins that fit into each other, and the order of numbers does not matter. */
enum { CRL_HISTOGRAM_HALF = 1024 };

/* Zeroed is nothing seen. */
typedef struct crl_histogram {
    bool seen;
    float low, high;
    int exponent;   /* of the bins' width */
    uint64_t zeros; /* which are in no bin: every range has a number for them */
    uint64_t *bins; /* [2 * HALF], from -HALF * width on; NULL: nothing but zeros, or not counted */
} crl_histogram;

/* false: `*bad` is the index of a number that is not finite; or, where it is n, there is no memory. `count`: in bins, too. */
bool crl_histogram_add(crl_histogram *s, const float *v, size_t n, bool count, size_t *bad);
void crl_histogram_release(crl_histogram *s);

/* *low <= 0 <= *high. */
void crl_histogram_range(const crl_histogram *s, crl_calibration how, double percentile, float *low, float *high);

#endif
