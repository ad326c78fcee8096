/* SPDX-License-Identifier: Apache-2.0 */
/* Which operators are mapped, and the whole judgement: see include/corallite/check.h.
 *
 * The compiler is a delegate of TensorFlow Lite, which hands it the graph in pieces: the first piece takes all operators of one
 * kind, mapped or not, that need nothing of the other kind; the kind is that of the first operator. So what stands in front of
 * everything and is not taken stays on the CPU, and the piece after it holds every operator that is taken and has nothing on the
 * way to it but those in front and members of the piece. The compiler takes no second piece. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "compile/check.h"
#include "compile/rules.h"

void *crl_judged_take(crl_judged *j, size_t n, size_t size)
{
    void *p = j->failed ? NULL : crl_pile_array(&j->pile, n ? n : 1, size);
    j->failed = !p;
    return p;
}

const char *crl_judged_text(crl_judged *j, const char *fmt, ...)
{
    char text[2 * CRL_RULE_TEXT];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    const size_t bytes = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    char *copy = crl_judged_take(j, bytes + 1, 1);
    if (!copy) return "";
    memcpy(copy, text, bytes);
    return copy;
}

const char *crl_mapping_text(crl_mapping mapping)
{
    switch (mapping) {
    case CRL_MAPPED: return "Mapped to Edge TPU";
    case CRL_UNMAPPED_TYPE: return "Operation is working on an unsupported data type";
    case CRL_UNMAPPED_OPERATOR: return "Operation not supported";
    case CRL_UNMAPPED_LIMIT: return "Operation is otherwise supported, but not mapped due to some unspecified limitation";
    case CRL_UNMAPPED_SUBGRAPH: return "More than one subgraph is not supported";
    case CRL_UNMAPPED_RANK: return "Tensor has unsupported rank (up to 3 innermost dimensions mapped)";
    case CRL_UNMAPPED_VERSION: return "Operation version not supported";
    case CRL_UNMAPPED_NOT_CONSTANT: return "Filter, bias, or other param is not constant at compile-time";
    }
    return "?";
}

/* Where a tensor comes from. Constants and inputs of the model are in front, too. */
enum { FRONT = 0, CHIP, CPU };

static void judge(crl_judged *j, int32_t i)
{
    char reason[CRL_RULE_TEXT], cure[CRL_RULE_TEXT];
    crl_question q = { .model = j->model, .graph = j->graph, .op = &j->graph->operators[i], .runtime = j->options.runtime };
    crl_check_op *op = &j->ops[i];
    op->behind = -1;
    op->mapping = crl_rules_judge(&q, reason, cure);
    if (!op->mapping) return;
    op->reason = crl_judged_text(j, "%s", reason);
    op->cure = *cure ? crl_judged_text(j, "%s", cure) : NULL;
}

/* The origin of what an operator reads: the worst of its inputs, and the first operator on the way to blame where that is the CPU. */
static int origin_of(const crl_operator *op, const uint8_t *origin, const int32_t *blame, int32_t *who)
{
    int worst = FRONT;
    *who = -1;
    for (int32_t k = 0; k < op->n_inputs; k++) {
        const int32_t t = op->inputs[k];
        if (t < 0 || origin[t] <= worst) continue;
        worst = origin[t];
        *who = blame[t];
    }
    return worst;
}

static void lie_behind(crl_judged *j, int32_t i, int32_t who)
{
    crl_check_op *op = &j->ops[i];
    op->mapping = CRL_UNMAPPED_SUBGRAPH;
    op->behind = who;
    op->reason = crl_judged_text(j, "it lies behind op %d %s, which stays on the CPU", who, j->graph->operators[who].name);
}

/* Deals with operators in order of execution, so that all that comes before is known. */
static void spread(crl_judged *j, uint8_t *origin, int32_t *blame)
{
    const crl_subgraph *g = j->graph;
    const bool front_waits = g->n_operators && j->ops[0].mapping;
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        int32_t who;
        int where = origin_of(op, origin, blame, &who);
        if (j->ops[i].mapping) {
            if (where != CPU) {
                where = front_waits && where == FRONT ? FRONT : CPU;
                who = i;
            }
            j->ops[i].behind = where == CPU ? who : -1;
        } else if (where == CPU) {
            lie_behind(j, i, who);
        } else {
            where = CHIP;
            j->check.n_mapped++;
        }
        for (int32_t k = 0; k < op->n_outputs; k++) {
            origin[op->outputs[k]] = (uint8_t)where;
            blame[op->outputs[k]] = who;
        }
    }
}

static bool is_compiled(const crl_operator *op)
{
    return !strcmp(op->name, "edgetpu-custom-op");
}

/* Of a model that went through the compiler already nothing is to be foretold: what is not in its own operator was left. */
static bool spread_compiled(crl_judged *j)
{
    const crl_subgraph *g = j->graph;
    bool any = false;
    for (int32_t i = 0; i < g->n_operators; i++) any |= is_compiled(&g->operators[i]);
    for (int32_t i = 0; i < g->n_operators && any; i++) {
        crl_check_op *op = &j->ops[i];
        if (is_compiled(&g->operators[i])) {
            *op = (crl_check_op){ .behind = -1 };
            j->check.n_mapped++;
        } else if (!op->mapping) {
            op->mapping = CRL_UNMAPPED_SUBGRAPH;
            op->reason = crl_judged_text(j, "the compiler left it on the CPU");
        }
    }
    return any;
}

void crl_partition(crl_judged *j)
{
    for (int32_t i = 0; i < j->graph->n_operators && !j->failed; i++) judge(j, i);
    uint8_t *origin = crl_judged_take(j, (size_t)j->graph->n_tensors, sizeof *origin);
    int32_t *blame = crl_judged_take(j, (size_t)j->graph->n_tensors, sizeof *blame);
    if (!j->failed && !spread_compiled(j)) spread(j, origin, blame);
}

/* The first operator behind which something lies that would be mapped; else the first that is not in front of what is mapped; else
 * the first that stays. */
static int32_t first_in_the_way(const crl_judged *j)
{
    int32_t first = -1, own = -1, found = -1;
    for (int32_t i = 0; i < j->graph->n_operators; i++) {
        const crl_check_op *op = &j->ops[i];
        if (!op->mapping) continue;
        if (op->mapping == CRL_UNMAPPED_SUBGRAPH && op->behind >= 0 && (found < 0 || op->behind < found)) found = op->behind;
        if (op->behind == i && own < 0) own = i;
        if (first < 0) first = i;
    }
    return found >= 0 ? found : own >= 0 ? own : first;
}

static crl_status fill(crl_judged *j, crl_error *err)
{
    j->ops = crl_judged_take(j, (size_t)j->graph->n_operators, sizeof *j->ops);
    if (j->failed) return crl_fail_memory(err, "a judgement");
    j->check.ops = j->ops;
    j->check.n_ops = j->graph->n_operators;
    j->check.kind = crl_judge_kind(j);
    crl_partition(j);
    if (!j->failed) crl_count_cost(j);
    if (!j->failed && j->check.kind != CRL_CHECK_COMPILED) crl_estimate_latency(j);
    if (!j->failed) {
        j->check.first_cpu = first_in_the_way(j);
        crl_report(j);
    }
    return j->failed ? crl_fail_memory(err, "a judgement") : CRL_OK;
}

crl_status crl_check_new(crl_check **out, const crl_model *model, const crl_check_options *options, crl_error *err)
{
    static const crl_check_options defaults = { 0 };
    *out = NULL;
    if (!options) options = &defaults;
    crl_status s = crl_check_reserved(options->reserved, 8, "crl_check_options", err);
    if (s) return s;
    if (options->runtime && (options->runtime < CRL_CHECK_OLDEST_RUNTIME || options->runtime > CRL_CHECK_NEWEST_RUNTIME))
        return crl_fail(err, CRL_ERR_ARGUMENT, "runtime %d; there are %d to %d", options->runtime, CRL_CHECK_OLDEST_RUNTIME,
                        CRL_CHECK_NEWEST_RUNTIME);
    if (options->compiler && options->compiler != 2 && (options->compiler < 14 || options->compiler > 16))
        return crl_fail(err, CRL_ERR_ARGUMENT, "compiler %d; there are 2, 14, 15 and 16", options->compiler);
    if (!model->n_subgraphs) return crl_fail(err, CRL_ERR_FORMAT, "the model has no subgraph");
    crl_judged *j = crl_alloc(sizeof *j);
    if (!j) return crl_fail_memory(err, "a judgement");
    j->model = model;
    j->graph = &model->subgraphs[0];
    j->options = *options;
    if (!j->options.runtime) j->options.runtime = CRL_CHECK_NEWEST_RUNTIME;
    if (!j->options.compiler) j->options.compiler = 16;
    s = fill(j, err);
    if (s)
        crl_check_free(&j->check);
    else
        *out = &j->check;
    return s;
}

void crl_check_free(crl_check *check)
{
    crl_judged *j = (crl_judged *)check;
    if (!j) return;
    crl_pile_free(&j->pile);
    crl_free(j);
}
