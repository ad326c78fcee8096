/* SPDX-License-Identifier: Apache-2.0 */
/* ARG_MAX of an 8-bit tensor: over the last dimension, or over another, down the columns of a table. */
#include "backend/cpu/rules.h"
#include "kernels/argmax8.h"
#include "ops/shapes.h"

enum { LINES = 256 }; /* indices found before they are widened */

typedef struct arg_max_step {
    crl_argmax8_fn *find;
    const crl_tensor *in;
    crl_tensor *out;
    crl_argmax8_columns_fn *find_columns;
    size_t lines, n, width; /* n bytes in each line; or `lines` tables of n rows and `width` columns */
    int32_t tasks;
    size_t lines_per_task;
} arg_max_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const arg_max_step *p = ctx;
    const uint8_t *in = p->in->data;
    const size_t first = (size_t)i * p->lines_per_task, left = p->lines - first;
    const size_t end = first + (left < p->lines_per_task ? left : p->lines_per_task);
    int32_t index[LINES];
    for (size_t at = first; at < end; at += LINES) {
        const size_t n = end - at < LINES ? end - at : LINES;
        if (p->out->type == CRL_INT32) {
            p->find((int32_t *)p->out->data + at, in + at * p->n, n, p->n);
            continue;
        }
        p->find(index, in + at * p->n, n, p->n);
        for (size_t k = 0; k < n; k++) ((int64_t *)p->out->data)[at + k] = index[k];
    }
}

/* A table has up to LINES columns, else the rule leaves it. */
static crl_status run_columns(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const arg_max_step *p = step->params;
    int32_t index[LINES];
    for (size_t i = 0; i < p->lines; i++) {
        p->find_columns(index, (const uint8_t *)p->in->data + i * p->n * p->width, p->n, p->width);
        for (size_t c = 0; c < p->width; c++) {
            if (p->out->type == CRL_INT32)
                ((int32_t *)p->out->data)[i * p->width + c] = index[c];
            else
                ((int64_t *)p->out->data)[i * p->width + c] = index[c];
        }
    }
    return CRL_OK;
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const arg_max_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

crl_status crl_lower_arg_max(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (!crl_lower_is_8bit(in) || !in->bytes) return CRL_OK;
    int64_t given;
    int32_t axis;
    crl_status s = crl_node_const_int(node, node->in[1], CRL_TYPE_INDEX, &given, err);
    if (!s) s = crl_node_axis(given, in->shape.rank, &axis, err);
    if (s) return s;
    const size_t n = (size_t)in->shape.dim[axis], width = crl_shape_span(&in->shape, axis + 1, in->shape.rank);
    const size_t lines = in->bytes / n / width;
    if (width > LINES) return CRL_OK;
    *taken = true;
    const int32_t from = crl_lower_read(l, in, CRL_FORM_KERNEL, err), to = crl_lower_write(l, out, CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    arg_max_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    crl_argmax8_kernels k;
    crl_argmax8_kernels_init(&k, l->cpu);
    *p = (arg_max_step){ .find = k.u8, .find_columns = k.columns, .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                         .lines = lines, .n = n, .width = width };
    p->tasks = crl_lower_share(l, (uint64_t)in->bytes * 16, lines, &p->lines_per_task);
    step->run = width == 1 ? run : run_columns;
    step->params = p;
    step->kernel = k.name;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
