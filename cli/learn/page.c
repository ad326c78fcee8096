/* SPDX-License-Identifier: Apache-2.0 */
/* The report of learn as one page of HTML, which needs nothing else: pictures are in it, made small. */
#include <stdlib.h>
#include <string.h>

#include "learn/learn.h"
#include "io/html.h"
#include "io/pictures.h"
#include "io/say.h"

enum { THUMB = 112, SHOWN = 60, SHOWN_CLASSES = 40 };

static void base64(FILE *to, const uint8_t *b, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        const uint32_t v = (uint32_t)b[i] << 16 | (uint32_t)(i + 1 < n ? b[i + 1] : 0) << 8 | (i + 2 < n ? b[i + 2] : 0);
        fputc(digits[v >> 18], to);
        fputc(digits[v >> 12 & 63], to);
        fputc(i + 1 < n ? digits[v >> 6 & 63] : '=', to);
        fputc(i + 2 < n ? digits[v & 63] : '=', to);
    }
}

/* A file of the picture made small; one that is gone by now is left out. */
static void thumbnail(FILE *to, const char *path)
{
    static const char name[] = "thumbnail.jpg";
    crl_image image = { 0 }, small = { 0 };
    void *bytes = NULL;
    size_t n = 0;
    if (!cli_picture_load(&image, path, true, NULL)) {
        const int32_t longer = image.width > image.height ? image.width : image.height;
        const int32_t width = (int32_t)((int64_t)image.width * THUMB / longer), height = (int32_t)((int64_t)image.height * THUMB / longer);
        if (!crl_image_init(&small, width > 0 ? width : 1, height > 0 ? height : 1, image.channels, NULL) &&
            !crl_image_resize(&small, &image, NULL, CRL_RESAMPLE_BILINEAR, NULL))
            crl_image_encode(&bytes, &n, &small, name, NULL);
    }
    fputs("<figure>", to);
    if (bytes) {
        fputs("<img alt=\"\" src=\"data:image/jpeg;base64,", to);
        base64(to, bytes, n);
        fputs("\">", to);
    }
    fputs("<figcaption>", to);
    cli_html_text(to, path);
    fputs("</figcaption></figure>", to);
    free(bytes);
    crl_image_fini(&small);
    crl_image_fini(&image);
}

static void write_pairs(FILE *to, const cli_learning *w, const cli_pair *pairs, int n)
{
    for (int i = 0; i < n && i < SHOWN; i++) {
        const cli_lesson *p = pairs[i].seen, *l = pairs[i].learnt;
        fputs("<div class=pair>", to);
        thumbnail(to, p->path);
        if (l) thumbnail(to, l->path);
        fputs("<p>", to);
        cli_html_text(to, w->pictures.labels[p->label]);
        if (p->told >= 0 && p->place != 1) {
            fputs(", taken for <b>", to);
            cli_html_text(to, w->labels[p->told]);
            fprintf(to, "</b>, %.3f", (double)p->score);
        }
        if (l) {
            fprintf(to, "; %.3f alike: ", pairs[i].likeness);
            cli_html_text(to, w->pictures.labels[l->label]);
        }
        fputs("</p></div>\n", to);
    }
    if (n > SHOWN) fprintf(to, "<p>and %d more, which --json has.</p>\n", n - SHOWN);
}

/* The more of a row, the darker. */
static void write_confusion(FILE *to, const cli_learning *w, const cli_findings *f)
{
    const int n = w->pictures.n_labels;
    if (n > SHOWN_CLASSES) return;
    fputs("<h2>What was taken for what</h2><table><tr><th>is</th>", to);
    for (int c = 0; c < n; c++) {
        fputs("<th class=up><span>", to);
        cli_html_text(to, w->pictures.labels[c]);
        fputs("</span></th>", to);
    }
    for (int k = 0; k < n; k++) {
        const cli_marks m = f->marks[k];
        fputs("</tr>\n<tr><th>", to);
        cli_html_text(to, w->pictures.labels[k]);
        fputs("</th>", to);
        for (int c = 0; c < n; c++) {
            const int times = cli_learn_taken(f, k, w->new_class[c]);
            fprintf(to, "<td style=\"background:rgba(%s,%.2f)\">%.0d</td>", c == k ? "40,140,80" : "210,60,40",
                    m.of ? 0.8 * times / m.of : 0, times);
        }
    }
    fputs("</tr></table>\n", to);
}

static void write_head(FILE *to, const cli_learning *w, const cli_findings *f)
{
    const cli_marks m = f->all;
    cli_html_begin(to, w->settings->output,
                   "th.up{vertical-align:bottom;padding:.5em 0}th.up span{writing-mode:vertical-rl;transform:rotate(180deg)}"
                   ".pair{display:inline-block;vertical-align:top;margin:0 1.5em 1.5em 0;width:19em}.pair p{margin:0;font-size:14px}"
                   "figure{display:inline-block;margin:0 .5em 0 0;width:112px;vertical-align:top}figure img{display:block}"
                   "figcaption{font-size:11px;line-height:1.3;color:#666;overflow-wrap:anywhere}");
    fprintf(to, "<p>%d classes, learnt from %d pictures by %s. ", w->layer.classes, w->n_learnt,
            w->method == CLI_IMPRINT ? "imprinting" : "softmax regression");
    if (m.of)
        fprintf(to, "Of %d held out, <b>%d %s recognised: %.1f&nbsp;%%</b>; with many more it would be %.0f to %.0f&nbsp;%%.", m.of,
                m.right, m.right == 1 ? "was" : "were", 100.0 * m.right / m.of, 100 * m.low, 100 * m.high);
    else
        fputs("None was held out: how good this is, nobody knows.", to);
    if (w->unknown.threshold > 0) fprintf(to, " Below a score of %.3g it says unknown.", (double)w->unknown.threshold);
    fputs("</p>\n", to);
}

char *cli_learn_page(const cli_learning *w, const cli_findings *f, size_t *bytes)
{
    char *page = NULL;
    FILE *to = open_memstream(&page, bytes);
    if (!to) {
        cli_error("no memory for the page");
        return NULL;
    }
    write_head(to, w, f);
    write_confusion(to, w, f);
    if (f->n_mistakes) fputs("<h2>Not recognised</h2><p>Left what was held out, right the most alike of those learnt.</p>\n", to);
    write_pairs(to, w, f->mistakes, f->n_mistakes);
    if (f->n_twins) fputs("<h2>Nearly the same on both sides</h2><p>They make the marks better than the model.</p>\n", to);
    write_pairs(to, w, f->twins, f->n_twins);
    if (cli_html_end(to)) return page;
    free(page);
    return NULL;
}
