/* SPDX-License-Identifier: Apache-2.0 */
/* What the mapped operators take: parameters in the chip's layout, activations on its tiles, multiply-accumulates, and what goes in and
 * out. The formulas were fitted to compiled models; docs/check.md tells how well they do. */
#include <stdlib.h>
#include <string.h>

#include "compile/check.h"
#include "compile/rules.h"
#include "ops/codes.h"

/* Bytes for parameters: what logs that users published add up to, used and remaining, is 6.0 to 7.5 MiB for models of some size, 7.0
 * mostly. Which it is depends on the program, and is not known beforehand. */
enum { CACHE = 7 * 1024 * 1024, CACHE_LEAST = 6 * 1024 * 1024, CACHE_MOST = 7 * 1024 * 1024 + 512 * 1024 };

static size_t up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* Rows of a layer's weights on the chip. */
static size_t rows(size_t channels, bool connected)
{
    if (channels <= 4) return connected ? 16 : 4;
    return channels <= 64 ? up(channels, 16) : up(channels, 64);
}

static const crl_tensor_def *tensor(const crl_judged *j, const int32_t *list, int32_t n, int32_t i)
{
    return i < n && list[i] >= 0 ? &j->graph->tensors[list[i]] : NULL;
}

static int64_t number(const crl_operator *op, const char *name, int64_t otherwise)
{
    const crl_option *o = crl_operator_option(op, name);
    return o ? o->i : otherwise;
}

/* ---- parameters -------------------------------------------------------------------------------------- */

static bool scales_differ(const crl_quant *q)
{
    for (int32_t i = 1; i < q->n; i++)
        if (q->scale[i] != q->scale[0]) return true;
    return false;
}

/* Tables of 4 bytes for each channel in front of the weights: scales where they differ, biases (since compiler 16 only where one is not
 * zero), zero points where weights have one for each channel. */
static size_t prefix(const crl_judged *j, const crl_tensor_def *weights, const crl_tensor_def *bias)
{
    const bool per_channel = weights->quant.n > 1;
    size_t tables = per_channel ? 1 : 0;
    tables += per_channel && scales_differ(&weights->quant);
    tables += bias && bias->data && (j->options.compiler < 16 || !crl_constant_is_zero(bias));
    return 4 * tables;
}

/* What the neighbours of a tensor are, which decides about its layout. */
typedef struct neighbours {
    int32_t *group;  /* into how many channels a mapped RESHAPE that reads the tensor groups them; 0: none does */
    int32_t *writer; /* the operator that writes it, -1: it is given */
} neighbours;

static bool find_neighbours(crl_judged *j, neighbours *near)
{
    near->group = crl_judged_take(j, (size_t)j->graph->n_tensors, sizeof *near->group);
    near->writer = crl_judged_take(j, (size_t)j->graph->n_tensors, sizeof *near->writer);
    if (j->failed) return false;
    for (int32_t t = 0; t < j->graph->n_tensors; t++) near->writer[t] = -1;
    for (int32_t i = 0; i < j->graph->n_operators; i++) {
        const crl_operator *op = &j->graph->operators[i];
        for (int32_t k = 0; k < op->n_outputs; k++) near->writer[op->outputs[k]] = i;
        if (op->code != CRL_OP_RESHAPE || j->ops[i].mapping || !op->n_inputs || op->inputs[0] < 0 || !op->n_outputs) continue;
        const crl_shape *s = &j->graph->tensors[op->outputs[0]].shape;
        if (!near->group[op->inputs[0]] && s->rank) near->group[op->inputs[0]] = s->dim[s->rank - 1];
    }
    return true;
}

/* Channels that a RESHAPE behind the layer takes apart in groups: each group is padded. */
static size_t grouped(size_t channels, int32_t group)
{
    const size_t k = (size_t)group;
    return k && k < channels && channels % k == 0 ? channels / k * up(k, 4) : channels;
}

static size_t convolution_bytes(const crl_judged *j, const crl_operator *op, const neighbours *near)
{
    const int at = op->code == CRL_OP_TRANSPOSE_CONV ? 3 : 2;
    const crl_tensor_def *w = tensor(j, op->inputs, op->n_inputs, 1), *bias = tensor(j, op->inputs, op->n_inputs, at);
    if (!w || w->shape.rank != 4) return 0;
    const int32_t *d = w->shape.dim;
    const size_t out = grouped((size_t)d[0], near->group[op->outputs[0]]);
    return up(rows(out, false) * (prefix(j, w, bias) + (size_t)d[1] * (size_t)d[2] * up((size_t)d[3], 4)), 64);
}

/* Weights stand on the diagonal of 4x4 matrices. What a kernel would read of an image of height or width 1 is left out. From
 * one channel it is a convolution. */
static size_t depthwise_bytes(const crl_judged *j, const crl_operator *op)
{
    const crl_tensor_def *w = tensor(j, op->inputs, op->n_inputs, 1), *bias = tensor(j, op->inputs, op->n_inputs, 2);
    const crl_tensor_def *x = tensor(j, op->inputs, op->n_inputs, 0);
    if (!w || w->shape.rank != 4 || !x || x->shape.rank != 4) return 0;
    const size_t kh = x->shape.dim[1] == 1 ? 1 : (size_t)w->shape.dim[1], kw = x->shape.dim[2] == 1 ? 1 : (size_t)w->shape.dim[2];
    const size_t channels = (size_t)w->shape.dim[3];
    if (x->shape.dim[3] == 1) return up(rows(channels, false) * (prefix(j, w, bias) + kh * kw * 4), 64);
    return up(up(channels, 4) * (prefix(j, w, bias) + 4 * kh * kw), 64);
}

/* What an operator reads lies in rows and columns still, though a RESHAPE called it one row. */
static const crl_tensor_def *behind_reshape(const crl_judged *j, const neighbours *near, int32_t t)
{
    const int32_t i = t < 0 ? -1 : near->writer[t];
    if (i < 0 || j->graph->operators[i].code != CRL_OP_RESHAPE || j->ops[i].mapping) return NULL;
    return tensor(j, j->graph->operators[i].inputs, j->graph->operators[i].n_inputs, 0);
}

static bool is_spatial(const crl_tensor_def *t)
{
    int32_t yxz[3];
    crl_tensor_yxz(t, yxz);
    return yxz[0] > 1 || yxz[1] > 1;
}

/* Two tables for each channel of INT8, since compiler 15; of UINT8 three sums over channels, as layers with one output, since compiler 16. Over
 * positions none are needed. */
static size_t softmax_bytes(const crl_judged *j, const crl_operator *op, const neighbours *near)
{
    const crl_tensor_def *x = tensor(j, op->inputs, op->n_inputs, 0);
    if (!x || !x->shape.rank) return 0;
    const crl_tensor_def *before = behind_reshape(j, near, op->inputs[0]);
    if (before && is_spatial(before)) return 0;
    const size_t groups = up((size_t)x->shape.dim[x->shape.rank - 1], 4) / 4;
    if (x->type == CRL_INT8) return j->options.compiler < 15 ? 0 : 2 * 64 * groups;
    return j->options.compiler < 16 ? 0 : 3 * 64 * groups + 64;
}

/* A matrix that puts the inputs of `words` groups of four into other places, of which there are `places`. */
static size_t matrix_bytes(size_t places, size_t words)
{
    return up(4 * rows(places, false) * words, 64);
}

/* Channels in front: each channel gets a group of four for itself, of which there is one matrix where channels are whole groups, and then the columns
 * of each are put side by side in two steps. Known of five models. */
static size_t transpose_bytes(const crl_judged *j, const crl_operator *op)
{
    static const int32_t to_front[] = { 0, 3, 1, 2 };
    const crl_tensor_def *x = tensor(j, op->inputs, op->n_inputs, 0), *axes = tensor(j, op->inputs, op->n_inputs, 1);
    if (!x || x->shape.rank != 4 || !axes || !axes->data || axes->bytes != sizeof to_front || memcmp(axes->data, to_front, sizeof to_front)) return 0;
    const size_t columns = (size_t)x->shape.dim[2], channels = (size_t)x->shape.dim[3];
    const size_t apart = channels % 4 ? matrix_bytes(4 * channels, up(channels, 4) / 4 + 1) : 64;
    return apart + matrix_bytes(4 * columns, columns) + matrix_bytes(columns, columns);
}

/* Positions that become channels, where those of a position are not whole groups of four, are moved by a matrix for each tile that
 * holds some, and one of zeros. An input of the model comes in the layout that is wanted. */
static size_t reshape_bytes(const crl_judged *j, const crl_operator *op, const neighbours *near)
{
    const crl_tensor_def *x = tensor(j, op->inputs, op->n_inputs, 0), *y = &j->graph->tensors[op->outputs[0]];
    int32_t from[3], to[3];
    if (!x || x->data) return 0;
    const int32_t i = near->writer[op->inputs[0]];
    if (i < 0 || (j->graph->operators[i].code == CRL_OP_QUANTIZE && j->graph->operators[i].n_inputs &&
                  j->graph->operators[i].inputs[0] >= 0 && near->writer[j->graph->operators[i].inputs[0]] < 0))
        return 0;
    crl_tensor_yxz(x, from);
    crl_tensor_yxz(y, to);
    if (!is_spatial(x) || from[2] % 4 == 0) return 0;
    /* Those of a row alone, behind a TRANSPOSE: by a matrix for all of them. Known of one model. */
    if (is_spatial(y) && j->graph->operators[i].code == CRL_OP_TRANSPOSE && from[0] > 1 && from[1] > 1 &&
        to[0] * to[1] == from[0] && to[2] == from[1] * from[2])
        return matrix_bytes((size_t)to[2], (size_t)from[1] * (up((size_t)from[2], 4) / 4) + 1);
    if (is_spatial(y)) return 0;
    return 64 * (1 + (size_t)(from[0] < 4 ? from[0] : 4) * (size_t)(from[1] < 4 ? from[1] : 4));
}

/* Positions that are read as a row, by the layer itself or a RESHAPE of the model's input, keep their padding. */
static size_t connected_bytes(const crl_judged *j, const crl_operator *op, const neighbours *near)
{
    const crl_tensor_def *w = tensor(j, op->inputs, op->n_inputs, 1), *bias = tensor(j, op->inputs, op->n_inputs, 2);
    if (!w || w->shape.rank != 2) return 0;
    const crl_tensor_def *before = behind_reshape(j, near, op->inputs[0]);
    size_t n = up((size_t)w->shape.dim[1], 4);
    int32_t yxz[3];
    if (before && reshape_bytes(j, &j->graph->operators[near->writer[op->inputs[0]]], near)) before = NULL; /* it was packed */
    if (!before) before = tensor(j, op->inputs, op->n_inputs, 0);
    if (before && is_spatial(before)) {
        crl_tensor_yxz(before, yxz);
        const size_t padded = (size_t)yxz[0] * (size_t)yxz[1] * up((size_t)yxz[2], 4);
        if ((size_t)yxz[0] * (size_t)yxz[1] * (size_t)yxz[2] == (size_t)w->shape.dim[1]) n = padded;
    }
    return up(rows((size_t)w->shape.dim[0], true) * (prefix(j, w, bias) + n), 64);
}

/* Channels that come to lie between groups of four are moved by a matrix for each input, and one of zeros; not those of inputs of the
 * model, again. */
static size_t concatenation_bytes(const crl_judged *j, const crl_operator *op, const neighbours *near)
{
    size_t at = 0;
    bool between = false, computed = false;
    const crl_tensor_def *y = &j->graph->tensors[op->outputs[0]];
    const int64_t axis = number(op, "axis", 0);
    if (!y->shape.rank || (axis < 0 ? axis + y->shape.rank : axis) != y->shape.rank - 1) return 0;
    for (int32_t k = 0; k < op->n_inputs; k++) {
        const crl_tensor_def *t = tensor(j, op->inputs, op->n_inputs, k);
        between |= at % 4 != 0;
        computed |= op->inputs[k] >= 0 && near->writer[op->inputs[k]] >= 0;
        if (t && t->shape.rank) at += (size_t)t->shape.dim[t->shape.rank - 1];
    }
    return between && computed ? 64 * ((size_t)op->n_inputs + 1) : 0;
}

/* More channels are made by a convolution with one point, which has a bias for each. */
static size_t pad_bytes(const crl_judged *j, const crl_operator *op)
{
    const crl_tensor_def *x = tensor(j, op->inputs, op->n_inputs, 0), *y = &j->graph->tensors[op->outputs[0]];
    int32_t from[3], to[3];
    if (!x) return 0;
    crl_tensor_yxz(x, from);
    crl_tensor_yxz(y, to);
    return from[2] < to[2] ? up(rows((size_t)to[2], false) * (4 + up((size_t)from[2], 4)), 64) : 0;
}

static bool is_uniform(const crl_tensor_def *t)
{
    const uint8_t *bytes = t->data;
    for (size_t i = 1; i < t->bytes; i++)
        if (bytes[i] != bytes[0]) return false;
    return true;
}

/* Operators on two tensors, one of them constant and not the same everywhere: numbers for each channel are a line for four. */
static size_t constant_operand_bytes(const crl_judged *j, const crl_operator *op)
{
    for (int32_t k = 0; k < 2; k++) {
        const crl_tensor_def *t = tensor(j, op->inputs, op->n_inputs, k);
        int32_t yxz[3];
        if (!t || !t->data) continue;
        crl_tensor_yxz(t, yxz);
        if (yxz[0] > 1 || yxz[1] > 1) return up(t->bytes, 64) + 64;
        if (yxz[2] > 1 && !is_uniform(t)) return 64 * (up((size_t)yxz[2], 4) / 4);
    }
    return 0;
}

/* Weights of a recurrent layer as rows of gates; measured on one model, of which this explains a quarter. */
static size_t lstm_bytes(const crl_judged *j, const crl_operator *op)
{
    size_t sum = 0;
    for (int32_t k = 1; k < 9; k++) {
        const crl_tensor_def *w = tensor(j, op->inputs, op->n_inputs, k);
        if (w && w->data && w->shape.rank == 2) sum += up(rows((size_t)w->shape.dim[0], false) * up((size_t)w->shape.dim[1], 4), 64);
    }
    return sum;
}

static size_t parameter_bytes(const crl_judged *j, const crl_operator *op, const neighbours *near)
{
    switch (op->code) {
    case CRL_OP_CONV_2D:
    case CRL_OP_TRANSPOSE_CONV: return convolution_bytes(j, op, near);
    case CRL_OP_FULLY_CONNECTED: return connected_bytes(j, op, near);
    case CRL_OP_DEPTHWISE_CONV_2D: return depthwise_bytes(j, op);
    case CRL_OP_SOFTMAX: return softmax_bytes(j, op, near);
    case CRL_OP_RESHAPE: return reshape_bytes(j, op, near);
    case CRL_OP_CONCATENATION: return concatenation_bytes(j, op, near);
    case CRL_OP_PAD: return pad_bytes(j, op);
    case CRL_OP_TRANSPOSE: return transpose_bytes(j, op);
    case CRL_OP_ADD:
    case CRL_OP_SUB:
    case CRL_OP_MUL:
    case CRL_OP_MAXIMUM:
    case CRL_OP_MINIMUM:
    case CRL_OP_SQUARED_DIFFERENCE: return constant_operand_bytes(j, op);
    case CRL_OP_UNIDIRECTIONAL_SEQUENCE_LSTM: return lstm_bytes(j, op);
    default: return 0;
    }
}

/* ---- cached or streamed ------------------------------------------------------------------------------ */

typedef struct block {
    int32_t op;
    bool first; /* depthwise weights, and those of layers with one output position, which are used up fast */
    size_t bytes;
} block;

static int cached_first(const void *a, const void *b)
{
    const block *x = a, *y = b;
    if (x->first != y->first) return x->first ? -1 : 1;
    if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
    return (x->op > y->op) - (x->op < y->op);
}

static bool is_cached_first(const crl_judged *j, const crl_operator *op)
{
    int32_t yxz[3];
    crl_tensor_yxz(&j->graph->tensors[op->outputs[0]], yxz);
    return op->code == CRL_OP_DEPTHWISE_CONV_2D || op->code == CRL_OP_FULLY_CONNECTED ||
           (op->code == CRL_OP_CONV_2D && yxz[0] == 1 && yxz[1] == 1);
}

/* Constant operands, and rows of so many weights that a tile's share of one is large: 4,096 are cached, 16,384 not. */
static bool is_always_streamed(const crl_judged *j, const crl_operator *op)
{
    enum { LONGEST_ROW = 8192 };
    switch (op->code) {
    case CRL_OP_ADD:
    case CRL_OP_SUB:
    case CRL_OP_MUL:
    case CRL_OP_MAXIMUM:
    case CRL_OP_MINIMUM:
    case CRL_OP_SQUARED_DIFFERENCE: return true;
    case CRL_OP_FULLY_CONNECTED: return j->graph->tensors[op->inputs[1]].shape.dim[1] > LONGEST_ROW;
    default: return false;
    }
}

static void share_cache(crl_judged *j)
{
    block *blocks = crl_judged_take(j, (size_t)j->graph->n_operators, sizeof *blocks);
    size_t n = 0, used = 0, wanted = 0;
    for (int32_t i = 0; i < j->graph->n_operators && blocks; i++) {
        crl_check_op *op = &j->ops[i];
        if (!op->parameter_bytes) continue;
        op->streamed = true;
        j->check.parameter_bytes += op->parameter_bytes;
        if (is_always_streamed(j, &j->graph->operators[i])) continue;
        blocks[n++] = (block){ i, is_cached_first(j, &j->graph->operators[i]), op->parameter_bytes };
        wanted += op->parameter_bytes;
    }
    if (!blocks) return;
    qsort(blocks, n, sizeof *blocks, cached_first);
    for (size_t k = 0; k < n; k++) {
        if (blocks[k].bytes > CACHE - used) continue;
        used += blocks[k].bytes;
        j->ops[blocks[k].op].streamed = false;
    }
    j->check.cached_bytes = used;
    j->check.streamed_bytes = j->check.parameter_bytes - used;
    j->check.near_limit = wanted > CACHE_LEAST && wanted < CACHE_MOST;
}

/* ---- activations ------------------------------------------------------------------------------------- */

/* How many rows or columns of a tensor a tile has to hold: its share, and what its share of the consumer's output reads. */
static int32_t reach(int32_t size, int32_t size_out, int64_t stride, int64_t kernel, int64_t dilation)
{
    const int64_t share = ((int64_t)size + 3) / 4, read = (((int64_t)size_out + 3) / 4 - 1) * stride + (kernel - 1) * dilation + 1;
    const int64_t most = share > read ? share : read;
    return (int32_t)(most < size ? most : size);
}

static bool is_window(const crl_operator *op)
{
    return op->code == CRL_OP_CONV_2D || op->code == CRL_OP_DEPTHWISE_CONV_2D;
}

typedef struct extent {
    int32_t rows, columns;
} extent;

static void widen(const crl_judged *j, const crl_operator *op, extent *at)
{
    const crl_tensor_def *x = tensor(j, op->inputs, op->n_inputs, 0), *w = tensor(j, op->inputs, op->n_inputs, 1);
    const crl_tensor_def *y = &j->graph->tensors[op->outputs[0]];
    if (!x || !w || w->shape.rank != 4 || x->shape.rank != 4 || y->shape.rank != 4) return;
    extent *e = &at[op->inputs[0]];
    const int32_t r = reach(x->shape.dim[1], y->shape.dim[1], number(op, "stride_h", 1), w->shape.dim[1], number(op, "dilation_h_factor", 1));
    const int32_t c = reach(x->shape.dim[2], y->shape.dim[2], number(op, "stride_w", 1), w->shape.dim[2], number(op, "dilation_w_factor", 1));
    if (r > e->rows) e->rows = r;
    if (c > e->columns) e->columns = c;
}

static size_t held(const crl_judged *j, const extent *at, int32_t t)
{
    int32_t yxz[3];
    if (t < 0 || j->graph->tensors[t].data) return 0;
    crl_tensor_yxz(&j->graph->tensors[t], yxz);
    const uint64_t bytes = (uint64_t)at[t].rows * (uint64_t)at[t].columns;
    return bytes > SIZE_MAX / 16 / (up((size_t)yxz[2], 4) + 1) ? SIZE_MAX / 16 : (size_t)bytes * up((size_t)yxz[2], 4);
}

static void count_tiles(crl_judged *j)
{
    const crl_subgraph *g = j->graph;
    extent *at = crl_judged_take(j, (size_t)g->n_tensors, sizeof *at);
    if (!at) return;
    for (int32_t t = 0; t < g->n_tensors; t++) {
        int32_t yxz[3];
        crl_tensor_yxz(&g->tensors[t], yxz);
        at[t] = (extent){ (int32_t)(((int64_t)yxz[0] + 3) / 4), (int32_t)(((int64_t)yxz[1] + 3) / 4) };
    }
    for (int32_t i = 0; i < g->n_operators; i++)
        if (!j->ops[i].mapping && g->operators[i].n_outputs && is_window(&g->operators[i])) widen(j, &g->operators[i], at);
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        if (j->ops[i].mapping || !op->n_outputs || (!is_window(op) && op->code != CRL_OP_ADD)) continue;
        size_t sum = held(j, at, op->outputs[0]);
        for (int32_t k = 0; k < op->n_inputs && k < 2; k++) sum += held(j, at, op->inputs[k]);
        j->ops[i].tile_bytes = sum;
        if (sum > j->check.tile_bytes) j->check.tile_bytes = sum;
    }
}

/* ---- work, and what goes in and out -------------------------------------------------------------------- */

static uint64_t macs_of(const crl_judged *j, const crl_operator *op)
{
    const crl_tensor_def *w = tensor(j, op->inputs, op->n_inputs, 1), *y = tensor(j, op->outputs, op->n_outputs, 0);
    if (!w || !y) return 0;
    const uint64_t out = crl_shape_count(&y->shape), weights = crl_shape_count(&w->shape);
    switch (op->code) {
    case CRL_OP_CONV_2D:
    case CRL_OP_FULLY_CONNECTED: return w->shape.rank && w->shape.dim[0] ? out * (weights / (uint64_t)w->shape.dim[0]) : 0;
    case CRL_OP_DEPTHWISE_CONV_2D: return w->shape.rank == 4 && w->shape.dim[3] ? out * (weights / (uint64_t)w->shape.dim[3]) : 0;
    case CRL_OP_TRANSPOSE_CONV: {
        const crl_tensor_def *x = tensor(j, op->inputs, op->n_inputs, 2);
        return x && w->shape.rank == 4 && w->shape.dim[3] ? crl_shape_count(&x->shape) * (weights / (uint64_t)w->shape.dim[3]) : 0;
    }
    default: return 0;
    }
}

/* Inputs are dense, outputs have their channels padded to 4; both end at a multiple of 8. */
static void add_layer(const crl_judged *j, crl_check_layer *list, int32_t *n, int32_t t, bool output)
{
    const crl_tensor_def *def = &j->graph->tensors[t];
    int32_t yxz[3];
    crl_tensor_yxz(def, yxz);
    size_t bytes = 0, area = 0;
    const size_t depth = (output ? up((size_t)yxz[2], 4) : (size_t)yxz[2]) * (crl_type_bytes(def->type) ? crl_type_bytes(def->type) : 1);
    if (!crl_size_mul((size_t)yxz[0], (size_t)yxz[1], &area) || !crl_size_mul(area, depth, &bytes) || bytes > SIZE_MAX - 8) bytes = 0;
    list[(*n)++] = (crl_check_layer){ .tensor = t, .bytes = up(bytes, 8), .y = yxz[0], .x = yxz[1], .z = yxz[2] };
}

/* Marks what leads to an output of the model; the compiler drops the rest. */
static void find_wanted(const crl_judged *j, uint8_t *alive)
{
    const crl_subgraph *g = j->graph;
    for (int32_t k = 0; k < g->n_outputs; k++) alive[g->outputs[k]] = 1;
    for (int32_t i = g->n_operators; i-- > 0;) {
        const crl_operator *op = &g->operators[i];
        bool any = false;
        for (int32_t k = 0; k < op->n_outputs; k++) any |= alive[op->outputs[k]];
        for (int32_t k = 0; any && k < op->n_inputs; k++)
            if (op->inputs[k] >= 0) alive[op->inputs[k]] = 1;
    }
}

static bool is_alive(const crl_operator *op, const uint8_t *alive)
{
    for (int32_t k = 0; k < op->n_outputs; k++)
        if (alive[op->outputs[k]]) return true;
    return false;
}

/* What is read inside and given, or written outside, goes in; what is written inside and read outside comes out. */
static void find_ends(crl_judged *j)
{
    const crl_subgraph *g = j->graph;
    uint8_t *inside = crl_judged_take(j, (size_t)g->n_tensors, 1), *wanted = crl_judged_take(j, (size_t)g->n_tensors, 1);
    uint8_t *alive = crl_judged_take(j, (size_t)g->n_tensors, 1);
    size_t n_in = 0, n_out = 0;
    for (int32_t i = 0; i < g->n_operators; i++) {
        n_in += (size_t)g->operators[i].n_inputs;
        n_out += (size_t)g->operators[i].n_outputs;
    }
    crl_check_layer *in = crl_judged_take(j, n_in, sizeof *in), *out = crl_judged_take(j, n_out + n_in, sizeof *out);
    if (j->failed) return;
    find_wanted(j, alive);
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        if (!is_alive(op, alive)) continue;
        for (int32_t k = 0; k < op->n_outputs && !j->ops[i].mapping; k++) inside[op->outputs[k]] = 1;
        for (int32_t k = 0; k < op->n_inputs && j->ops[i].mapping; k++)
            if (op->inputs[k] >= 0) wanted[op->inputs[k]] = 1;
    }
    for (int32_t k = 0; k < g->n_outputs; k++) wanted[g->outputs[k]] = 1;
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        if (!is_alive(op, alive)) continue;
        for (int32_t k = 0; k < op->n_inputs && !j->ops[i].mapping; k++) {
            const int32_t t = op->inputs[k];
            if (t < 0 || g->tensors[t].data || inside[t]) continue;
            inside[t] = 2; /* once */
            add_layer(j, in, &j->check.n_inputs, t, false);
            if (g->tensors[t].is_variable) add_layer(j, out, &j->check.n_outputs, t, true); /* state comes back */
        }
        for (int32_t k = 0; k < op->n_outputs && !j->ops[i].mapping; k++)
            if (wanted[op->outputs[k]] == 1) {
                wanted[op->outputs[k]] = 2;
                add_layer(j, out, &j->check.n_outputs, op->outputs[k], true);
            }
    }
    j->check.inputs = in;
    j->check.outputs = out;
}

void crl_count_cost(crl_judged *j)
{
    neighbours near;
    if (!find_neighbours(j, &near)) return;
    for (int32_t i = 0; i < j->graph->n_operators; i++) {
        const crl_operator *op = &j->graph->operators[i];
        j->ops[i].macs = macs_of(j, op);
        j->check.macs += j->ops[i].macs;
        if (j->ops[i].mapping) continue;
        j->check.mapped_macs += j->ops[i].macs;
        j->ops[i].parameter_bytes = op->n_outputs ? parameter_bytes(j, op, &near) : 0;
    }
    j->check.tile_limit = CRL_TILE_BYTES;
    share_cache(j);
    if (!j->failed) count_tiles(j);
    if (!j->failed) find_ends(j);
}
