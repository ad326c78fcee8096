/* SPDX-License-Identifier: Apache-2.0 */
/* The rules by which an operator is mapped, a row for each: the operator, the test, the sentence. They are asked in the order of the
 * table, and the first that is broken answers.
 *
 * Sources  what compiled models have and have not (docs/check.md lists them), logs that users published, and for the rest Coral's
 *          documentation, "TensorFlow models on the Edge TPU". Where they differ, models win: TILE is mapped, which the
 *          documentation does not have; QUANTIZE, LSTM and dilated depthwise convolutions are in models of runtime 12. */
#include "compile/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ops/codes.h"

enum { ANY = -1, INT8_RUNTIME = 12, DILATED_RUNTIME = 12, DEPTH_RUNTIME = 13, RESIZE_RUNTIME = 14 };
/* Sizes that public logs have on both sides: averages over 64x128 are mapped, over 256x128 not; 16,384 classes are (the
 * documentation says 16,000); 100,000 outputs of a FULLY_CONNECTED are not. */
enum { MOST_AVERAGED = 16384, MOST_CLASSES = 16384, MOST_OUTPUTS = 65536, MOST_ENLARGED = 16, MOST_RESHAPED = 393216, LEAST_NOT_TURNED = 102400 };

/* ---- what tests are made of ----------------------------------------------------------------------- */

static void value(crl_question *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void value(crl_question *q, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(q->value, sizeof q->value, fmt, args);
    va_end(args);
}

static const crl_tensor_def *in(const crl_question *q, int32_t i)
{
    return i < q->op->n_inputs && q->op->inputs[i] >= 0 ? &q->graph->tensors[q->op->inputs[i]] : NULL;
}

static const crl_tensor_def *out(const crl_question *q, int32_t i)
{
    return i < q->op->n_outputs ? &q->graph->tensors[q->op->outputs[i]] : NULL;
}

static int64_t number(const crl_question *q, const char *name)
{
    const crl_option *o = crl_operator_option(q->op, name);
    return o ? o->i : 0;
}

/* Entries of a constant tensor of INT32 or INT64; 0 where there is none. */
static int32_t count(const crl_tensor_def *t)
{
    if (!t || !t->data || (t->type != CRL_INT32 && t->type != CRL_INT64)) return 0;
    return (int32_t)(t->bytes / crl_type_bytes(t->type));
}

static int64_t entry(const crl_tensor_def *t, int32_t i)
{
    int32_t narrow;
    int64_t wide;
    if (t->type == CRL_INT64) {
        memcpy(&wide, (const char *)t->data + sizeof wide * (size_t)i, sizeof wide);
        return wide;
    }
    memcpy(&narrow, (const char *)t->data + sizeof narrow * (size_t)i, sizeof narrow);
    return narrow;
}

static bool is_8_bit(crl_type type)
{
    return type == CRL_UINT8 || type == CRL_INT8;
}

static const char *shape_of(const crl_tensor_def *t, char text[CRL_SHAPE_TEXT])
{
    return crl_shape_text(&t->shape, text, CRL_SHAPE_TEXT);
}

static void value_shapes(crl_question *q)
{
    char a[CRL_SHAPE_TEXT] = "?", b[CRL_SHAPE_TEXT] = "?";
    if (in(q, 0)) shape_of(in(q, 0), a);
    if (out(q, 0)) shape_of(out(q, 0), b);
    value(q, "%s to %s", a, b);
}

void crl_tensor_yxz(const crl_tensor_def *t, int32_t yxz[3])
{
    for (int32_t k = 0; k < 3; k++) {
        const int32_t d = t->shape.rank - 3 + k;
        yxz[k] = d >= 0 ? t->shape.dim[d] : 1;
    }
}

size_t crl_tile_share(const crl_tensor_def *t)
{
    int32_t yxz[3];
    crl_tensor_yxz(t, yxz);
    const size_t bytes = crl_type_bytes(t->type) ? crl_type_bytes(t->type) : 1;
    const uint64_t share = ((uint64_t)yxz[0] + 3) / 4 * (((uint64_t)yxz[1] + 3) / 4);
    const uint64_t depth = ((uint64_t)yxz[2] + 3) / 4 * 4 * bytes;
    return share && depth > SIZE_MAX / 2 / share ? SIZE_MAX / 2 : (size_t)(share * depth);
}

bool crl_constant_is_zero(const crl_tensor_def *t)
{
    const uint8_t zero = is_8_bit(t->type) && t->quant.n ? (uint8_t)t->quant.zero_point[0] : 0;
    for (size_t i = 0; i < t->bytes; i++)
        if (((const uint8_t *)t->data)[i] != zero) return false;
    return true;
}

/* Along which dimension, for operators that name one. */
static int32_t axis_of(int64_t axis, const crl_tensor_def *t)
{
    return (int32_t)(axis < 0 ? axis + t->shape.rank : axis);
}

/* ---- rules of all operators ------------------------------------------------------------------------ */

static bool type_fits(const crl_question *q, const crl_tensor_def *t)
{
    if (t->type == CRL_INT16) return q->op->code == CRL_OP_UNIDIRECTIONAL_SEQUENCE_LSTM; /* the state of its cells */
    return t->type == CRL_UINT8 || (t->type == CRL_INT8 && q->runtime >= INT8_RUNTIME);
}

static bool is_real(crl_type type)
{
    return type == CRL_FLOAT32 || type == CRL_FLOAT16 || type == CRL_FLOAT64 || type == CRL_BFLOAT16;
}

static bool wrong_type(crl_question *q)
{
    for (int32_t i = 0; i < q->op->n_outputs; i++)
        if (!type_fits(q, out(q, i))) {
            value(q, "writes %s", crl_type_name(out(q, i)->type));
            return true;
        }
    if (q->op->code == CRL_OP_QUANTIZE) return false; /* of which the compiler says something else */
    for (int32_t i = 0; i < q->op->n_inputs; i++)
        if (in(q, i) && !in(q, i)->data && !type_fits(q, in(q, i))) {
            value(q, "reads %s", crl_type_name(in(q, i)->type));
            return true;
        }
    return false;
}

/* Numbers that count or point, and what is computed from them. */
static bool not_even_real(crl_question *q)
{
    for (int32_t i = 0; i < q->op->n_outputs; i++)
        if (is_real(out(q, i)->type)) return false;
    for (int32_t i = 0; i < q->op->n_inputs; i++)
        if (in(q, i) && is_real(in(q, i)->type)) return false;
    return wrong_type(q) && !strstr(q->value, "INT8") && q->op->code != CRL_OP_ARG_MAX && q->op->code != CRL_OP_ARG_MIN;
}

static bool int8_too_early(crl_question *q)
{
    return q->runtime < INT8_RUNTIME && wrong_type(q) && strstr(q->value, " INT8");
}

static bool weights_not_8_bit(crl_question *q)
{
    const crl_tensor_def *w = in(q, 1);
    if (!w || !w->data || is_8_bit(w->type)) return false;
    value(q, "has weights of %s", crl_type_name(w->type));
    return true;
}

/* Operators that the compiler takes, and from which runtime on. */
static const struct {
    int32_t code, runtime;
} taken[] = {
    { CRL_OP_ADD, 0 },
    { CRL_OP_AVERAGE_POOL_2D, 0 },
    { CRL_OP_CONCATENATION, 0 },
    { CRL_OP_CONV_2D, 0 },
    { CRL_OP_DEPTHWISE_CONV_2D, 0 },
    { CRL_OP_EXPAND_DIMS, 13 },
    { CRL_OP_FULLY_CONNECTED, 0 },
    { CRL_OP_L2_NORMALIZATION, 0 },
    { CRL_OP_LOGISTIC, 0 },
    { CRL_OP_MAXIMUM, 0 },
    { CRL_OP_MAX_POOL_2D, 0 },
    { CRL_OP_MEAN, 0 },
    { CRL_OP_MINIMUM, 0 },
    { CRL_OP_MUL, 0 },
    { CRL_OP_PACK, 13 },
    { CRL_OP_PAD, 0 },
    { CRL_OP_PRELU, 13 },
    { CRL_OP_QUANTIZE, 12 },
    { CRL_OP_REDUCE_MAX, 14 },
    { CRL_OP_REDUCE_MIN, 14 },
    { CRL_OP_RELU, 0 },
    { CRL_OP_RELU6, 0 },
    { CRL_OP_RELU_N1_TO_1, 0 },
    { CRL_OP_RESHAPE, 0 },
    { CRL_OP_RESIZE_BILINEAR, 0 },
    { CRL_OP_RESIZE_NEAREST_NEIGHBOR, 0 },
    { CRL_OP_RSQRT, 14 },
    { CRL_OP_SLICE, 0 },
    { CRL_OP_SOFTMAX, 0 },
    { CRL_OP_SPACE_TO_DEPTH, 0 },
    { CRL_OP_SPLIT, 0 },
    { CRL_OP_SQUARED_DIFFERENCE, 14 },
    { CRL_OP_SQUEEZE, 0 },
    { CRL_OP_STRIDED_SLICE, 0 },
    { CRL_OP_SUB, 0 },
    { CRL_OP_SUM, 13 },
    { CRL_OP_TANH, 0 },
    { CRL_OP_TILE, 0 },
    { CRL_OP_TRANSPOSE, 14 },
    { CRL_OP_TRANSPOSE_CONV, 13 },
    { CRL_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, 12 },
};

static int32_t runtime_of(int32_t code)
{
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (taken[i].code == code) return taken[i].runtime;
    return -1;
}

static bool not_taken(crl_question *q)
{
    value(q, "%s", q->op->name);
    return runtime_of(q->op->code) < 0;
}

static bool runtime_too_old(crl_question *q)
{
    value(q, "needs runtime %d; runtime %d was asked for", runtime_of(q->op->code), q->runtime);
    return runtime_of(q->op->code) > q->runtime;
}

/* Compilers up to 15 know the first two versions; converters write the third since half-pixel centres exist. */
static bool resize_too_new(crl_question *q)
{
    value(q, "is of version %d", q->op->version);
    return q->op->version > 2 && q->runtime < RESIZE_RUNTIME;
}

static bool rank_of_tensor(crl_question *q, const crl_tensor_def *t)
{
    char text[CRL_SHAPE_TEXT];
    if (!t) return false;
    for (int32_t d = 0; d < t->shape.rank - 3; d++)
        if (t->shape.dim[d] > 1) {
            value(q, "has a tensor of shape %s", shape_of(t, text));
            return true;
        }
    return false;
}

static bool too_many_dimensions(crl_question *q)
{
    for (int32_t i = 0; i < q->op->n_inputs; i++)
        if (in(q, i) && !in(q, i)->data && rank_of_tensor(q, in(q, i))) return true;
    for (int32_t i = 0; i < q->op->n_outputs; i++)
        if (rank_of_tensor(q, out(q, i))) return true;
    return false;
}

/* Inputs that have to be constants, a bit for each. */
static const struct {
    int32_t code;
    uint32_t inputs;
} constants[] = {
    { CRL_OP_CONV_2D, 6 },     { CRL_OP_DEPTHWISE_CONV_2D, 6 },   { CRL_OP_EXPAND_DIMS, 2 },
    { CRL_OP_FULLY_CONNECTED, 6 }, { CRL_OP_MEAN, 2 },            { CRL_OP_PAD, 2 },
    { CRL_OP_PRELU, 2 },       { CRL_OP_REDUCE_MAX, 2 },          { CRL_OP_REDUCE_MIN, 2 },
    { CRL_OP_RESHAPE, 2 },     { CRL_OP_RESIZE_BILINEAR, 2 },     { CRL_OP_RESIZE_NEAREST_NEIGHBOR, 2 },
    { CRL_OP_SLICE, 6 },       { CRL_OP_SPLIT, 1 },               { CRL_OP_STRIDED_SLICE, 14 },
    { CRL_OP_SUM, 2 },         { CRL_OP_TILE, 2 },                { CRL_OP_TRANSPOSE, 2 },
    { CRL_OP_TRANSPOSE_CONV, 11 },
};

static bool not_constant(crl_question *q)
{
    for (size_t k = 0; k < sizeof constants / sizeof *constants; k++)
        for (int32_t i = 0; constants[k].code == q->op->code && i < 32; i++)
            if (constants[k].inputs >> i & 1 && in(q, i) && !in(q, i)->data) {
                value(q, "input %d \"%.100s\" is computed", i, in(q, i)->name);
                return true;
            }
    return false;
}

static bool quantises_floats(crl_question *q)
{
    if (!in(q, 0) || in(q, 0)->data || type_fits(q, in(q, 0))) return false;
    value(q, "%s", crl_type_name(in(q, 0)->type));
    return true;
}

/* ---- rules of one operator ------------------------------------------------------------------------- */

static bool fused_activation(crl_question *q)
{
    const crl_option *o = crl_operator_option(q->op, "fused_activation_function");
    if (!o || !o->i) return false;
    value(q, "%s", o->text ? o->text : "one");
    return true;
}

static bool constant_not_zero_padding(crl_question *q)
{
    int32_t n = 0;
    for (int32_t i = 0; i < q->op->n_inputs; i++)
        if (in(q, i) && in(q, i)->data) {
            n++;
            if (!crl_constant_is_zero(in(q, i))) {
                value(q, "input %d is a constant that is not all zeros", i);
                return true;
            }
        }
    value(q, "%d of %d inputs are constants", n, q->op->n_inputs);
    return n && q->op->n_inputs != 2;
}

static bool output_too_large(crl_question *q)
{
    char a[CRL_SHAPE_TEXT];
    for (int32_t i = 0; i < q->op->n_outputs; i++)
        if (crl_tile_share(out(q, i)) > CRL_TILE_BYTES) {
            value(q, "%s takes %zu bytes", shape_of(out(q, i), a), crl_tile_share(out(q, i)));
            return true;
        }
    return false;
}

/* Logs of YOLOv5 and v8: 261,120 bytes are mapped, 587,520 and more are not. */
static bool reshapes_too_much(crl_question *q)
{
    char a[CRL_SHAPE_TEXT];
    const crl_tensor_def *t = out(q, 0);
    const size_t bytes = t ? crl_shape_count(&t->shape) * crl_type_bytes(t->type) : 0;
    if (bytes <= MOST_RESHAPED) return output_too_large(q);
    value(q, "%s are %zu bytes", shape_of(t, a), bytes);
    return true;
}

/* YOLOv8 exports of several sizes, compiled: 57,600 bytes are mapped, 102,400 and more are not, however they are divided. */
static bool transposes_too_much(crl_question *q)
{
    char a[CRL_SHAPE_TEXT];
    const crl_tensor_def *t = out(q, 0);
    const size_t bytes = t ? crl_shape_count(&t->shape) * crl_type_bytes(t->type) : 0;
    if (bytes < LEAST_NOT_TURNED) return output_too_large(q);
    value(q, "%s are %zu bytes", shape_of(t, a), bytes);
    return true;
}

static bool dilations_differ(crl_question *q)
{
    const int64_t w = number(q, "dilation_w_factor"), h = number(q, "dilation_h_factor");
    value(q, "%d in height, %d in width", (int)h, (int)w);
    const crl_tensor_def *kernel = in(q, 1); /* along one of its dimensions that is 1 there is nothing to dilate */
    return w != h && kernel && kernel->shape.rank == 4 && kernel->shape.dim[1] > 1 && kernel->shape.dim[2] > 1;
}

static bool dilated_for_old(crl_question *q)
{
    const int64_t w = number(q, "dilation_w_factor"), h = number(q, "dilation_h_factor");
    value(q, "%d, with runtime %d", (int)(w > h ? w : h), q->runtime);
    return (w > 1 || h > 1) && q->runtime < DILATED_RUNTIME;
}

static bool weights_format(crl_question *q)
{
    value(q, "format %d", (int)number(q, "weights_format"));
    return number(q, "weights_format") != 0;
}

static bool several_rows(crl_question *q)
{
    char a[CRL_SHAPE_TEXT];
    const crl_tensor_def *t = out(q, 0);
    for (int32_t d = 0; t && d < t->shape.rank - 1; d++)
        if (t->shape.dim[d] > 1) {
            value(q, "%s", shape_of(t, a));
            return true;
        }
    return false;
}

static bool too_many_outputs(crl_question *q)
{
    const crl_tensor_def *t = out(q, 0);
    const int32_t n = t && t->shape.rank ? t->shape.dim[t->shape.rank - 1] : 0;
    value(q, "%d", n);
    return n > MOST_OUTPUTS;
}

static bool too_many_classes(crl_question *q)
{
    const crl_tensor_def *t = in(q, 0);
    const int32_t n = t && t->shape.rank ? t->shape.dim[t->shape.rank - 1] : 0;
    value(q, "%d", n);
    return n > MOST_CLASSES;
}

/* The dimensions that a reduction goes over, a bit for each. */
static uint32_t reduced(const crl_question *q)
{
    uint32_t bits = 0;
    for (int32_t i = 0; i < count(in(q, 1)); i++) {
        const int32_t d = axis_of(entry(in(q, 1), i), in(q, 0));
        if (d >= 0 && d < CRL_MAX_RANK) bits |= 1u << d;
    }
    return bits;
}

static bool reduces_batch(crl_question *q)
{
    char a[CRL_SHAPE_TEXT];
    const crl_tensor_def *t = in(q, 0);
    if (!t || t->shape.rank < 4 || !(reduced(q) & 1)) return false;
    value(q, "%s", shape_of(t, a));
    return true;
}

static bool reduces_depth(crl_question *q)
{
    const crl_tensor_def *t = in(q, 0);
    if (!t || t->shape.rank < 4 || !(reduced(q) >> (t->shape.rank - 1) & 1)) return false;
    const int32_t z = t->shape.dim[t->shape.rank - 1];
    value(q, "%d channels, with runtime %d", z, q->runtime);
    return q->runtime < DEPTH_RUNTIME || z % 4;
}

static bool averages_too_much(crl_question *q)
{
    const crl_tensor_def *t = in(q, 0);
    uint64_t n = 1;
    for (int32_t d = 0; t && d < t->shape.rank; d++)
        if (reduced(q) >> d & 1) n *= (uint64_t)t->shape.dim[d] + !t->shape.dim[d];
    value(q, "%llu", (unsigned long long)n);
    return n > MOST_AVERAGED;
}

static bool pads_batch(crl_question *q)
{
    const crl_tensor_def *p = in(q, 1), *t = in(q, 0);
    if (!t || t->shape.rank < 4 || count(p) < 2) return false;
    value(q, "%d before, %d after", (int)entry(p, 0), (int)entry(p, 1));
    return entry(p, 0) || entry(p, 1);
}

static bool pads_depth(crl_question *q)
{
    const crl_tensor_def *p = in(q, 1);
    const int32_t n = count(p);
    if (n < 2 || q->runtime >= DEPTH_RUNTIME) return false;
    value(q, "%d before, %d after, with runtime %d", (int)entry(p, n - 2), (int)entry(p, n - 1), q->runtime);
    return entry(p, n - 2) || entry(p, n - 1);
}

static bool packs_batch(crl_question *q)
{
    const crl_tensor_def *t = out(q, 0);
    value(q, "dimension %d", (int)number(q, "axis"));
    return t && t->shape.rank >= 4 && axis_of(number(q, "axis"), t) == 0;
}

static bool splits_batch(crl_question *q)
{
    if (!in(q, 1) || count(in(q, 0)) < 1) return false;
    value(q, "dimension %d", (int)entry(in(q, 0), 0));
    return q->op->n_outputs > 1 && in(q, 1)->shape.rank >= 4 && axis_of(entry(in(q, 0), 0), in(q, 1)) == 0;
}

static bool slopes_not_of_channels(crl_question *q)
{
    char a[CRL_SHAPE_TEXT];
    const crl_tensor_def *t = in(q, 1);
    for (int32_t d = 0; t && d < t->shape.rank - 1; d++)
        if (t->shape.dim[d] > 1) {
            value(q, "%s", shape_of(t, a));
            return true;
        }
    return false;
}

static bool enlarges_too_much(crl_question *q)
{
    if (!in(q, 0) || !out(q, 0)) return false;
    int32_t a[3], b[3];
    crl_tensor_yxz(in(q, 0), a);
    crl_tensor_yxz(out(q, 0), b);
    value_shapes(q);
    return b[0] / MOST_ENLARGED > a[0] || b[1] / MOST_ENLARGED > a[1];
}

static bool strides(crl_question *q)
{
    const crl_tensor_def *t = in(q, 3);
    for (int32_t i = 0; i < count(t); i++)
        if (entry(t, i) != 1) {
            value(q, "%d in dimension %d", (int)entry(t, i), i);
            return true;
        }
    return false;
}

static bool masks(crl_question *q)
{
    value(q, "%s", number(q, "ellipsis_mask") ? "an ellipsis" : "a new axis");
    return number(q, "ellipsis_mask") || number(q, "new_axis_mask");
}

static bool squeezes_inside(crl_question *q)
{
    if (q->runtime >= DEPTH_RUNTIME || !in(q, 0) || !out(q, 0)) return false;
    value_shapes(q);
    const crl_shape *a = &in(q, 0)->shape, *b = &out(q, 0)->shape;
    for (int32_t d = 1; d <= b->rank && d <= a->rank; d++)
        if (a->dim[a->rank - d] != b->dim[b->rank - d]) return true;
    return false;
}

static bool transposes_batch(crl_question *q)
{
    const crl_tensor_def *t = in(q, 0);
    if (!t || t->shape.rank < 4 || count(in(q, 1)) < 1) return false;
    value(q, "dimension %d comes first", (int)entry(in(q, 1), 0));
    return axis_of(entry(in(q, 1), 0), t) != 0 && t->shape.dim[0] > 1;
}

/* ---- the table -------------------------------------------------------------------------------------- */

typedef struct rule {
    int32_t code;
    crl_mapping mapping;
    bool (*broken)(crl_question *q);
    const char *limit;    /* for the table of operators; NULL: of all, or no matter of the operator */
    const char *sentence; /* %s: the value found */
    const char *cure;     /* NULL: as `cures` says */
} rule;

#define LARGE "the result is kept whole in the chip's memory, of which a tile has 196608 bytes; "

static const rule rules[] = {
    { ANY, CRL_UNMAPPED_TYPE, int8_too_early, NULL, "it %s; before runtime 12 the Edge TPU knows UINT8 only",
      "choose a newer runtime (--runtime 14, which all devices run)" },
    { ANY, CRL_UNMAPPED_TYPE, not_even_real, NULL, "it %s; the Edge TPU computes with 8-bit integers",
      "indices and counts stay on the CPU: end the model before them (corallite split)" },
    { ANY, CRL_UNMAPPED_TYPE, wrong_type, NULL, "it %s; the Edge TPU computes with 8-bit integers", NULL },
    { CRL_OP_CONV_2D, CRL_UNMAPPED_TYPE, weights_not_8_bit, NULL, "it %s; the Edge TPU computes with 8-bit integers", NULL },
    { CRL_OP_DEPTHWISE_CONV_2D, CRL_UNMAPPED_TYPE, weights_not_8_bit, NULL, "it %s; the Edge TPU computes with 8-bit integers", NULL },
    { CRL_OP_FULLY_CONNECTED, CRL_UNMAPPED_TYPE, weights_not_8_bit, NULL, "it %s; the Edge TPU computes with 8-bit integers", NULL },
    { CRL_OP_TRANSPOSE_CONV, CRL_UNMAPPED_TYPE, weights_not_8_bit, NULL, "it %s; the Edge TPU computes with 8-bit integers", NULL },
    { ANY, CRL_UNMAPPED_OPERATOR, not_taken, NULL, "the compiler does not take %s", NULL },
    { ANY, CRL_UNMAPPED_OPERATOR, runtime_too_old, NULL, "it %s", "choose a newer runtime (--runtime 14, which all devices run)" },
    { CRL_OP_RESIZE_BILINEAR, CRL_UNMAPPED_VERSION, resize_too_new, NULL, "it %s, compilers before 16 know 1 and 2",
      "compile for runtime 14 with compiler 16" },
    { CRL_OP_RESIZE_NEAREST_NEIGHBOR, CRL_UNMAPPED_VERSION, resize_too_new, NULL, "it %s, compilers before 16 know 1 and 2",
      "compile for runtime 14 with compiler 16" },
    { ANY, CRL_UNMAPPED_NOT_CONSTANT, not_constant, NULL, "%s; the compiler wants a constant there",
      "export with fixed sizes, so that the converter folds it into a constant" },
    { ANY, CRL_UNMAPPED_RANK, too_many_dimensions, NULL, "it %s; only the three innermost dimensions may be larger than 1",
      "export with a batch of 1 (corallite edit --batch 1), and reshape to three dimensions" },
    { CRL_OP_QUANTIZE, CRL_UNMAPPED_LIMIT, quantises_floats, "8 bits to 8 bits", "it reads %s; the Edge TPU starts behind it",
      "convert with inference_input_type uint8 or int8, or fold it: corallite edit --quantised-io" },
    { CRL_OP_AVERAGE_POOL_2D, CRL_UNMAPPED_LIMIT, fused_activation, "no fused activation", "it has the activation %s fused",
      "make the activation an operator of its own" },
    { CRL_OP_MAX_POOL_2D, CRL_UNMAPPED_LIMIT, fused_activation, "no fused activation", "it has the activation %s fused",
      "make the activation an operator of its own" },
    { CRL_OP_CONCATENATION, CRL_UNMAPPED_LIMIT, fused_activation, "no fused activation", "it has the activation %s fused",
      "make the activation an operator of its own" },
    { CRL_OP_CONCATENATION, CRL_UNMAPPED_LIMIT, constant_not_zero_padding, "of two inputs one may be constant, all zeros",
      "%s; one of two may be, all zeros", "add the constant part on the CPU, behind the model" },
    { CRL_OP_CONCATENATION, CRL_UNMAPPED_LIMIT, output_too_large, "large results are refused", "%s on a tile; " LARGE "it does not fit",
      "leave its inputs as outputs of the model and join them on the CPU, or export for a smaller input" },
    { CRL_OP_CONV_2D, CRL_UNMAPPED_LIMIT, dilations_differ, "dilation equal in height and width", "dilations are %s",
      "train with one dilation for both" },
    { CRL_OP_DEPTHWISE_CONV_2D, CRL_UNMAPPED_LIMIT, dilations_differ, "dilation equal in height and width, from runtime 12",
      "dilations are %s", "train with one dilation for both" },
    { CRL_OP_DEPTHWISE_CONV_2D, CRL_UNMAPPED_LIMIT, dilated_for_old, NULL, "its dilation is %s; that needs runtime 12",
      "choose a newer runtime" },
    { CRL_OP_FULLY_CONNECTED, CRL_UNMAPPED_LIMIT, weights_format, "default weights format", "its weights are shuffled (%s)",
      "convert again without shuffled weights" },
    { CRL_OP_FULLY_CONNECTED, CRL_UNMAPPED_LIMIT, several_rows, "one-dimensional output",
      "its output is %s; one row is what the Edge TPU does", "use a 1x1 CONV_2D for several rows" },
    { CRL_OP_FULLY_CONNECTED, CRL_UNMAPPED_LIMIT, too_many_outputs, "large outputs are refused", "it has %s outputs; 100,000 are known to be refused",
      "split the layer into several, and join their outputs" },
    { CRL_OP_MEAN, CRL_UNMAPPED_LIMIT, reduces_batch, "not over batch", "it reduces the batch of %s", "leave the batch dimension alone" },
    { CRL_OP_MEAN, CRL_UNMAPPED_LIMIT, reduces_depth, "over channels from runtime 13, if a multiple of 4",
      "it reduces %s; from runtime 13, multiples of 4 can be", "pad the channels to a multiple of 4" },
    { CRL_OP_MEAN, CRL_UNMAPPED_LIMIT, averages_too_much, "large areas are refused",
      "it averages %s values; 8,192 are known to be mapped, 32,768 to be refused", "split the tensor, average the parts, then average those" },
    { CRL_OP_PACK, CRL_UNMAPPED_LIMIT, packs_batch, "not in batch", "it packs along %s, the batch", "use CONCATENATION along another dimension" },
    { CRL_OP_PAD, CRL_UNMAPPED_LIMIT, pads_batch, "not in batch", "it pads the batch, %s", "pad height, width or channels only" },
    { CRL_OP_PAD, CRL_UNMAPPED_LIMIT, pads_depth, "channels from runtime 13", "it pads channels, %s", "choose a newer runtime" },
    { CRL_OP_PRELU, CRL_UNMAPPED_LIMIT, slopes_not_of_channels, "alpha of the innermost dimension only", "its alpha is %s; one number for each channel is what may be",
      "train with PReLU(shared_axes=[1, 2])" },
    { CRL_OP_REDUCE_MAX, CRL_UNMAPPED_LIMIT, reduces_batch, "not over batch", "it reduces the batch of %s", "leave the batch dimension alone" },
    { CRL_OP_REDUCE_MIN, CRL_UNMAPPED_LIMIT, reduces_batch, "not over batch", "it reduces the batch of %s", "leave the batch dimension alone" },
    { CRL_OP_RESHAPE, CRL_UNMAPPED_LIMIT, reshapes_too_much, "large tensors are refused",
      "%s; as many are known to be refused", "end the model before it (corallite split), or export for a smaller input" },
    { CRL_OP_RESIZE_BILINEAR, CRL_UNMAPPED_LIMIT, enlarges_too_much, "up to 16 times as large, and not to large sizes",
      "%s: enlarged more than the Edge TPU interpolates exactly",
      "enlarge by less, or on the CPU after the model; from one pixel, use TILE" },
    { CRL_OP_RESIZE_BILINEAR, CRL_UNMAPPED_LIMIT, output_too_large, NULL, "output too large for the Edge TPU: %s on a tile, which has 196608",
      "resize on the CPU after the model, or export for a smaller output" },
    { CRL_OP_RESIZE_NEAREST_NEIGHBOR, CRL_UNMAPPED_LIMIT, enlarges_too_much, "up to 16 times as large, and not to large sizes",
      "%s: enlarged more than the Edge TPU does", "enlarge by less, or on the CPU after the model" },
    { CRL_OP_RESIZE_NEAREST_NEIGHBOR, CRL_UNMAPPED_LIMIT, output_too_large, NULL,
      "output too large for the Edge TPU: %s on a tile, which has 196608", "resize on the CPU after the model, or export for a smaller output" },
    { CRL_OP_SOFTMAX, CRL_UNMAPPED_LIMIT, several_rows, "one-dimensional", "it works on %s; one row is what the Edge TPU does",
      "leave its input as an output of the model, and do the softmax on the CPU" },
    { CRL_OP_SOFTMAX, CRL_UNMAPPED_LIMIT, too_many_classes, "at most 16,384 elements", "it works on %s numbers, at most 16,384 are known to be mapped",
      "do the softmax on the CPU" },
    { CRL_OP_SPLIT, CRL_UNMAPPED_LIMIT, splits_batch, "not in batch", "it splits %s, the batch", "split another dimension" },
    { CRL_OP_SQUEEZE, CRL_UNMAPPED_LIMIT, squeezes_inside, "leading dimensions; others from runtime 13",
      "%s: before runtime 13 only leading dimensions can go", "choose a newer runtime" },
    { CRL_OP_STRIDED_SLICE, CRL_UNMAPPED_LIMIT, strides, "strides of 1", "its stride is %s, 1 is what may be",
      "use a stride in a convolution or pooling instead (YOLOv5's Focus: a 6x6 convolution)" },
    { CRL_OP_STRIDED_SLICE, CRL_UNMAPPED_LIMIT, masks, "no ellipsis, no new axes", "it has %s in its mask",
      "write the slice with one index for each dimension" },
    { CRL_OP_SUM, CRL_UNMAPPED_LIMIT, reduces_batch, "not over batch", "it reduces the batch of %s", "leave the batch dimension alone" },
    { CRL_OP_TRANSPOSE, CRL_UNMAPPED_LIMIT, transposes_too_much, "large tensors are refused",
      "%s; 57,600 are known to be mapped, 102,400 to be refused", "end the model before it (corallite split), or export for a smaller input" },
    { CRL_OP_TRANSPOSE, CRL_UNMAPPED_LIMIT, transposes_batch, "not the batch", "%s, where the batch was", "leave the batch first" },
};

/* What to do where the operator itself, or its type, is what is in the way; the first row that fits. */
static const struct {
    int32_t code;
    const char *name; /* of a custom operator */
    const char *cure;
} cures[] = {
    { CRL_CUSTOM, "TFLite_Detection_PostProcess", "nothing need be done: choosing boxes is cheap on the CPU" },
    { CRL_CUSTOM, "PosenetDecoderOp", "nothing need be done: decoding poses is cheap on the CPU" },
    { CRL_OP_DEQUANTIZE, NULL, "nothing need be done at the end of a model; inside, quantise the layers behind it too" },
    { CRL_OP_CAST, NULL, "convert with inference_input_type uint8, so that no cast is needed" },
    { CRL_OP_ARG_MAX, NULL, "leave its input as the output, and take the maximum on the CPU" },
    { CRL_OP_ARG_MIN, NULL, "leave its input as the output, and take the minimum on the CPU" },
    { CRL_OP_LEAKY_RELU, NULL, "train with RELU or RELU6 instead; PRELU with one slope for each channel is taken too" },
    { CRL_OP_HARD_SWISH, NULL, "train with RELU6 instead (MobileNet v3: the minimalistic or the EdgeTPU variant)" },
    { CRL_OP_GELU, NULL, "train with RELU6 instead" },
    { CRL_OP_ELU, NULL, "train with RELU6 instead" },
    { CRL_OP_BATCH_MATMUL, NULL, "attention multiplies two computed tensors: take a model without it (YOLOv8 rather than YOLO11, YOLO12 and YOLO26)" },
    { CRL_OP_DEPTH_TO_SPACE, NULL, "use RESIZE_NEAREST_NEIGHBOR or TRANSPOSE_CONV to enlarge" },
    { CRL_OP_MIRROR_PAD, NULL, "pad with zeros (PAD)" },
    { CRL_OP_PADV2, NULL, "pad with zeros (PAD): the zero point is what the converter fills in" },
    { CRL_OP_SPLIT_V, NULL, "split into equal parts (SPLIT), or use STRIDED_SLICE" },
    { CRL_OP_DIV, NULL, "multiply by the reciprocal where the divisor is constant" },
    { CRL_OP_EXP, NULL, "do it on the CPU, behind the model" },
    { CRL_OP_TOPK_V2, NULL, "end the model before it (corallite split), and choose on the CPU" },
    { CRL_OP_NON_MAX_SUPPRESSION_V4, NULL, "export without it (nms=False): corallite chooses boxes itself" },
    { CRL_OP_NON_MAX_SUPPRESSION_V5, NULL, "export without it (nms=False): corallite chooses boxes itself" },
    { CRL_OP_UNPACK, NULL, "use SPLIT or STRIDED_SLICE" },
    { CRL_OP_SHAPE, NULL, "export with fixed sizes" },
};

static const char *general_cure(const crl_question *q, crl_mapping mapping)
{
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
        if (cures[i].code == q->op->code && (!cures[i].name || !strcmp(cures[i].name, q->op->name))) return cures[i].cure;
    if (mapping == CRL_UNMAPPED_TYPE) return "convert again with full integer quantisation: all operators int8, with representative data";
    return "end the model before it (corallite split), and compute the rest on the CPU";
}

crl_mapping crl_rules_judge(crl_question *q, char *reason, char *cure)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const rule *r = &rules[i];
        if ((r->code != ANY && r->code != q->op->code) || !r->broken(q)) continue;
        const char *at = strstr(r->sentence, "%s");
        snprintf(reason, CRL_RULE_TEXT, "%.*s%s%s", (int)(at - r->sentence), r->sentence, q->value, at + 2);
        snprintf(cure, CRL_RULE_TEXT, "%s", r->cure ? r->cure : general_cure(q, r->mapping));
        return r->mapping;
    }
    return CRL_MAPPED;
}

int32_t crl_rules_of(int32_t code, char *limits)
{
    size_t n = 0;
    *limits = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && n < CRL_RULE_TEXT; i++)
        if (rules[i].code == code && rules[i].limit)
            n += (size_t)snprintf(limits + n, CRL_RULE_TEXT - n, "%s%s", n ? "; " : "", rules[i].limit);
    return runtime_of(code);
}
