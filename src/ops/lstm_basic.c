/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM with the option kernel_type BASIC, as converters wrote it until 2019.
 *
 *   in   0 input [batch,n_input]   1 activation before [batch,n]   2 weights [4n,n_input+n]   3 bias [4n]
 *        4 state before [batch,n]
 *   out  0 activation [batch,n]    1 state [batch,n]               2 input and activation joined    3 sums of the gates
 *
 * FLOAT32; or UINT8 with a state and sums of INT16, and a bias of INT32. What comes before is replaced by what comes out where
 * it is a variable; where it is an input of the model, the caller does that.
 * Source: TensorFlow Lite, kernels/lstm.cc. */
#include "ops/lstm_basic.h"

#include <math.h>
#include <string.h>

#include "kernels/lstm_cell.h"
#include "ops/shapes.h"

enum { INPUT, BEFORE, WEIGHTS, BIAS, STATE_BEFORE, N_IN };
enum { OUT, STATE, JOINED, SUMS, N_OUT };

static crl_status check_shape(const crl_node *node, const crl_tensor *t, crl_type type, const crl_shape *wanted, crl_error *err)
{
    char is[CRL_SHAPE_TEXT], want[CRL_SHAPE_TEXT];
    if (t->type != type) return crl_node_bad_type(node, t, crl_type_name(type), err);
    if (crl_shape_equal(&t->shape, wanted)) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "shape %s, %s is needed", crl_shape_text(&t->shape, is, sizeof is),
                        crl_shape_text(wanted, want, sizeof want));
}

static crl_status read_sizes(const crl_node *node, crl_lstm_cell *l, crl_error *err)
{
    const crl_shape *x = &node->in[INPUT]->shape, *h = &node->in[BEFORE]->shape;
    if (x->rank != 2 || h->rank != 2 || h->dim[1] < 1 || h->dim[1] > INT32_MAX / 4 || x->dim[1] > INT32_MAX - h->dim[1])
        return crl_fail(err, CRL_ERR_FORMAT, "input and activation need two dimensions, and the activation an element");
    l->rows = (size_t)x->dim[0];
    l->n_cell = (size_t)h->dim[1];
    l->n_in = (size_t)x->dim[1] + l->n_cell;
    return CRL_OK;
}

static crl_status check_types(crl_node *node, const crl_lstm_cell *l, crl_error *err)
{
    const bool narrow = node->in[INPUT]->type == CRL_UINT8;
    const crl_type data = narrow ? CRL_UINT8 : CRL_FLOAT32, wide = narrow ? CRL_INT16 : CRL_FLOAT32;
    const crl_type bias = narrow ? CRL_INT32 : CRL_FLOAT32;
    const int32_t rows = (int32_t)l->rows, n = (int32_t)l->n_cell, n_in = (int32_t)l->n_in;
    const crl_shape state = { 2, { rows, n } }, joined = { 2, { rows, n_in } }, sums = { 2, { rows, 4 * n } };
    crl_status s = check_shape(node, node->in[BEFORE], data, &state, err);
    if (!s) s = check_shape(node, node->in[WEIGHTS], data, &(crl_shape){ 2, { 4 * n, n_in } }, err);
    if (!s) s = check_shape(node, node->in[BIAS], bias, &(crl_shape){ 1, { 4 * n } }, err);
    if (!s) s = check_shape(node, node->in[STATE_BEFORE], wide, &state, err);
    const crl_type types[N_OUT] = { data, wide, data, wide };
    const crl_shape *shapes[N_OUT] = { &state, &state, &joined, &sums };
    for (int32_t i = 0; !s && i < N_OUT; i++) {
        s = crl_node_accept(node, node->out[i], CRL_TYPE(types[i]), err);
        if (!s) s = crl_node_shape(node, i, shapes[i], err);
    }
    return s;
}

/* The state in Q4.11; sums in units of the bias, which become Q3.12. */
static crl_status read_scales(const crl_node *node, crl_lstm_cell *l, crl_error *err)
{
    crl_status s = crl_node_check_quant_in(node, node->in[WEIGHTS], err);
    if (!s) s = crl_node_check_quant(node, node->in[BIAS], err);
    if (!s) s = crl_node_check_quant(node, node->out[STATE], err);
    if (s) return s;
    const float scale = crl_tensor_scale(node->out[STATE]);
    if (fabsf(log2f(scale) + 11) >= 1e-3f)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[STATE], err, "scale %g, 2^-11 is needed", (double)scale);
    const float real = 4096 * crl_tensor_scale(node->in[BIAS]);
    if (!isfinite(real))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[BIAS], err, "scale %g is too large", (double)real / 4096);
    l->scale = crl_scale_from_real(real);
    l->weights_zero = crl_tensor_zero(node->in[WEIGHTS]);
    return CRL_OK;
}

crl_status crl_lstm_basic_prepare(crl_node *node, crl_error *err)
{
    if (node->n_in != N_IN || node->n_out != N_OUT)
        return crl_fail(err, CRL_ERR_FORMAT, "%d inputs and %d outputs, kernel_type BASIC has %d and %d", node->n_in, node->n_out,
                        N_IN, N_OUT);
    for (int32_t i = 0; i < N_IN; i++)
        if (!node->in[i]) return crl_fail(err, CRL_ERR_FORMAT, "input %d is left out, but needed", i);
    for (int32_t i = 0; i < N_OUT; i++)
        if (!node->out[i]) return crl_fail(err, CRL_ERR_FORMAT, "output %d is left out, but needed", i);
    crl_status s = crl_node_accept(node, node->in[INPUT], CRL_TYPE(CRL_UINT8) | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_params(node, sizeof(crl_lstm_cell), err);
    if (s) return s;
    crl_lstm_cell *l = node->params;
    s = read_sizes(node, l, err);
    if (!s) s = check_types(node, l, err);
    if (!s && node->in[INPUT]->type == CRL_UINT8) s = read_scales(node, l, err);
    node->macs = (uint64_t)l->rows * 4 * l->n_cell * l->n_in;
    node->stateful = true;
    return s;
}

static void join(uint8_t *to, const crl_tensor *x, const crl_tensor *h, size_t rows)
{
    const size_t a = rows ? x->bytes / rows : 0, b = rows ? h->bytes / rows : 0;
    for (size_t r = 0; r < rows; r++, to += a + b) {
        if (a) memcpy(to, (const uint8_t *)x->data + r * a, a);
        memcpy(to + a, (const uint8_t *)h->data + r * b, b);
    }
}

static void keep(const crl_tensor *before, const crl_tensor *after)
{
    if ((before->flags & CRL_TENSOR_VARIABLE) && after->bytes) memcpy(before->data, after->data, after->bytes);
}

crl_status crl_lstm_basic_invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_lstm_cell *l = node->params;
    crl_tensor *const *in = node->in, *const *out = node->out;
    join(out[JOINED]->data, in[INPUT], in[BEFORE], l->rows);
    if (in[INPUT]->type == CRL_UINT8)
        crl_lstm_cell_u8(l, out[JOINED]->data, in[WEIGHTS]->data, in[BIAS]->data, in[STATE_BEFORE]->data, out[SUMS]->data,
                         out[STATE]->data, out[OUT]->data);
    else
        crl_lstm_cell_f32(l, out[JOINED]->data, in[WEIGHTS]->data, in[BIAS]->data, in[STATE_BEFORE]->data, out[SUMS]->data,
                          out[STATE]->data, out[OUT]->data);
    keep(in[BEFORE], out[OUT]);
    keep(in[STATE_BEFORE], out[STATE]);
    return CRL_OK;
}
