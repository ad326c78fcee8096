/* SPDX-License-Identifier: Apache-2.0 */
/* See follow.h. What a compiled model says of the tensors that go into and come out of its package is what the package was made with: the
 * host converts by it. So those scales are taken first, and the package is asked whether they are the ones; where they are not all that differs, what
 * is inside of the package is read, too. */
#include "compile/follow.h"

#include <corallite/package.h>
#include <corallite/reweight.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "compile/forms.h"
#include "compile/inside.h"
#include "model/holder.h"

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

int32_t crl_twin_take_ends(crl_subgraph *twin, const crl_subgraph *outer)
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

static bool is_whole(const crl_twin_verified *v)
{
    return v->layers_equal == v->layers && v->constants_equal == v->constants;
}

/* All weights, and all constants but those whose form no twin explains. */
static bool is_proved(const crl_twin_verified *before, const crl_twin_verified *now)
{
    if (!now->layers || now->layers_equal < now->layers) return false;
    return now->constants_equal == now->constants || now->constants_equal > before->constants_equal;
}

typedef struct followed {
    crl_model *twin;
    const crl_model *compiled;
    int32_t op;
    kept *file;
} followed;

/* What the package proves of the twin as it is. Where it cannot be compared, nothing. Errors: MEMORY. */
static crl_status verify(const followed *f, crl_twin_verified *v)
{
    crl_error ignored;
    const crl_status s = crl_twin_verify(v, f->compiled, f->op, f->twin, &ignored);
    return s == CRL_ERR_MEMORY ? s : CRL_OK;
}

/* Each layer begins at a line of 64 bytes: a package that has no room for as many is no compiler's, and tells nothing of weights.
 * Errors: MEMORY. */
static crl_status note(const followed *f, const crl_twin_verified *v)
{
    enum { LINE = 64 };
    crl_model_holder *twin = (crl_model_holder *)f->twin;
    crl_package *p = NULL;
    crl_error ignored;
    const crl_status s = v->layers > v->layers_equal ? crl_package_open(&p, f->compiled, f->op, &ignored) : CRL_OK;
    size_t lines = p ? p->running->parameter_bytes / LINE : SIZE_MAX;
    if (p && p->caching) lines += p->caching->parameter_bytes / LINE;
    crl_package_close(p);
    if (s || lines < (size_t)v->layers) return s == CRL_ERR_MEMORY ? s : CRL_OK;
    twin->layers = v->layers;
    twin->layers_equal = v->layers_equal;
    return CRL_OK;
}

/* The ends' scales alone, then what is inside, too; `first` is what is proved without. */
static crl_status follow(const followed *f, const crl_twin_verified *first, crl_error *err)
{
    crl_subgraph *g = (crl_subgraph *)(uintptr_t)&f->twin->subgraphs[0];
    const crl_subgraph *outer = &f->compiled->subgraphs[0];
    crl_twin_verified ends = *first;
    crl_status s = crl_twin_take_ends(g, outer) ? verify(f, &ends) : CRL_OK;
    if (!s) s = note(f, ends.layers_equal > first->layers_equal ? &ends : first);
    if (s || (is_proved(first, &ends) && is_whole(&ends))) return s;
    put_back(g, f->file);
    bool taken;
    s = crl_twin_take_inside(&taken, f->twin, f->compiled, f->op, err);
    if (taken && !s) s = note(f, &(crl_twin_verified){ .layers = first->layers, .layers_equal = first->layers });
    if (s || taken) return s;
    put_back(g, f->file);
    if (is_proved(first, &ends)) crl_twin_take_ends(g, outer);
    return CRL_OK;
}

static crl_status follow_scales(crl_model *twin, const crl_model *compiled, int32_t op, crl_error *err)
{
    followed f = { .twin = twin, .compiled = compiled, .op = op };
    crl_twin_verified first = { 0 };
    crl_status s = verify(&f, &first);
    if (!s) s = note(&f, &first);
    if (!s && is_whole(&first)) return CRL_OK;
    f.file = s ? NULL : crl_alloc_array((size_t)twin->subgraphs[0].n_tensors + 1, sizeof *f.file);
    if (!f.file) return crl_fail_memory(err, "scales");
    keep(f.file, &twin->subgraphs[0]);
    s = follow(&f, &first, err);
    crl_free(f.file);
    return s == CRL_ERR_MEMORY ? crl_fail_memory(err, "scales") : s;
}

crl_status crl_twin_follow(crl_model *twin, const crl_model *compiled, crl_error *err)
{
    const int32_t op = crl_find_compiled(compiled, 0);
    if (op < 0 || crl_find_compiled(compiled, op + 1) >= 0 || crl_model_is_compiled(twin) || !twin->n_subgraphs) return CRL_OK;
    const crl_status s = follow_scales(twin, compiled, op, err);
    return s ? s : crl_twin_take_forms(twin, compiled, op, err);
}
