/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of least cost against all that there are; filters against the same with whole matrices. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "track/assign.h"
#include "track/motion.h"

enum { SMALL = 6, LARGE = 200 };

typedef struct room {
    double row_price[LARGE], column_price[2 * LARGE], shortest[2 * LARGE];
    int32_t row_of[2 * LARGE], before[2 * LARGE];
    bool done[2 * LARGE];
} room;

static crl_assignment inside(room *r)
{
    return (crl_assignment){ r->row_price, r->column_price, r->shortest, r->row_of, r->before, r->done };
}

/* The least sum for rows from i on, where `used` columns are taken. */
static double least(const float *cost, int32_t stride, int32_t i, int32_t rows, int32_t columns, float limit, unsigned used)
{
    if (i == rows) return 0;
    double best = (double)limit + least(cost, stride, i + 1, rows, columns, limit, used);
    for (int32_t j = 0; j < columns; j++) {
        if (used >> j & 1 || cost[i * stride + j] >= limit) continue;
        const double sum = (double)cost[i * stride + j] + least(cost, stride, i + 1, rows, columns, limit, used | 1u << j);
        if (sum < best) best = sum;
    }
    return best;
}

static double sum_of(check *t, const float *cost, int32_t stride, int32_t rows, int32_t columns, float limit, const int32_t *of_row)
{
    bool used[LARGE] = { false };
    double sum = 0;
    for (int32_t i = 0; i < rows; i++) {
        const int32_t j = of_row[i];
        if (!check_that(t, j >= -1 && j < columns && (j < 0 || !used[j]), "row %d has column %d", i, j)) return -1;
        if (j >= 0) used[j] = true;
        if (!check_that(t, j < 0 || cost[i * stride + j] < limit, "row %d costs %g", i, j < 0 ? 0 : (double)cost[i * stride + j])) return -1;
        sum += (double)(j < 0 ? limit : cost[i * stride + j]);
    }
    return sum;
}

void check_assign(check *t, unsigned cpu)
{
    (void)cpu;
    static room r;
    for (int k = check_rounds(t, 2000); k > 0; k--) {
        const int32_t rows = check_range(t, 0, SMALL), columns = check_range(t, 0, SMALL), stride = columns + check_range(t, 0, 2);
        const float limit = (float)check_range(t, 1, 8) / 8;
        float cost[SMALL * (SMALL + 2)];
        int32_t of_row[SMALL];
        for (int32_t i = 0; i < rows * stride; i++) cost[i] = (float)check_range(t, 0, 8) / 8; /* many are equal */
        crl_assignment a = inside(&r);
        crl_assign(&a, cost, stride, rows, columns, limit, of_row);
        const double got = sum_of(t, cost, stride, rows, columns, limit, of_row);
        const double want = least(cost, stride, 0, rows, columns, limit, 0);
        if (!check_that(t, fabs(got - want) < 1e-9, "%d x %d, limit %g: %g, not %g", rows, columns, (double)limit, got, want)) return;
    }
}

/* Large ones have a solution that is known: each row's own column is a little cheaper than all others. */
void check_assign_large(check *t, unsigned cpu)
{
    (void)cpu;
    static room r;
    static float cost[LARGE * LARGE];
    int32_t own[LARGE], of_row[LARGE];
    for (int32_t i = 0; i < LARGE; i++) own[i] = i;
    for (int32_t i = LARGE - 1; i > 0; i--) {
        const int32_t j = check_range(t, 0, i), swapped = own[i];
        own[i] = own[j];
        own[j] = swapped;
    }
    for (int32_t i = 0; i < LARGE; i++)
        for (int32_t j = 0; j < LARGE; j++)
            cost[i * LARGE + j] = j == own[i] ? 0.4f : 0.5f + (float)check_range(t, 0, 1000) / 4000;
    crl_assignment a = inside(&r);
    crl_assign(&a, cost, LARGE, LARGE, LARGE, 0.9f, of_row);
    check_equal_s32(t, own, of_row, LARGE, "%d x %d", LARGE, LARGE);
}

/* ---- the filter, as the books have it: x = F x, P = F P F' + Q; K = P H' / (H P H' + R), x += K y, P = (I - K H) P ---- */

typedef struct book {
    double x[2], p[2][2];
} book;

static void book_predict(book *b, double steps, double size)
{
    const double f[2][2] = { { 1, steps }, { 0, 1 } };
    const double q[2] = { steps * size * size / 400, steps * size * size / 25600 };
    double fp[2][2] = { { 0 } };
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            for (int k = 0; k < 2; k++) fp[i][j] += f[i][k] * b->p[k][j];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            b->p[i][j] = i == j ? q[i] : 0;
            for (int k = 0; k < 2; k++) b->p[i][j] += fp[i][k] * f[j][k];
        }
    b->x[0] += steps * b->x[1];
}

static void book_correct(book *b, double seen, double size)
{
    const double s = b->p[0][0] + size * size / 400, gain[2] = { b->p[0][0] / s, b->p[1][0] / s }, off = seen - b->x[0];
    const double first[2] = { b->p[0][0], b->p[0][1] };
    for (int i = 0; i < 2; i++) {
        b->x[i] += gain[i] * off;
        for (int j = 0; j < 2; j++) b->p[i][j] -= gain[i] * first[j];
    }
}

void check_motion(check *t, unsigned cpu)
{
    (void)cpu;
    crl_box box = { 10, 20, 50, 100 };
    crl_motion m;
    crl_motion_start(&m, &box);
    book b = { { 30, 0 }, { { 16, 0 }, { 0, 6.25 } } };
    for (int i = 0; i < 200; i++) {
        const double steps = check_range(t, 0, 5) / 2.0, width = m.width.x > 1 ? m.width.x : 1;
        crl_motion_predict(&m, steps, i % 7 == 0);
        book_predict(&b, steps, width);
        box.x0 = (float)check_range(t, 0, 100) + 2 * (float)i;
        box.x1 = box.x0 + (float)check_range(t, 20, 60);
        const double now = m.width.x > 1 ? m.width.x : 1;
        crl_motion_correct(&m, &box);
        book_correct(&b, ((double)box.x0 + (double)box.x1) / 2, now);
        const double off = fabs(m.centre_x.x - b.x[0]) + fabs(m.centre_x.v - b.x[1]) + fabs(m.centre_x.xv - b.p[0][1]);
        if (!check_that(t, off < 1e-6, "after %d: off by %g", i, off)) return;
    }
    check_that(t, m.centre_x.xx > 0 && m.centre_x.vv > 0 && m.centre_x.xx * m.centre_x.vv > m.centre_x.xv * m.centre_x.xv, "covariances");
    for (int i = 0; i < 100; i++) { /* it shrinks to nothing */
        box.x1 = box.x0 + 0.01f;
        box.y1 = box.y0 + 0.01f;
        crl_motion_predict(&m, 1, false);
        crl_motion_correct(&m, &box);
        const crl_box got = crl_motion_box(&m);
        if (!check_that(t, got.x1 > got.x0 && got.y1 > got.y0, "no box any more")) return;
    }
}
