/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV of float activations with weights of 8 bits: pictures are quantised one by one while running. */
#include <math.h>

#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/scatter.h"
#include "kernels/transpose_conv.h"

typedef struct scatter_step {
    crl_hybrid_kernels k;
    crl_scatter *layer;
    const crl_conv_hybrid *conv;
    const crl_tensor *in, *bias; /* bias NULL: none */
    crl_tensor *out;
    size_t in_n, out_n;          /* of a picture */
    size_t quantised_bytes;      /* of scratch, in front: a picture of whole numbers, */
    size_t scratch_bytes;        /* then this for each thread */
    int32_t tasks;
} scatter_step;

typedef struct job {
    const scatter_step *p;
    const float *in;
    float *out;
    float scale;
    uint8_t *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const scatter_step *p = j->p;
    const int32_t rows = p->conv->conv.window.out_h;
    crl_scatter_run(p->layer, j->out, j->in, j->scale, crl_lower_task_start(i, p->tasks, rows),
                    crl_lower_task_start(i + 1, p->tasks, rows), j->scratch + (size_t)thread * p->scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const scatter_step *p = step->params;
    float *whole = work->scratch;
    const float *in = p->in->data;
    job j = { p, whole, p->out->data, 0, (uint8_t *)whole + p->quantised_bytes };
    for (int32_t i = 0; i < p->conv->conv.window.batch; i++, in += p->in_n, j.out += p->out_n) {
        const crl_hybrid_scale s = crl_hybrid_find_scale(&p->k, in, p->in_n, p->conv->asymmetric);
        if (!isfinite(s.scale)) { /* 0 times it is no 0 */
            crl_transpose_conv_hybrid_ref(p->out->data, p->in->data, p->bias ? p->bias->data : NULL, p->conv, work->scratch);
            return CRL_OK;
        }
        p->k.whole(whole, in, p->in_n, &s);
        j.scale = s.scale;
        crl_pool_run(p->tasks > 1 ? work->pool : NULL, p->tasks, run_task, &j);
    }
    return CRL_OK;
}

static crl_status emit(crl_lower *l, const crl_node *node, crl_scatter *layer, const crl_conv_tensors *t, crl_error *err)
{
    const int32_t from = crl_lower_read(l, t->in, CRL_FORM_RAW, err), to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    scatter_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    const crl_conv_hybrid *c = node->params;
    const crl_window *w = &c->conv.window;
    *p = (scatter_step){ .layer = layer, .conv = c, .in = crl_lower_tensor_of(l, from), .bias = t->bias, .out = crl_lower_tensor_of(l, to),
                         .in_n = crl_window_in(w, 1, 0, 0), .out_n = crl_window_out(w, 1, 0, 0),
                         .scratch_bytes = crl_size_align(crl_scatter_scratch_bytes(layer), 64) };
    crl_hybrid_kernels_init(&p->k, l->cpu);
    p->quantised_bytes = crl_size_align(p->in_n * sizeof(float), 64);
    p->tasks = crl_lower_tasks(l, node->macs / (uint64_t)w->batch * 12, w->out_h); /* with half of the inputs 0 */
    l->schedule->packed_bytes += crl_scatter_packed_bytes(layer);
    step->run = run;
    step->params = p;
    step->kernel = crl_scatter_name(layer);
    step->macs = node->macs;
    step->weight_bytes = crl_scatter_packed_bytes(layer);
    step->scratch_bytes = p->quantised_bytes + p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

crl_status crl_lower_transpose_conv_hybrid(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_transpose_conv_tensors_of(node);
    if (!crl_layer_is_hybrid(&t) || (t.bias && !(t.bias->flags & CRL_TENSOR_CONST))) return CRL_OK;
    const crl_conv_hybrid *c = node->params;
    crl_scatter_spec spec = { .window = c->conv.window, .filter = &c->filter, .bias = t.bias ? t.bias->data : NULL, .min = c->conv.min_f32,
                              .max = c->conv.max_f32, .pile = &l->schedule->pile };
    spec.window.batch = 1;
    crl_scatter *layer;
    const crl_status s = crl_scatter_new(&layer, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the definition serves */
    *taken = true;
    return s ? s : emit(l, node, layer, &t, err);
}
