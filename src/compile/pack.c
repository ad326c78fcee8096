/* SPDX-License-Identifier: Apache-2.0 */
/* See pack.h. */
#include "compile/pack.h"

#include <string.h>

#include "model/chip.h"

enum { BLOCK = 64 }; /* outputs that are computed together */

static int32_t up(int32_t n, int32_t to)
{
    return (n + to - 1) / to * to;
}

/* A dense layer on a picture reads it as it lies in tiles, each position filled up to 4 channels: as a kernel of the picture's size would. */
static void part_picture(crl_layer_view *v, const crl_shape *in)
{
    const int32_t *dim = in->dim;
    if (in->rank != 4 || dim[0] != 1 || dim[3] % 4 == 0 || (int64_t)dim[1] * dim[2] * dim[3] != v->inputs) return;
    v->kh = dim[1], v->kw = dim[2], v->inputs = dim[3];
    v->per_ky = (size_t)dim[2] * (size_t)dim[3], v->per_kx = (size_t)dim[3];
}

/* Source: the data themselves; all of it is checked by the template's own weights before anything is written. */
bool crl_layer_of(crl_layer_view *v, const crl_twin *w, crl_side side, int32_t index)
{
    const crl_operator *op = &w->side[0]->operators[index];
    if (op->n_inputs < 2 || op->inputs[1] < 0) return false;
    const crl_tensor_def *in = crl_twin_tensor(w, side, op->inputs[0]), *weights = crl_twin_tensor(w, side, op->inputs[1]);
    const crl_tensor_def *bias = op->n_inputs > 2 && op->inputs[2] >= 0 ? crl_twin_tensor(w, side, op->inputs[2]) : NULL;
    const int32_t *dim = weights->shape.dim;
    if (!weights->data || (weights->type != CRL_UINT8 && weights->type != CRL_INT8) || !weights->quant.n || weights->quant.block || !in->quant.n)
        return false;
    *v = (crl_layer_view){ .weights = weights->data, .flip = weights->type == CRL_INT8 ? 128 : 0, .scale = weights->quant.scale,
                           .zero = weights->quant.zero_point, .n_scales = weights->quant.n, .zero_more = weights->type == CRL_INT8 ? 128 : 0 };
    const bool flat = op->code == CRL_OP_DENSE;
    if (weights->shape.rank != (flat ? 2 : 4)) return false;
    if (flat) {
        v->outputs = dim[0], v->kh = v->kw = 1, v->inputs = dim[1], v->per_output = (size_t)dim[1], v->per_input = 1;
        part_picture(v, &in->shape);
    } else if (op->code == CRL_OP_CONV)
        v->outputs = dim[0], v->kh = dim[1], v->kw = dim[2], v->inputs = dim[3], v->per_output = (size_t)dim[1] * (size_t)dim[2] * (size_t)dim[3],
        v->per_ky = (size_t)dim[2] * (size_t)dim[3], v->per_kx = (size_t)dim[3], v->per_input = 1;
    else
        v->outputs = dim[3], v->kh = dim[1], v->kw = dim[2], v->inputs = 1, v->per_output = 1, v->per_ky = (size_t)dim[2] * (size_t)dim[3],
        v->per_kx = (size_t)dim[3];
    if (v->outputs < 1 || v->inputs < 1 || v->kh < 1 || v->kw < 1) return false;
    if (!flat) {
        if (in->shape.rank != 4) return false;
        v->depthwise = op->code == CRL_OP_DEPTHWISE && in->shape.dim[3] != 1;
        if (v->depthwise && in->shape.dim[3] != v->outputs) return false;
        if (in->shape.dim[1] == 1) v->ky = v->kh / 2, v->kh = 1;
        if (in->shape.dim[2] == 1) v->kx = v->kw / 2, v->kw = 1;
    }
    if (v->n_scales != 1 && v->n_scales != v->outputs) return false;
    for (int32_t c = 1; c < v->n_scales; c++) v->scales_differ |= v->scale[c] != v->scale[0];
    if (!bias) return true;
    if (!bias->data || bias->type != CRL_INT32 || bias->bytes != 4 * (size_t)v->outputs) return false;
    v->bias = bias->data;
    v->zero_bias = true;
    for (int32_t c = 0; c < v->outputs; c++) v->zero_bias &= !v->bias[c];
    return true;
}

float crl_layer_multiplier(const crl_twin *w, crl_side side, int32_t op, const crl_layer_view *v, int32_t out, int32_t c)
{
    const struct crl_chip_constants *given = w->side[side]->operators[op].chip;
    if (given) return given->multipliers && c < given->n ? given->multipliers[c] : given->multiplier;
    const float in = crl_stored_scale(crl_twin_tensor(w, side, w->side[0]->operators[op].inputs[0]));
    const float back = 1.0f / crl_stored_scale(crl_twin_tensor(w, side, out)), product = in * v->scale[v->n_scales > 1 ? c : 0];
    return product * back;
}

typedef struct packer {
    const crl_layer_view *v;
    const crl_twin *w;
    crl_side side;
    int32_t op;
    const crl_pack_choice *choice;
    uint8_t *to; /* NULL: bytes are only counted */
    size_t at;
    crl_pack_places *places; /* NULL: nobody asks */
} packer;

/* The word that comes next is a scale or a bias: of channel c, or of none. */
static void note_place(packer *p, size_t *at, int32_t c)
{
    memset(p->places->tables + p->at, 1, 4);
    if (c >= 0) at[c] = p->at;
}

static void put_u8(packer *p, uint8_t byte)
{
    if (p->to) p->to[p->at] = byte;
    p->at++;
}

static void put_u32(packer *p, uint32_t word)
{
    for (int i = 0; i < 4; i++) put_u8(p, (uint8_t)(word >> 8 * i));
}

static int32_t zero_of(const crl_layer_view *v, int32_t c)
{
    return v->zero[v->n_scales > 1 ? c : 0] + v->zero_more;
}

/* Rows of outputs: which output a row is of, -1: it fills up to 4, -2: it fills the block. */
static int32_t output_of(const packer *p, int32_t row)
{
    const int32_t n = p->v->outputs, group = p->choice->group;
    if (!group) return row < n ? row : row < up(n, 4) ? -1 : -2;
    const int32_t of = row / up(group, 4), in = row % up(group, 4);
    return of >= n / group ? -2 : in < group ? of * group + in : -1;
}

static int32_t rows_in_all(const packer *p)
{
    const int32_t n = p->v->outputs, group = p->choice->group;
    return group ? n / group * up(group, 4) : n;
}

/* The tables in front of the weights of `rows` rows from `first` on. */
static void put_tables(packer *p, int32_t first, int32_t rows, bool large)
{
    const crl_layer_view *v = p->v;
    const bool bias = v->bias && !(v->zero_bias && p->choice->drops_zero);
    for (int32_t r = 0; v->scales_differ && r < rows; r++) {
        const int32_t c = output_of(p, first + r);
        float scale = large ? 1.0f : 0.0f;
        if (c > -2) scale = crl_layer_multiplier(p->w, p->side, p->op, v, p->choice->out, c < 0 ? 0 : c);
        uint32_t bits;
        memcpy(&bits, &scale, sizeof bits);
        if (p->places) note_place(p, p->places->scale_at, c);
        put_u32(p, bits);
    }
    for (int32_t r = 0; bias && r < rows; r++) {
        const int32_t c = output_of(p, first + r);
        if (p->places) note_place(p, p->places->bias_at, c);
        put_u32(p, c < 0 ? 0 : (uint32_t)v->bias[c]);
    }
    for (int32_t r = 0; v->n_scales > 1 && r < rows; r++) {
        const int32_t c = output_of(p, first + r);
        put_u32(p, c == -2 ? 0 : (uint32_t)zero_of(v, c < 0 ? 0 : c));
    }
}

/* The first output's weights at a tap, from input `i` on. */
static const uint8_t *weights_at(const crl_layer_view *v, int32_t ky, int32_t kx, int32_t i)
{
    return v->weights + (size_t)(ky + v->ky) * v->per_ky + (size_t)(kx + v->kx) * v->per_kx + (size_t)i * v->per_input;
}

static uint32_t four_of(uint8_t byte)
{
    return byte * UINT32_C(0x01010101);
}

/* Four weights that lie one after another; most of a model are taken so. */
static void put_four(uint8_t *to, const uint8_t *from, uint8_t flip)
{
    uint32_t word;
    memcpy(&word, from, sizeof word);
    word ^= four_of(flip);
    memcpy(to, &word, sizeof word);
}

/* Four inputs from 4 g on, for each row of a block. */
static void put_group(packer *p, int32_t first, int32_t rows, int32_t ky, int32_t kx, int32_t g)
{
    const crl_layer_view *v = p->v;
    const uint8_t *weights = weights_at(v, ky, kx, 4 * g);
    const int32_t left = v->inputs - 4 * g;
    uint8_t *to = p->to ? p->to + p->at : NULL;
    p->at += 4 * (size_t)rows;
    for (int32_t r = 0; to && r < rows; r++, to += 4) {
        const int32_t c = output_of(p, first + r);
        if (c >= 0 && left >= 4) {
            put_four(to, weights + (size_t)c * v->per_output, v->flip);
            continue;
        }
        const uint8_t filler = c == -2 || (c == -1 && p->choice->zero_filler) ? 0 : (uint8_t)zero_of(v, c < 0 ? 0 : c);
        for (int32_t i = 0; i < 4; i++) to[i] = c >= 0 && i < left ? weights[(size_t)c * v->per_output + (size_t)i * v->per_input] ^ v->flip : filler;
    }
}

static void pack_blocks(packer *p)
{
    const crl_layer_view *v = p->v;
    const int32_t n = rows_in_all(p), words = (v->inputs + 3) / 4;
    const int32_t rows = n > BLOCK ? BLOCK : n > 4 ? up(n, 16) : p->choice->sixteen_rows ? 16 : 4;
    for (int32_t first = 0; first < n; first += BLOCK) {
        put_tables(p, first, rows, n > BLOCK);
        for (int32_t g = 0; p->choice->by_channel && g < words; g++)
            for (int32_t ky = 0; ky < v->kh; ky++)
                for (int32_t kx = 0; kx < v->kw; kx++) put_group(p, first, rows, ky, kx, g);
        for (int32_t ky = 0; !p->choice->by_channel && ky < v->kh; ky++)
            for (int32_t kx = 0; kx < v->kw; kx++)
                for (int32_t g = 0; g < words; g++) put_group(p, first, rows, ky, kx, g);
    }
}

/* Four channels and four channels: for each tap a matrix, on whose diagonal the weights are. */
static void put_matrix(packer *p, int32_t first, int32_t ky, int32_t kx)
{
    const crl_layer_view *v = p->v;
    uint8_t *to = p->to ? p->to + p->at : NULL;
    p->at += 16;
    for (int32_t r = 0; to && r < 4; r++, to += 4) {
        const int32_t c = first + r < v->outputs ? first + r : -1;
        memset(to, zero_of(v, c < 0 ? 0 : c), 4);
        if (c >= 0) to[r] = weights_at(v, ky, kx, 0)[(size_t)c * v->per_output] ^ v->flip;
    }
}

static void pack_depthwise(packer *p)
{
    const crl_layer_view *v = p->v;
    for (int32_t first = 0; first < v->outputs; first += 4) {
        put_tables(p, first, 4, v->outputs > BLOCK);
        for (int32_t ky = 0; ky < v->kh; ky++)
            for (int32_t kx = 0; kx < v->kw; kx++) put_matrix(p, first, ky, kx);
    }
}

size_t crl_pack(const crl_layer_view *v, const crl_twin *w, crl_side side, int32_t op, const crl_pack_choice *choice, uint8_t *to)
{
    packer p = { .v = v, .w = w, .side = side, .op = op, .choice = choice, .to = to };
    if (v->depthwise)
        pack_depthwise(&p);
    else
        pack_blocks(&p);
    while (p.at % 64) put_u8(&p, 0);
    return p.at;
}

void crl_pack_places_of(crl_pack_places *places, const crl_layer_view *v, const crl_twin *w, int32_t op, const crl_pack_choice *choice)
{
    packer p = { .v = v, .w = w, .op = op, .choice = choice, .places = places };
    places->has_scales = v->scales_differ;
    places->has_biases = v->bias && !(v->zero_bias && choice->drops_zero);
    if (v->depthwise)
        pack_depthwise(&p);
    else
        pack_blocks(&p);
}
