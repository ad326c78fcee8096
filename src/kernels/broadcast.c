/* SPDX-License-Identifier: Apache-2.0 */
/* Planning and walking of broadcasts. */
#include "kernels/broadcast.h"

/* Dimension i of a shape that is padded with ones in front to `rank`. */
static int32_t dim_at(const crl_shape *s, int32_t rank, int32_t i)
{
    const int32_t at = i - (rank - s->rank);
    return at < 0 ? 1 : s->dim[at];
}

void crl_broadcast_plan(crl_broadcast *p, const crl_shape *a, const crl_shape *b, const crl_shape *out)
{
    /* From the last dimension to the first: the plan is built backwards, then turned. */
    crl_broadcast r = { 0 };
    size_t na = 1, nb = 1; /* elements of the inputs behind this dimension */
    for (int32_t i = out->rank - 1; i >= 0; i--) {
        const size_t x = (size_t)dim_at(a, out->rank, i), y = (size_t)dim_at(b, out->rank, i);
        const size_t n = (size_t)out->dim[i];
        const size_t step_a = x == 1 ? 0 : na, step_b = y == 1 ? 0 : nb;
        na *= x;
        nb *= y;
        if (n == 1) continue;
        const int32_t k = r.rank - 1;
        const bool join = k >= 0 && step_a == r.step_a[k] * r.dim[k] && step_b == r.step_b[k] * r.dim[k];
        if (join) {
            r.dim[k] *= n;
        } else {
            r.dim[r.rank] = n;
            r.step_a[r.rank] = step_a;
            r.step_b[r.rank] = step_b;
            r.rank++;
        }
    }
    if (r.rank == 0) r = (crl_broadcast){ .rank = 1, .dim = { 1 }, .step_a = { 1 }, .step_b = { 1 } };
    *p = (crl_broadcast){ .rank = r.rank };
    for (int32_t i = 0; i < r.rank; i++) {
        p->dim[i] = r.dim[r.rank - 1 - i];
        p->step_a[i] = r.step_a[r.rank - 1 - i];
        p->step_b[i] = r.step_b[r.rank - 1 - i];
    }
}

void crl_broadcast_run(const crl_broadcast *p, void *out, size_t out_size, const void *a, size_t a_size, const void *b,
                       size_t b_size, crl_row_fn *row, const void *params)
{
    const int32_t last = p->rank - 1;
    for (int32_t i = 0; i <= last; i++)
        if (p->dim[i] == 0) return;
    size_t index[CRL_MAX_RANK] = { 0 };
    const uint8_t *pa = a, *pb = b;
    for (uint8_t *po = out;; po += p->dim[last] * out_size) {
        row(po, pa, p->step_a[last], pb, p->step_b[last], p->dim[last], params);
        int32_t d = last - 1;
        for (; d >= 0; d--) {
            pa += p->step_a[d] * a_size;
            pb += p->step_b[d] * b_size;
            if (++index[d] < p->dim[d]) break;
            pa -= p->step_a[d] * p->dim[d] * a_size;
            pb -= p->step_b[d] * p->dim[d] * b_size;
            index[d] = 0;
        }
        if (d < 0) return;
    }
}
