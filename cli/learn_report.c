/* SPDX-License-Identifier: Apache-2.0 */
/* How good a model is that was taught, by the pictures that were held out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "learn.h"
#include "say.h"

typedef struct marks {
    int right, of;
    double low, high; /* where the true share lies, with a confidence of 95 % */
} marks;

/* Wilson 1927: the interval of a share that holds for few and for extreme ones, too. */
static void set_interval(marks *m)
{
    const double z = 1.959964, n = m->of, p = n > 0 ? m->right / n : 0;
    if (!m->of) return;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    m->low = middle - half > 0 ? middle - half : 0;
    m->high = middle + half < 1 ? middle + half : 1;
}

/* All classes together, or one folder. */
static marks marks_of(const cli_learning *w, int folder)
{
    marks m = { 0 };
    for (int i = 0; i < w->pictures.n; i++) {
        const cli_lesson *p = &w->pictures.items[i];
        if (!p->held_out || p->broken || (folder >= 0 && p->label != folder)) continue;
        m.of++;
        m.right += p->told == w->new_class[p->label];
    }
    set_interval(&m);
    return m;
}

/* What the pictures of a folder were mostly taken for that were not recognised; -1: all were. */
static int32_t mistaken_for(const cli_learning *w, int folder, int *times)
{
    int32_t most = -1;
    *times = 0;
    for (int i = 0; i < w->pictures.n; i++) {
        const cli_lesson *p = &w->pictures.items[i];
        int n = 0;
        if (!p->held_out || p->broken || p->label != folder || p->told == w->new_class[folder]) continue;
        for (int j = 0; j < w->pictures.n; j++) {
            const cli_lesson *q = &w->pictures.items[j];
            n += q->held_out && !q->broken && q->label == folder && q->told == p->told;
        }
        if (n <= *times) continue;
        *times = n;
        most = p->told;
    }
    return most;
}

static int count(const cli_learning *w, int folder, bool held_out)
{
    int n = 0;
    for (int i = 0; i < w->pictures.n; i++) {
        const cli_lesson *p = &w->pictures.items[i];
        n += p->label == folder && p->held_out == held_out && !p->broken;
    }
    return n;
}

static void print_classes(const cli_learning *w)
{
    cli_table table;
    cli_table_init(&table, "rlrrl", 0);
    cli_table_row(&table, "class", "name", "learnt", "right", "mistaken for");
    for (int k = 0; k < w->pictures.n_labels; k++) {
        char number[16], learnt[16], right[32], wrong[160] = "";
        const marks m = marks_of(w, k);
        int times;
        const int32_t other = mistaken_for(w, k, &times);
        snprintf(number, sizeof number, "%d", w->new_class[k]);
        snprintf(learnt, sizeof learnt, "%d", count(w, k, false));
        snprintf(right, sizeof right, m.of ? "%d of %d" : "-", m.right, m.of);
        if (other >= 0) snprintf(wrong, sizeof wrong, "%.100s, %d times", w->labels[other], times);
        cli_table_row(&table, number, w->pictures.labels[k], learnt, right, wrong);
    }
    cli_table_print(&table, stdout);
}

static void print_report(const cli_learning *w)
{
    const marks m = marks_of(w, -1);
    print_classes(w);
    if (m.of)
        printf("\nOf %d pictures that were held out, %d were recognised: %.1f %%; with many more it would be %.0f to %.0f %% (95 %% confidence).\n",
               m.of, m.right, 100.0 * m.right / m.of, 100 * m.low, 100 * m.high);
    else
        printf("\nNo picture was held out: how good this is, nobody knows.\n");
    printf("%s, labels in %s: %.1f s to look, %.0f ms to learn, %.1f s to examine.\n", w->settings->output, w->labels_file,
           w->embed_ms / 1000, w->learn_ms, w->judge_ms / 1000);
}

static json_t *json_marks(marks m)
{
    return json_pack("{s:i,s:i,s:o,s:o,s:o}", "right", m.right, "of", m.of, "share", cli_json_real(m.of ? (double)m.right / m.of : NAN), "low",
                     cli_json_real(m.of ? m.low : NAN), "high", cli_json_real(m.of ? m.high : NAN));
}

static json_t *json_classes(const cli_learning *w)
{
    json_t *list = json_array();
    for (int k = 0; k < w->pictures.n_labels; k++)
        json_array_append_new(list, json_pack("{s:i,s:o,s:i,s:o}", "index", w->new_class[k], "label", cli_json_text(w->pictures.labels[k]),
                                              "learnt", count(w, k, false), "examined", json_marks(marks_of(w, k))));
    return list;
}

static json_t *json_mistakes(const cli_learning *w)
{
    json_t *list = json_array();
    for (int i = 0; i < w->pictures.n; i++) {
        const cli_lesson *p = &w->pictures.items[i];
        if (!p->held_out || p->broken || p->told == w->new_class[p->label]) continue;
        json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o}", "image", cli_json_text(p->path), "label",
                                              cli_json_text(w->pictures.labels[p->label]), "taken_for",
                                              cli_json_text(p->told >= 0 ? w->labels[p->told] : NULL), "score", cli_json_float(p->score)));
    }
    return list;
}

static void print_json(const cli_learning *w)
{
    cli_json_print(json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "method", w->imprint ? "imprint" : "softmax", "output",
                             cli_json_text(w->settings->output), "labels", cli_json_text(w->labels_file), "classes", json_classes(w),
                             "examined", json_marks(marks_of(w, -1)), "mistakes", json_mistakes(w), "embed_ms", cli_json_real(w->embed_ms),
                             "learn_ms", cli_json_real(w->learn_ms), "examine_ms", cli_json_real(w->judge_ms)),
                   stdout);
    putchar('\n');
}

void cli_learn_report(const cli_learning *w)
{
    if (w->settings->common.json)
        print_json(w);
    else
        print_report(w);
}
