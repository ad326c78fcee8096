/* SPDX-License-Identifier: Apache-2.0 */
/* From outputs to commands: see purpose.h. */
#include "purpose.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "file.h"
#include "say.h"

static const struct {
    crl_purpose purpose;
    const cli_verb *verb;
} verbs[] = {
    { CRL_PURPOSE_CLASSIFY, &cli_classify }, { CRL_PURPOSE_DETECT, &cli_detect }, { CRL_PURPOSE_SEGMENT, &cli_segment },
    { CRL_PURPOSE_POSE, &cli_pose },         { CRL_PURPOSE_EMBED, &cli_embed },
};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

/* ---- outputs ---- */

/* The operator whose result output 0 is, past those that only change its form; NULL when there is none. */
static const char *last_operator(const crl_model *model)
{
    static const char *const forms[] = { "RESHAPE", "SQUEEZE", "QUANTIZE", "DEQUANTIZE", "CAST" };
    const crl_subgraph *g = &model->subgraphs[0];
    int32_t tensor = g->n_outputs ? g->outputs[0] : -1;
    for (int32_t i = g->n_operators; i-- > 0;) {
        const crl_operator *op = &g->operators[i];
        if (!op->n_outputs || op->outputs[0] != tensor) continue;
        bool form = false;
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) form |= !strcmp(op->name, forms[k]);
        if (!form || !op->n_inputs) return op->name;
        tensor = op->inputs[0];
    }
    return NULL;
}

static const crl_tensor **outputs_of(const cli_session *session, int32_t *n)
{
    *n = crl_engine_output_count(session->engine);
    const crl_tensor **outputs = cli_alloc((size_t)*n, sizeof *outputs);
    for (int32_t i = 0; i < *n; i++) outputs[i] = crl_engine_output(session->engine, i);
    return outputs;
}

bool cli_outputs_are_open(const cli_session *session)
{
    for (int32_t i = 0; i < crl_engine_output_count(session->engine); i++)
        if (crl_engine_output(session->engine, i)->flags & CRL_TENSOR_DYNAMIC) return true;
    return false;
}

crl_recognition cli_recognise(const cli_session *session, int32_t labels)
{
    int32_t n;
    const crl_tensor **outputs = outputs_of(session, &n);
    const crl_tensor *input = crl_engine_input(session->engine, cli_picture_input(session->engine));
    const crl_recognition r = crl_recognise(outputs, n, input, last_operator(session->model), labels);
    free(outputs);
    return r;
}

/* "[1,10,4] [1,10] [1,10] [1]", at most six of them; for free(). */
static char *shapes_of(const cli_session *session)
{
    enum { MOST = 6 };
    const int32_t n = crl_engine_output_count(session->engine);
    char *list = cli_format("%s", n == 1 ? "output" : "outputs");
    for (int32_t i = 0; i < n && i < MOST; i++) {
        char shape[96];
        crl_shape_text(&crl_engine_output(session->engine, i)->shape, shape, sizeof shape);
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

char *cli_purpose_text(const cli_session *session, crl_recognition r)
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

/* How many classes the labels inside the model name. */
static int32_t own_labels(const crl_model *model)
{
    const char *name;
    char *text;
    size_t bytes;
    crl_labels *labels = NULL;
    if (!crl_model_label_file(model, -1, &name, &text, &bytes, NULL) && text)
        (void)crl_labels_parse(&labels, text, bytes, NULL);
    free(text);
    const int32_t n = crl_labels_count(labels);
    crl_labels_free(labels);
    return n;
}

/* Runs the model on nothing, so that it shows the shapes of its outputs. */
static int try_run(cli_session *session)
{
    crl_error err;
    crl_engine *e = session->engine;
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) cli_tensor_zero(crl_engine_input(e, i));
    const crl_status s = crl_engine_run(e, &err);
    if (s) cli_within(&err, s, "%s", session->name);
    return s ? cli_failed(&err) : CLI_DONE;
}

static bool gives_labels(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (!strncmp(argv[i], "-l", 2) || !strncmp(argv[i], "--label", 7)) return true;
    return false;
}

const cli_verb *cli_pick_verb(const char *model, int argc, char **argv, int *code)
{
    cli_session session = { 0 };
    const cli_verb *verb = NULL;
    if (!argc) {
        cli_error("no IMAGE given; 'corallite %s IMAGE' runs the model on one, 'corallite inspect %s' shows what is in it",
                  model, model);
        *code = CLI_USAGE;
        return NULL;
    }
    *code = cli_session_open(&session, &(cli_settings){ 0 }, model, NULL, true);
    if (!*code && cli_outputs_are_open(&session)) *code = try_run(&session);
    if (!*code) {
        crl_recognition r = cli_recognise(&session, own_labels(session.model));
        const bool classes = r.fits >> CRL_PURPOSE_CLASSIFY & 1;
        if (!r.purpose && classes && gives_labels(argc, argv)) r.purpose = CRL_PURPOSE_CLASSIFY; /* somebody knows */
        for (int i = 0; i < N_VERBS; i++)
            if (verbs[i].purpose == r.purpose) verb = verbs[i].verb;
        if (!verb) {
            char *text = cli_purpose_text(&session, r);
            cli_error("%s: %s", model, text);
            free(text);
            *code = CLI_FAILED;
        }
    }
    cli_session_close(&session);
    return verb;
}
