/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled operator: see operator.h. */
#include "backend/edgetpu/operator.h"

#include <string.h>

#include "base/error.h"

/* Shapes are those of the file: the compiler wrote them down for good. */
static crl_status prepare(crl_node *node, crl_error *err)
{
    for (int32_t i = 0; i < node->n_out; i++) {
        const crl_shape shape = node->out[i]->shape;
        const crl_status s = crl_node_shape(node, i, &shape, err);
        if (s) return s;
    }
    return CRL_OK;
}

static const crl_op_type compiled = { .name = CRL_EDGETPU_OP, .code = CRL_CUSTOM, .in_min = 1, .in_max = -1, .out_min = 1, .out_max = -1,
                                      .prepare = prepare };

const crl_op_type *crl_tpu_operator_find(void *state, const crl_operator *def)
{
    (void)state;
    return def->code == CRL_CUSTOM && !strcmp(def->name, CRL_EDGETPU_OP) ? &compiled : NULL;
}

crl_status crl_tpu_operator_claim(void *state, const crl_node *node, bool *taken, crl_error *err)
{
    (void)state;
    (void)err;
    *taken = node->type == &compiled;
    return CRL_OK;
}

/* Names and sizes of the operator's tensors. */
static crl_status describe(const crl_node *node, crl_tpu_tensors *t, crl_pile *pile, crl_error *err)
{
    const size_t n_in = (size_t)node->n_in, n_out = (size_t)node->n_out;
    const char **names = crl_pile_array(pile, n_in + n_out, sizeof *names);
    size_t *bytes = crl_pile_array(pile, n_in + n_out, sizeof *bytes);
    if (!names || !bytes) return crl_fail_memory(err, "a program for an Edge TPU");
    for (size_t i = 0; i < n_in + n_out; i++) {
        const crl_tensor *tensor = i < n_in ? node->in[i] : node->out[i - n_in];
        names[i] = tensor ? tensor->name : "";
        bytes[i] = tensor ? tensor->bytes : 0;
    }
    *t = (crl_tpu_tensors){ .in = names, .in_bytes = bytes, .out = names + n_in, .out_bytes = bytes + n_in, .n_in = node->n_in,
                            .n_out = node->n_out };
    return CRL_OK;
}

static void close_package(void *package)
{
    crl_package_close(package);
}

crl_status crl_tpu_operator_program(crl_tpu_program *program, const crl_model *model, crl_schedule *schedule, const crl_node *node, crl_error *err)
{
    crl_package *package;
    crl_tpu_tensors tensors;
    crl_status s = crl_package_open(&package, model, node->index, err);
    if (!s) s = crl_schedule_own(schedule, package, close_package, err);
    if (!s) s = describe(node, &tensors, &schedule->pile, err);
    return s ? s : crl_tpu_program_make(program, package, &tensors, &schedule->pile, err);
}

crl_status crl_tpu_operator_touches(crl_schedule *schedule, crl_step *step, const crl_node *node, crl_error *err)
{
    return crl_step_touches(schedule, step, node->def->inputs, node->def->n_inputs, node->def->outputs, node->def->n_outputs, err);
}
