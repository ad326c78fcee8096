/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that take a whole subgraph, or all of them: who writes what and when, and who calls whom. */
#include "model/flat_read.h"

/* Who writes a tensor, when it is not an operator. */
enum { NOBODY = -1, CALLER = -2, THE_FILE = -3, LAST_RUN = -4 };

/* Deeper calls would let a file choose the depth of our stack. */
enum { MAX_CALL_DEPTH = 64 };

static crl_status claim_output(const crl_subgraph *s, int32_t *writer, int32_t op, int32_t k, crl_error *err)
{
    const int32_t tensor = s->operators[op].outputs[k], before = writer[tensor];
    const char *name = s->tensors[tensor].name;
    if (before >= 0)
        return crl_fail(err, CRL_ERR_FORMAT, "output %d: tensor %d \"%.60s\" is written by op %d %.60s already", k, tensor,
                        name, before, s->operators[before].name);
    if (before == CALLER)
        return crl_fail(err, CRL_ERR_FORMAT, "output %d: tensor %d \"%.60s\" is an input of the subgraph", k, tensor,
                        name);
    if (before == THE_FILE)
        return crl_fail(err, CRL_ERR_FORMAT, "output %d: tensor %d \"%.60s\" is a constant (buffer %d)", k, tensor, name,
                        s->tensors[tensor].buffer);
    writer[tensor] = op;
    return CRL_OK;
}

crl_status crl_flat_no_value(const crl_subgraph *s, int32_t op, int32_t k, crl_error *err)
{
    const int32_t tensor = s->operators[op].inputs[k];
    return crl_fail(err, CRL_ERR_FORMAT,
                    "input %d: tensor %d \"%.60s\" has no value: no input, no constant, and no operator writes it", k, tensor,
                    s->tensors[tensor].name);
}

/* What a custom operator needs is its maker's to say, who may give it room to work in (Vela does): crl_graph_build() asks
 * for values where the operator is known, and has a better sentence where it is not. */
static crl_status check_input(const crl_subgraph *s, const int32_t *writer, int32_t op, int32_t k, crl_error *err)
{
    const int32_t tensor = s->operators[op].inputs[k];
    if (tensor < 0) return CRL_OK;
    const int32_t w = writer[tensor];
    if (w == NOBODY) return s->operators[op].code == CRL_CUSTOM ? CRL_OK : crl_flat_no_value(s, op, k, err);
    if (w >= op)
        return crl_fail(err, CRL_ERR_FORMAT,
                        "input %d: tensor %d \"%.60s\" is written only by op %d %.60s "
                        "(a cycle, or operators out of order)",
                        k, tensor, s->tensors[tensor].name, w, s->operators[w].name);
    return CRL_OK;
}

static crl_status check_order(const crl_subgraph *s, int32_t *writer, crl_error *err)
{
    for (int32_t i = 0; i < s->n_tensors; i++)
        writer[i] = s->tensors[i].data ? THE_FILE : s->tensors[i].is_variable ? LAST_RUN : NOBODY;
    for (int32_t i = 0; i < s->n_inputs; i++) {
        const int32_t tensor = s->inputs[i];
        if (writer[tensor] == THE_FILE)
            return crl_fail(err, CRL_ERR_FORMAT, "input %d: tensor %d \"%.60s\" is a constant (buffer %d)", i, tensor,
                            s->tensors[tensor].name, s->tensors[tensor].buffer);
        writer[tensor] = CALLER;
    }
    for (int32_t op = 0; op < s->n_operators; op++)
        for (int32_t k = 0; k < s->operators[op].n_outputs; k++) {
            crl_status status = claim_output(s, writer, op, k, err);
            if (status) return crl_within(err, status, "op %d %.60s", op, s->operators[op].name);
        }
    for (int32_t op = 0; op < s->n_operators; op++)
        for (int32_t k = 0; k < s->operators[op].n_inputs; k++) {
            crl_status status = check_input(s, writer, op, k, err);
            if (status) return crl_within(err, status, "op %d %.60s", op, s->operators[op].name);
        }
    for (int32_t i = 0; i < s->n_outputs; i++) {
        const int32_t tensor = s->outputs[i];
        if (writer[tensor] == NOBODY)
            return crl_fail(err, CRL_ERR_FORMAT, "output %d: no operator writes tensor %d \"%.60s\"", i, tensor,
                            s->tensors[tensor].name);
    }
    return CRL_OK;
}

/* Subgraph `caller` has an operator, say WHILE, that runs subgraph `callee`. */
typedef struct call {
    int32_t caller, callee, op;
} call;

/* Lists the calls, or, with list NULL, counts them. */
static crl_status list_calls(const crl_model *m, call *list, size_t *n, crl_error *err)
{
    *n = 0;
    for (int32_t i = 0; i < m->n_subgraphs; i++)
        for (int32_t op = 0; op < m->subgraphs[i].n_operators; op++) {
            const crl_operator *o = &m->subgraphs[i].operators[op];
            const int table = o->code < crl_schema_n_operators ? crl_schema_operators[o->code].options : 0;
            const crl_schema_field *field = crl_schema_fields + crl_schema_tables[table].first;
            for (int k = 0; k < crl_schema_tables[table].n; k++, field++) {
                if (!field->is_subgraph) continue;
                const int64_t callee = crl_operator_option(o, field->name)->i;
                if (callee < 0 || callee >= m->n_subgraphs)
                    return crl_fail(err, CRL_ERR_FORMAT, "subgraph %d: op %d %.60s: \"%s\" is %lld, the file has %d", i,
                                    op, o->name, field->name, (long long)callee, m->n_subgraphs);
                if (list) list[*n] = (call){ i, (int32_t)callee, op };
                ++*n;
            }
        }
    return CRL_OK;
}

/* Depth of the calls below each subgraph, by raising a caller above those it calls until nothing moves. In a
 * circle that would never end. */
static crl_status check_depth(const crl_model *m, const call *list, size_t n, int32_t *depth, crl_error *err)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t k = 0; k < n; k++) {
            const call *c = &list[k];
            if (depth[c->caller] > depth[c->callee]) continue;
            depth[c->caller] = depth[c->callee] + 1;
            moved = true;
            if (depth[c->caller] > MAX_CALL_DEPTH)
                return crl_fail(err, CRL_ERR_FORMAT, "subgraph %d: op %d %.60s: calls go in a circle, or deeper than %d",
                                c->caller, c->op, m->subgraphs[c->caller].operators[c->op].name, MAX_CALL_DEPTH);
        }
    }
    return CRL_OK;
}

static crl_status check_calls(const crl_model *m, crl_error *err)
{
    size_t n;
    crl_status s = list_calls(m, NULL, &n, err);
    if (s || !n) return s;
    call *list = crl_alloc_array(n, sizeof *list);
    int32_t *depth = crl_alloc_array((size_t)m->n_subgraphs, sizeof *depth);
    if (!list || !depth) s = crl_fail_memory(err, "checking the model's calls");
    if (!s) s = list_calls(m, list, &n, err);
    if (!s) s = check_depth(m, list, n, depth, err);
    crl_free(list);
    crl_free(depth);
    return s;
}

crl_status crl_flat_verify(const crl_model *m, crl_error *err)
{
    size_t most = 0;
    for (int32_t i = 0; i < m->n_subgraphs; i++)
        if ((size_t)m->subgraphs[i].n_tensors > most) most = (size_t)m->subgraphs[i].n_tensors;
    int32_t *writer = crl_alloc_array(most, sizeof *writer);
    if (!writer) return crl_fail_memory(err, "checking the model");
    crl_status s = check_calls(m, err);
    for (int32_t i = 0; i < m->n_subgraphs && !s; i++) {
        s = check_order(&m->subgraphs[i], writer, err);
        if (s) s = crl_within(err, s, "subgraph %d", i);
    }
    crl_free(writer);
    return s;
}
