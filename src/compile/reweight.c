/* SPDX-License-Identifier: Apache-2.0 */
/* See include/corallite/reweight.h. */
#include <corallite/reweight.h>

#include <string.h>

#include "compile/edit.h"
#include "compile/parameters.h"
#include "compile/records.h"
#include "package/isa.h"

typedef struct work {
    const crl_model *compiled, *twin;
    const crl_package *package;
    crl_disassembly *program; /* of the executable that runs */
    int32_t op;               /* of `compiled` */
    crl_error *err;
} work;

static bool same_numbers(const crl_quant *a, const crl_quant *b)
{
    return a->n == b->n && (!a->n || (!memcmp(a->scale, b->scale, (size_t)a->n * sizeof *a->scale) &&
                                      !memcmp(a->zero_point, b->zero_point, (size_t)a->n * sizeof *a->zero_point)));
}

static bool scales_differ(const crl_twin *w)
{
    for (int32_t i = 0; i < w->side[0]->n_tensors; i++)
        if (w->b_of[i] >= 0 && !same_numbers(&w->side[0]->tensors[i].quant, &crl_twin_tensor(w, CRL_SIDE_B, i)->quant)) return true;
    return false;
}

/* What cannot be changed because it was never seen changed. */
static crl_status check_form(const work *k, const crl_twin *w, const crl_model *model)
{
    if (model->size == k->twin->size && !memcmp(model->bytes, k->twin->bytes, model->size)) return CRL_OK;
    for (int32_t i = 0; i < w->side[0]->n_operators; i++) {
        const crl_operator *op = &w->side[0]->operators[i];
        if (w->mapped[i] && strstr(op->name, "LSTM"))
            return crl_fail(
                k->err, CRL_ERR_UNSUPPORTED,
                "op %d %s: how an LSTM is laid out for the chip is not known; leave it to the original compiler", i,
                op->name);
    }
    if (k->package->running->scratch_bytes)
        return crl_fail(k->err, CRL_ERR_UNSUPPORTED,
                        "the template keeps %zu bytes of activations in host memory, and no such template was ever seen with other weights; take one "
                        "that does not", k->package->running->scratch_bytes);
    return CRL_OK;
}

/* Makes `model` of the template, all but the token, in `to`, which is a copy of it. */
static crl_status make(const work *k, const crl_model *model, uint8_t *to, crl_reweighted *done)
{
    crl_pile pile = { 0 };
    crl_twin twin;
    crl_constants_table table;
    crl_status s = crl_twin_find(&twin, k->twin, model, k->compiled, k->op, &pile, k->err);
    if (!s) s = check_form(k, &twin, model);
    if (!s) s = crl_parameters_edit(&twin, k->package, k->compiled->bytes, to, &pile, k->err);
    if (!s) s = crl_constants_find(&table, &twin, &pile, k->err);
    if (!s) {
        crl_edit edit = { .twin = &twin, .program = k->program, .constants = &table, .from = k->compiled->bytes, .to = to,
                          .changed = scales_differ(&twin), .work = CRL_COMPILE_WORK, .err = k->err };
        s = crl_edit_constants(&edit);
        if (!s) s = crl_edit_softmax(&edit);
        done->tensors = edit.tensors;
        done->named = edit.named;
        for (int32_t i = 0; i < twin.side[0]->n_operators; i++) {
            done->operators += twin.mapped[i];
            done->layers += twin.mapped[i] && crl_has_weights(&twin.side[0]->operators[i]);
        }
    }
    if (!s) s = crl_records_edit(&twin, k->compiled, k->package, model, to, k->err);
    crl_pile_free(&pile);
    return s;
}

/* ---- what came out ------------------------------------------------------------------------------ */

static void count(const work *k, const uint8_t *to, crl_reweighted *done)
{
    const uint8_t *from = k->compiled->bytes;
    for (int32_t i = 0; i < k->program->n; i++) {
        const crl_instruction *in = &k->program->instructions[i];
        const size_t at = (size_t)(k->package->running->chunks[in->chunk].bytes - from) + (size_t)in->word * CRL_ISA_WORD;
        done->instructions += memcmp(from + at, to + at, (size_t)in->words * CRL_ISA_WORD) != 0;
    }
    for (int32_t e = 0; e < k->package->n_executables; e++) {
        const crl_executable *x = &k->package->executables[e];
        for (size_t i = 0; i < x->parameter_bytes; i++) done->parameters += x->parameters[i] != to[x->parameters - from + i];
    }
}

static uint64_t token_of(const work *k, const uint8_t *to)
{
    const uint8_t *from = k->compiled->bytes;
    uint64_t hash = CRL_TOKEN_BEGIN;
    for (int32_t e = 0; e < k->package->n_executables; e++) {
        const crl_executable *x = &k->package->executables[e];
        if (x->parameter_bytes) hash = crl_token_mix(hash, to + (x->parameters - from), x->parameter_bytes);
        for (int32_t i = 0; i < x->n_chunks; i++) hash = crl_token_mix(hash, to + (x->chunks[i].bytes - from), x->chunks[i].size);
    }
    hash = crl_token_end(hash);
    return hash != k->package->running->token ? hash : hash ^ 1;
}

/* ---- all together -------------------------------------------------------------------------------- */

/* The template made of its own model has to be the template. */
static crl_status test_itself(const work *k, uint8_t *to)
{
    crl_reweighted none = { 0 };
    const crl_status s = make(k, k->twin, to, &none);
    if (s) return crl_within(k->err, s, "made of its own model");
    if (!memcmp(to, k->compiled->bytes, k->compiled->size)) return CRL_OK;
    return crl_fail(k->err, CRL_ERR_UNSUPPORTED,
                    "made of its own model it comes out otherwise: that is not the model it was compiled from (--template-model names it), or its "
                    "compiler had rules that are not known");
}

/* The first fault. */
static void note(void *user, const char *text)
{
    crl_error *first = user;
    if (!*first->text) crl_fail(first, CRL_ERR_UNSUPPORTED, "%s", text);
}

static crl_status check_sound(const work *k)
{
    crl_error fault = { .text = "" };
    const crl_status s = crl_package_verify(k->package, note, &fault, k->err);
    if (s || !*fault.text) return s;
    return crl_fail(k->err, CRL_ERR_UNSUPPORTED, "it is not sound, so that nothing is made of it: %.160s", fault.text);
}

static crl_status reweight(work *k, const crl_model *model, uint8_t *to, crl_reweighted *done)
{
    crl_status s = check_sound(k);
    if (!s) s = test_itself(k, to);
    memcpy(to, k->compiled->bytes, k->compiled->size);
    if (!s) s = make(k, model, to, done);
    if (s) return s;
    done->token = k->package->running->token;
    if (!memcmp(to, k->compiled->bytes, k->compiled->size)) return CRL_OK;
    count(k, to, done);
    done->token = token_of(k, to);
    return crl_records_token(k->compiled, k->package, to, done->token, k->err);
}

crl_status crl_explain_program(const crl_model *compiled, const crl_model *twin, const crl_disassembly *program, int32_t *ops, crl_error *err)
{
    crl_pile pile = { 0 };
    crl_twin pair;
    crl_constants_table table;
    const int32_t op = crl_find_compiled(compiled, 0);
    if (op < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "the model has no compiled operator");
    crl_status s = crl_twin_find(&pair, twin, twin, compiled, op, &pile, err);
    if (!s) s = crl_constants_find(&table, &pair, &pile, err);
    if (!s) /* it is only looked at, where it lies */
        crl_edit_explain(&(crl_edit){ .twin = &pair, .program = program, .constants = &table, .from = compiled->bytes,
                                      .to = (uint8_t *)compiled->bytes, .work = CRL_COMPILE_WORK }, ops);
    crl_pile_free(&pile);
    return s;
}

crl_status crl_reweight(const crl_model *model, const crl_model *compiled, const crl_model *twin, uint8_t **bytes, size_t *size,
                        crl_reweighted *done, crl_error *err)
{
    crl_reweighted result = { 0 };
    crl_package *package = NULL;
    work k = { .compiled = compiled, .twin = twin, .op = crl_find_compiled(compiled, 0), .err = err };
    *bytes = NULL;
    *size = 0;
    if (k.op < 0)
        return crl_fail(err, CRL_ERR_ARGUMENT, "the template has no compiled operator; it is a file whose name ends in _edgetpu.tflite");
    if (crl_find_compiled(compiled, k.op + 1) >= 0)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the template has several compiled operators; take one that has one");
    if (crl_find_compiled(model, 0) >= 0 || crl_find_compiled(twin, 0) >= 0)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the %s is compiled already; name the one that it was compiled from",
                        crl_find_compiled(model, 0) >= 0 ? "model" : "template's model");
    crl_status s = crl_package_open(&package, compiled, k.op, err);
    k.package = package;
    if (!s) s = crl_disassemble(&k.program, package->running, err);
    uint8_t *to = s ? NULL : crl_alloc(compiled->size);
    if (!s && !to) s = crl_fail_memory(err, "a compiled model");
    if (!s) {
        memcpy(to, compiled->bytes, compiled->size);
        s = reweight(&k, model, to, &result);
    }
    crl_disassembly_free(k.program);
    crl_package_close(package);
    if (s) {
        crl_free(to);
        return s;
    }
    *bytes = to;
    *size = compiled->size;
    if (done) *done = result;
    return CRL_OK;
}
