/* SPDX-License-Identifier: Apache-2.0 */
/* See graph_page.h. */
#include "report/graph_page.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/check.h>

#include "report/check_json.h"
#include "cmd.h"
#include "io/file.h"
#include "io/say.h"

extern const char cli_graph_page_begin[], cli_graph_page_end[];

/* ---- histograms of weights ---- */

enum { BINS = 32, MOST_ROWS = 4096 };

/* A constant tensor with channels along one dimension, as an array [outer][channels][inner]. */
typedef struct channels {
    const crl_tensor_def *t;
    size_t outer, n, inner;
} channels;

/* Weights are what has two dimensions or more; their channels are where scales are, else the first. */
static bool find_channels(const crl_tensor_def *t, channels *c)
{
    const bool known = t->type == CRL_INT8 || t->type == CRL_UINT8 || t->type == CRL_FLOAT32;
    if (!t->data || !known || t->shape.rank < 2 || t->sparsity || !crl_shape_count(&t->shape)) return false;
    const int32_t axis = t->quant.n > 1 ? t->quant.axis : t->shape.rank == 4 && t->shape.dim[0] == 1 ? 3 : 0;
    *c = (channels){ .t = t, .outer = 1, .n = (size_t)t->shape.dim[axis], .inner = 1 };
    for (int32_t d = 0; d < t->shape.rank; d++) {
        if (d < axis) c->outer *= (size_t)t->shape.dim[d];
        if (d > axis) c->inner *= (size_t)t->shape.dim[d];
    }
    return c->n <= MOST_ROWS && c->n * c->inner * c->outer > c->n;
}

static double value_of(const channels *c, size_t at, size_t channel)
{
    const crl_quant *q = &c->t->quant;
    if (c->t->type == CRL_FLOAT32) return (double)((const float *)c->t->data)[at];
    const int v = c->t->type == CRL_INT8 ? ((const int8_t *)c->t->data)[at] : ((const uint8_t *)c->t->data)[at];
    if (!q->n) return v;
    const size_t k = q->n > 1 ? channel : 0;
    return (double)q->scale[k] * (v - q->zero_point[k]);
}

/* Calls for each value of the tensor with its channel: finds the ends where `counts` is NULL, else counts into [n][BINS]. */
static void walk(const channels *c, double *low, double *high, int *counts)
{
    for (size_t o = 0; o < c->outer; o++)
        for (size_t k = 0; k < c->n; k++)
            for (size_t i = 0; i < c->inner; i++) {
                const double v = value_of(c, (o * c->n + k) * c->inner + i, k);
                if (!isfinite(v)) continue;
                if (!counts) {
                    if (v < *low) *low = v;
                    if (v > *high) *high = v;
                } else {
                    const int bin = (int)((v - *low) / (*high - *low) * BINS);
                    counts[k * BINS + (size_t)(bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin)]++;
                }
            }
}

/* A digit for each bin, relative to the fullest of its channel: a page with megabytes of numbers would be slow. */
static json_t *histogram_json(const channels *c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    double low = INFINITY, high = -INFINITY;
    walk(c, &low, &high, NULL);
    if (!(low < high)) return NULL;
    int *counts = cli_alloc(c->n * BINS, sizeof *counts), all[BINS] = { 0 };
    char *rows = cli_alloc(c->n * BINS + 1, 1);
    walk(c, &low, &high, counts);
    for (size_t k = 0; k < c->n; k++) {
        int most = 1;
        for (int b = 0; b < BINS; b++) {
            all[b] += counts[k * BINS + (size_t)b];
            if (counts[k * BINS + (size_t)b] > most) most = counts[k * BINS + (size_t)b];
        }
        for (int b = 0; b < BINS; b++) rows[k * BINS + (size_t)b] = digits[(int64_t)counts[k * BINS + (size_t)b] * 63 / most];
    }
    json_t *o = json_object(), *sums = json_array();
    for (int b = 0; b < BINS; b++) json_array_append_new(sums, json_integer(all[b]));
    json_object_set_new(o, "bins", json_integer(BINS));
    json_object_set_new(o, "low", cli_json_real(low));
    json_object_set_new(o, "high", cli_json_real(high));
    json_object_set_new(o, "all", sums);
    json_object_set_new(o, "rows", json_string(rows));
    free(rows);
    free(counts);
    return o;
}

/* For each subgraph an object: the number of a tensor to its histogram. */
static json_t *histograms_json(const crl_model *m)
{
    json_t *array = json_array();
    for (int32_t g = 0; g < m->n_subgraphs; g++) {
        json_t *o = json_object();
        for (int32_t i = 0; i < m->subgraphs[g].n_tensors; i++) {
            channels c;
            json_t *h = find_channels(&m->subgraphs[g].tensors[i], &c) ? histogram_json(&c) : NULL;
            char key[16];
            snprintf(key, sizeof key, "%d", i);
            if (h) json_object_set_new(o, key, h);
        }
        json_array_append_new(array, o);
    }
    return array;
}

/* ---- the page ---- */

/* null for a model that check cannot judge. */
static json_t *judged(const crl_model *m, const char *name)
{
    crl_check *c;
    if (crl_check_new(&c, m, NULL, NULL)) return json_null();
    json_t *o = cli_check_json(m, c, name);
    crl_check_free(c);
    return o;
}

/* JSON that may stand in a script element: a tag cannot begin in it. */
static char *script_text(json_t *data)
{
    char *text = json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(9)), *safe, *to;
    size_t more = 0;
    if (!text) return NULL;
    for (const char *p = text; *p; p++) more += *p == '<' ? 5 : 0;
    safe = to = cli_alloc(strlen(text) + more + 1, 1);
    for (const char *p = text; *p; p++) {
        if (*p == '<') {
            memcpy(to, "\\u003c", 6);
            to += 6;
        } else {
            *to++ = *p;
        }
    }
    free(text);
    return safe;
}

char *cli_graph_page_text(const crl_model *m, const char *name, json_t *inspected, json_t *profile, size_t *bytes)
{
    static const char marker[] = "@DATA@";
    json_t *data = json_object();
    json_object_set_new(data, "model", inspected);
    json_object_set_new(data, "check", judged(m, name));
    json_object_set_new(data, "profile", profile ? profile : json_null());
    json_object_set_new(data, "histograms", histograms_json(m));
    char *text = script_text(data);
    json_decref(data);
    if (!text) return NULL;
    const char *at = strstr(cli_graph_page_begin, marker);
    char *page = cli_format("%.*s%s%.*s", (int)(at - cli_graph_page_begin), cli_graph_page_begin, text,
                            (int)(cli_graph_page_end - at - (ptrdiff_t)sizeof marker + 1), at + sizeof marker - 1);
    free(text);
    *bytes = strlen(page);
    return page;
}

int cli_graph_page(const char *path, const crl_model *m, const char *name, json_t *inspected, json_t *profile)
{
    crl_error err;
    size_t bytes;
    char *page = cli_graph_page_text(m, name, inspected, profile, &bytes);
    if (!page) {
        cli_error("no memory for a page");
        return CLI_FAILED;
    }
    const crl_status s = cli_write_file(path, page, bytes, NULL, 0, &err);
    free(page);
    return s ? cli_failed(&err) : CLI_DONE;
}
