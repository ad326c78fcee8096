/* SPDX-License-Identifier: Apache-2.0 */
/* Sums in four lanes: see lanes.h. */
#include "kernels/lanes.h"

static float add_from(float sum, const float *a, const float *b, size_t first, size_t n)
{
    for (size_t i = first; i < n; i++) sum += a[i] * b[i];
    return sum;
}

float crl_lanes_add_products(float sum, const float *a, const float *b, size_t n)
{
    float lane[4] = { 0 };
    const size_t whole = n - n % 4;
    for (size_t i = 0; i < whole; i++) lane[i % 4] += a[i] * b[i];
    return add_from(sum + (lane[0] + lane[1] + lane[2] + lane[3]), a, b, whole, n);
}

float crl_lanes_sum(const float *a, size_t n)
{
    float lane[4] = { 0 };
    const size_t whole = n - n % 4;
    for (size_t i = 0; i < whole; i++) lane[i % 4] += a[i];
    float sum = lane[0] + lane[1] + lane[2] + lane[3];
    for (size_t i = whole; i < n; i++) sum += a[i];
    return sum;
}

float crl_lanes_dot(const float *a, const float *b, size_t n)
{
    float lane[4] = { 0 };
    const size_t whole = n - n % 4;
    for (size_t i = 0; i < whole; i++) lane[i % 4] += a[i] * b[i];
    return add_from((lane[0] + lane[2]) + (lane[1] + lane[3]), a, b, whole, n);
}

static float lone(const float *a, const float *b, size_t n)
{
    float lane[4][4] = { { 0 } };
    const size_t whole = n - n % 4;
    for (size_t i = 0; i < whole; i++) lane[i / 4 % 4][i % 4] += a[i] * b[i];
    for (size_t i = 0; i < 4; i++) lane[0][i] += lane[1][i] + (lane[2][i] + lane[3][i]);
    return add_from((lane[0][0] + lane[0][2]) + (lane[0][1] + lane[0][3]), a, b, whole, n);
}

static float small(const float *a, const float *b, size_t n)
{
    if (n < 8) return crl_lanes_dot(a, b, n);
    float lane[8] = { 0 };
    const size_t eights = n - n % 8, whole = n - n % 4;
    for (size_t i = 0; i < eights; i++) lane[i % 8] += a[i] * b[i];
    for (size_t i = 0; i < 4; i++) lane[i] += lane[4 + i];
    for (size_t i = eights; i < whole; i++) lane[i % 4] += a[i] * b[i];
    return add_from((lane[0] + lane[2]) + (lane[1] + lane[3]), a, b, whole, n);
}

static float even_and_odd(const float *a, const float *b, size_t n)
{
    float lane[2] = { 0 };
    const size_t whole = n - n % 8;
    for (size_t i = 0; i < whole; i++) lane[i % 2] += a[i] * b[i];
    return add_from(lane[0] + lane[1], a, b, whole, n);
}

static float fours(const float *a, const float *b, size_t n)
{
    float lane[4] = { 0 };
    const size_t whole = n - n % 4;
    for (size_t i = 0; i < whole; i++) lane[i % 4] += a[i] * b[i];
    return add_from((lane[0] + lane[1]) + (lane[2] + lane[3]), a, b, whole, n);
}

float crl_lanes_product(const float *a, const float *b, size_t n, const crl_lanes_at *at)
{
    if (at->rows == 1 && at->columns == 1) return lone(a, b, n);
    if (at->rows == 1 || at->columns == 1) return crl_lanes_dot(a, b, n);
    if (at->rows + at->columns + n < 20) return small(a, b, n);
    if (at->column >= at->columns - at->columns % 4 || at->row < at->rows - at->rows % 8) return add_from(0, a, b, 0, n);
    return at->row < at->rows - at->rows % 4 ? even_and_odd(a, b, n) : fours(a, b, n);
}
