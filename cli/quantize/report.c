/* SPDX-License-Identifier: Apache-2.0 */
/* What 8 bits cost. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"
#include "io/say.h"
#include "quantize/quantize.h"

double cli_quantized_snr_db(const cli_pair_of *p)
{
    return p->error > 0 ? 10 * log10(p->power[0] / p->error) : INFINITY;
}

double cli_quantized_rounding_db(const cli_quantized_layer *l)
{
    return l->rounding > 0 ? 10 * log10(l->pair.power[0] / l->rounding) : INFINITY;
}

/* Of the angle between what both give: the squared difference is that of three sides of a triangle. */
static double cosine(const cli_pair_of *p)
{
    const double both = sqrt(p->power[0] * p->power[1]);
    return both > 0 ? fmin(1, (p->power[0] + p->power[1] - p->error) / 2 / both) : 1;
}

bool cli_quantized_is_told(const cli_pair_of *p)
{
    return p->n && !p->apart;
}

static int by_snr(const void *a, const void *b)
{
    const cli_quantized_layer *x = *(cli_quantized_layer *const *)a, *y = *(cli_quantized_layer *const *)b;
    const double p = cli_quantized_snr_db(&x->pair), q = cli_quantized_snr_db(&y->pair);
    if (p != q) return p < q ? -1 : 1;
    return x < y ? -1 : x > y;
}

const crl_subgraph *cli_quantized_graph(const cli_quantizing *w)
{
    return &w->before.model.model->subgraphs[0];
}

int32_t cli_quantized_count(const cli_quantizing *w)
{
    int32_t n = 0;
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++) n += w->layers[i].is.is_quantised;
    return n;
}

int32_t cli_quantized_floats(const cli_quantizing *w)
{
    int32_t n = 0;
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++) n += w->layers[i].is.is_quantised || w->layers[i].is.why;
    return n;
}

const char *cli_quantized_sample(const cli_quantizing *w)
{
    return w->of_arrays ? "sample" : "picture";
}

/* ---- JSON ---- */

static void set_numbers(json_t *o, const cli_pair_of *p)
{
    json_object_set_new(o, "snr_db", cli_quantized_is_told(p) ? cli_json_real(cli_quantized_snr_db(p)) : json_null());
    json_object_set_new(o, "cosine", cli_quantized_is_told(p) ? cli_json_real(cosine(p)) : json_null());
    json_object_set_new(o, "relative_error", cli_quantized_is_told(p) ? cli_json_real(cli_pair_relative(p)) : json_null());
    json_object_set_new(o, "largest_difference", cli_quantized_is_told(p) ? cli_json_real(p->largest) : json_null());
}

static json_t *layers_json(const cli_quantizing *w)
{
    json_t *layers = json_array();
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++) {
        const cli_quantized_layer *l = &w->layers[i];
        if (!cli_quantized_is_told(&l->pair)) continue;
        json_t *o = json_object();
        json_object_set_new(o, "op", json_integer(i));
        json_object_set_new(o, "name", cli_json_text(cli_quantized_graph(w)->operators[i].name));
        json_object_set_new(o, "output", cli_json_text(cli_quantized_graph(w)->tensors[l->is.before].name));
        set_numbers(o, &l->pair);
        json_object_set_new(o, "rounding_snr_db", cli_json_real(cli_quantized_rounding_db(l)));
        json_array_append_new(layers, o);
    }
    return layers;
}

static json_t *outputs_json(const cli_quantizing *w)
{
    json_t *outputs = json_array();
    for (int32_t i = 0; i < w->n_outputs; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "name", cli_json_text(cli_quantized_graph(w)->tensors[cli_quantized_graph(w)->outputs[i]].name));
        set_numbers(o, &w->outputs[i]);
        json_array_append_new(outputs, o);
    }
    return outputs;
}

static json_t *kept_json(const cli_quantizing *w)
{
    json_t *kept = json_array();
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++) {
        if (!w->layers[i].is.why) continue;
        json_t *o = json_object();
        json_object_set_new(o, "op", json_integer(i));
        json_object_set_new(o, "name", cli_json_text(cli_quantized_graph(w)->operators[i].name));
        json_object_set_new(o, "why", cli_json_text(w->layers[i].is.why));
        json_array_append_new(kept, o);
    }
    return kept;
}

static json_t *right_json(const cli_quantizing *w)
{
    if (!w->named) return json_null();
    json_t *o = json_object();
    json_object_set_new(o, "of", json_integer(w->named));
    json_object_set_new(o, "before", json_integer(w->right[0]));
    json_object_set_new(o, "after", json_integer(w->right[1]));
    return o;
}

const char *const cli_quantized_calibrations[] = { "min-max", "percentile", "mse" };

static void print_json(const cli_quantizing *w)
{
    json_t *o = json_object(), *bytes = json_array();
    json_array_append_new(bytes, json_integer((json_int_t)w->before.model.model->size));
    json_array_append_new(bytes, json_integer((json_int_t)w->size));
    json_object_set_new(o, "model", cli_json_text(w->before.model.name));
    json_object_set_new(o, "output", cli_json_text(w->output));
    json_object_set_new(o, "bytes", bytes);
    json_object_set_new(o, "calibration", cli_json_text(cli_quantized_calibrations[w->settings->calibration]));
    json_object_set_new(o, "pictures", json_integer(w->seen));
    json_object_set_new(o, "examined", json_integer(w->examined));
    json_object_set_new(o, "held_out", json_boolean(w->samples.n_held_out > 0));
    json_object_set_new(o, "operators", json_integer(cli_quantized_floats(w)));
    json_object_set_new(o, "quantised", json_integer(cli_quantized_count(w)));
    json_object_set_new(o, "same_top1", w->classifies ? json_integer(w->same) : json_null());
    json_object_set_new(o, "right", right_json(w));
    json_object_set_new(o, "outputs", outputs_json(w));
    json_object_set_new(o, "layers", layers_json(w));
    json_object_set_new(o, "kept", kept_json(w));
    json_object_set_new(o, "observe_ms", cli_json_real(w->observe_ms));
    json_object_set_new(o, "examine_ms", cli_json_real(w->examine_ms));
    cli_json_print(o, stdout);
    putchar('\n');
}

/* ---- text ---- */

char *cli_quantized_name(const char *name)
{
    return cli_format("%.*s", (int)strcspn(name, ";"), name);
}

cli_quantized_cells cli_quantized_numbers(const cli_pair_of *p)
{
    cli_quantized_cells c = { { "", "", "", "not compared", "" } };
    if (!cli_quantized_is_told(p)) return c;
    snprintf(c.text[0], sizeof c.text[0], p->error > 0 ? "%.1f dB" : "equal", cli_quantized_snr_db(p));
    snprintf(c.text[1], sizeof c.text[1], "%.5f", cosine(p));
    snprintf(c.text[2], sizeof c.text[2], "%.3g%%", 100 * cli_pair_relative(p));
    snprintf(c.text[3], sizeof c.text[3], "%.6g", p->largest);
    return c;
}

cli_quantized_cells cli_quantized_layer_numbers(const cli_quantized_layer *l)
{
    cli_quantized_cells c = cli_quantized_numbers(&l->pair);
    snprintf(c.text[4], sizeof c.text[4], l->rounding > 0 ? "%.1f dB" : "none", cli_quantized_rounding_db(l));
    return c;
}

static void print_outputs(const cli_quantizing *w)
{
    cli_table table;
    cli_table_init(&table, "lrrrr", 0);
    cli_table_row(&table, "output", "signal to noise", "cosine", "relative error", "largest difference");
    for (int32_t i = 0; i < w->n_outputs; i++) {
        const cli_quantized_cells c = cli_quantized_numbers(&w->outputs[i]);
        char *name = cli_quantized_name(cli_quantized_graph(w)->tensors[cli_quantized_graph(w)->outputs[i]].name);
        cli_table_row(&table, name, c.text[0], c.text[1], c.text[2], c.text[3]);
        free(name);
    }
    cli_table_print(&table, stdout);
}

int32_t cli_quantized_worst(const cli_quantizing *w, cli_quantized_layer ***worst)
{
    int32_t n = 0;
    *worst = cli_alloc((size_t)cli_quantized_graph(w)->n_operators + 1, sizeof **worst);
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++)
        if (cli_quantized_is_told(&w->layers[i].pair)) (*worst)[n++] = &w->layers[i];
    qsort(*worst, (size_t)n, sizeof **worst, by_snr);
    return n < w->settings->layers ? n : w->settings->layers;
}

static void print_layers(const cli_quantizing *w)
{
    cli_quantized_layer **worst;
    const int32_t n = cli_quantized_worst(w, &worst);
    if (n) {
        cli_table table;
        printf("\nthe layers that are farthest from the floats:\n");
        cli_table_init(&table, "rllrrrrr", 0);
        cli_table_row(&table, "op", "operator", "output", "signal to noise", "cosine", "relative error", "largest difference", "its rounding alone");
        for (int32_t i = 0; i < n; i++) {
            char op[16];
            const cli_quantized_cells c = cli_quantized_layer_numbers(worst[i]);
            snprintf(op, sizeof op, "%d", worst[i]->pair.op);
            char *name = cli_quantized_name(cli_quantized_graph(w)->tensors[worst[i]->is.before].name);
            cli_table_row(&table, op, cli_quantized_graph(w)->operators[worst[i]->pair.op].name, name, c.text[0], c.text[1], c.text[2], c.text[3], c.text[4]);
            free(name);
        }
        cli_table_print(&table, stdout);
    }
    free(worst);
}

/* Whether two operators are of one kind, and stay for one reason. */
static bool same_kept(const cli_quantizing *w, int32_t a, int32_t b)
{
    return w->layers[a].is.why && w->layers[b].is.why && !strcmp(w->layers[a].is.why, w->layers[b].is.why) &&
           !strcmp(cli_quantized_graph(w)->operators[a].name, cli_quantized_graph(w)->operators[b].name);
}

char *cli_quantized_kept(const cli_quantizing *w, int32_t i)
{
    int others = 0;
    for (int32_t k = 0; k < i; k++)
        if (same_kept(w, k, i)) return NULL;
    for (int32_t k = i + 1; k < cli_quantized_graph(w)->n_operators; k++) others += same_kept(w, k, i);
    return others ? cli_format("%d and %d other%s", i, others, others == 1 ? "" : "s") : cli_format("%d", i);
}

static void print_kept(const cli_quantizing *w)
{
    cli_table table;
    if (cli_quantized_count(w) == cli_quantized_floats(w)) return;
    printf("\nas they were, in floats:\n");
    cli_table_init(&table, "lll", 0);
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++) {
        char *which = w->layers[i].is.why ? cli_quantized_kept(w, i) : NULL;
        if (which) cli_table_row(&table, cli_quantized_graph(w)->operators[i].name, which, w->layers[i].is.why);
        free(which);
    }
    cli_table_print(&table, stdout);
}

static void print_text(const cli_quantizing *w)
{
    char a[32], b[32];
    char *clean = cli_clean(w->output, CLI_FOR_TERMINAL);
    printf("%s: %d of %d operators in 8 bits; %s of %s\n", clean, cli_quantized_count(w), cli_quantized_floats(w), cli_bytes_text((double)w->size, a),
           cli_bytes_text((double)w->before.model.model->size, b));
    free(clean);
    printf("ranges of %d %s%s (%s); compared on %d %s\n", w->seen, cli_quantized_sample(w), w->seen == 1 ? "" : "s", cli_quantized_calibrations[w->settings->calibration], w->examined,
           w->samples.n_held_out ? "held out" : "of the same, for none is held out");
    if (w->classifies) printf("the same best class on %d of %d\n", w->same, w->examined);
    if (w->named) printf("recognises %d of %d, and in floats %d\n", w->right[1], w->named, w->right[0]);
    putchar('\n');
    print_outputs(w);
    print_layers(w);
    print_kept(w);
}

void cli_quantize_report(cli_quantizing *w)
{
    if (w->other_input && w->settings->input_type != CRL_FLOAT32)
        cli_warning("%s: the input is (pixel - mean) / std with more than one of them, so that it does not take pixels "
                    "as they are; --input-type float32 "
                    "lets it have them as before",
                    w->output);
    if (w->settings->task.common.json)
        print_json(w);
    else
        print_text(w);
}
