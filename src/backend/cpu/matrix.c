/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D and FULLY_CONNECTED as matrix products over packed weights; an ADD of what a residual block began with, and of
 * nothing else that is not yet there, is done on the rows that were just made, while they are in the cache. */
#include "backend/cpu/division.h"
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/sum.h"

typedef struct matrix_step {
    const crl_gemm *gemm;
    const crl_tensor *in;
    crl_tensor *out;
    crl_division division;
    size_t scratch_bytes;             /* of one thread */
    const crl_sum8 *sum;              /* NULL, or out = sum of the product */
    const crl_tensor *other;          /* and this, */
    bool other_first;                 /* which may be the first operand */
} matrix_step;

typedef struct job {
    const matrix_step *p;
    uint8_t *scratch;
} job;

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Bytes first .. end-1 of the output. */
static void add_other(const matrix_step *p, size_t first, size_t end)
{
    uint8_t *out = (uint8_t *)p->out->data + first;
    const uint8_t *other = (const uint8_t *)p->other->data + first;
    crl_sum8_run(out, p->other_first ? other : out, p->other_first ? out : other, end - first, p->sum);
}

/* With a sum, some rows at a time. */
static void run_rows(const matrix_step *p, crl_division_task t, uint8_t *scratch)
{
    enum { CHUNK_BYTES = 8192 };
    const int32_t row_step = p->division.row_step;
    const size_t row_bytes = p->out->bytes / (size_t)p->division.rows;
    const int32_t fit = (int32_t)(CHUNK_BYTES / row_bytes) / row_step * row_step;
    const int32_t chunk = !p->sum || p->division.by_panels ? t.row1 - t.row0 : fit ? fit : row_step;
    for (int32_t row = t.row0; row < t.row1; row += chunk) {
        const int32_t end = least(row + chunk, t.row1);
        crl_gemm_run(p->gemm, p->out->data, p->in->data, row, end, t.panel0, t.panel1, scratch);
        if (p->sum && !p->division.by_panels) add_other(p, (size_t)row * row_bytes, (size_t)end * row_bytes);
    }
}

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    run_rows(j->p, crl_division_at(&j->p->division, i), j->scratch + (size_t)thread * j->p->scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const matrix_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(work->pool, p->division.tasks, run_task, &j);
    if (p->sum && p->division.by_panels) add_other(p, 0, p->out->bytes); /* few rows */
    return CRL_OK;
}

static void free_gemm(void *gemm)
{
    crl_gemm_free(gemm);
}

/* An ADD or SUB that is the only one to read the node's output, and whose other operand has the same shape and is there
 * when the node runs; NULL: none. */
static crl_node *sum_after(const crl_lower *l, const crl_node *node)
{
    const crl_tensor *out = node->out[0];
    const crl_lower_tensor *made = &l->tensors[crl_graph_index(l->graph, out)];
    if (made->n_uses != 1 || made->user < 0 || l->done[made->user]) return NULL;
    crl_node *sum = &l->graph->nodes[made->user];
    if ((sum->def->code != CRL_OP_ADD && sum->def->code != CRL_OP_SUB) || sum->out[0]->type != out->type) return NULL;
    const crl_tensor *other = sum->in[0] == out ? sum->in[1] : sum->in[0];
    const crl_lower_tensor *there = &l->tensors[crl_graph_index(l->graph, other)];
    const bool exists = there->value[CRL_FORM_RAW] >= 0 || there->value[CRL_FORM_KERNEL] >= 0;
    if (other == out || !exists || (other->flags & CRL_TENSOR_VARIABLE) || (sum->out[0]->flags & CRL_TENSOR_VARIABLE))
        return NULL;
    return crl_shape_equal(&other->shape, &out->shape) && crl_shape_equal(&sum->out[0]->shape, &out->shape) ? sum : NULL;
}

static crl_status emit(crl_lower *l, crl_node *node, const crl_layer *layer, crl_gemm *gemm, crl_error *err)
{
    crl_status s = crl_schedule_own(l->schedule, gemm, free_gemm, err);
    crl_node *after = sum_after(l, node);
    crl_sum8 *sum = NULL;
    if (!s && after) s = crl_sum8_new(&sum, l, after, err);
    if (s) return s;
    const crl_tensor *other = !sum ? NULL : after->in[0] == node->out[0] ? after->in[1] : after->in[0];
    const int32_t from[2] = { crl_lower_read(l, layer->in, CRL_FORM_KERNEL, err),
                              crl_lower_read(l, other, CRL_FORM_KERNEL, err) };
    const int32_t to = crl_lower_write(l, sum ? after->out[0] : node->out[0], CRL_FORM_KERNEL, err);
    if (from[0] < 0 || from[1] < (sum ? 0 : -1) || to < 0) return CRL_ERR_MEMORY;
    matrix_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, sum ? after : node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (matrix_step){ .gemm = gemm, .in = crl_lower_tensor_of(l, from[0]), .out = crl_lower_tensor_of(l, to),
                        .division = crl_division_of(l, crl_gemm_rows(gemm), crl_gemm_panels(gemm), crl_gemm_row_step(gemm),
                                                    crl_gemm_macs(gemm)),
                        .scratch_bytes = crl_size_align(crl_gemm_scratch_bytes(gemm), 64) };
    if (sum) {
        l->done[after->index] = true;
        p->sum = sum;
        p->other = crl_lower_tensor_of(l, from[1]);
        p->other_first = other == after->in[0];
    }
    if (layer->pad || sum)
        s = crl_lower_name(l, step, (const crl_node *const[]){ layer->pad, node, sum ? after : NULL }, 3, err);
    if (s) return s;
    l->schedule->packed_bytes += crl_gemm_packed_bytes(gemm);
    step->run = run;
    step->params = p;
    step->kernel = crl_gemm_name(gemm);
    step->macs = node->macs;
    step->weight_bytes = crl_gemm_packed_bytes(gemm);
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, from, 2, &to, 1, err);
}

static crl_status lower_matrix(crl_lower *l, crl_node *node, const crl_layer *layer, bool *taken, crl_error *err)
{
    const crl_gemm_spec spec = crl_layer_gemm(layer, l);
    crl_gemm *gemm;
    crl_status s = crl_gemm_new(&gemm, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the reference kernel serves */
    *taken = true;
    return s ? s : emit(l, node, layer, gemm, err);
}

crl_status crl_lower_conv(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    return crl_lower_conv_after(l, node, NULL, taken, err);
}

crl_status crl_lower_conv_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err)
{
    crl_layer layer;
    if (!crl_layer_from_conv(&layer, node) || layer.conv->groups != 1) return CRL_OK;
    if (pad && !crl_layer_take_pad(&layer, pad)) return CRL_OK;
    crl_window_lay_down(&layer.window);
    return lower_matrix(l, node, &layer, taken, err);
}

crl_status crl_lower_fully_connected(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_layer layer;
    return crl_layer_from_fully(&layer, node) ? lower_matrix(l, node, &layer, taken, err) : CRL_OK;
}
