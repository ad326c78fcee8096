/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D on packed weights. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/dwpack.h"
#include "ops/work.h"

typedef struct depthwise_step {
    crl_dwpack_kernels kernels;
    const void *packed;
    const crl_tensor *in;
    crl_tensor *out;
    int32_t batch, out_h, tasks; /* tasks of a picture */
    size_t in_picture, out_picture; /* bytes */
    size_t scratch_bytes;           /* of one thread */
} depthwise_step;

typedef struct job {
    const depthwise_step *p;
    uint8_t *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const depthwise_step *p = j->p;
    const int32_t picture = i / p->tasks, part = i % p->tasks;
    const int32_t first = crl_lower_task_start(part, p->tasks, p->out_h);
    const int32_t last = crl_lower_task_start(part + 1, p->tasks, p->out_h);
    p->kernels.run(p->packed, (uint8_t *)p->out->data + (size_t)picture * p->out_picture,
                   (const uint8_t *)p->in->data + (size_t)picture * p->in_picture, first, last,
                   j->scratch + (size_t)thread * p->scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const depthwise_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(p->tasks > 1 ? work->pool : NULL, p->batch * p->tasks, run_task, &j);
    return CRL_OK;
}

static crl_status emit(crl_lower *l, crl_node *node, const crl_layer *layer, const crl_dwpack_spec *spec,
                       const crl_dwpack_kernels *k, crl_error *err)
{
    const int32_t from = crl_lower_read(l, layer->in, CRL_FORM_KERNEL, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    const size_t bytes = k->packed_bytes(spec);
    void *packed = crl_pile_alloc(&l->schedule->pile, bytes);
    depthwise_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!packed || !p || !step) return crl_fail_memory(err, "packed weights");
    k->pack(packed, spec);
    const crl_window *w = &layer->window;
    *p = (depthwise_step){ .kernels = *k, .packed = packed, .in = crl_lower_tensor_of(l, from),
                           .out = crl_lower_tensor_of(l, to), .batch = w->batch, .out_h = w->out_h,
                           .in_picture = (size_t)w->in_h * (size_t)w->in_w * (size_t)w->in_c,
                           .out_picture = (size_t)w->out_h * (size_t)w->out_w * (size_t)w->out_c,
                           .scratch_bytes = k->scratch_bytes(spec) };
    /* A depthwise output costs about as much as 32 multiplications of a matrix product. */
    p->tasks = crl_lower_tasks(l, (uint64_t)crl_shape_count(&node->out[0]->shape) * 32, w->out_h);
    l->schedule->packed_bytes += bytes;
    step->run = run;
    step->params = p;
    step->kernel = k->name;
    const crl_status s = !layer->pad ? CRL_OK : crl_lower_name(l, step, (const crl_node *const[]){ layer->pad, node }, 2, err);
    if (s) return s;
    step->macs = node->macs;
    /* Of each block of channels a row is laid out with its borders, which may be far wider than the picture. */
    enum { BLOCK = 16, ROWS = 4, AT_ONCE = 2 };
    const uint64_t rows = (uint64_t)w->batch * (uint64_t)w->out_h * (1 + (uint64_t)w->filter_h / ROWS);
    step->more_work = crl_work_mul(crl_work_mul(rows, 1 + (uint64_t)w->out_c / BLOCK), p->scratch_bytes) / AT_ONCE;
    step->weight_bytes = bytes;
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

crl_status crl_lower_depthwise(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    return crl_lower_depthwise_after(l, node, NULL, taken, err);
}

crl_status crl_lower_depthwise_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err)
{
    crl_dwpack_kernels k;
    crl_dwpack_kernels_init(&k, l->cpu);
    crl_layer layer;
    if (!k.run || !crl_layer_from_conv(&layer, node) || (pad && !crl_layer_take_pad(&layer, pad))) return CRL_OK;
    const crl_window *w = &layer.window;
    if (w->in_c != w->out_c) return CRL_OK;
    crl_dwpack_spec spec = { .window = *w, .in_zero = layer.in_zero, .requant = layer.requant };
    spec.window.batch = 1;
    crl_pile pile = crl_pile_beside(&l->schedule->pile);
    int16_t *weights = crl_pile_array(&pile, crl_shape_count(&node->in[1]->shape), sizeof *weights);
    crl_requant_range *range = crl_pile_array(&pile, (size_t)w->out_c, sizeof *range);
    crl_requant_proof *proof = crl_pile_array(&pile, (size_t)w->out_c, sizeof *proof);
    crl_status s = weights && range && proof ? CRL_OK : crl_fail_memory(err, "packed weights");
    if (!s) {
        crl_layer_weights(&layer, node, weights);
        spec.weights = weights;
        spec.bias = layer.bias;
        spec.proof = proof;
        *taken = crl_dwpack_takes(&spec, range);
    }
    if (*taken) {
        crl_requant_kernels rk;
        crl_requant_kernels_init(&rk, l->cpu);
        crl_requant_prove(proof, &spec.requant, (size_t)w->out_c, range, &rk, l->pool);
        s = emit(l, node, &layer, &spec, &k, err);
    }
    crl_pile_free(&pile);
    return s;
}
