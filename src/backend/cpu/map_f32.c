/* SPDX-License-Identifier: Apache-2.0 */
/* RELU and its kin, LEAKY_RELU and NEG of floats. */
#include "kernels/map_f32.h"

#include <math.h>

#include "backend/cpu/rules.h"

enum { PIECE = 4096 /* elements, the least of a task */ };

typedef struct map_step {
    crl_map_f32 map;
    crl_map_f32_fn *run;
    const crl_tensor *in;
    crl_tensor *out;
    size_t n, per_task;
    int32_t tasks;
} map_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const map_step *p = ctx;
    const size_t at = (size_t)i * p->per_task, n = p->n - at < p->per_task ? p->n - at : p->per_task;
    p->run((float *)p->out->data + at, (const float *)p->in->data + at, n, &p->map);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const map_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

static crl_map_f32 map_of(const crl_node *node)
{
    switch (node->def->code) {
    case CRL_OP_RELU: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = 0, .max = INFINITY };
    case CRL_OP_RELU6: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = 0, .max = 6 };
    case CRL_OP_RELU_N1_TO_1: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = -1, .max = 1 };
    case CRL_OP_RELU_0_TO_1: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = 0, .max = 1 };
    case CRL_OP_LEAKY_RELU: return (crl_map_f32){ .kind = CRL_MAP_LEAKY, .alpha = crl_node_float(node, "alpha") };
    default: return (crl_map_f32){ .kind = CRL_MAP_NEG };
    }
}

crl_status crl_lower_map_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const char *name;
    crl_map_f32_fn *const function = crl_map_f32_of(l->cpu, &name);
    if (!function || node->in[0]->type != CRL_FLOAT32 || node->out[0]->type != CRL_FLOAT32 || !node->out[0]->bytes) return CRL_OK;
    *taken = true;
    const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_RAW, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    map_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (map_step){ .map = map_of(node), .run = function, .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                     .n = crl_shape_count(&node->out[0]->shape) };
    /* An element costs about as much as 16 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)p->n * 16, (p->n + PIECE - 1) / PIECE, &p->per_task);
    p->per_task *= PIECE;
    step->run = run;
    step->params = p;
    step->kernel = name;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
