/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D of floats. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/conv.h"
#include "kernels/dw_f32.h"
#include "ops/convolution.h"

typedef struct depthwise_step {
    crl_spread spread; /* of output rows */
    crl_dw_f32 layer;
    crl_dw_f32_fn *run;
    const crl_tensor *filter, *bias; /* bias NULL: none */
} depthwise_step;

static void units(const void *params, size_t first, size_t end)
{
    const depthwise_step *p = params;
    crl_dw_f32 layer = p->layer;
    layer.filter = p->filter->data;
    if (p->bias) layer.bias = p->bias->data;
    p->run(p->spread.out->data, p->spread.in->data, &layer, (int32_t)first, (int32_t)end);
}

crl_status crl_lower_depthwise_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    return crl_lower_depthwise_f32_after(l, node, NULL, taken, err);
}

crl_status crl_lower_depthwise_f32_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err)
{
    const crl_conv *c = node->params;
    crl_window window = c->window;
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_tensor *in = t.in, *filter = t.filter, *bias = t.bias;
    if (in->type != CRL_FLOAT32 || filter->type != CRL_FLOAT32 || !crl_shape_count(&node->out[0]->shape) ||
        !crl_shape_count(&in->shape))
        return CRL_OK;
    crl_dw_f32_kernels k;
    crl_dw_f32_kernels_init(&k, l->cpu, c->window.out_c);
    if (!k.run) return CRL_OK;
    if (pad && (!(filter->flags & CRL_TENSOR_CONST) || !crl_layer_take_zeros(&window, &in, pad, filter))) return CRL_OK;
    *taken = true;
    const int32_t from[3] = { crl_lower_read(l, in, CRL_FORM_RAW, err), crl_lower_read(l, filter, CRL_FORM_RAW, err),
                              crl_lower_read(l, bias, CRL_FORM_RAW, err) };
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from[0] < 0 || from[1] < 0 || from[2] < -1 || to < 0) return CRL_ERR_MEMORY;
    depthwise_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (depthwise_step){ .spread = { .in = crl_lower_tensor_of(l, from[0]), .out = crl_lower_tensor_of(l, to) },
                           .layer = { .window = window, .min = c->min_f32, .max = c->max_f32, .finite = crl_layer_is_finite(filter) },
                           .run = k.run,
                           .filter = crl_lower_tensor_of(l, from[1]), .bias = bias ? crl_lower_tensor_of(l, from[2]) : NULL };
    /* A product of floats takes as long as eight of bytes. */
    crl_spread_share(&p->spread, l, units, (size_t)c->window.batch * (size_t)c->window.out_h, 1, node->macs * 8);
    const crl_status s = pad ? crl_lower_name(l, step, (const crl_node *const[]){ pad, node }, 2, err) : CRL_OK;
    if (s) return s;
    step->run = crl_spread_run;
    step->params = p;
    step->kernel = k.name;
    step->macs = node->macs;
    step->weight_bytes = filter->bytes;
    return crl_step_touches(l->schedule, step, from, 3, &to, 1, err);
}
