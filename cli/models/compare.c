/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of tensors: see compare.h. */
#include "models/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/say.h"

/* ---- which belong together ---- */

/* Outputs of operators that hold what a layer computes, and not what another one gave in another form. */
static bool is_layer(const crl_subgraph *g, int32_t op)
{
    const crl_operator *o = &g->operators[op];
    static const char *const forms[] = { "QUANTIZE", "DEQUANTIZE", "CAST" };
    if (!o->n_outputs || o->outputs[0] < 0 || g->tensors[o->outputs[0]].data) return false;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (!strcmp(o->name, forms[i])) return false;
    return true;
}

static const crl_tensor_def *output_of(const crl_subgraph *g, int32_t op)
{
    return &g->tensors[g->operators[op].outputs[0]];
}

static bool same_name(const crl_subgraph *a, int32_t i, const crl_subgraph *b, int32_t k)
{
    const crl_tensor_def *x = output_of(a, i), *y = output_of(b, k);
    return *x->name && !strcmp(x->name, y->name) && crl_shape_count(&x->shape) == crl_shape_count(&y->shape);
}

static bool same_kind(const crl_subgraph *a, int32_t i, const crl_subgraph *b, int32_t k)
{
    return a->operators[i].code == b->operators[k].code && !strcmp(a->operators[i].name, b->operators[k].name) &&
           crl_shape_equal(&output_of(a, i)->shape, &output_of(b, k)->shape);
}

static void add_pair(cli_pairs *p, const crl_subgraph *a, int32_t i, const crl_subgraph *b, int32_t k)
{
    p->items = cli_grow(p->items, (size_t)p->n + 1, sizeof *p->items);
    p->items[p->n++] = (cli_pair_of){ .op = i, .tensor = { a->operators[i].outputs[0], b->operators[k].outputs[0] } };
}

/* Operators of both in the order of both; the next one of the second that is like one of the first. */
static void pair_in_order(cli_pairs *p, const crl_subgraph *a, const crl_subgraph *b,
                          bool (*alike)(const crl_subgraph *, int32_t, const crl_subgraph *, int32_t))
{
    int32_t next = 0;
    for (int32_t i = 0; i < a->n_operators; i++) {
        if (!is_layer(a, i)) continue;
        int32_t k = next;
        while (k < b->n_operators && !(is_layer(b, k) && alike(a, i, b, k))) k++;
        if (k == b->n_operators) continue;
        add_pair(p, a, i, b, k);
        next = k + 1;
    }
}

static int32_t count_layers(const crl_subgraph *g)
{
    int32_t n = 0;
    for (int32_t i = 0; i < g->n_operators; i++) n += is_layer(g, i);
    return n;
}

cli_pairs cli_pairs_of_layers(const crl_model *a, const crl_model *b)
{
    const crl_subgraph *ga = &a->subgraphs[0], *gb = &b->subgraphs[0];
    const int32_t la = count_layers(ga), lb = count_layers(gb), fewer = la < lb ? la : lb;
    cli_pairs named = { 0 }, ordered = { 0 };
    pair_in_order(&named, ga, gb, same_name);
    if (named.n * 2 >= fewer) return named;
    pair_in_order(&ordered, ga, gb, same_kind);
    cli_pairs *better = ordered.n > named.n ? &ordered : &named;
    free(better == &named ? ordered.items : named.items);
    return *better;
}

/* ---- what differs ---- */

/* Whether its elements are numbers that can be compared. */
static bool has_numbers(const crl_tensor *t)
{
    switch (t->type) {
    case CRL_FLOAT32: case CRL_FLOAT64: case CRL_INT32: case CRL_INT64: case CRL_INT16: case CRL_UINT8: case CRL_INT8: break;
    default: return false;
    }
    return t->data && t->quant.n <= 1 && !t->quant.block;
}

static double stored(const crl_tensor *t, size_t i)
{
    switch (t->type) {
    case CRL_FLOAT32: return (double)((const float *)t->data)[i];
    case CRL_FLOAT64: return ((const double *)t->data)[i];
    case CRL_INT32: return ((const int32_t *)t->data)[i];
    case CRL_INT64: return (double)((const int64_t *)t->data)[i];
    case CRL_INT16: return ((const int16_t *)t->data)[i];
    case CRL_UINT8: return ((const uint8_t *)t->data)[i];
    default: return ((const int8_t *)t->data)[i];
    }
}

static double value(const crl_tensor *t, size_t i)
{
    const double q = stored(t, i);
    return t->quant.n ? (double)t->quant.scale[0] * (q - t->quant.zero_point[0]) : q;
}

void cli_pair_add_tensors(cli_pair_of *p, const crl_tensor *a, const crl_tensor *b)
{
    const size_t n = crl_shape_count(&a->shape);
    if (!has_numbers(a) || !has_numbers(b) || crl_shape_count(&b->shape) != n) {
        p->apart = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const double x = value(a, i), y = value(b, i), off = fabs(x - y);
        const bool same = x == y || (isnan(x) && isnan(y));
        p->changed += !same;
        if (same) {
            if (isfinite(x)) p->power[0] += x * x, p->power[1] += x * x;
            continue;
        }
        if (!(off <= p->largest)) p->largest = isnan(off) ? INFINITY : off;
        p->error += off * off;
        p->power[0] += x * x;
        p->power[1] += y * y;
    }
    p->n += n;
}

void cli_pair_add(cli_pair_of *p, const crl_engine *a, const crl_engine *b)
{
    crl_tensor x, y;
    crl_error err;
    if (crl_engine_tensor(a, p->tensor[0], &x, &err) || crl_engine_tensor(b, p->tensor[1], &y, &err))
        p->apart = true;
    else
        cli_pair_add_tensors(p, &x, &y);
}

double cli_pair_relative(const cli_pair_of *p)
{
    if (!p->changed) return 0;
    const double r = sqrt(p->error / fmax(p->power[0], p->power[1]));
    return isfinite(r) ? r : INFINITY; /* values that are no numbers */
}
