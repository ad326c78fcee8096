/* SPDX-License-Identifier: Apache-2.0 */
/* MUL, ADD and SUB of an 8-bit tensor with a constant for each channel, in the arithmetic of the Edge TPU: scales and biases are laid out once. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "ops/binary.h"
#include "ops/shapes.h"

enum { PIECE = 512 /* elements, about which a row has at least */, MOST = 4096, STEP = 32 /* of the widest kernel */ };

typedef struct affine_step {
    crl_spread spread; /* of rows */
    crl_affine8_row row;
    size_t n, length; /* elements of all rows, and of one */
    crl_affine8_fn *run;
} affine_step;

static void units(const void *params, size_t first, size_t end)
{
    const affine_step *p = params;
    const uint8_t *x = p->spread.in->data;
    uint8_t *out = p->spread.out->data;
    for (size_t at = first * p->length; first < end; first++, at += p->length)
        p->run(out + at, x + at, p->n - at < p->length ? p->n - at : p->length, &p->row);
}

/* Several times the channels, so that few elements are left over by whole steps. */
static size_t row_length(size_t channels)
{
    size_t length = channels;
    while (length % STEP && length <= MOST) length += channels;
    if (length > MOST) length = channels;
    return length < PIECE ? (PIECE + length - 1) / length * length : length;
}

static crl_status lay_out(crl_affine8_row *row, crl_lower *l, const crl_affine8 *q, const crl_tensor *constant, bool sum, int32_t zero,
                          size_t length, crl_error *err)
{
    const size_t channels = crl_shape_count(&constant->shape);
    int32_t *bias = crl_pile_array(&l->schedule->pile, length, sizeof *bias);
    float *factor = crl_pile_array(&l->schedule->pile, length, sizeof *factor);
    if (!bias || !factor) return crl_fail_memory(err, "the schedule");
    for (size_t i = 0; i < length; i++) {
        const int32_t y = (int32_t)crl_tensor_int(constant, i % channels);
        bias[i] = (sum ? crl_affine8_bias(q, y) : 0) - zero;
        factor[i] = sum ? *q->out.single : crl_affine8_factor(q, y);
    }
    row->bias = bias;
    row->factor = factor;
    return CRL_OK;
}

crl_status crl_lower_affine(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_affine8 *q = &((const crl_binary *)node->params)->p.affine;
    const crl_tensor *x = node->in[q->turned], *constant = node->in[!q->turned];
    *taken = true;
    crl_step *step;
    affine_step *p = crl_spread_add(l, node, x, NULL, CRL_FORM_KERNEL, CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_affine8_kernels k;
    crl_affine8_kernels_init(&k, l->cpu);
    p->run = k.u8;
    p->n = crl_shape_count(&x->shape);
    p->length = row_length(crl_shape_count(&constant->shape));
    p->row.out = crl_layer_requant(&q->out, node->out[0]);
    const crl_status s = lay_out(&p->row, l, q, constant, node->type->code != CRL_OP_MUL, crl_lower_zero(x), p->length, err);
    if (s) return s;
    /* An output costs about as much as 16 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, (p->n + p->length - 1) / p->length, 1, (uint64_t)p->n * 16);
    step->kernel = k.name;
    return CRL_OK;
}
