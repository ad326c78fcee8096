/* SPDX-License-Identifier: Apache-2.0 */
/* Least cost by shortest augmenting paths (assign.h).
 *
 * Column columns + i belongs to row i alone and means that it gets none. Prices keep every cost, less what its row and its
 * column are paid, at 0 or above, and at 0 for pairs that are made; so a path is searched as Dijkstra does it. */
#include "track/assign.h"

#include <math.h>

/* What it costs to give column j to row i at the prices of today. */
static double reduced(const crl_assignment *a, const float *cost, int32_t i, int32_t j)
{
    return (double)cost[j] - a->row_price[i] - a->column_price[j];
}

/* Row i, which a path reached with the length `so_far`, offers all columns that are left a path through it. */
static void offer(crl_assignment *a, const float *cost, int32_t columns, float limit, int32_t i, int32_t from, double so_far)
{
    for (int32_t j = 0; j < columns; j++) {
        if (a->done[j] || cost[j] >= limit) continue;
        const double length = so_far + reduced(a, cost, i, j);
        if (length < a->shortest[j]) {
            a->shortest[j] = length;
            a->before[j] = from;
        }
    }
    const int32_t own = columns + i;
    const double length = so_far + (double)limit - a->row_price[i] - a->column_price[own];
    if (!a->done[own] && length < a->shortest[own]) {
        a->shortest[own] = length;
        a->before[own] = from;
    }
}

static int32_t nearest(const crl_assignment *a, int32_t n)
{
    int32_t best = -1;
    for (int32_t j = 0; j < n; j++)
        if (!a->done[j] && (best < 0 || a->shortest[j] < a->shortest[best])) best = j;
    return best;
}

/* Finds a column for row r, moving others. There always is one: its own. */
static void place(crl_assignment *a, const float *cost, int32_t stride, int32_t rows, int32_t columns, float limit, int32_t r)
{
    const int32_t n = columns + rows;
    for (int32_t j = 0; j < n; j++) {
        a->shortest[j] = INFINITY;
        a->done[j] = false;
    }
    offer(a, cost + (int64_t)r * stride, columns, limit, r, -1, 0);
    int32_t end = nearest(a, n);
    while (a->row_of[end] >= 0) {
        const int32_t i = a->row_of[end];
        a->done[end] = true;
        offer(a, cost + (int64_t)i * stride, columns, limit, i, end, a->shortest[end]);
        end = nearest(a, n);
    }
    const double length = a->shortest[end];
    a->row_price[r] += length;
    for (int32_t j = 0; j < n; j++) {
        if (!a->done[j]) continue;
        a->column_price[j] += a->shortest[j] - length;
        a->row_price[a->row_of[j]] += length - a->shortest[j];
    }
    for (int32_t at = end; at >= 0; at = a->before[at]) a->row_of[at] = a->before[at] < 0 ? r : a->row_of[a->before[at]];
}

void crl_assign(crl_assignment *a, const float *cost, int32_t stride, int32_t rows, int32_t columns, float limit,
                int32_t *of_row)
{
    for (int32_t i = 0; i < rows; i++) {
        a->row_price[i] = 0;
        of_row[i] = -1;
    }
    for (int32_t j = 0; j < columns + rows; j++) {
        a->column_price[j] = 0;
        a->row_of[j] = -1;
    }
    for (int32_t r = 0; r < rows; r++) place(a, cost, stride, rows, columns, limit, r);
    for (int32_t j = 0; j < columns; j++)
        if (a->row_of[j] >= 0) of_row[a->row_of[j]] = j;
}
