/* SPDX-License-Identifier: Apache-2.0 */
/* From outputs to commands: see purpose.h. */
#include "models/purpose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/say.h"
#include "models/task.h"

static const struct {
    crl_purpose purpose;
    const cli_verb *verb;
} verbs[] = {
    { CRL_PURPOSE_CLASSIFY, &cli_classify }, { CRL_PURPOSE_DETECT, &cli_detect }, { CRL_PURPOSE_SEGMENT, &cli_segment },
    { CRL_PURPOSE_POSE, &cli_pose },         { CRL_PURPOSE_EMBED, &cli_embed },
};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

/* ---- outputs ---- */

bool cli_has_empty_output(crl_session *session)
{
    const crl_engine *e = crl_session_engine(session);
    for (int32_t i = 0; i < crl_engine_output_count(e); i++)
        if (!crl_shape_count(&crl_engine_output(e, i)->shape)) return true;
    return false;
}

/* "[1,10,4] [1,10] [1,10] [1]", at most six of them; for free(). */
static char *shapes_of(crl_session *session)
{
    enum { MOST = 6 };
    const crl_engine *e = crl_session_engine(session);
    const int32_t n = crl_engine_output_count(e);
    char *list = cli_format("%s", n == 1 ? "output" : "outputs");
    for (int32_t i = 0; i < n && i < MOST; i++) {
        char shape[CRL_SHAPE_TEXT];
        crl_shape_text(&crl_engine_output(e, i)->shape, shape, sizeof shape);
        char *longer = cli_format("%s %s", list, shape);
        free(list);
        list = longer;
    }
    if (n <= MOST) return list;
    char *longer = cli_format("%s and %d more", list, n - MOST);
    free(list);
    return longer;
}

/* "'corallite classify' or 'corallite embed'", for free(). */
static char *commands_for(unsigned fits)
{
    char *list = NULL;
    for (int i = 0; i < N_VERBS; i++) {
        if (!(fits >> verbs[i].purpose & 1)) continue;
        char *longer = cli_format("%s%s'corallite %s'", list ? list : "", list ? " or " : "", verbs[i].verb->name);
        free(list);
        list = longer;
    }
    return list;
}

char *cli_purpose_text(crl_session *session, crl_recognition r)
{
    char *shapes = shapes_of(session), *commands = commands_for(r.purpose ? 1u << r.purpose : r.fits), *text;
    if (r.purpose)
        text = cli_format("this is %s (%s); use %s", r.what, shapes, commands);
    else if (r.what && commands)
        text = cli_format("the model gives %s (%s); use %s, or 'corallite run' for the bare array", r.what, shapes, commands);
    else if (r.what)
        text = cli_format("the model gives %s (%s), which this version cannot decode; 'corallite run' writes the bare arrays",
                          r.what, shapes);
    else
        text = cli_format("the model's %s are none that a command for pictures reads; 'corallite run' writes the bare arrays",
                          shapes);
    free(commands);
    free(shapes);
    return text;
}

/* ---- the command for a model ---- */

bool cli_names_model(const char *word)
{
    struct stat st;
    uint8_t *bytes;
    size_t size;
    crl_error err;
    const size_t n = strlen(word);
    if (n > 7 && (!strcasecmp(word + n - 7, ".tflite") || strstr(word, ".tflite@"))) return true;
    if (stat(word, &st) || !S_ISREG(st.st_mode) || cli_read_file(word, 8, &bytes, &size, &err)) return false;
    const bool is = size == 8 && !memcmp(bytes + 4, "TFL3", 4);
    free(bytes);
    return is;
}

/* The command that reads what the model gives; NULL after saying that none does. Whoever gives names to classes knows that it
 * has some; whoever gives a decoder, that there are boxes. */
static const cli_verb *verb_for(const cli_session *s, const cli_task_settings *settings, int *code)
{
    crl_error err;
    crl_recognition r;
    const bool named = settings->model.labels;
    if (settings->decoder.head) return &cli_detect;
    if (crl_session_recognise(s->session, &r, &err)) {
        *code = cli_failed(&err);
        return NULL;
    }
    if (!r.purpose && named && r.fits >> CRL_PURPOSE_CLASSIFY & 1) r.purpose = CRL_PURPOSE_CLASSIFY;
    for (int i = 0; i < N_VERBS; i++)
        if (verbs[i].purpose == r.purpose) return verbs[i].verb;
    char *text = cli_purpose_text(s->session, r);
    cli_error("%s: %s", s->model.name, text);
    free(text);
    *code = CLI_FAILED;
    return NULL;
}

/* What decides how the model is opened, whatever command it turns out to be for. */
static const cli_part opening_parts[] = { { &cli_labels_group, offsetof(cli_task_settings, model) },
                                          { &cli_decoder_group, offsetof(cli_task_settings, decoder) },
                                          { &cli_engine_group, offsetof(cli_task_settings, engine) },
                                          { 0 } };
static const cli_verb opening = { .name = "", .parts = opening_parts, CLI_TASK_SETTINGS };

const cli_verb *cli_pick_verb(const char *model, int argc, char **argv, cli_session *opened, int *code)
{
    cli_task_settings settings = { .picture = { .mean = NAN, .std = NAN } };
    if (!argc) {
        cli_error("no IMAGE given; 'corallite %s IMAGE' runs the model on one, 'corallite inspect %s' shows what is in it",
                  model, model);
        *code = CLI_USAGE;
        return NULL;
    }
    cli_peek(&opening, argc, argv, &settings);
    settings.model.file = model;
    *code = cli_session_open(opened, &settings, NULL);
    const cli_verb *verb = *code ? NULL : verb_for(opened, &settings, code);
    cli_release(&opening, &settings);
    return verb;
}
