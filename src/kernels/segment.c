/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of rows joined by segments. */
#include "kernels/segment.h"

#include <float.h>

static float join_f32(crl_segment_kind kind, float a, float b)
{
    switch (kind) {
    case CRL_SEGMENT_SUM: return a + b;
    case CRL_SEGMENT_PROD: return a * b;
    case CRL_SEGMENT_MAX: return a < b ? b : a;
    case CRL_SEGMENT_MIN: return b < a ? b : a;
    }
    return a;
}

static int32_t join_i32(crl_segment_kind kind, int32_t a, int32_t b)
{
    switch (kind) {
    case CRL_SEGMENT_SUM: return (int32_t)((uint32_t)a + (uint32_t)b);
    case CRL_SEGMENT_PROD: return (int32_t)((uint32_t)a * (uint32_t)b);
    case CRL_SEGMENT_MAX: return a < b ? b : a;
    case CRL_SEGMENT_MIN: return b < a ? b : a;
    }
    return a;
}

void crl_segment_f32_ref(float *out, const float *in, const int32_t *id, const crl_segments *s)
{
    static const float none[] = { 0, 1, -FLT_MAX, FLT_MAX };
    for (size_t i = 0; i < s->n_out * s->row; i++) out[i] = none[s->kind];
    for (size_t i = 0; i < s->n; i++) {
        float *to = id[i] < 0 ? NULL : out + (size_t)id[i] * s->row;
        for (size_t k = 0; to && k < s->row; k++) to[k] = join_f32(s->kind, to[k], in[i * s->row + k]);
    }
}

void crl_segment_i32_ref(int32_t *out, const int32_t *in, const int32_t *id, const crl_segments *s)
{
    static const int32_t none[] = { 0, 1, INT32_MIN, INT32_MAX };
    for (size_t i = 0; i < s->n_out * s->row; i++) out[i] = none[s->kind];
    for (size_t i = 0; i < s->n; i++) {
        int32_t *to = id[i] < 0 ? NULL : out + (size_t)id[i] * s->row;
        for (size_t k = 0; to && k < s->row; k++) to[k] = join_i32(s->kind, to[k], in[i * s->row + k]);
    }
}
