/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB of two 8-bit tensors: an affine function where one is found at load, else the definition in vectors
 * (kernels/blend.h). */
#include "backend/cpu/sum.h"

#include <string.h>

#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/pair8.h"
#include "ops/binary.h"

typedef struct sum_step {
    crl_spread spread; /* of the chunks of the pair */
    crl_pair8 pair;
    const crl_sum8 *sum;
} sum_step;

void crl_sum8_run(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *sum)
{
    const crl_sum8 *s = sum;
    if (s->mix)
        s->mix(out, a, b, n, &s->mixed);
    else if (s->blend)
        s->blend(out, a, b, n, &s->constants);
    else if (s->add_tables)
        s->add_tables(out, a, b, n, &s->tables);
    else
        s->sum(out, a, b, n, &s->target);
}

static void units(const void *params, size_t first, size_t end)
{
    const sum_step *p = params;
    crl_pair8_run(&p->pair, p->spread.out->data, p->spread.in->data, p->spread.other->data, first, end, crl_sum8_run, p->sum);
}

/* Both scaled inputs, by their bytes in kernel form. */
static void find_target(crl_sum8 *s, const crl_node *node)
{
    const crl_sum *q = &((const crl_binary *)node->params)->p.sum;
    const int32_t za = crl_lower_zero(node->in[0]), zb = crl_lower_zero(node->in[1]);
    const crl_requant out = crl_layer_requant(&q->out, node->out[0]);
    for (int32_t i = 0; i < 256; i++) {
        const int32_t b = crl_scale_apply((i - zb) * (1 << q->left), q->b_scale);
        s->fa[i] = crl_scale_apply((i - za) * (1 << q->left), q->a_scale);
        s->fb[i] = q->subtract ? -b : b;
    }
    s->target = (crl_blend_target){ s->fa, s->fb, *out.scale, out.zero_point, out.min, out.max };
}

/* In the arithmetic of the Edge TPU; false: the kernels do not serve. */
static bool use_mix(crl_sum8 *s, const crl_node *node, unsigned cpu)
{
    s->mixed = ((const crl_binary *)node->params)->p.mix;
    s->mixed.a_zero = crl_lower_zero(node->in[0]);
    s->mixed.b_zero = crl_lower_zero(node->in[1]);
    s->mixed.out = crl_layer_requant(&s->mixed.out, node->out[0]);
    crl_mix8_kernels k;
    crl_mix8_kernels_init(&k, cpu);
    s->mix = k.u8;
    s->kernel = k.name;
    return crl_mix8_fits(&s->mixed);
}

static bool same_function(const crl_sum8 *a, const crl_sum8 *b)
{
    const crl_blend_target *s = &a->target, *t = &b->target;
    return s->scale.mult == t->scale.mult && s->scale.shift == t->scale.shift && s->zero == t->zero && s->min == t->min &&
           s->max == t->max && memcmp(a->fa, b->fa, sizeof a->fa) == 0 && memcmp(a->fb, b->fb, sizeof a->fb) == 0;
}

/* The fastest form of s->target; *fits: there is one. */
static crl_status find_form(crl_sum8 *s, bool *fits, const crl_lower *l, crl_error *err)
{
    crl_blend_kernels k;
    crl_blend_kernels_init(&k, l->cpu);
    s->sum = k.sum;
    s->kernel = k.sum_name;
    *fits = true;
    if (crl_blend_fit(&s->constants, &s->target, &k)) {
        s->blend = k.u8;
        s->kernel = k.name;
        return CRL_OK;
    }
    *fits = crl_blend_sum_fits(&s->target);
    bool found = false;
    const crl_status status = *fits ? crl_blend_fit_tables(&s->tables, &found, &s->target, &k, err) : CRL_OK;
    if (!found) return status;
    s->add_tables = k.tables;
    s->kernel = k.tables_name;
    return CRL_OK;
}

crl_status crl_sum8_new(crl_sum8 **out, crl_lower *l, const crl_node *node, crl_error *err)
{
    *out = NULL;
    if (!crl_lower_is_8bit(node->out[0])) return CRL_OK;
    crl_sum8 *s = crl_pile_alloc(&l->schedule->pile, sizeof *s);
    if (!s) return crl_fail_memory(err, "the schedule");
    if (((const crl_binary *)node->params)->by_channel) return CRL_OK;
    if (node->on_chip) {
        if (use_mix(s, node, l->cpu)) *out = s;
        return CRL_OK;
    }
    find_target(s, node);
    bool fits = true;
    const crl_sum8 *same = l->sum; /* networks add with few scales, and a search takes 20 to 300 us */
    while (same && !same_function(s, same)) same = same->before;
    if (same) {
        *s = *same;
        s->target.fa = s->fa;
        s->target.fb = s->fb;
    } else {
        const crl_status status = find_form(s, &fits, l, err);
        if (status) return status;
        s->before = l->sum;
        if (fits) l->sum = s;
    }
    if (fits) *out = s;
    return CRL_OK;
}

crl_status crl_lower_sum(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_sum8 *sum;
    if (crl_lower_is_8bit(node->out[0]) && ((const crl_binary *)node->params)->by_channel) return crl_lower_affine(l, node, taken, err);
    const crl_status s = crl_sum8_new(&sum, l, node, err);
    if (s || !sum) return s;
    *taken = true;
    crl_step *step;
    sum_step *p = crl_spread_add(l, node, node->in[0], node->in[1], CRL_FORM_KERNEL, CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->sum = sum;
    crl_pair8_init(&p->pair, &((const crl_binary *)node->params)->plan);
    /* An output costs about as much as 16 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, p->pair.chunks, 1, (uint64_t)node->out[0]->bytes * 16);
    step->kernel = sum->kernel;
    return CRL_OK;
}
