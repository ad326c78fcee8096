/* SPDX-License-Identifier: Apache-2.0 */
/* See reemit.h. */
#include "reemit.h"

#include <string.h>

static int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

static int32_t up4(int32_t n) { return (n + 3) / 4 * 4; }

/* Where part i of n begins. */
static int32_t begin_of(int32_t n, int32_t i)
{
    return (i * n + 3) / 4;
}

void extents_of(extent e[4], int32_t in, int32_t out, const window *v)
{
    int32_t first[4], n[4];
    for (int i = 0; i < 4; i++) {
        e[i].from = begin_of(in, i);
        e[i].n = begin_of(in, i + 1) - e[i].from;
        e[i].out = begin_of(out, i + 1) - begin_of(out, i);
        first[i] = begin_of(out, i) * v->stride - v->before;
        n[i] = (e[i].out - 1) * v->stride + (v->kernel - 1) * v->dilation + 1;
    }
    for (int i = 0; i < 4; i++) {
        e[i].hi = larger(e[i].from + e[i].n, e[i].out ? smaller(first[i] + n[i], in) : 0);
        if (i) e[i].hi = larger(e[i].hi, e[i - 1].hi);
    }
    for (int i = 3; i >= 0; i--) {
        e[i].lo = e[i].out ? smaller(e[i].from, larger(first[i], 0)) : e[i].from;
        if (i < 3) e[i].lo = smaller(e[i].lo, e[i + 1].lo);
    }
    for (int i = 0; i < 4; i++) {
        if (!e[i].out) continue;
        e[i].lo = smaller(e[i].lo, first[i]);
        e[i].hi = larger(e[i].hi, first[i] + n[i]);
    }
}

static window window_of(int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t dilation, bool valid)
{
    const int32_t over = (out - 1) * stride + (kernel - 1) * dilation + 1 - in;
    return (window){ kernel, stride, dilation, valid || over < 0 ? 0 : over / 2 };
}

/* How an operator looks at its input; others than layers and pools see what is theirs. */
static void windows_of(const crl_twin *w, int32_t op, const crl_layer_view *v, window *x, window *y)
{
    enum { VALID = 1 };
    const crl_operator *o = &w->side[0]->operators[op];
    const crl_shape *in = &w->side[0]->tensors[o->inputs[0]].shape, *out = &w->side[0]->tensors[o->outputs[0]].shape;
    const bool valid = crl_twin_option(o, "padding") == VALID;
    const int32_t dx = (int32_t)crl_twin_option(o, "dilation_w_factor"), dy = (int32_t)crl_twin_option(o, "dilation_h_factor");
    *x = window_of(in->dim[2], out->dim[2], v->kw, (int32_t)crl_twin_option(o, "stride_w"), dx ? dx : 1, valid);
    *y = window_of(in->dim[1], out->dim[1], v->kh, (int32_t)crl_twin_option(o, "stride_h"), dy ? dy : 1, valid);
}

/* Columns of a tile's block of what `op` reads; 0: there is no rule. */
static int32_t block_columns(const crl_twin *w, int32_t op, int32_t column)
{
    const crl_operator *o = &w->side[0]->operators[op];
    const crl_shape *in = &w->side[0]->tensors[o->inputs[0]].shape, *out = &w->side[0]->tensors[o->outputs[0]].shape;
    crl_layer_view v;
    window x, y;
    extent e[4];
    if ((o->code != CRL_OP_CONV && o->code != CRL_OP_DEPTHWISE) || in->rank != 4 || out->rank != 4 || !crl_layer_of(&v, w, CRL_SIDE_A, op)) return 0;
    windows_of(w, op, &v, &x, &y);
    extents_of(e, in->dim[2], out->dim[2], &x);
    return e[column].hi - e[column].lo;
}

int32_t tile_of(const uint8_t *at)
{
    const uint32_t tiles = (uint32_t)crl_isa_read(at, "tiles");
    return tiles ? __builtin_ctz(tiles) : 0;
}

bool layer_of(layer *l, const crl_twin *w, int32_t op, int32_t tile)
{
    extent x[4], y[4];
    *l = (layer){ .op = &w->side[0]->operators[op] };
    if ((l->op->code != CRL_OP_CONV && l->op->code != CRL_OP_DEPTHWISE) || !crl_layer_of(&l->view, w, CRL_SIDE_A, op)) return false;
    const crl_shape *in = &w->side[0]->tensors[l->op->inputs[0]].shape, *out = &w->side[0]->tensors[l->op->outputs[0]].shape;
    windows_of(w, op, &l->view, &l->x, &l->y);
    extents_of(x, in->dim[2], out->dim[2], &l->x);
    extents_of(y, in->dim[1], out->dim[1], &l->y);
    const int32_t column = tile % 4, row = tile / 4, reader = w->reader[l->op->outputs[0]];
    int32_t most_rows = 0, most_columns = 0;
    for (int i = 0; i < 4; i++) most_rows = larger(most_rows, y[i].out), most_columns = larger(most_columns, x[i].out);
    l->most = most_rows * most_columns;
    l->rows = y[row].out;
    l->columns = x[column].out;
    l->in_words = up4(in->dim[3]) / 4;
    l->out_channels = up4(out->dim[3]);
    l->in_pitch = (x[column].hi - x[column].lo) * 4 * l->in_words;
    const int32_t wider = reader >= 0 ? block_columns(w, reader, column) : 0;
    l->out_pitch = (wider ? wider : l->columns) * l->out_channels;
    return l->rows > 0 && l->columns > 0;
}

/* Source: tinycoral, and 970 layers of public packages. */
fills fills_of(const layer *l)
{
    enum { FEW = 30, BLOCK = 15, RING = 31, LEAST_BLOCK = 16 };
    const crl_layer_view *v = &l->view;
    const int32_t taps = v->kh * v->kw, words = l->in_words, all = taps * words, positions = l->most;
    fills f = { .groups = (v->outputs + 63) / 64, .group = (v->outputs - 1) % 64 + 1, .rows = taps, .times = words, .ring = true };
    if (v->depthwise) return (fills){ .rows = taps, .times = 1, .groups = l->out_channels / 4, .group = 4, .ring = true, .resident = true };
    if (taps == 1) {
        const int32_t most = smaller(BLOCK, words / 2);
        f.rows = 1;
        for (int32_t n = 2; n <= most; n++)
            if (words % n == 0) f.rows = n;
    }
    const int32_t a = f.rows, buffer = a <= BLOCK || a >= RING ? 8 * a + 8 : 4 * a + 4;
    f.resident = v->inputs <= 4 || (all <= FEW ? all <= positions + taps : 8 * all + 8 < 4 * positions + buffer);
    if (f.resident) f.rows = all;
    f.times = all / f.rows;
    f.ring = f.rows < LEAST_BLOCK || f.rows >= RING;
    return f;
}
