/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR of 8-bit pictures, and of floats. */
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/resize8.h"
#include "kernels/resize_f32.h"

typedef struct resize_step {
    crl_resize8_fn *run;
    crl_resize resize;
    const crl_resize_place *down, *across;
    const crl_tensor *in;
    crl_tensor *out;
    int32_t tasks, rows_per_task;
    size_t in_picture, out_picture, scratch_bytes; /* bytes; scratch of one thread */
} resize_step;

typedef struct job {
    const resize_step *p;
    uint8_t *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const resize_step *p = j->p;
    const int32_t picture = i / p->tasks, first = i % p->tasks * p->rows_per_task, end = first + p->rows_per_task;
    p->run((uint8_t *)p->out->data + (size_t)picture * p->out_picture,
           (const uint8_t *)p->in->data + (size_t)picture * p->in_picture, &p->resize, p->down, p->across, first,
           end < p->resize.out_h ? end : p->resize.out_h, j->scratch + (size_t)thread * p->scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const resize_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(work->pool, p->resize.batch * p->tasks, run_task, &j);
    return CRL_OK;
}

static crl_status fill(crl_lower *l, resize_step *p, bool fixed, crl_error *err)
{
    const crl_resize *r = &p->resize;
    crl_resize_place *down = crl_pile_array(&l->schedule->pile, (size_t)r->out_h, sizeof *down);
    crl_resize_place *across = crl_pile_array(&l->schedule->pile, (size_t)r->out_w, sizeof *across);
    if (!down || !across) return crl_fail_memory(err, "the schedule");
    crl_resize8_places(down, r->in_h, r->out_h, fixed, r);
    crl_resize8_places(across, r->in_w, r->out_w, fixed, r);
    p->down = down;
    p->across = across;
    p->in_picture = (size_t)r->in_h * (size_t)r->in_w * (size_t)r->channels;
    p->out_picture = (size_t)r->out_h * (size_t)r->out_w * (size_t)r->channels;
    p->scratch_bytes = crl_resize8_scratch(r);
    /* An output costs about as much as 64 multiplications of a matrix product. */
    p->tasks = crl_lower_tasks(l, (uint64_t)p->out_picture * 64, r->out_h);
    p->rows_per_task = (r->out_h + p->tasks - 1) / p->tasks;
    return CRL_OK;
}

crl_status crl_lower_resize_bilinear(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_resize8_kernels k;
    crl_resize8_kernels_init(&k, l->cpu);
    const crl_type type = node->in[0]->type;
    if (!k.name || !crl_lower_is_8bit(node->in[0]) || !node->out[0]->bytes) return CRL_OK;
    *taken = true;
    const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    resize_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (resize_step){ .run = type == CRL_INT8 ? k.bilinear_fixed : k.bilinear_float,
                        .resize = *(const crl_resize *)node->params, .in = crl_lower_tensor_of(l, from),
                        .out = crl_lower_tensor_of(l, to) };
    crl_status s = fill(l, p, type == CRL_INT8, err);
    if (s) return s;
    step->run = run;
    step->params = p;
    step->kernel = k.name;
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

typedef struct resize_f32_step {
    crl_spread spread; /* of output rows */
    const crl_resize *resize;
    const crl_resize_at_f32 *across;
    crl_resize_f32_fn *run;
} resize_f32_step;

static void units(const void *params, size_t first, size_t end)
{
    const resize_f32_step *p = params;
    p->run(p->spread.out->data, p->spread.in->data, p->resize, p->across, (int32_t)first, (int32_t)end);
}

crl_status crl_lower_resize_bilinear_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_resize *r = node->params;
    crl_resize_f32_kernels k;
    crl_resize_f32_kernels_init(&k, l->cpu, r->channels);
    if (!k.name || node->in[0]->type != CRL_FLOAT32 || !node->out[0]->bytes || (int64_t)r->batch * r->out_h > INT32_MAX) return CRL_OK;
    *taken = true;
    crl_resize_at_f32 *across = crl_pile_array(&l->schedule->pile, (size_t)r->out_w, sizeof *across);
    if (!across) return crl_fail_memory(err, "the schedule");
    for (int32_t i = 0; i < r->out_w; i++) across[i] = crl_resize_find_f32(i, r->in_w, r->out_w, r);
    crl_step *step;
    resize_f32_step *p = crl_spread_add(l, node, node->in[0], NULL, CRL_FORM_RAW, CRL_FORM_RAW, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->resize = r;
    p->across = across;
    p->run = k.bilinear;
    /* An output costs about as much as 40 multiplications of a matrix product of bytes. */
    crl_spread_share(&p->spread, l, units, (size_t)r->batch * (size_t)r->out_h, 1, (uint64_t)crl_shape_count(&node->out[0]->shape) * 40);
    step->kernel = k.name;
    return CRL_OK;
}
