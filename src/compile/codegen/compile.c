/* SPDX-License-Identifier: Apache-2.0 */
/* See include/corallite/compile.h. */
#include <corallite/compile.h>

#include <string.h>

#include "base/error.h"
#include "compile/codegen/codegen.h"
#include "compile/records.h"

/* The model on both sides: what is asked of pairs of models is asked of one. */
static crl_status twin_of(crl_twin *w, const crl_subgraph *g, crl_pile *pile, crl_error *err)
{
    const size_t tensors = (size_t)g->n_tensors + 1, operators = (size_t)g->n_operators + 1;
    *w = (crl_twin){ .side = { g, g }, .wide_op = -1, .b_of = crl_pile_array(pile, tensors, sizeof *w->b_of),
                     .mapped = crl_pile_array(pile, operators, sizeof *w->mapped), .marks = crl_pile_array(pile, tensors, sizeof *w->marks),
                     .reader = crl_pile_array(pile, tensors, sizeof *w->reader) };
    if (!w->b_of || !w->mapped || !w->marks || !w->reader) return crl_fail_memory(err, "a model's tensors");
    for (int32_t i = 0; i < g->n_tensors; i++) w->b_of[i] = i, w->reader[i] = -1;
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        w->mapped[i] = true;
        for (int32_t k = 0; k < op->n_inputs; k++)
            if (op->inputs[k] >= 0) w->reader[op->inputs[k]] = i;
    }
    return CRL_OK;
}

static crl_status constants_of(crl_constants *c, const crl_twin *w, int32_t op, crl_pile *pile, crl_error *err)
{
    crl_constants_table table;
    const crl_status s = crl_constants_find(&table, w, pile, err);
    if (s) return s;
    for (int32_t i = 0; i < table.n; i++)
        if (table.pairs[i].op == op) {
            *c = table.pairs[i].side[0];
            return CRL_OK;
        }
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d: its scales are none that an instruction has", op);
}

/* Those of a softmax's steps: numbers are brought to their own scale where they are only moved. */
static crl_status softmax_constants_of(crl_constants *c, const crl_twin *w, int32_t op, crl_pile *pile, crl_error *err)
{
    crl_constants_table table;
    int32_t n = CRL_SOFTMAX_GREATEST;
    bool moved = false;
    const crl_status s = crl_constants_find(&table, w, pile, err);
    if (s) return s;
    for (int32_t i = 0; i < table.n; i++) {
        const crl_constants_pair *pair = &table.pairs[i];
        if (pair->op < 0 && !moved) c[CRL_SOFTMAX_MOVE] = pair->side[0], moved = true;
        if (pair->op == op && pair->per_channel && n < CRL_SOFTMAX_ALL) c[n++] = pair->side[0];
    }
    if (!moved || n < CRL_SOFTMAX_ALL) return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d: its scales are none that an instruction has", op);
    for (int32_t k = CRL_SOFTMAX_GREATEST; k <= CRL_SOFTMAX_MASK; k++) c[k].multiplier = c[CRL_SOFTMAX_MOVE].multiplier;
    return CRL_OK;
}

/* A number that no other package has; the original's cannot be known. */
static uint64_t token_of(const crl_code *code)
{
    uint64_t hash = CRL_TOKEN_BEGIN;
    if (code->parameters) hash = crl_token_mix(hash, code->parameters, code->parameter_bytes);
    hash = crl_token_mix(hash, code->run.bytes, code->run.n);
    return crl_token_end(hash);
}

void crl_code_free(crl_code *code)
{
    crl_program_release(&code->run);
    crl_program_release(&code->cache);
    crl_free(code->parameters);
    *code = (crl_code){ 0 };
}

crl_status crl_code_pack(crl_code *code, const crl_form *form, const crl_twin *w, const crl_pack_choice *choice, size_t more, crl_error *err)
{
    crl_layer_view v;
    if (code->run.failed || code->cache.failed) return crl_fail_memory(err, "a program");
    if (form->alone) return CRL_OK;
    if (!crl_layer_of(&v, w, CRL_SIDE_A, form->op))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d: its weights are of no form that is known", form->op);
    const size_t before = code->parameter_bytes, bytes = before + crl_pack(&v, w, CRL_SIDE_A, form->op, choice, NULL) + more;
    uint8_t *all = crl_alloc(bytes);
    if (!all) return crl_fail_memory(err, "parameters");
    memset(all, 0, bytes);
    if (before) memcpy(all, code->parameters, before);
    crl_pack(&v, w, CRL_SIDE_A, form->op, choice, all + before);
    crl_free(code->parameters);
    code->parameters = all;
    code->parameter_bytes = bytes;
    return CRL_OK;
}

static crl_status generate(const crl_twin *w, const crl_form *form, crl_pile *pile, uint8_t **bytes, size_t *size, crl_compiled *done, crl_error *err)
{
    crl_code code = { 0 };
    crl_constants c[CRL_CHAIN_MOST * CRL_OF_ALL], *at = c;
    crl_status s = CRL_OK;
    for (const crl_form *f = form; f && !s; f = f->next, at += CRL_OF_ALL) {
        if (!f->alone) s = constants_of(&at[CRL_OF_LAYER], w, f->op, pile, err);
        if (!s && f->pool) s = constants_of(&at[CRL_OF_POOL], w, f->pool_op, pile, err);
        if (!s && f->each) s = constants_of(&at[CRL_OF_EACH], w, f->each_op, pile, err);
        if (!s && f->softmax) s = softmax_constants_of(&at[CRL_OF_SOFTMAX], w, f->softmax_op, pile, err);
    }
    if (!s) s = (form->family == CRL_FAMILY_DENSE ? crl_codegen_dense : crl_codegen_conv)(&code, form, w, c, err);
    if (!s) {
        done->token = token_of(&code);
        done->operators = form->operators;
        done->parameters = code.parameter_bytes;
        s = crl_code_write(&code, form, w->side[0], done->token, bytes, size, err);
    }
    crl_code_free(&code);
    return s;
}

crl_status crl_compile(const crl_model *model, const crl_compile_options *options, uint8_t **bytes, size_t *size, crl_compiled *done, crl_error *err)
{
    static const crl_compile_options defaults = { 0 };
    crl_compiled result = { 0 };
    crl_pile pile = { 0 };
    crl_twin w;
    crl_form form[CRL_CHAIN_MOST];
    char near[CRL_FORM_TEXT];
    const crl_compile_options *o = options ? options : &defaults;
    *bytes = NULL;
    *size = 0;
    crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof o->reserved[0], "crl_compile_options", err);
    if (s) return s;
    if (model->n_subgraphs < 1) return crl_fail(err, CRL_ERR_FORMAT, "the model has no subgraph");
    if (crl_model_is_compiled(model))
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "the model is compiled already; name the one that it was compiled from");
    s = twin_of(&w, &model->subgraphs[0], &pile, err);
    if (!s) s = crl_form_find(form, &w, err);
    if (!s) {
        crl_form_text(form, result.form);
        result.proved = crl_form_proved(form, near);
        if (!result.proved && !o->unproved)
            s = crl_fail(err, CRL_ERR_UNSUPPORTED, "%s: no public compiled model confirms what would be written; the nearest that is proved is %s. "
                         "Compile by a template, or, for a stick that may hang, with --unproved", result.form, near);
    }
    if (!s) s = generate(&w, form, &pile, bytes, size, &result, err);
    crl_pile_free(&pile);
    if (!s && done) *done = result;
    return s;
}
