/* SPDX-License-Identifier: Apache-2.0 */
/* CONCATENATION, where producers cannot write in place (views.c), and SPLIT: rows of bytes from one tensor to another, through a
 * table where an input of a CONCATENATION has another scale. */
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/lut.h"
#include "kernels/move.h"
#include "ops/concatenation.h"
#include "ops/split.h"

typedef struct piece {
    const crl_tensor *from;
    crl_tensor *to;
    size_t from_offset, to_offset, from_stride, to_stride, bytes; /* of a row: bytes at offset + row * stride */
    const uint8_t *table;
} piece;

typedef struct rows_step {
    crl_spread spread; /* of rows, of which each piece has as many */
    crl_lut_u8_fn *lut;
    piece *pieces;
    int32_t n;
} rows_step;

static void move(const piece *p, size_t first, size_t rows, crl_lut_u8_fn *lut)
{
    uint8_t *out = (uint8_t *)p->to->data + p->to_offset + first * p->to_stride;
    const uint8_t *in = (const uint8_t *)p->from->data + p->from_offset + first * p->from_stride;
    if (!p->table)
        crl_copy_rows(out, p->to_stride, in, p->from_stride, rows, p->bytes);
    else
        for (size_t r = 0; r < rows; r++) lut(out + r * p->to_stride, in + r * p->from_stride, p->bytes, p->table);
}

static void units(const void *params, size_t first, size_t end)
{
    const rows_step *p = params;
    for (int32_t k = 0; k < p->n; k++) move(&p->pieces[k], first, end - first, p->lut);
}

static rows_step *make(crl_lower *l, int32_t n, size_t rows, size_t bytes, crl_error *err)
{
    rows_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    piece *pieces = crl_pile_array(&l->schedule->pile, (size_t)n, sizeof *pieces);
    if (!p || !pieces) return crl_fail_memory(err, "the schedule"), NULL;
    crl_lut_kernels k;
    crl_lut_kernels_init(&k, l->cpu);
    *p = (rows_step){ .lut = k.u8, .pieces = pieces, .n = n };
    /* A byte costs about as much as 4 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, rows, 1, (uint64_t)bytes * 4);
    return p;
}

static crl_status emit(crl_lower *l, const crl_node *node, rows_step *p, const int32_t *reads, int32_t n_reads,
                       const int32_t *writes, int32_t n_writes, crl_error *err)
{
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    step->run = crl_spread_run;
    step->params = p;
    step->kernel = "rows";
    return crl_step_touches(l->schedule, step, reads, n_reads, writes, n_writes, err);
}

crl_status crl_lower_concatenation_rows(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *out = node->out[0];
    const crl_concatenation *c = node->params;
    const crl_form form = crl_lower_form(l, node->in[0]);
    *taken = true;
    int32_t *reads = crl_pile_array(&l->schedule->pile, (size_t)node->n_in, sizeof *reads);
    rows_step *p = reads ? make(l, node->n_in, c->outer, out->bytes, err) : NULL;
    if (!p) return reads ? CRL_ERR_MEMORY : crl_fail_memory(err, "the schedule");
    for (int32_t i = 0; i < node->n_in; i++)
        if ((reads[i] = crl_lower_read(l, node->in[i], form, err)) < 0) return CRL_ERR_MEMORY;
    const int32_t to = crl_lower_write(l, out, form, err);
    if (to < 0) return CRL_ERR_MEMORY;
    size_t stride = 0;
    for (int32_t i = 0; i < node->n_in; i++) stride += c->run[i];
    size_t at = 0;
    for (int32_t i = 0; i < node->n_in; at += c->run[i++])
        p->pieces[i] = (piece){ .from = crl_lower_tensor_of(l, reads[i]), .to = crl_lower_tensor_of(l, to), .to_offset = at,
                                .from_stride = c->run[i], .to_stride = stride, .bytes = c->run[i], .table = c->rescale[i] };
    return emit(l, node, p, reads, node->n_in, &to, 1, err);
}

crl_status crl_lower_split(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_split *c = node->params;
    const crl_form form = crl_lower_form(l, c->in);
    *taken = true;
    const int32_t from = crl_lower_read(l, c->in, form, err);
    if (from < 0) return CRL_ERR_MEMORY;
    int32_t *writes = crl_pile_array(&l->schedule->pile, (size_t)node->n_out, sizeof *writes);
    rows_step *p = writes ? make(l, node->n_out, c->outer, c->in->bytes, err) : NULL;
    if (!p) return writes ? CRL_ERR_MEMORY : crl_fail_memory(err, "the schedule");
    size_t stride = 0, at = 0;
    for (int32_t i = 0; i < node->n_out; i++) stride += c->run[i];
    for (int32_t i = 0; i < node->n_out; at += c->run[i++]) {
        if ((writes[i] = crl_lower_write(l, node->out[i], form, err)) < 0) return CRL_ERR_MEMORY;
        p->pieces[i] = (piece){ .from = crl_lower_tensor_of(l, from), .to = crl_lower_tensor_of(l, writes[i]), .from_offset = at,
                                .from_stride = stride, .to_stride = c->run[i], .bytes = c->run[i] };
    }
    return emit(l, node, p, &from, 1, writes, node->n_out, err);
}
