/* SPDX-License-Identifier: Apache-2.0 */
/* How good a model is that was taught, by the pictures that were held out: as text and as JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"
#include "learn/learn.h"
#include "io/say.h"

/* What is too much for a terminal; JSON has all. */
enum { SHOWN_CLASSES = 12, SHOWN_PAIRS = 10 };

/* ---- text ---- */

static void print_classes(const cli_learning *w, const cli_findings *f)
{
    cli_table table;
    cli_table_init(&table, "rlrrl", 0);
    cli_table_row(&table, "class", "name", "learnt", "right", "mistaken for");
    for (int k = 0; k < w->pictures.n_labels; k++) {
        char number[16], learnt[16], right[32], wrong[160] = "";
        const cli_marks m = f->marks[k];
        int times;
        const int32_t other = cli_learn_mistaken(w, f, k, &times);
        snprintf(number, sizeof number, "%d", w->new_class[k]);
        snprintf(learnt, sizeof learnt, "%d", f->learnt[k]);
        snprintf(right, sizeof right, m.of ? "%d of %d" : "-", m.right, m.of);
        if (other >= 0) snprintf(wrong, sizeof wrong, "%.100s, %d time%s", w->labels[other], times, times == 1 ? "" : "s");
        cli_table_row(&table, number, w->pictures.labels[k], learnt, right, wrong);
    }
    cli_table_print(&table, stdout);
}

/* A row for each folder, a column for what its pictures were taken for: the folders' classes. */
static void print_confusion(const cli_learning *w, const cli_findings *f)
{
    if (w->pictures.n_labels > SHOWN_CLASSES) return;
    printf("\nWhat is of the class of a row was taken for that of a column:\n");
    printf("      ");
    for (int c = 0; c < w->pictures.n_labels; c++) printf("%6d", w->new_class[c]);
    for (int k = 0; k < w->pictures.n_labels; k++) {
        printf("\n%6d", w->new_class[k]);
        for (int c = 0; c < w->pictures.n_labels; c++) printf("%6d", cli_learn_taken(f, k, w->new_class[c]));
    }
    printf("\n");
}

static void print_mistakes(const cli_learning *w, const cli_findings *f)
{
    cli_table table;
    const int n = f->n_mistakes < SHOWN_PAIRS ? f->n_mistakes : SHOWN_PAIRS;
    if (!n) return;
    printf("\nNot recognised, the surest first%s:\n", f->n_mistakes > n ? ", of which --json and --html have more" : "");
    cli_table_init(&table, "llrl", 2);
    cli_table_row(&table, "picture", "taken for", "score", "most alike of those learnt");
    for (int i = 0; i < n; i++) {
        char score[32];
        const cli_pair *p = &f->mistakes[i];
        snprintf(score, sizeof score, "%.3f", (double)p->seen->score);
        cli_table_row(&table, p->seen->path, p->seen->told >= 0 ? w->labels[p->seen->told] : "-", score, p->learnt ? p->learnt->path : "-");
    }
    cli_table_print(&table, stdout);
}

static void print_twins(const cli_findings *f)
{
    cli_table table;
    const int n = f->n_twins < SHOWN_PAIRS ? f->n_twins : SHOWN_PAIRS;
    if (!n) return;
    printf("\n%d of them %s nearly the same as one that was learnt, so that the marks are better than the model:\n", f->n_twins,
           f->n_twins == 1 ? "is" : "are");
    cli_table_init(&table, "ll", 2);
    for (int i = 0; i < n; i++) cli_table_row(&table, f->twins[i].seen->path, f->twins[i].learnt->path);
    if (f->n_twins > n) cli_table_row(&table, "...", "");
    cli_table_print(&table, stdout);
}

static void print_marks(const cli_learning *w, const cli_findings *f)
{
    const cli_marks m = f->all, more = f->all_places;
    if (!m.of) {
        printf("\nNo picture was held out: how good this is, nobody knows.\n");
        return;
    }
    printf("\nOf %d picture%s held out, %d %s recognised: %.1f %%; with many more it would be %.0f to %.0f %% (95 %% confidence).\n", m.of,
           m.of == 1 ? "" : "s", m.right, m.right == 1 ? "was" : "were", 100.0 * m.right / m.of, 100 * m.low, 100 * m.high);
    if (w->layer.classes > CLI_PLACES)
        printf("Of %d, or %.1f %%, the class was among the likeliest %d.\n", more.right, 100.0 * more.right / more.of, CLI_PLACES);
}

static void print_unknown(const cli_learning *w)
{
    const crl_unknown *u = &w->unknown;
    if (u->threshold <= 0) return;
    printf("Below a score of %.3g, 'classify' says unknown.", (double)u->threshold);
    if (u->known > 0)
        printf(" That is said of %.0f %% of what would be recognised, and of %.0f %% where the class is left out.",
               100 * (1 - (double)u->known), 100 * (1 - (double)u->strangers));
    printf("\n");
}

/* Before 8 bits, which may make one or the other picture change sides. */
static void print_tried(const cli_learning *w)
{
    if (!w->tried) return;
    printf("Imprinting recognises %d of these, softmax regression %d: %s%s is taken.\n", w->right[CLI_IMPRINT], w->right[CLI_SOFTMAX],
           w->method == CLI_IMPRINT ? "imprinting" : "softmax regression",
           w->right[CLI_IMPRINT] == w->right[CLI_SOFTMAX] ? ", which is the surer one," : "");
}

static void print_report(const cli_learning *w, const cli_findings *f)
{
    print_classes(w, f);
    print_marks(w, f);
    print_tried(w);
    print_unknown(w);
    if (f->n_mistakes) print_confusion(w, f);
    print_mistakes(w, f);
    print_twins(f);
    if (f->n_mistakes || f->n_twins) printf("\n");
    printf("%s%s%s%s%s: %.1f s to look, %.0f ms to learn, %.1f s to examine.\n", w->settings->output,
           w->twin_output ? ", for processors " : "", w->twin_output ? w->twin_output : "", w->labels_file ? ", labels in " : "",
           w->labels_file ? w->labels_file : "", w->embed_ms / 1000, w->learn_ms, w->judge_ms / 1000);
}

/* ---- JSON ---- */

static json_t *json_marks(cli_marks m)
{
    return json_pack("{s:i,s:i,s:o,s:o,s:o}", "right", m.right, "of", m.of, "share", cli_json_real(m.of ? (double)m.right / m.of : NAN), "low",
                     cli_json_real(m.of ? m.low : NAN), "high", cli_json_real(m.of ? m.high : NAN));
}

static json_t *json_classes(const cli_learning *w, const cli_findings *f)
{
    json_t *list = json_array();
    for (int k = 0; k < w->pictures.n_labels; k++)
        json_array_append_new(list, json_pack("{s:i,s:o,s:i,s:o}", "index", w->new_class[k], "label", cli_json_text(w->pictures.labels[k]),
                                              "learnt", f->learnt[k], "examined", json_marks(f->marks[k])));
    return list;
}

/* What is not 0. */
static json_t *json_confusion(const cli_learning *w, const cli_findings *f)
{
    json_t *list = json_array();
    for (int i = 0; i < f->n_taken; i++) {
        const cli_taken *t = &f->taken[i];
        if (t->class >= 0)
            json_array_append_new(list, json_pack("{s:i,s:i,s:i}", "class", w->new_class[t->folder], "taken_for", t->class, "times", t->times));
    }
    return list;
}

static json_t *json_pairs(const cli_learning *w, const cli_pair *pairs, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) {
        const cli_lesson *p = pairs[i].seen, *l = pairs[i].learnt;
        json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "image", cli_json_text(p->path), "label",
                                              cli_json_text(w->pictures.labels[p->label]), "taken_for",
                                              cli_json_text(p->told >= 0 ? w->labels[p->told] : NULL), "score", cli_json_float(p->score),
                                              "nearest", cli_json_text(l ? l->path : NULL), "likeness",
                                              cli_json_real(l ? pairs[i].likeness : NAN)));
    }
    return list;
}

static json_t *json_unknown(const cli_learning *w)
{
    const crl_unknown *u = &w->unknown;
    return json_pack("{s:o,s:o,s:o}", "threshold", cli_json_float(u->threshold), "known", cli_json_float(u->known), "strangers",
                     cli_json_float(u->strangers));
}

static const char *const names[] = { [CLI_IMPRINT] = "imprint", [CLI_SOFTMAX] = "softmax" };

static json_t *json_tried(const cli_learning *w)
{
    if (!w->tried) return json_null();
    json_t *list = json_array();
    for (int m = CLI_IMPRINT; m <= CLI_SOFTMAX; m++)
        json_array_append_new(list, json_pack("{s:s,s:i,s:i}", "method", names[m], "right", w->right[m], "of", w->n - w->n_learnt));
    return list;
}

static void print_json(const cli_learning *w, const cli_findings *f)
{
    json_t *all = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "method", names[w->method], "tried", json_tried(w), "output",
                            cli_json_text(w->settings->output), "labels", cli_json_text(w->labels_file), "cpu_twin",
                            cli_json_text(w->twin_output), "classes", json_classes(w, f),
                            "examined", json_marks(f->all), "examined_top3",
                            json_marks(f->all_places), "unknown", json_unknown(w));
    json_object_update_new(all, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "confusion", json_confusion(w, f), "mistakes",
                                          json_pairs(w, f->mistakes, f->n_mistakes), "twins", json_pairs(w, f->twins, f->n_twins),
                                          "embed_ms", cli_json_real(w->embed_ms), "learn_ms", cli_json_real(w->learn_ms), "examine_ms",
                                          cli_json_real(w->judge_ms)));
    cli_json_print(all, stdout);
    putchar('\n');
}

void cli_learn_report(const cli_learning *w, const cli_findings *f)
{
    if (w->settings->common.json)
        print_json(w, f);
    else
        print_report(w, f);
}
