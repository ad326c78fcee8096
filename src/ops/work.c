/* SPDX-License-Identifier: Apache-2.0 */
/* Prices of operators: see work.h. Measured on plain kernels with shapes that do not suit them, such as one channel. */
#include "ops/work.h"

enum {
    STEP = 200,   /* of any operator, to begin with */
    ELEMENT = 12, /* read or written, whatever is done with it */
    MAC = 2,
    PREPARE = 4000,
    CONSTANT = 4, /* a byte packed */
    PROOF = 8000  /* of the scale of a channel */
};

/* Those whose elements cost more. */
static const struct {
    int32_t code, element;
} slow[] = {
    { CRL_OP_BUCKETIZE, 60 }, /* halving a list that no cache holds */
    { CRL_OP_COS, 30 },
    { CRL_OP_DIV, 30 },
    { CRL_OP_ELU, 30 },
    { CRL_OP_EXP, 30 },
    { CRL_OP_FLOOR_MOD, 50 },
    { CRL_OP_GELU, 60 },
    { CRL_OP_HASHTABLE_LOOKUP, 40 },
    { CRL_OP_L2_NORMALIZATION, 30 },
    { CRL_OP_LOCAL_RESPONSE_NORMALIZATION, 40 },
    { CRL_OP_LOG, 30 },
    { CRL_OP_LOGISTIC, 30 },
    { CRL_OP_LOG_SOFTMAX, 40 },
    { CRL_OP_MIRROR_PAD, 30 },
    { CRL_OP_MULTINOMIAL, 40 },
    { CRL_OP_POW, 60 },
    { CRL_OP_RESIZE_BILINEAR, 60 },
    { CRL_OP_RESIZE_NEAREST_NEIGHBOR, 30 },
    { CRL_OP_RFFT2D, 200 },
    { CRL_OP_SIN, 30 },
    { CRL_OP_SOFTMAX, 40 },
    { CRL_OP_STABLEHLO_GATHER, 40 }, /* places of six dimensions, added up one by one */
    { CRL_OP_STABLEHLO_SCATTER, 40 },
    { CRL_OP_TANH, 30 },
    { CRL_OP_TOPK_V2, 200 },
};

static uint64_t element_price(int32_t code)
{
    for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++)
        if (slow[i].code == code) return (uint64_t)slow[i].element;
    return ELEMENT;
}

uint64_t crl_work_mul(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What is not multiplications. */
static uint64_t work_besides(const crl_node *node)
{
    uint64_t elements = 0;
    for (int32_t i = 0; i < node->n_in; i++)
        if (node->in[i]) elements = add(elements, crl_shape_count(&node->in[i]->shape));
    for (int32_t i = 0; i < node->n_out; i++) elements = add(elements, crl_shape_count(&node->out[i]->shape));
    return add(add(STEP, node->more_work), crl_work_mul(elements, element_price(node->type->code)));
}

uint64_t crl_node_work(const crl_node *node)
{
    return add(work_besides(node), crl_work_mul(node->macs, MAC));
}

uint64_t crl_node_work_fast(const crl_node *node, uint64_t macs, uint64_t at_once)
{
    const crl_shape *out = node->n_out ? &node->out[0]->shape : NULL;
    const uint64_t channels = out && out->rank && out->dim[out->rank - 1] > 0 ? (uint64_t)out->dim[out->rank - 1] : 1;
    if (at_once > channels) at_once = channels; /* lanes that stay empty take as long */
    return add(work_besides(node) / 2, at_once > 1 ? macs / at_once : crl_work_mul(macs, MAC));
}

uint64_t crl_node_work_prepare(const crl_node *node)
{
    uint64_t work = PREPARE;
    for (int32_t i = 0; i < node->n_in; i++)
        if (node->in[i] && (node->in[i]->flags & CRL_TENSOR_CONST)) work = add(work, crl_work_mul(node->in[i]->bytes, CONSTANT));
    if (!node->macs || !node->n_out) return work;
    const crl_tensor *out = node->out[0];
    const bool scaled = out->type == CRL_UINT8 || out->type == CRL_INT8 || out->type == CRL_INT16;
    const int32_t last = out->shape.rank - 1;
    return scaled && last >= 0 ? add(work, crl_work_mul((uint64_t)out->shape.dim[last], PROOF)) : work;
}
