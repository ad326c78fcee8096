/* SPDX-License-Identifier: Apache-2.0 */
/* pretend MODEL OUT_edgetpu.tflite [N]: a compiled model for sticks in software, of a model that the program has at
 * hand. Its operators of 8 bits, as far as they need nothing of others and are among the first N, become one that a
 * package stands for; the programs in that say nothing, for such sticks compute by the twin. */
#include <corallite/package.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "make.h"

enum { MOST_PORTS = 6 };

typedef struct pretend {
    crl_pile pile;
    const crl_subgraph *graph;
    bool *mapped;                 /* [operators] */
    int32_t in[MOST_PORTS], out[MOST_PORTS];
    int32_t n_in, n_out;
} pretend;

static void add_once(int32_t *list, int32_t *n, int32_t tensor)
{
    for (int32_t i = 0; i < *n; i++)
        if (list[i] == tensor) return;
    if (*n == MOST_PORTS) abort();
    list[(*n)++] = tensor;
}

static bool is_8_bit(const crl_subgraph *g, const crl_operator *op)
{
    for (int32_t i = 0; i < op->n_outputs; i++)
        if (g->tensors[op->outputs[i]].type != CRL_UINT8 && g->tensors[op->outputs[i]].type != CRL_INT8) return false;
    return true;
}

static bool is_made(const pretend *p, int32_t tensor)
{
    for (int32_t k = 0; k < p->graph->n_operators; k++)
        for (int32_t i = 0; i < p->graph->operators[k].n_outputs; i++)
            if (p->graph->operators[k].outputs[i] == tensor) return p->mapped[k];
    return false;
}

/* Constants and the graph's inputs are at hand. */
static bool is_at_hand(const pretend *p, int32_t tensor)
{
    if (tensor < 0 || p->graph->tensors[tensor].data || is_made(p, tensor)) return true;
    for (int32_t i = 0; i < p->graph->n_inputs; i++)
        if (p->graph->inputs[i] == tensor) return true;
    return false;
}

static bool can_be_mapped(const pretend *p, const crl_operator *op)
{
    bool can = is_8_bit(p->graph, op);
    for (int32_t i = 0; i < op->n_inputs; i++) can = can && is_at_hand(p, op->inputs[i]);
    return can;
}

static void divide(pretend *p, int32_t most)
{
    const crl_subgraph *g = p->graph;
    p->mapped = crl_pile_array(&p->pile, (size_t)g->n_operators, sizeof *p->mapped);
    if (!p->mapped) abort();
    for (int32_t k = 0; k < g->n_operators && k < most; k++) p->mapped[k] = can_be_mapped(p, &g->operators[k]);
    for (int32_t i = 0; i < g->n_inputs; i++) add_once(p->in, &p->n_in, g->inputs[i]);
    for (int32_t i = 0; i < g->n_outputs; i++)
        if (is_made(p, g->outputs[i])) add_once(p->out, &p->n_out, g->outputs[i]);
    for (int32_t k = 0; k < g->n_operators; k++)
        for (int32_t i = 0; !p->mapped[k] && i < g->operators[k].n_inputs; i++)
            if (is_made(p, g->operators[k].inputs[i])) add_once(p->out, &p->n_out, g->operators[k].inputs[i]);
}

static made_port port_of(const crl_tensor_def *t)
{
    const crl_shape *s = &t->shape;
    made_port port = { t->name, 1, 1, 1, t->type == CRL_INT8 };
    if (s->rank > 0) port.z = s->dim[s->rank - 1];
    if (s->rank > 1) port.x = s->dim[s->rank - 2];
    for (int32_t i = 0; i + 2 < s->rank; i++) port.y *= s->dim[i];
    return port;
}

/* Another one for each model. */
static uint32_t number_of(const crl_model *model)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < model->size; i++) h = (h ^ model->bytes[i]) * 16777619u;
    return h | 1;
}

static crl_tree *append(pretend *p, crl_tree *to, int field, int kind)
{
    crl_tree_value *v = crl_tree_at(to, field);
    crl_tree **more = crl_pile_array(&p->pile, v->n + 1, sizeof *more);
    if (!more) abort();
    memcpy(more, v->tables, v->n * sizeof *more);
    v->tables = more;
    return more[v->n++] = crl_tree_new(&p->pile, kind);
}

static void set(crl_tree *node, int field, const void *list, size_t n)
{
    *crl_tree_at(node, field) = (crl_tree_value){ .list = list, .n = (uint32_t)n, .present = true };
}

/* The new operator comes first, behind it those that are not mapped. */
static void replace(pretend *p, crl_tree *root, const made *package)
{
    static const char name[] = CRL_EDGETPU_OP;
    crl_tree *code = append(p, root, CRL_FIELD_MODEL_OPERATOR_CODES, CRL_TABLE_OPERATOR_CODE);
    made_number(code, CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, CRL_CUSTOM);
    made_number(code, CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE, CRL_CUSTOM);
    set(code, CRL_FIELD_OPERATOR_CODE_CUSTOM_CODE, name, sizeof name - 1);
    crl_tree *op = crl_tree_new(&p->pile, CRL_TABLE_OPERATOR), *graph = crl_tree_at(root, CRL_FIELD_MODEL_SUBGRAPHS)->tables[0];
    made_number(op, CRL_FIELD_OPERATOR_OPCODE_INDEX, crl_tree_at(root, CRL_FIELD_MODEL_OPERATOR_CODES)->n - 1);
    set(op, CRL_FIELD_OPERATOR_INPUTS, p->in, (size_t)p->n_in);
    set(op, CRL_FIELD_OPERATOR_OUTPUTS, p->out, (size_t)p->n_out);
    set(op, CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, package->options, package->options_bytes);
    crl_tree_value *operators = crl_tree_at(graph, CRL_FIELD_SUB_GRAPH_OPERATORS);
    uint32_t n = 0;
    for (int32_t k = 0; k < p->graph->n_operators; k++)
        if (!p->mapped[k]) operators->tables[n++] = operators->tables[k];
    memmove(operators->tables + 1, operators->tables, n * sizeof op);
    operators->tables[0] = op;
    operators->n = n + 1;
}

static crl_status make(const crl_model *model, int32_t most, uint8_t **bytes, size_t *size, crl_error *err)
{
    pretend p = { .graph = &model->subgraphs[0] };
    made package;
    made_port in[MOST_PORTS], out[MOST_PORTS];
    crl_tree *root;
    divide(&p, most);
    for (int32_t i = 0; i < p.n_in; i++) in[i] = port_of(&p.graph->tensors[p.in[i]]);
    for (int32_t i = 0; i < p.n_out; i++) out[i] = port_of(&p.graph->tensors[p.out[i]]);
    made_begin(&package);
    made_ports(&package, number_of(model), in, p.n_in, out, p.n_out);
    made_finish(&package);
    crl_status s = crl_tree_read_model(&root, model, &p.pile, err);
    if (!s) {
        replace(&p, root, &package);
        s = crl_tree_write(root, "TFL3", model, bytes, size, err);
    }
    made_end(&package);
    crl_pile_free(&p.pile);
    return s;
}

int main(int argc, char **argv)
{
    crl_error err = { .text = "pretend MODEL OUT_edgetpu.tflite [N]" };
    crl_model *model = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    crl_status s = argc >= 3 ? crl_model_open_file(&model, argv[1], &err) : CRL_ERR_ARGUMENT;
    if (!s) s = make(model, argc > 3 ? atoi(argv[3]) : INT32_MAX, &bytes, &size, &err);
    FILE *f = s ? NULL : fopen(argv[2], "wb");
    const bool done = f && fwrite(bytes, 1, size, f) == size && !fclose(f);
    if (!done) fprintf(stderr, "%s\n", s ? err.text : argv[2]);
    crl_free(bytes);
    crl_model_close(model);
    return !done;
}
