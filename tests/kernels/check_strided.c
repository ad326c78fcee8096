/* SPDX-License-Identifier: Apache-2.0 */
/* The strided copy against one element after the other, with steps that repeat, run backwards and join up. */
#include <string.h>

#include "checks.h"
#include "kernels/move.h"
#include "kernels/strided.h"

enum { RANK = 4, MOST = 5 };

/* Element by element, with the dimensions as they were added. */
static void copy_plainly(uint8_t *out, const uint8_t *in, const crl_strided *s, int32_t d)
{
    if (d == s->rank) {
        memcpy(out, in, s->size);
        return;
    }
    for (size_t i = 0; i < s->dim[d]; i++)
        copy_plainly(out + (ptrdiff_t)i * s->out_step[d], in + (ptrdiff_t)i * s->in_step[d], s, d + 1);
}

/* Dimensions in another order: matrices on their side, with every remainder of 8 and of a square of 64. */
static void check_orders(check *t)
{
    for (int round = 0; round < check_rounds(t, 200); round++) {
        crl_strided s = { .size = (size_t)1 << check_range(t, 0, 3) };
        const int32_t rank = check_range(t, 2, RANK), most = rank == 2 ? 150 : rank == 3 ? 24 : 9;
        size_t dim[RANK];
        ptrdiff_t in_step[RANK], out_step[RANK], step = (ptrdiff_t)s.size;
        int32_t order[RANK] = { 0, 1, 2, 3 };
        for (int32_t d = rank - 1; d >= 0; d--) {
            dim[d] = (size_t)check_range(t, 1, check_range(t, 0, 3) ? most : 4);
            in_step[d] = step;
            step *= (ptrdiff_t)dim[d];
            const int32_t other = check_range(t, d, rank - 1), kept = order[d];
            order[d] = order[other];
            order[other] = kept;
        }
        const size_t bytes = (size_t)step;
        step = (ptrdiff_t)s.size;
        for (int32_t d = rank - 1; d >= 0; d--) {
            out_step[d] = step;
            step *= (ptrdiff_t)dim[order[d]];
        }
        uint8_t *in = check_guarded(t, bytes), *want = check_guarded(t, bytes), *got = check_guarded(t, bytes);
        check_fill(t, in, bytes);
        for (int32_t d = 0; d < rank; d++) crl_strided_add(&s, dim[order[d]], out_step[d], in_step[order[d]]);
        copy_plainly(want, in, &s, 0);
        crl_strided_finish(&s);
        crl_strided_copy(got, in, &s);
        if (!check_equal(t, want, got, bytes, "order, round %d, rank %d", round, rank)) return;
    }
}

/* n matrices of bytes on their side. */
static void bench(check *t, const char *name, size_t n, size_t rows, size_t columns)
{
    crl_strided s = { .size = 1 };
    crl_strided_add(&s, n, (ptrdiff_t)(rows * columns), (ptrdiff_t)(rows * columns));
    crl_strided_add(&s, columns, (ptrdiff_t)rows, 1);
    crl_strided_add(&s, rows, 1, (ptrdiff_t)columns);
    crl_strided_finish(&s);
    uint8_t *in = check_guarded(t, n * rows * columns), *out = check_guarded(t, n * rows * columns);
    check_name(t, name);
    check_bench(t, n * rows * columns, crl_strided_copy(out, in, &s));
}

void check_strided(check *t, unsigned cpu)
{
    (void)cpu;
    check_orders(t);
    for (int round = 0; round < check_rounds(t, 400); round++) {
        crl_strided s = { .size = (size_t)check_range(t, 1, check_range(t, 0, 3) ? 9 : 40) };
        const int32_t rank = check_range(t, 0, RANK);
        size_t dim[RANK];
        ptrdiff_t dense[RANK], step = (ptrdiff_t)s.size;
        for (int32_t d = rank - 1; d >= 0; d--) {
            dim[d] = (size_t)check_range(t, check_range(t, 0, 9) ? 1 : 0, MOST);
            dense[d] = step;
            step *= (ptrdiff_t)dim[d];
        }
        const size_t bytes = (size_t)step;
        uint8_t *in = check_guarded(t, bytes), *want = check_guarded(t, bytes), *got = check_guarded(t, bytes);
        const uint8_t *first = in;
        check_fill(t, in, bytes);
        for (int32_t d = 0; d < rank; d++) {
            const int kind = check_range(t, 0, 3); /* 0: repeat, 1: backwards, else as it is */
            if (kind == 1 && bytes) first += (ptrdiff_t)(dim[d] - 1) * dense[d];
            crl_strided_add(&s, dim[d], dense[d], kind == 0 ? 0 : kind == 1 ? -dense[d] : dense[d]);
        }
        if (bytes) copy_plainly(want, first, &s, 0);
        crl_strided_finish(&s);
        crl_strided_copy(got, first, &s);
        if (!check_equal(t, want, got, bytes, "round %d, rank %d", round, rank)) return;
    }

    bench(t, "56x56x64 to 64x56x56", 1, 56 * 56, 64);
    bench(t, "14x14x2x116 to 14x14x116x2", 14 * 14, 2, 116);
    bench(t, "14x14x116x2 to 14x14x2x116", 14 * 14, 116, 2);
}

/* Rows of all lengths, and not a byte between them. */
void check_copy_rows(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 600); round++) {
        const size_t bytes = (size_t)check_range(t, 0, 299), rows = (size_t)check_range(t, 1, 4);
        const size_t from = bytes + (size_t)check_range(t, 0, 1) * 7, to = bytes + (size_t)check_range(t, 0, 1) * 9;
        const size_t n_in = (rows - 1) * from + bytes, n_out = (rows - 1) * to + bytes;
        uint8_t *in = check_guarded(t, n_in), *want = check_guarded(t, n_out), *got = check_guarded(t, n_out);
        check_fill(t, in, n_in);
        memcpy(got, want, n_out);
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; i < bytes; i++) want[r * to + i] = in[r * from + i];
        crl_copy_rows(got, to, in, from, rows, bytes);
        if (!check_equal(t, want, got, n_out, "%zu rows of %zu, %zu and %zu apart", rows, bytes, from, to)) return;
    }
}
