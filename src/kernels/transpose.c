/* SPDX-License-Identifier: Apache-2.0 */
/* Squares of a matrix, and bytes in words: see transpose.h. */
#include "kernels/transpose.h"

#include <stdbool.h>
#include <string.h>

enum { SQUARE = 64, WORD = 8 };

/* Exchanges the upper half of every pair of fields of *a with the lower half of those of *b. */
static inline void exchange(uint64_t *a, uint64_t *b, int bits, uint64_t lower)
{
    const uint64_t differ = (*a >> bits ^ *b) & lower;
    *b ^= differ;
    *a ^= differ << bits;
}

static inline uint64_t load(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static inline void store(uint8_t *p, uint64_t w)
{
    memcpy(p, &w, sizeof w);
}

/* Words have names, since an array would lie in memory. Their first byte has to be the lowest, as it is on x86 and ARM. */
static inline void turn_8x8(uint8_t *out, ptrdiff_t to, const uint8_t *in, ptrdiff_t from)
{
    const uint64_t half = UINT64_C(0x00000000ffffffff), quarter = UINT64_C(0x0000ffff0000ffff);
    const uint64_t byte = UINT64_C(0x00ff00ff00ff00ff);
    uint64_t a = load(in), b = load(in + from), c = load(in + 2 * from), d = load(in + 3 * from);
    uint64_t e = load(in + 4 * from), f = load(in + 5 * from), g = load(in + 6 * from), h = load(in + 7 * from);
    exchange(&a, &e, 32, half), exchange(&b, &f, 32, half), exchange(&c, &g, 32, half), exchange(&d, &h, 32, half);
    exchange(&a, &c, 16, quarter), exchange(&b, &d, 16, quarter), exchange(&e, &g, 16, quarter), exchange(&f, &h, 16, quarter);
    exchange(&a, &b, 8, byte), exchange(&c, &d, 8, byte), exchange(&e, &f, 8, byte), exchange(&g, &h, 8, byte);
    store(out, a), store(out + to, b), store(out + 2 * to, c), store(out + 3 * to, d);
    store(out + 4 * to, e), store(out + 5 * to, f), store(out + 6 * to, g), store(out + 7 * to, h);
}

/* memcpy of a constant length is one move. */
static inline void turn(uint8_t *out, ptrdiff_t out_step, const uint8_t *in, ptrdiff_t in_step, size_t rows, size_t columns,
                        size_t size)
{
    for (size_t c = 0; c < columns; c++)
        for (size_t r = 0; r < rows; r++)
            memcpy(out + (ptrdiff_t)c * out_step + r * size, in + (ptrdiff_t)r * in_step + c * size, size);
}

/* Few rows, or few columns: elements of as many streams are dealt out, or put together, one after the other. `few` and `size`
 * are constants where these are called, so that the loops over them disappear and the other one becomes vectors. */
static inline __attribute__((always_inline)) void put_together(uint8_t *restrict out, const uint8_t *restrict in,
                                                               ptrdiff_t in_step, size_t n, size_t few, size_t size)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < few; k++) memcpy(out + (i * few + k) * size, in + (ptrdiff_t)k * in_step + i * size, size);
}

static inline __attribute__((always_inline)) void deal_out(uint8_t *restrict out, ptrdiff_t out_step, const uint8_t *restrict in,
                                                           size_t n, size_t few, size_t size)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < few; k++) memcpy(out + (ptrdiff_t)k * out_step + i * size, in + (i * few + k) * size, size);
}

static inline __attribute__((always_inline)) bool turn_few(uint8_t *out, const uint8_t *in, const crl_transpose *t, size_t few,
                                                           size_t size)
{
    if (t->size != size) return false;
    if (t->rows == few && t->out_step == (ptrdiff_t)(few * size)) {
        put_together(out, in, t->in_step, t->columns, few, size);
        return true;
    }
    if (t->columns == few && t->in_step == (ptrdiff_t)(few * size)) {
        deal_out(out, t->out_step, in, t->rows, few, size);
        return true;
    }
    return false;
}

static void turn_bytes(uint8_t *out, ptrdiff_t out_step, const uint8_t *in, ptrdiff_t in_step, size_t rows, size_t columns)
{
    const size_t whole_rows = rows & ~(size_t)(WORD - 1), whole_columns = columns & ~(size_t)(WORD - 1);
    for (size_t c = 0; c < whole_columns; c += WORD)
        for (size_t r = 0; r < whole_rows; r += WORD)
            turn_8x8(out + (ptrdiff_t)c * out_step + r, out_step, in + (ptrdiff_t)r * in_step + c, in_step);
    turn(out + (ptrdiff_t)whole_columns * out_step, out_step, in + whole_columns, in_step, rows, columns - whole_columns, 1);
    turn(out + whole_rows, out_step, in + (ptrdiff_t)whole_rows * in_step, in_step, rows - whole_rows, whole_columns, 1);
}

void crl_transpose_copy(uint8_t *out, const uint8_t *in, const crl_transpose *t)
{
    if (turn_few(out, in, t, 2, 1) || turn_few(out, in, t, 3, 1) || turn_few(out, in, t, 4, 1) || turn_few(out, in, t, 2, 4) ||
        turn_few(out, in, t, 3, 4) || turn_few(out, in, t, 4, 4))
        return;
    for (size_t r = 0; r < t->rows; r += SQUARE)
        for (size_t c = 0; c < t->columns; c += SQUARE) {
            const size_t rows = t->rows - r < SQUARE ? t->rows - r : SQUARE;
            const size_t columns = t->columns - c < SQUARE ? t->columns - c : SQUARE;
            uint8_t *o = out + (ptrdiff_t)c * t->out_step + r * t->size;
            const uint8_t *i = in + (ptrdiff_t)r * t->in_step + c * t->size;
            switch (t->size) {
            case 1: turn_bytes(o, t->out_step, i, t->in_step, rows, columns); break;
            case 2: turn(o, t->out_step, i, t->in_step, rows, columns, 2); break;
            case 4: turn(o, t->out_step, i, t->in_step, rows, columns, 4); break;
            default: turn(o, t->out_step, i, t->in_step, rows, columns, 8);
            }
        }
}
