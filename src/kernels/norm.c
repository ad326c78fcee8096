/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of norms. */
#include "kernels/norm.h"

#include <math.h>

#include "kernels/element.h"
#include "kernels/fixed_exp.h"
#include "kernels/requant.h"
#include "kernels/spline.h"

void crl_l2_norm_ref(void *out, const void *in, crl_type type, const crl_norm *p)
{
    for (size_t r = 0; r < p->rows; r++) {
        const size_t at = r * p->depth;
        int32_t sum = 0;
        for (size_t i = 0; i < p->depth; i++) {
            const int32_t x = crl_load(in, at + i, type) - p->in_zero;
            sum = crl_wrap_add(sum, x * x);
        }
        crl_scale root = crl_fixed_inverse_root(sum);
        for (size_t i = 0; i < p->depth; i++) {
            const int32_t x = crl_load(in, at + i, type) - p->in_zero;
            /* UINT8 shifts to 1/128 before the multiplication, INT8 within its scale: they round differently. */
            int32_t v;
            if (type == CRL_UINT8)
                v = 128 + crl_scale_apply(128 * x, root);
            else
                v = crl_scale_apply(x, (crl_scale){ root.mult, root.shift + 7 });
            crl_store(out, at + i, type, crl_clamp(v, crl_type_min(type), crl_type_max(type)));
        }
    }
}

void crl_l2_norm_chip_ref(void *out, const void *in, crl_type type, const crl_norm *p)
{
    const float s = p->on_chip, square = s * s, unit = 65535 / (1 / s), factor = s * (1 / unit) * 128;
    const int32_t zero = type == CRL_UINT8 ? 128 : 0;
    const crl_requant q = { .single = &factor, .zero_point = zero, .min = crl_type_min(type), .max = crl_type_max(type) };
    for (size_t r = 0; r < p->rows; r++) {
        const size_t at = r * p->depth;
        int32_t sum = 0;
        for (size_t i = 0; i < p->depth; i++) {
            const int32_t x = crl_load(in, at + i, type) - p->in_zero;
            sum = crl_wrap_add(sum, x * x);
        }
        const float real = (float)sum * square;
        const float root = crl_spline_inverse_root(real > square ? real : square, unit);
        const int32_t whole = (int32_t)lrintf(root < 65535 ? root : 65535);
        for (size_t i = 0; i < p->depth; i++) {
            const int32_t x = crl_load(in, at + i, type) - p->in_zero;
            crl_store(out, at + i, type, crl_requant_apply(x * whole, &q, 0));
        }
    }
}

void crl_l2_norm_f32_ref(float *out, const float *in, const crl_norm *p)
{
    for (size_t r = 0; r < p->rows; r++) {
        const float *x = in + r * p->depth;
        float *y = out + r * p->depth;
        float sum = 0;
        for (size_t i = 0; i < p->depth; i++) sum += x[i] * x[i];
        const float root = sqrtf(sum), norm = root < 1e-6f ? 1e-6f : root;
        for (size_t i = 0; i < p->depth; i++) y[i] = x[i] / norm;
    }
}

void crl_local_response_f32_ref(float *out, const float *in, const crl_norm *p)
{
    const int64_t depth = (int64_t)p->depth;
    for (size_t r = 0; r < p->rows; r++) {
        const float *x = in + r * p->depth;
        float *y = out + r * p->depth;
        for (int64_t c = 0; c < depth; c++) {
            const int64_t first = c > p->radius ? c - p->radius : 0;
            const int64_t end = c + p->radius < depth ? c + p->radius : depth;
            float sum = 0;
            for (int64_t i = first; i < end; i++) sum += x[i] * x[i];
            y[c] = x[c] * powf(p->bias + p->alpha * sum, -p->beta);
        }
    }
}
