/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of matrices against the definition: transposed or not, a matrix that serves for all, sizes around a block. */
#include <string.h>

#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/fully_connected.h"
#include "kernels/matmul8.h"

/* One scale, of any kind. */
typedef struct one_scale {
    crl_scale fixed;
    float single;
} one_scale;

static void draw(check *t, crl_matmul *m, one_scale *s)
{
    *m = (crl_matmul){ .rank = 2, .dim = { (size_t)check_range(t, 1, 2), (size_t)check_range(t, 1, 3) },
                       .rows = (size_t)check_range(t, 1, 11), .cols = (size_t)check_range(t, 1, 40),
                       .depth = (size_t)check_edgy(t, 1, 70), .a_zero = check_edgy(t, -128, 127),
                       .b_zero = check_edgy(t, -128, 127),
                       .out = { .zero_point = check_edgy(t, -128, 127), .min = -128, .max = 127 } };
    s->fixed = (crl_scale){ check_edgy(t, 1 << 30, INT32_MAX), check_range(t, -14, 1) };
    s->single = ldexpf((float)s->fixed.mult, s->fixed.shift - 31);
    if (check_range(t, 0, 3))
        m->out.scale = &s->fixed;
    else
        m->out.single = &s->single;
    const bool turned_a = check_range(t, 0, 1), turned_b = check_range(t, 0, 1);
    m->row_a = turned_a ? 1 : m->depth;
    m->k_a = turned_a ? m->rows : 1;
    m->k_b = turned_b ? 1 : m->cols;
    m->col_b = turned_b ? m->depth : 1;
    const bool one_a = check_range(t, 0, 1), one_b = check_range(t, 0, 1);
    m->batch_a[1] = one_a ? 0 : m->rows * m->depth;
    m->batch_b[1] = one_b ? 0 : m->cols * m->depth;
    m->batch_a[0] = one_a ? m->rows * m->depth : m->dim[1] * m->rows * m->depth;
    m->batch_b[0] = one_b ? m->cols * m->depth : m->dim[1] * m->cols * m->depth;
}

void check_matmul8(check *t, unsigned cpu)
{
    check_name(t, "matmul8");
    crl_matmul8_fn *multiply = crl_matmul8_of(cpu);
    for (int round = 0; round < 300 && multiply; round++) {
        crl_matmul m;
        one_scale scale;
        draw(t, &m, &scale);
        const crl_matmul8 plain = { .m = m };
        if (!check_that(t, crl_matmul8_serves(&plain, cpu), "refused")) return;
        const size_t n_a = m.dim[0] * m.batch_a[0], n_b = m.dim[0] * m.batch_b[0], n = m.dim[0] * m.dim[1] * m.rows * m.cols;
        int8_t *a = check_guarded(t, n_a), *b = check_guarded(t, n_b), *want = check_guarded(t, n), *got = check_guarded(t, n);
        if (check_range(t, 0, 1)) check_fill_edgy_s8(t, a, n_a);
        if (check_range(t, 0, 1)) check_fill_edgy_s8(t, b, n_b);
        void *scratch = check_guarded(t, crl_matmul8_scratch(&m));
        const size_t batch = crl_matmul_batch(&m), half = (size_t)check_range(t, 0, (int32_t)batch);
        crl_matmul_s8_ref(want, a, b, &m);
        multiply(got, a, b, &plain, half, batch, scratch);
        multiply(got, a, b, &plain, 0, half, scratch);
        if (!check_equal(t, want, got, n, "%zu by %zu, sums over %zu, scale %d, %d", m.rows, m.cols, m.depth, scale.fixed.mult,
                         scale.fixed.shift)) return;
        check_release(t);
    }
}

/* FULLY_CONNECTED with weights that are computed: real scales, a bias, and bytes of either sign. */
void check_matmul8_fully(check *t, unsigned cpu)
{
    check_name(t, "matmul8");
    crl_matmul8_fn *multiply = crl_matmul8_of(cpu);
    for (int round = 0; round < 300 && multiply; round++) {
        check_release(t);
        const int32_t low = check_range(t, 0, 1) ? INT8_MIN : 0, lift = low ? 0 : 128;
        const double real = (double)check_range(t, 1, 1000) / (1 << 20);
        crl_fully f = { .batch = check_range(t, 1, 11), .in_n = check_edgy(t, 1, 70), .out_n = check_range(t, 1, 40),
                        .in_zero = check_edgy(t, low, low + 255), .filter_zero = check_edgy(t, low, low + 255),
                        .out = { .zero_point = check_edgy(t, low, low + 255), .min = check_range(t, low, low + 9), .max = low + 255 } };
        const size_t n_a = (size_t)(f.batch * f.in_n), n_b = (size_t)(f.out_n * f.in_n), n = (size_t)(f.batch * f.out_n);
        double *scale = check_guarded(t, (size_t)f.out_n * sizeof *scale);
        int32_t *bias = check_guarded(t, (size_t)f.out_n * sizeof *bias);
        for (int32_t o = 0; o < f.out_n; o++) {
            scale[o] = real;
            bias[o] = check_edgy(t, -1000000, 1000000);
        }
        f.out.real = scale;
        crl_requant out = f.out;
        out.zero_point -= lift;
        out.min -= lift;
        out.max -= lift;
        const crl_matmul8 m = { .m = { .rows = (size_t)f.batch, .cols = (size_t)f.out_n, .depth = (size_t)f.in_n,
                                       .row_a = (size_t)f.in_n, .k_a = 1, .k_b = 1, .col_b = (size_t)f.in_n,
                                       .a_zero = f.in_zero - lift, .b_zero = f.filter_zero - lift, .out = out },
                                .bias = check_range(t, 0, 1) ? bias : NULL,
                                .flip = lift ? 0x80 : 0 };
        if (!check_that(t, crl_matmul8_serves(&m, cpu), "refused")) return;
        uint8_t *a = check_guarded(t, n_a), *b = check_guarded(t, n_b), *want = check_guarded(t, n), *got = check_guarded(t, n);
        if (check_range(t, 0, 1)) check_fill_edgy_u8(t, a, n_a);
        if (low)
            crl_fully_s8_ref((int8_t *)want, (int8_t *)a, (int8_t *)b, m.bias, &f);
        else
            crl_fully_u8_ref(want, a, b, m.bias, &f);
        multiply((int8_t *)got, (int8_t *)a, (int8_t *)b, &m, 0, 1, check_guarded(t, crl_matmul8_scratch(&m.m)));
        if (!check_equal(t, want, got, n, "%d by %d, sums over %d, scale %g", f.batch, f.out_n, f.in_n, real)) return;
    }
}
