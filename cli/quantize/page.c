/* SPDX-License-Identifier: Apache-2.0 */
/* What 8 bits cost, as one page of HTML that needs nothing else: all layers, with bars. */
#include <math.h>
#include <stdlib.h>

#include "io/html.h"
#include "io/say.h"
#include "quantize/quantize.h"

enum { BEST_DB = 60 /* a bar of the whole width: a thousandth of the signal */ };

static void write_head(FILE *to, const cli_quantizing *w)
{
    char after[32], before[32];
    cli_html_begin(to, w->output,
                   "td.t,th.t{text-align:left;overflow-wrap:anywhere}td.bar{padding:0;width:12em}"
                   "td.bar i{display:block;height:1.3em;font-style:normal;white-space:nowrap;padding-left:.3em}");
    fprintf(to, "<p>%d of %d operators are in 8 bits; %s of %s. ", cli_quantized_count(w), cli_quantized_floats(w),
            cli_bytes_text((double)w->size, after), cli_bytes_text((double)w->before.model.model->size, before));
    fprintf(to, "Ranges are of %d %s%s (%s), both models were compared on %d %s.", w->seen, cli_quantized_sample(w), w->seen == 1 ? "" : "s",
            cli_quantized_calibrations[w->settings->calibration], w->examined,
            w->samples.n_held_out ? "that were held out" : "of the same, for none was held out");
    if (w->classifies) fprintf(to, " The best class is the same on %d of %d.", w->same, w->examined);
    if (w->named) fprintf(to, " It recognises <b>%d of %d</b>, and in floats %d.", w->right[1], w->named, w->right[0]);
    fputs("</p>\n<p>From ", to);
    cli_html_text(to, w->before.model.name);
    fputs(".</p>\n", to);
}

/* From red, where the noise is as strong as the signal, to green. */
static void write_bar(FILE *to, double db, const char *text)
{
    const double part = fmax(0, fmin(1, db / BEST_DB));
    fprintf(to, "<td class=\"bar t\"><i style=\"width:%.0f%%;background:hsl(%.0f,60%%,75%%)\">%s</i></td>", 100 * part, 120 * part, text);
}

static void write_outputs(FILE *to, const cli_quantizing *w)
{
    fputs("<h2>Outputs</h2><table><tr><th class=t>output<th class=t>signal to noise<th>cosine<th>relative error<th>largest difference</tr>\n", to);
    for (int32_t i = 0; i < w->n_outputs; i++) {
        const cli_quantized_cells c = cli_quantized_numbers(&w->outputs[i]);
        char *name = cli_quantized_name(cli_quantized_graph(w)->tensors[cli_quantized_graph(w)->outputs[i]].name);
        fputs("<tr><td class=t>", to);
        cli_html_text(to, name);
        fputs("</td>", to);
        write_bar(to, cli_quantized_is_told(&w->outputs[i]) ? cli_quantized_snr_db(&w->outputs[i]) : 0, c.text[0]);
        fprintf(to, "<td>%s</td><td>%s</td><td>%s</td></tr>\n", c.text[1], c.text[2], c.text[3]);
        free(name);
    }
    fputs("</table>\n", to);
}

static void write_layer(FILE *to, const cli_quantizing *w, const cli_quantized_layer *l)
{
    const cli_quantized_cells c = cli_quantized_layer_numbers(l);
    char *name = cli_quantized_name(cli_quantized_graph(w)->tensors[l->is.before].name);
    fprintf(to, "<tr><td>%d</td><td class=t>", l->pair.op);
    cli_html_text(to, cli_quantized_graph(w)->operators[l->pair.op].name);
    fputs("</td><td class=t>", to);
    cli_html_text(to, name);
    fputs("</td>", to);
    write_bar(to, cli_quantized_snr_db(&l->pair), c.text[0]);
    fprintf(to, "<td>%s</td><td>%s</td><td>%s</td>", c.text[1], c.text[2], c.text[3]);
    write_bar(to, cli_quantized_rounding_db(l), c.text[4]);
    fputs("</tr>\n", to);
    free(name);
}

static void begin_layers(FILE *to, const char *heading)
{
    fprintf(to,
            "<h2>%s</h2><table><tr><th>op<th class=t>operator<th class=t>output<th class=t>signal to noise<th>cosine<th>relative error<th>largest difference"
            "<th class=t>its rounding alone</tr>\n",
            heading);
}

static void write_layers(FILE *to, const cli_quantizing *w)
{
    cli_quantized_layer **worst;
    const int32_t n = cli_quantized_worst(w, &worst);
    if (n) {
        begin_layers(to, "The layers that are farthest from the floats");
        for (int32_t i = 0; i < n; i++) write_layer(to, w, worst[i]);
        fputs("</table>\n<p>Where rounding alone costs as much, the layer has the wrong range: try another --calibration. Where it costs much less, the error "
              "came from the layers before, or from its weights. --keep-float leaves a layer as it was.</p>\n",
              to);
    }
    free(worst);
    begin_layers(to, "All layers, in the order of the model");
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++)
        if (cli_quantized_is_told(&w->layers[i].pair)) write_layer(to, w, &w->layers[i]);
    fputs("</table>\n", to);
}

static void write_kept(FILE *to, const cli_quantizing *w)
{
    if (cli_quantized_count(w) == cli_quantized_floats(w)) return;
    fputs("<h2>As they were, in floats</h2><table><tr><th class=t>operator<th class=t>which<th class=t>why</tr>\n", to);
    for (int32_t i = 0; i < cli_quantized_graph(w)->n_operators; i++) {
        char *which = w->layers[i].is.why ? cli_quantized_kept(w, i) : NULL;
        if (!which) continue;
        fputs("<tr><td class=t>", to);
        cli_html_text(to, cli_quantized_graph(w)->operators[i].name);
        fprintf(to, "</td><td class=t>%s</td><td class=t>", which);
        cli_html_text(to, w->layers[i].is.why);
        fputs("</td></tr>\n", to);
        free(which);
    }
    fputs("</table>\n", to);
}

char *cli_quantize_page(const cli_quantizing *w, size_t *bytes)
{
    char *page = NULL;
    FILE *to = open_memstream(&page, bytes);
    if (!to) {
        cli_error("no memory for the page");
        return NULL;
    }
    write_head(to, w);
    write_outputs(to, w);
    write_layers(to, w);
    write_kept(to, w);
    if (cli_html_end(to)) return page;
    free(page);
    return NULL;
}
