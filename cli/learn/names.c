/* SPDX-License-Identifier: Apache-2.0 */
/* The classes of the new model: those that are kept, those of the pictures, and how their names are written. */
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "learn/learn.h"
#include "io/names.h"
#include "io/say.h"

/* The labels of the model's own classes, of which some may have none. */
static int load_own_labels(cli_learning *w)
{
    crl_error err;
    const char *name;
    char *text = NULL;
    size_t bytes;
    const cli_learn_settings *s = w->settings;
    crl_status status = CRL_OK;
    if (s->model.labels)
        status = crl_labels_load(&w->own_labels, s->model.labels, &err);
    else if (!s->model.file)
        status = crl_labels_parse(&w->own_labels, cli_signs_classifier.labels,
                                  (size_t)(cli_signs_classifier.labels_end - cli_signs_classifier.labels), &err);
    else if (!(status = crl_model_label_file(w->base.model, -1, &name, &text, &bytes, &err)) && text)
        status = crl_labels_parse(&w->own_labels, text, bytes, &err);
    free(text);
    return status ? cli_failed(&err) : CLI_DONE;
}

static int keep_classes(cli_learning *w)
{
    if (!w->settings->keep_classes) return CLI_DONE;
    if (!crl_extractor_rows(w->extractor, &w->kept)) {
        cli_error("%s: --keep-classes: the model has no last layer of its own behind that vector", w->base.name);
        return CLI_FAILED;
    }
    return load_own_labels(w);
}

const char *cli_learn_data_name(const cli_learning *w)
{
    return w->data ? w->data : w->settings->state;
}

/* Own classes in front; a folder that is named as one of them teaches that. */
static int name_classes(cli_learning *w)
{
    const int most = w->kept + w->pictures.n_labels;
    int32_t n = w->kept;
    w->labels = cli_alloc((size_t)most, sizeof *w->labels);
    w->numbers = cli_alloc((size_t)w->kept + 1, sizeof *w->numbers);
    w->new_class = cli_alloc((size_t)w->pictures.n_labels, sizeof *w->new_class);
    cli_names own;
    for (int32_t i = 0; i < w->kept; i++) {
        w->labels[i] = crl_labels_get(w->own_labels, i);
        if (!w->labels[i]) w->labels[i] = w->numbers[i] = cli_format("%d", i);
    }
    cli_names_init(&own, w->labels, w->kept);
    for (int k = 0; k < w->pictures.n_labels; k++) {
        int32_t at = cli_names_find(&own, w->pictures.labels[k]);
        if (at < 0) {
            at = n++;
            w->labels[at] = w->pictures.labels[k];
        }
        w->new_class[k] = at;
    }
    cli_names_release(&own);
    for (int i = 0; i < w->pictures.n; i++) w->pictures.items[i].wanted = w->new_class[w->pictures.items[i].label];
    w->layer.classes = n;
    if (n >= 2) return CLI_DONE;
    if (!n) return cli_error("%s: no class is left", w->settings->state), CLI_FAILED;
    cli_error("%s: one class, %s; there is nothing to tell it from. Add a folder of other pictures", cli_learn_data_name(w), w->labels[0]);
    return CLI_FAILED;
}

/* ---- how they are written ---- */

/* Lists of labels have many forms, and what has no number may look like one that has: "5 cat", "7 dog". What comes back of lines is
 * therefore asked of who reads them. */
static bool comes_back(const char *const *lines, const char *const *labels, int32_t n)
{
    crl_labels *read;
    size_t bytes = 0, at = 0;
    for (int32_t i = 0; i < n; i++) bytes += strlen(lines[i]) + 1;
    char *text = cli_alloc(bytes + 1, 1);
    for (int32_t i = 0; i < n; i++) at += (size_t)snprintf(text + at, bytes + 1 - at, "%s\n", lines[i]);
    bool same = !crl_labels_parse(&read, text, bytes, NULL) && crl_labels_end(read) == n;
    for (int32_t i = 0; i < n && same; i++) same = crl_labels_get(read, i) && !strcmp(crl_labels_get(read, i), labels[i]);
    crl_labels_free(read);
    free(text);
    return same;
}

static int refuse_name(const cli_learning *w, const char *name)
{
    cli_error("%s: the class \"%s\" has a name that lists of labels cannot hold; rename it: UTF-8 of at most %d bytes, no blank at an end, no \"- \" "
              "in front, not \"???\"", cli_learn_data_name(w), name, CLI_LABEL_BYTES);
    return CLI_FAILED;
}

/* Names stand in the model one a line, as others read them, too; where that would be misunderstood, with their numbers, as they are in
 * the file beside it. */
static int write_names(cli_learning *w)
{
    for (int k = 0; k < w->pictures.n_labels; k++) {
        const char *name = w->pictures.labels[k];
        char *line = cli_format("0  %s", name);
        const bool good = strlen(name) <= CLI_LABEL_BYTES && comes_back((const char *const[]){ line }, &name, 1);
        free(line);
        if (!good) return refuse_name(w, name);
    }
    if (comes_back(w->labels, w->labels, w->layer.classes)) return CLI_DONE;
    w->lines = cli_alloc((size_t)w->layer.classes, sizeof *w->lines);
    for (int32_t i = 0; i < w->layer.classes; i++) w->lines[i] = cli_format("%d  %s", i, w->labels[i]);
    return CLI_DONE;
}

int cli_learn_name(cli_learning *w)
{
    int code = keep_classes(w);
    if (!code) code = name_classes(w);
    return code ? code : write_names(w);
}
