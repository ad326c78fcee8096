/* SPDX-License-Identifier: Apache-2.0 */
/* See constants.h. All arithmetic is float32, one rounding after the other, as the compiler's. */
#include "compile/constants.h"

#include <math.h>
#include <string.h>

#include "base/fixed.h"
#include "compile/pack.h"
#include "model/chip.h"

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

typedef struct quantised {
    float scale, back; /* and 1 / scale */
    int32_t zero;
} quantised;

static quantised of_tensor(const crl_twin *w, crl_side side, int32_t t)
{
    const crl_tensor_def *d = crl_twin_tensor(w, side, t);
    const float scale = crl_stored_scale(d);
    return (quantised){ scale, 1.0f / scale, crl_stored_zero(d) };
}

/* Clamps of an output: the ends of its range, cut by the activation, both in real numbers. */
static void set_clamps(crl_constants *c, quantised q, int64_t activation)
{
    enum { NONE, RELU, RELU_N1_TO_1, RELU6 };
    float high = (float)(255 - q.zero) * q.scale, low = (float)(0 - q.zero) * q.scale;
    if (activation == RELU || activation == RELU6) low = fmaxf(low, 0);
    if (activation == RELU6) high = fminf(high, 6);
    if (activation == RELU_N1_TO_1) low = fmaxf(low, -1), high = fminf(high, 1);
    c->high = bits_of(high * q.back);
    c->low = bits_of(low * q.back);
    c->out_zero = (uint32_t)q.zero;
}

static void set_no_clamps(crl_constants *c)
{
    c->high = bits_of(INFINITY);
    c->low = bits_of(-INFINITY);
}

/* ---- ADD --------------------------------------------------------------------------------------- */

enum { MOST_K = 32767 };

/* Weights for scales a <= b. */
static bool weigh(float a, float b, uint32_t *small, uint32_t *large)
{
    int ea, eb;
    const float fa = frexpf(a, &ea), fb = frexpf(b, &eb);
    if (!(a > 0) || !isfinite(b) || eb - ea > 16) return false; /* the fraction would be less than 1 / 32767 */
    const uint64_t n = (uint64_t)(fa * (1 << 24)), d = (uint64_t)(fb * (1 << 24)) << (eb - ea);
    crl_best_fraction(n, d, MOST_K, small, large);
    return *small > 0;
}

bool crl_add_of(crl_add *add, const crl_twin *w, crl_side side, int32_t index)
{
    const crl_operator *op = &w->side[0]->operators[index];
    const quantised x = of_tensor(w, side, op->inputs[0]), y = of_tensor(w, side, op->inputs[1]), out = of_tensor(w, side, op->outputs[0]);
    const struct crl_chip_constants *given = w->side[side]->operators[index].chip;
    *add = (crl_add){ .k = { 0, 0 } };
    if (!(out.scale > 0)) return false;
    if (given) memcpy(add->k, given->factor, sizeof add->k);
    const bool known = given                ? true
                       : x.scale <= y.scale ? weigh(x.scale, y.scale, &add->k[0], &add->k[1])
                                            : weigh(y.scale, x.scale, &add->k[1], &add->k[0]);
    if (!known) return false;
    const quantised large = add->k[1] > add->k[0] ? y : x;
    const uint32_t k = add->k[1] > add->k[0] ? add->k[1] : add->k[0];
    add->constants.multiplier = bits_of(large.scale / (float)k * out.back);
    add->constants.offset = 0u - (add->k[0] * (uint32_t)x.zero + add->k[1] * (uint32_t)y.zero);
    set_clamps(&add->constants, out, crl_twin_option(op, "fused_activation_function"));
    return true;
}

/* ---- the others -------------------------------------------------------------------------------- */

/* Each gives the constants of an operator in one of the forms that releases of the compiler have; false: it has no such form. */

static bool of_layer(crl_constants *c, const crl_twin *w, crl_side side, int32_t index, int form)
{
    const crl_operator *op = &w->side[0]->operators[index];
    crl_layer_view v;
    int32_t out = op->outputs[0];
    if (form) { /* what follows gives the scale */
        const int32_t reader = w->reader[out];
        if (form > 1 || reader < 0) return false;
        const int32_t code = w->side[0]->operators[reader].code;
        if (code != CRL_OP_QUANTIZE && code != CRL_OP_CONCATENATION) return false;
        out = w->side[0]->operators[reader].outputs[0];
    }
    if (!crl_layer_of(&v, w, side, index)) return false;
    c->weight_zero = v.n_scales > 1 ? 0 : (uint32_t)(v.zero[0] + v.zero_more);
    c->in_zero = (uint32_t)of_tensor(w, side, op->inputs[0]).zero;
    c->multiplier = bits_of(v.scales_differ ? 1.0f : crl_layer_multiplier(w, side, index, &v, out, 0));
    set_clamps(c, of_tensor(w, side, out), crl_twin_option(op, "fused_activation_function"));
    return true;
}

static void requantise(crl_constants *c, quantised in, quantised out, int64_t activation)
{
    c->in_zero = (uint32_t)in.zero;
    c->multiplier = bits_of(in.scale * out.back);
    set_clamps(c, out, activation);
}

static bool of_average(crl_constants *c, const crl_twin *w, crl_side side, const crl_operator *op, int form)
{
    if (form > 7) return false;
    const quantised in = of_tensor(w, side, op->inputs[0]), out = of_tensor(w, side, op->outputs[0]);
    const crl_shape *shape = &crl_twin_tensor(w, side, op->inputs[0])->shape;
    int64_t n = crl_twin_option(op, "filter_width") * crl_twin_option(op, "filter_height");
    if (op->code == CRL_OP_MEAN) n = shape->rank == 4 ? (int64_t)shape->dim[1] * shape->dim[2] : 0;
    if (n <= 0) return false;
    const float ratio = in.scale * out.back;
    set_clamps(c, out, crl_twin_option(op, "fused_activation_function"));
    if (form & 1) set_no_clamps(c);
    c->multiplier = bits_of(form & 2 ? ratio / (float)n : in.scale * (1.0f / (float)n) * out.back);
    c->weight_zero = (uint32_t)in.zero;
    if (form & 4) c->weight_zero = 0, c->in_zero = (uint32_t)in.zero;
    return true;
}

/* On the tiles, in stages: the greatest, differences from it, their exponentials. */
static bool of_softmax(crl_constants *c, const crl_twin *w, crl_side side, const crl_operator *op, int form)
{
    const quantised in = of_tensor(w, side, op->inputs[0]);
    const quantised difference = { in.scale, in.back, 255 };
    static const float least = -13.0380983f; /* where the exponential of 16 bits ends */
    c->multiplier = bits_of(1);
    switch (form) {
    case 0:
        set_clamps(c, in, 0);
        c->weight_zero = (uint32_t)in.zero;
        c->offset = 0u - (uint32_t)in.zero;
        return true;
    case 1:
        set_clamps(c, difference, 0);
        c->weight_zero = 1;
        return true;
    case 2:
        set_clamps(c, difference, 0);
        c->in_zero = 255;
        return true;
    case 3:
    case 4:
        c->in_zero = 255;
        c->high = 0;
        c->low = bits_of(least);
        if (form == 3) c->multiplier = bits_of(in.scale);
        return true;
    default: return false;
    }
}

static bool of_operator(crl_constants *c, const crl_twin *w, crl_side side, int32_t index, int form)
{
    static const float logistic_end = 10.3967323f;
    const crl_operator *op = &w->side[0]->operators[index];
    const quantised in = of_tensor(w, side, op->inputs[0]), out = of_tensor(w, side, op->outputs[0]);
    const int64_t activation = crl_twin_option(op, "fused_activation_function");
    crl_add add;
    switch (op->code) {
    case CRL_OP_CONV:
    case CRL_OP_DEPTHWISE:
    case CRL_OP_DENSE: return of_layer(c, w, side, index, form);
    case CRL_OP_ADD:
        if (form || op->n_inputs != 2 || !crl_add_of(&add, w, side, index)) return false;
        *c = add.constants;
        return true;
    case CRL_OP_MUL: {
        if (form || op->n_inputs != 2) return false;
        const quantised other = of_tensor(w, side, op->inputs[1]);
        c->weight_zero = (uint32_t)other.zero;
        c->in_zero = (uint32_t)in.zero;
        c->multiplier = bits_of(in.scale * other.scale * out.back);
        set_clamps(c, out, activation);
        return true;
    }
    case CRL_OP_AVERAGE_POOL:
    case CRL_OP_MEAN: return of_average(c, w, side, op, form);
    case CRL_OP_MAX_POOL:
        if (form > 1) return false;
        set_clamps(c, out, activation);
        c->multiplier = bits_of(in.scale * out.back);
        *(form ? &c->weight_zero : &c->in_zero) = (uint32_t)in.zero;
        c->offset = 0u - (uint32_t)in.zero;
        return true;
    case CRL_OP_LOGISTIC:
        if (form) return false;
        c->in_zero = (uint32_t)in.zero;
        c->multiplier = bits_of(in.scale);
        c->high = bits_of(logistic_end);
        c->low = bits_of(-logistic_end);
        c->out_zero = (uint32_t)out.zero;
        return true;
    case CRL_OP_SOFTMAX: return of_softmax(c, w, side, op, form);
    case CRL_OP_CONCATENATION:
        if (form >= op->n_inputs) return false;
        requantise(c, of_tensor(w, side, op->inputs[form]), out, activation);
        return true;
    case CRL_OP_RELU:
    case CRL_OP_RELU_N1_TO_1:
    case CRL_OP_RELU6:
        if (form) return false;
        requantise(c, in, out, op->code == CRL_OP_RELU ? 1 : op->code == CRL_OP_RELU6 ? 3 : 2);
        return true;
    default:
        if (form) return false;
        requantise(c, in, out, 0);
        return true;
    }
}

/* Those that a package has, where the model follows one. */
static void take_given(crl_constants *c, const crl_twin *w, crl_side side, int32_t index)
{
    const struct crl_chip_constants *given = w->side[side]->operators[index].chip;
    if (!given || given->on_tiles) return;
    c->multiplier = bits_of(given->multipliers ? 1.0f : given->multiplier);
    c->high = bits_of(given->high);
    c->low = bits_of(given->low);
}

/* A tensor that is moved as it is. */
static bool of_tensor_move(crl_constants *c, const crl_twin *w, crl_side side, int32_t t, int form)
{
    if (form > 1) return false;
    const quantised q = of_tensor(w, side, t);
    requantise(c, q, q, 0);
    if (form) c->multiplier = bits_of(1);
    return true;
}

static bool is_quantised(const crl_twin *w, int32_t t)
{
    if (t < 0) return false;
    const crl_tensor_def *d = crl_twin_tensor(w, CRL_SIDE_A, t);
    return (d->type == CRL_UINT8 || d->type == CRL_INT8) && d->quant.n && d->quant.scale[0] > 0 && w->b_of[t] >= 0 &&
           crl_twin_tensor(w, CRL_SIDE_B, t)->quant.n && crl_twin_tensor(w, CRL_SIDE_B, t)->quant.scale[0] > 0;
}

/* A softmax on the tiles begins with a copy of its input. */
static bool is_moved(const crl_twin *w, int32_t t)
{
    const int32_t reader = w->reader[t];
    return reader >= 0 && w->mapped[reader] && w->side[0]->operators[reader].code == CRL_OP_SOFTMAX && is_quantised(w, t);
}

static bool is_usable(const crl_twin *w, int32_t index)
{
    const crl_operator *op = &w->side[0]->operators[index];
    if (!w->mapped[index] || !op->n_inputs || !op->n_outputs) return false;
    const int32_t inputs = op->code == CRL_OP_CONCATENATION                                         ? op->n_inputs
                           : (op->code == CRL_OP_ADD || op->code == CRL_OP_MUL) && op->n_inputs > 1 ? 2
                                                                                                    : 1;
    for (int32_t k = 0; k < inputs; k++)
        if (!is_quantised(w, op->inputs[k])) return false;
    return is_quantised(w, op->outputs[0]);
}

/* Counts the pairs, and writes them if there is room for them already. */
static int32_t list(const crl_twin *w, crl_constants_pair *to)
{
    int32_t n = 0;
    const crl_subgraph *a = w->side[0];
    for (int32_t i = 0; i < a->n_operators; i++)
        for (int form = 0; is_usable(w, i); form++, n++) {
            crl_constants_pair pair = { .op = i, .per_channel = -1 };
            if (!of_operator(&pair.side[0], w, CRL_SIDE_A, i, form) || !of_operator(&pair.side[1], w, CRL_SIDE_B, i, form)) break;
            for (int side = 0; side < 2; side++) take_given(&pair.side[side], w, (crl_side)side, i);
            if (a->operators[i].code == CRL_OP_SOFTMAX && form >= 3) pair.per_channel = form == 4;
            if (to) to[n] = pair;
        }
    for (int32_t t = 0; t < a->n_tensors; t++)
        for (int form = 0; is_moved(w, t); form++, n++) {
            crl_constants_pair pair = { .op = -1, .per_channel = -1 };
            if (!of_tensor_move(&pair.side[0], w, CRL_SIDE_A, t, form) || !of_tensor_move(&pair.side[1], w, CRL_SIDE_B, t, form)) break;
            if (to) to[n] = pair;
        }
    return n;
}

crl_status crl_constants_find(crl_constants_table *table, const crl_twin *w, crl_pile *pile, crl_error *err)
{
    table->n = list(w, NULL);
    table->pairs = crl_pile_array(pile, (size_t)table->n + 1, sizeof *table->pairs);
    if (!table->pairs) return crl_fail_memory(err, "constants");
    list(w, table->pairs);
    return CRL_OK;
}
