/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of tensors, conversions between them, and views. */
#include "backend/cpu/lower.h"

#include <string.h>

#include "kernels/move.h"

int32_t crl_lower_zero(const crl_tensor *t)
{
    const int32_t zero = t->quant.zero_point[0];
    return crl_lower_flips(t) ? zero + 128 : zero;
}

bool crl_lower_has_one_scale(const crl_tensor *t)
{
    if (!crl_lower_is_8bit(t) || t->quant.n != 1) return false;
    const int32_t zero = t->quant.zero_point[0], lowest = t->type == CRL_INT8 ? INT8_MIN : 0;
    return zero >= lowest && zero <= lowest + UINT8_MAX;
}

static crl_status run_flip(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    crl_tensor *const *pair = step->params;
    crl_flip8(pair[1]->data, pair[0]->data, pair[1]->bytes);
    return CRL_OK;
}

/* A tensor of the lowered graph: the same meaning in the other form. Its name stays the model's. */
static int32_t add_flipped(crl_lower *l, const crl_tensor *t, crl_error *err)
{
    int32_t *zero = crl_pile_array(&l->schedule->pile, (size_t)(t->quant.n > 0 ? t->quant.n : 1), sizeof *zero);
    if (!zero) return crl_fail_memory(err, "the lowered graph"), -1;
    crl_tensor flipped = *t;
    flipped.type = CRL_UINT8;
    flipped.data = NULL;
    flipped.flags = 0;
    for (int32_t i = 0; i < t->quant.n; i++)
        zero[i] = (int32_t)((uint32_t)t->quant.zero_point[i] + 128u); /* of a file: any */
    flipped.quant.zero_point = zero;
    return crl_schedule_add_value(l->schedule, &flipped, err);
}

/* Constants are converted once, here. */
static crl_status flip_constant(crl_lower *l, const crl_tensor *t, crl_tensor *flipped, crl_error *err)
{
    flipped->data = crl_pile_alloc(&l->schedule->pile, t->bytes);
    if (!flipped->data) return crl_fail_memory(err, "a constant of the lowered graph");
    crl_flip8(flipped->data, t->data, t->bytes);
    flipped->flags = CRL_TENSOR_CONST;
    return CRL_OK;
}

static crl_status add_flip_step(crl_lower *l, int32_t node, int32_t from, int32_t to, crl_error *err)
{
    /* An input of the graph has no producer: the first node stands for it in profiles. */
    crl_step *step = crl_schedule_add_step(l->schedule, &l->graph->nodes[node < 0 ? 0 : node], err);
    crl_tensor **pair = crl_pile_array(&l->schedule->pile, 2, sizeof *pair);
    if (!step || !pair) return crl_fail_memory(err, "the schedule");
    pair[0] = crl_lower_tensor_of(l, from);
    pair[1] = crl_lower_tensor_of(l, to);
    step->run = run_flip;
    step->params = pair;
    step->name = "(sign)";
    step->kernel = "flip8";
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

int32_t crl_lower_read(crl_lower *l, const crl_tensor *t, crl_form form, crl_error *err)
{
    if (!t) return -1;
    const int32_t index = crl_graph_index(l->graph, t);
    crl_lower_tensor *lt = &l->tensors[index];
    if (!crl_lower_flips(t)) form = CRL_FORM_RAW;
    if (lt->value[form] >= 0) return lt->value[form];
    const int32_t other = lt->value[!form];
    /* Raw values have their place from the start: value i is tensor i. */
    const int32_t value = form == CRL_FORM_RAW ? index : add_flipped(l, t, err);
    if (value < 0) return -2;
    crl_status s = (t->flags & CRL_TENSOR_CONST) ? flip_constant(l, t, crl_lower_tensor_of(l, value), err)
                                                 : add_flip_step(l, lt->producer, other, value, err);
    if (s) return -2;
    return lt->value[form] = value;
}

int32_t crl_lower_write(crl_lower *l, const crl_tensor *t, crl_form form, crl_error *err)
{
    const int32_t index = crl_graph_index(l->graph, t);
    if (!crl_lower_flips(t)) form = CRL_FORM_RAW;
    const int32_t value = form == CRL_FORM_RAW ? index : add_flipped(l, t, err);
    if (value < 0) return -2;
    return l->tensors[index].value[form] = value;
}

crl_status crl_lower_view(crl_lower *l, const crl_tensor *t, crl_form form, int32_t base, size_t offset,
                          crl_error *err)
{
    const int32_t value = crl_lower_write(l, t, form, err);
    if (value < 0) return CRL_ERR_MEMORY;
    l->schedule->values[value].base = base;
    l->schedule->values[value].offset = offset;
    return CRL_OK;
}

crl_form crl_lower_form(const crl_lower *l, const crl_tensor *t)
{
    return l->tensors[crl_graph_index(l->graph, t)].value[CRL_FORM_RAW] >= 0 ? CRL_FORM_RAW : CRL_FORM_KERNEL;
}

crl_status crl_lower_name(crl_lower *l, crl_step *step, const crl_node *const *node, int32_t n, crl_error *err)
{
    size_t bytes = 1;
    for (int32_t i = 0; i < n; i++)
        if (node[i]) bytes += strlen(node[i]->def->name) + 1;
    char *name = crl_pile_alloc(&l->schedule->pile, bytes), *at = name;
    if (!name) return crl_fail_memory(err, "the schedule");
    for (int32_t i = 0; i < n; i++) {
        if (!node[i]) continue;
        if (at != name) *at++ = '+';
        const size_t length = strlen(node[i]->def->name);
        memcpy(at, node[i]->def->name, length);
        at += length;
    }
    *at = 0;
    step->name = name;
    return CRL_OK;
}

/* A job for threads that are awake costs some 0.3 us more than its tasks, which is 60,000 multiplications of the fastest
 * level; a task should be worth twice that. A few tasks more than threads even out what neighbours steal. */
int32_t crl_lower_tasks(const crl_lower *l, uint64_t work, int32_t parts)
{
    const uint64_t worth = 125000;
    if (l->threads == 1 || work < 2 * worth || parts < 2) return 1;
    const uint64_t most = work / worth, wanted = (uint64_t)l->threads * 2;
    int32_t tasks = (int32_t)(most < wanted ? most : wanted);
    if (tasks > parts) tasks = parts;
    /* Tasks are alike: three on two threads take as long as four. */
    return tasks > l->threads ? tasks / l->threads * l->threads : tasks;
}

int32_t crl_lower_share(const crl_lower *l, uint64_t work, size_t parts, size_t *each)
{
    const int32_t tasks = crl_lower_tasks(l, work, parts < INT32_MAX ? (int32_t)parts : INT32_MAX);
    *each = (parts + (size_t)tasks - 1) / (size_t)tasks;
    return *each ? (int32_t)((parts + *each - 1) / *each) : 0;
}
