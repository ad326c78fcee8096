/* SPDX-License-Identifier: Apache-2.0 */
/* EXP, LOGISTIC and SOFTMAX of floats, and x * LOGISTIC(x). */
#include "kernels/exp_f32.h"

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/softmax.h"
#include "ops/binary.h"

enum { PIECE = 1024 /* elements, the least of a task */, COST = 64 /* multiplications of a matrix product that an element takes */ };

typedef struct exp_step {
    crl_spread spread; /* of elements, of SOFTMAX of rows */
    crl_exp_f32_kernels k;
    size_t depth;
    float beta;
    bool is_product;   /* of its input and the LOGISTIC of that, */
    crl_limits limits; /* within these */
} exp_step;

static void exponentials(const void *params, size_t first, size_t end)
{
    const exp_step *p = params;
    p->k.exp((float *)p->spread.out->data + first, (const float *)p->spread.in->data + first, end - first, 0, 1);
}

static void logistics(const void *params, size_t first, size_t end)
{
    const exp_step *p = params;
    p->k.logistic((float *)p->spread.out->data + first, (const float *)p->spread.in->data + first, end - first,
                  p->is_product ? &p->limits : NULL);
}

static void rows(const void *params, size_t first, size_t end)
{
    const exp_step *p = params;
    const size_t at = first * p->depth;
    crl_softmax_f32((float *)p->spread.out->data + at, (const float *)p->spread.in->data + at, end - first, p->depth, p->beta, &p->k);
}

/* The product with its own input, where nobody else reads what the LOGISTIC gives; NULL: there is none. */
static crl_node *swish_of(const crl_lower *l, const crl_node *node)
{
    const crl_tensor *in = node->in[0], *gate = node->out[0];
    const crl_lower_tensor *t = &l->tensors[crl_graph_index(l->graph, gate)];
    if (t->n_uses != 1 || t->user < 0) return NULL;
    crl_node *user = &l->graph->nodes[t->user];
    const bool both = user->n_in == 2 && ((user->in[0] == in && user->in[1] == gate) || (user->in[1] == in && user->in[0] == gate));
    return both && user->def->code == CRL_OP_MUL && !l->done[t->user] ? user : NULL;
}

/* A step from what `node` reads to what `last` writes. NULL in *p: no kernel serves. */
static crl_status begin(exp_step **p, crl_lower *l, const crl_node *node, const crl_node *last, crl_step **step, crl_error *err)
{
    crl_exp_f32_kernels k;
    crl_exp_f32_kernels_init(&k, l->cpu);
    *p = NULL;
    if (!k.name || node->in[0]->type != CRL_FLOAT32 || node->out[0]->type != CRL_FLOAT32 || !node->out[0]->bytes) return CRL_OK;
    *p = crl_spread_add(l, last, node->in[0], NULL, CRL_FORM_RAW, CRL_FORM_RAW, sizeof **p, step, err);
    if (!*p) return CRL_ERR_MEMORY;
    if (l->fused) k.logistic = k.about;
    (*p)->k = k;
    return CRL_OK;
}

crl_status crl_lower_exp_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    exp_step *p;
    crl_step *step;
    const bool logistic = node->def->code == CRL_OP_LOGISTIC;
    crl_node *product = logistic ? swish_of(l, node) : NULL;
    crl_status s = begin(&p, l, node, product ? product : node, &step, err);
    if (s || !p) return s;
    *taken = true;
    const size_t n = crl_shape_count(&node->out[0]->shape);
    crl_spread_share(&p->spread, l, logistic ? logistics : exponentials, n, PIECE, (uint64_t)n * COST);
    step->kernel = logistic ? p->k.logistic_name : p->k.name;
    if (!product) return CRL_OK;
    p->is_product = true;
    p->limits = ((const crl_binary *)product->params)->p.limits;
    l->done[product->index] = true;
    return crl_lower_name(l, step, (const crl_node *[]){ node, product }, 2, err);
}

crl_status crl_lower_softmax_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    exp_step *p;
    crl_step *step;
    const crl_status s = begin(&p, l, node, node, &step, err);
    if (s || !p) return s;
    *taken = true;
    const crl_softmax *q = node->params;
    p->depth = q->depth;
    p->beta = q->beta;
    crl_spread_share(&p->spread, l, rows, q->rows, (PIECE + q->depth - 1) / q->depth, (uint64_t)q->rows * q->depth * COST);
    step->kernel = p->k.softmax_name;
    return CRL_OK;
}
