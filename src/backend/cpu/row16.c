/* SPDX-License-Identifier: Apache-2.0 */
/* ADD, SUB and MUL of two 16-bit tensors, LOGISTIC and TANH of one. */
#include "kernels/row16.h"

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "ops/binary.h"
#include "ops/sigmoid16.h"

typedef struct row_step {
    crl_spread spread; /* of the first dimension of the plan */
    crl_broadcast plan;
    crl_row_fn *row;
    const crl_row16 *params;
} row_step;

/* Rows of the plan whose first dimension is cut to first .. end - 1. */
static void units(const void *params, size_t first, size_t end)
{
    const row_step *p = params;
    crl_broadcast part = p->plan;
    part.dim[0] = end - first;
    size_t behind = 1;
    for (int32_t i = 1; i < part.rank; i++) behind *= part.dim[i];
    crl_broadcast_run(&part, (int16_t *)p->spread.out->data + first * behind, sizeof(int16_t),
                      (const int16_t *)p->spread.in->data + first * part.step_a[0], sizeof(int16_t),
                      (const int16_t *)p->spread.other->data + first * part.step_b[0], sizeof(int16_t), p->row, p->params);
}

/* An output costs about as much as 16 multiplications of a matrix product. */
static uint64_t work_of(const crl_node *node)
{
    return (uint64_t)node->out[0]->bytes * 8;
}

static crl_status emit(crl_lower *l, crl_node *node, const crl_row16 *params, crl_row_fn *row, const char *name, crl_error *err)
{
    crl_step *step;
    row_step *p = crl_spread_add(l, node, node->in[0], node->in[1], CRL_FORM_RAW, CRL_FORM_RAW, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->plan = ((const crl_binary *)node->params)->plan;
    p->row = row;
    p->params = params;
    crl_spread_share(&p->spread, l, units, p->plan.dim[0], p->plan.rank == 1 ? 1024 : 1, work_of(node));
    step->kernel = name;
    return CRL_OK;
}

/* NULL, and no error: not quantised numbers of 16 bits, or no kernel. */
static crl_status begin(crl_row16 **r, crl_row16_kernels *k, const crl_lower *l, const crl_node *node, crl_error *err)
{
    *r = NULL;
    crl_row16_kernels_init(k, l->cpu);
    if (!k->name || node->out[0]->type != CRL_INT16 || !node->out[0]->bytes) return CRL_OK;
    *r = crl_pile_alloc(&l->schedule->pile, sizeof **r);
    return *r ? CRL_OK : crl_fail_memory(err, "the schedule");
}

crl_status crl_lower_sum16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_binary *b = node->params;
    crl_row16 *r;
    crl_row16_kernels k;
    if (node->out[0]->type != CRL_INT16 || b->row != crl_sum_s16_ref) return CRL_OK;
    const crl_status s = begin(&r, &k, l, node, err);
    if (s || !r || !crl_row16_init_sum(r, &b->p.sum)) return s;
    *taken = true;
    return emit(l, node, r, k.sum, k.name, err);
}

crl_status crl_lower_product16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_binary *b = node->params;
    crl_row16 *r;
    crl_row16_kernels k;
    if (node->out[0]->type != CRL_INT16 || b->row != crl_product_s16_ref) return CRL_OK;
    const crl_status s = begin(&r, &k, l, node, err);
    if (s || !r || !crl_row16_init_product(r, &b->p.product)) return s;
    *taken = true;
    return emit(l, node, r, k.product, k.name, err);
}

typedef struct sigmoid_step {
    crl_spread spread; /* of elements */
    const crl_sigmoid16 *sigmoid;
    crl_sigmoid16_fn *run;
} sigmoid_step;

static void elements(const void *params, size_t first, size_t end)
{
    const sigmoid_step *p = params;
    p->run((int16_t *)p->spread.out->data + first, (const int16_t *)p->spread.in->data + first, end - first, p->sigmoid);
}

crl_status crl_lower_sigmoid16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_row16_kernels k;
    crl_row16_kernels_init(&k, l->cpu);
    if (!k.logistic || node->in[0]->type != CRL_INT16 || !node->out[0]->bytes) return CRL_OK;
    *taken = true;
    crl_step *step;
    sigmoid_step *p = crl_spread_add(l, node, node->in[0], NULL, CRL_FORM_RAW, CRL_FORM_RAW, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->sigmoid = crl_logistic_sigmoid16(node);
    p->run = node->def->code == CRL_OP_TANH ? k.tanh : k.logistic;
    crl_spread_share(&p->spread, l, elements, node->out[0]->bytes / sizeof(int16_t), 1024, 2 * work_of(node));
    step->kernel = k.name;
    return CRL_OK;
}
