/* SPDX-License-Identifier: Apache-2.0 */
/* TFLite_Detection_PostProcess on bytes: UINT8 inputs, or floats that DEQUANTIZE made of 8 bits for it alone; that operator is
 * left out then. */
#include "backend/cpu/rules.h"
#include "kernels/detection8.h"
#include "kernels/quantize.h"
#include "ops/detection_postprocess.h"
#include "ops/registry.h"

typedef struct detection_step {
    crl_detection8 detection;
    const crl_tensor *encodings, *scores;
    crl_tensor *out[4];
} detection_step;

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    const detection_step *p = step->params;
    const crl_detection_output out = { p->out[0]->data, p->out[1]->data, p->out[2]->data, p->out[3]->data };
    return crl_detection8_run(&p->detection, p->encodings->data, p->scores->data, &out, work->scratch) ? CRL_OK
                                                                                                      : crl_detection_bad_box(err);
}

/* The 8-bit tensor behind an input, and what its bytes, in unsigned form, stand for. NULL: there is none. */
static const crl_tensor *find_bytes(const crl_lower *l, const crl_tensor *t, float real[256])
{
    if (t->type == CRL_UINT8) {
        for (int q = 0; q < 256; q++) real[q] = crl_detection_real(t, (uint8_t)q);
        return t;
    }
    const crl_lower_tensor *lt = &l->tensors[crl_graph_index(l->graph, t)];
    if (lt->producer < 0 || lt->n_uses != 1 || l->graph->nodes[lt->producer].def->code != CRL_OP_DEQUANTIZE) return NULL;
    const crl_tensor *in = l->graph->nodes[lt->producer].in[0];
    if (!crl_lower_has_one_scale(in)) return NULL;
    uint8_t bytes[256];
    for (int q = 0; q < 256; q++) bytes[q] = (uint8_t)(in->type == CRL_INT8 ? q ^ 0x80 : q);
    crl_dequantize_ref(real, bytes, in->type, 256, in->quant.scale[0], in->quant.zero_point[0]);
    return in;
}

static bool serves(const crl_lower *l, const crl_node *node, const float *anchors, crl_detection8 *d, const crl_tensor *bytes[2])
{
    if (node->type != &crl_op_detection_postprocess || !(node->in[CRL_DETECTION_ANCHORS]->flags & CRL_TENSOR_CONST)) return false;
    for (int i = 0; i < 4; i++) /* state goes its own way: no rule sees such a node */
        if ((i < 3 && node->in[i]->flags & CRL_TENSOR_VARIABLE) || node->out[i]->flags & CRL_TENSOR_VARIABLE) return false;
    float real[2][256];
    for (int i = 0; i < 2; i++) {
        bytes[i] = find_bytes(l, node->in[i], real[i]);
        if (!bytes[i]) return false;
    }
    const crl_postprocess *p = node->params;
    return crl_detection8_init(d, &p->select, p->length, anchors, real[0], real[1], l->cpu);
}

bool crl_lower_detection_reads(const crl_lower *l, const crl_tensor *dequantized)
{
    const crl_lower_tensor *lt = &l->tensors[crl_graph_index(l->graph, dequantized)];
    if (lt->user < 0 || l->done[lt->user]) return false;
    crl_detection8 d;
    const crl_tensor *bytes[2];
    const crl_node *node = &l->graph->nodes[lt->user];
    return lt->n_uses == 1 && serves(l, node, NULL, &d, bytes) && dequantized != node->in[CRL_DETECTION_ANCHORS];
}

static const float *anchors_of(crl_lower *l, const crl_tensor *t)
{
    const size_t n = crl_shape_count(&t->shape);
    float *anchors = crl_pile_array(&l->schedule->pile, n ? n : 1, sizeof *anchors);
    for (size_t i = 0; anchors && i < n; i++)
        anchors[i] = t->type == CRL_FLOAT32 ? ((const float *)t->data)[i] : crl_detection_real(t, ((const uint8_t *)t->data)[i]);
    return anchors;
}

crl_status crl_lower_detection(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_detection8 d;
    const crl_tensor *bytes[2];
    if (!serves(l, node, NULL, &d, bytes)) return CRL_OK;
    *taken = true;
    detection_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    d.anchors = anchors_of(l, node->in[CRL_DETECTION_ANCHORS]);
    if (!p || !d.anchors) return crl_fail_memory(err, "the schedule");
    p->detection = d;
    int32_t reads[2], writes[4];
    for (int i = 0; i < 2; i++) {
        reads[i] = crl_lower_read(l, bytes[i], CRL_FORM_KERNEL, err);
        if (reads[i] < 0) return CRL_ERR_MEMORY;
    }
    for (int i = 0; i < 4; i++) {
        writes[i] = crl_lower_write(l, node->out[i], CRL_FORM_RAW, err);
        if (writes[i] < 0) return CRL_ERR_MEMORY;
        p->out[i] = crl_lower_tensor_of(l, writes[i]);
    }
    p->encodings = crl_lower_tensor_of(l, reads[0]);
    p->scores = crl_lower_tensor_of(l, reads[1]);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    step->run = run;
    step->params = p;
    step->kernel = "detection8";
    step->scratch_bytes = crl_detection8_scratch(&p->detection);
    step->weight_bytes = crl_shape_count(&node->in[CRL_DETECTION_ANCHORS]->shape) * sizeof(float);
    return crl_step_touches(l->schedule, step, reads, 2, writes, 4, err);
}
