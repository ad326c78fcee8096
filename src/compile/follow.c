/* SPDX-License-Identifier: Apache-2.0 */
/* See follow.h. What a compiled model says of the tensors that go into and come out of its package is what the package was made with: the
 * host converts by it. So those scales are taken first, and the package is asked whether they are the ones. */
#include "compile/follow.h"

#include <corallite/reweight.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* What one tensor was, to be put back. */
typedef struct kept {
    float scale;
    int32_t zero;
} kept;

static bool is_8_bit(const crl_tensor_def *t)
{
    return (t->type == CRL_UINT8 || t->type == CRL_INT8) && t->quant.n == 1 && !t->data;
}

/* The arrays of a model are its own; all others see them as constant. */
static void set(crl_tensor_def *t, float scale, int32_t zero)
{
    *(float *)(uintptr_t)t->quant.scale = scale;
    *(int32_t *)(uintptr_t)t->quant.zero_point = zero;
}

static crl_tensor_def *find(crl_subgraph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_tensors; i++)
        if (g->tensors[i].name && !strcmp(g->tensors[i].name, name)) return (crl_tensor_def *)(uintptr_t)&g->tensors[i];
    return NULL;
}

/* The operator that has written a tensor, where it only turns signed bytes into unsigned ones or back; NULL: it is another. */
static const crl_operator *writer_that_flips(const crl_subgraph *g, const crl_tensor_def *t)
{
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        if (op->n_outputs != 1 || &g->tensors[op->outputs[0]] != t) continue;
        if (strcmp(op->name, "QUANTIZE") || op->n_inputs != 1 || op->inputs[0] < 0) return NULL;
        const crl_tensor_def *from = &g->tensors[op->inputs[0]];
        const int32_t lift = (t->type == CRL_UINT8) - (from->type == CRL_UINT8);
        const bool flips = is_8_bit(from) && from->quant.scale[0] == t->quant.scale[0] &&
                           from->quant.zero_point[0] + 128 * lift == t->quant.zero_point[0];
        return flips ? op : NULL;
    }
    return NULL;
}

/* Takes over what the compiled model says of tensors by their names. Returns how many were otherwise. */
static int32_t take_scales(crl_subgraph *twin, const crl_subgraph *outer)
{
    int32_t n = 0;
    for (int32_t i = 0; i < outer->n_tensors; i++) {
        const crl_tensor_def *is = &outer->tensors[i];
        crl_tensor_def *t = is->name ? find(twin, is->name) : NULL;
        if (!t || t->type != is->type || !is_8_bit(t) || !is_8_bit(is)) continue;
        const float scale = is->quant.scale[0];
        const int32_t zero = is->quant.zero_point[0], moved = zero - t->quant.zero_point[0];
        if (scale == t->quant.scale[0] && !moved) continue;
        const crl_operator *flip = writer_that_flips(twin, t);
        crl_tensor_def *from = flip ? (crl_tensor_def *)(uintptr_t)&twin->tensors[flip->inputs[0]] : NULL;
        if (from) set(from, scale, from->quant.zero_point[0] + moved);
        set(t, scale, zero);
        n++;
    }
    return n;
}

static void keep(kept *to, const crl_subgraph *g)
{
    for (int32_t i = 0; i < g->n_tensors; i++)
        if (is_8_bit(&g->tensors[i])) to[i] = (kept){ g->tensors[i].quant.scale[0], g->tensors[i].quant.zero_point[0] };
}

static void put_back(crl_subgraph *g, const kept *from)
{
    for (int32_t i = 0; i < g->n_tensors; i++)
        if (is_8_bit(&g->tensors[i])) set((crl_tensor_def *)(uintptr_t)&g->tensors[i], from[i].scale, from[i].zero);
}

/* All weights, and all constants but those whose form no twin explains. */
static bool is_proved(const crl_twin_verified *before, const crl_twin_verified *now)
{
    if (!now->layers || now->layers_equal < now->layers) return false;
    return now->constants_equal == now->constants || now->constants_equal > before->constants_equal;
}

crl_status crl_twin_follow(crl_model *twin, const crl_model *compiled, crl_error *err)
{
    const int32_t op = crl_find_compiled(compiled, 0);
    if (op < 0 || crl_find_compiled(compiled, op + 1) >= 0 || crl_model_is_compiled(twin) || !twin->n_subgraphs) return CRL_OK;
    crl_subgraph *g = (crl_subgraph *)(uintptr_t)&twin->subgraphs[0];
    kept *file = crl_alloc_array((size_t)g->n_tensors + 1, sizeof *file);
    if (!file) return crl_fail_memory(err, "scales");
    keep(file, g);
    if (take_scales(g, &compiled->subgraphs[0])) {
        crl_twin_verified before = { 0 }, now = { 0 };
        crl_error ignored;
        crl_status s = crl_twin_verify(&now, compiled, op, twin, &ignored);
        put_back(g, file);
        if (!s) s = crl_twin_verify(&before, compiled, op, twin, &ignored);
        if (!s && is_proved(&before, &now)) take_scales(g, &compiled->subgraphs[0]);
        if (s == CRL_ERR_MEMORY) {
            crl_free(file);
            return crl_fail_memory(err, "scales");
        }
    }
    crl_free(file);
    return CRL_OK;
}
