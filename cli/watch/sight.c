/* SPDX-License-Identifier: Apache-2.0 */
/* Models of watch: see sight.h. */
#include "watch/sight.h"

#include <math.h>
#include <stdlib.h>

#include "models/purpose.h"
#include "io/say.h"

static const cli_choice purposes[] = { { "detect", CRL_PURPOSE_DETECT }, { "classify", CRL_PURPOSE_CLASSIFY }, { "pose", CRL_PURPOSE_POSE }, { 0 } };
static const cli_option options[] = {
    { "model", 'm', CLI_MODEL_LIST, offsetof(cli_sight_settings, models), "FILE",
      "the .tflite model that looks at frames, or the name of one of 'models list'; given again, a second detector looks at the same frames",
      .without = "the model built into the program", .old = "model-file" },
    { "labels", 'l', CLI_LABELS_LIST, offsetof(cli_sight_settings, labels), "FILE",
      "names of the classes: lines, CSV, pbtxt, JSON or YAML; given again, those of the second model", .without = "those inside the model, if any",
      .old = "label label-file labels-file" },
    { "task", 0, CLI_CHOICE, offsetof(cli_sight_settings, purpose), "TASK",
      "detect: boxes around things, which are tracked; classify: what the frame as a whole shows, the best classes written on it; "
      "pose: joints of people",
      .without = "what the model is for; detect with the built-in one", .choices = purposes },
    { "classify", 0, CLI_MODEL, offsetof(cli_sight_settings, classifier), "MODEL",
      "a classifier that looks into the box of each thing which the detector found, and says what it is more closely" },
    { "classify-labels", 0, CLI_LABELS, offsetof(cli_sight_settings, classifier_labels), "FILE", "its labels", .without = "those inside it, if any" },
    { "tiles", 0, CLI_TEXT, offsetof(cli_sight_settings, tiles), "COLUMNSxROWS",
      "the detector also looks at so many overlapping tiles of the frame, up to 8x8, for things that are small in it: 2x2 takes five times as long",
      .without = "at the frame alone" },
    { 0 },
};
const cli_group cli_sight_group = { "Models", options };

/* The tracker wants more than what is shown: poor scores, with which it goes on. */
static cli_task_settings for_tracker(const cli_task_settings *task)
{
    cli_task_settings wide = *task;
    const double threshold = task->results.threshold;
    const int top_k = task->results.top_k;
    wide.results.threshold = isnan(threshold) || threshold > 0.1 ? 0.1 : threshold;
    wide.results.top_k = top_k > 10 ? 3 * top_k : 30;
    return wide;
}

/* Outputs that are none of what can be watched. */
static int say_misfit(const cli_session *s, crl_recognition r)
{
    char *text = cli_purpose_text(s->session, r);
    cli_error("%s: %s", s->model.name, text);
    free(text);
    return CLI_FAILED;
}

/* "2x3". false: it is something else. */
static bool read_tiles(const char *text, int16_t *x, int16_t *y)
{
    const bool good = text[0] >= '1' && text[0] <= '8' && (text[1] == 'x' || text[1] == 'X') && text[2] >= '1' && text[2] <= '8' && !text[3];
    *x = (int16_t)(good ? text[0] - '0' : 0);
    *y = (int16_t)(good ? text[2] - '0' : 0);
    return good;
}

/* An option that asks for boxes; NULL: none does. */
static const char *wants_boxes(const cli_sight_settings *s)
{
    return s->models.n > 1 ? "a second --model" : s->classifier ? "--classify" : s->tiles ? "--tiles" : NULL;
}

static int check(const cli_sight_settings *settings)
{
    int16_t x, y;
    const char *option = wants_boxes(settings);
    if (settings->models.n > 2) cli_error("%d models; up to two detectors look at the same frames", settings->models.n);
    else if (settings->labels.n > (settings->models.n > 1 ? 2 : 1))
        cli_error("--labels is given %d times, for %d model%s", settings->labels.n, settings->models.n > 1 ? 2 : 1,
                  settings->models.n > 1 ? "s" : "");
    else if (settings->classifier_labels && !settings->classifier)
        cli_error("--classify-labels %s: there is no --classify", settings->classifier_labels);
    else if (settings->tiles && !read_tiles(settings->tiles, &x, &y))
        cli_error("--tiles %s: columns and rows are expected, as in 2x2, up to 8x8", settings->tiles);
    else if (option && settings->purpose && settings->purpose != CRL_PURPOSE_DETECT)
        cli_error("%s goes with detectors, not with another --task", option);
    else if (settings->purpose == CRL_PURPOSE_POSE && !settings->models.n)
        cli_error("--task pose: there is no pose model built in; name one with --model");
    else return CLI_DONE;
    return CLI_USAGE;
}

static int open_first(cli_session *s, const cli_sight_settings *settings, const cli_task_settings *task)
{
    crl_error err;
    crl_recognition r;
    const cli_builtin *builtin = settings->purpose == CRL_PURPOSE_CLASSIFY ? &cli_signs_classifier : &cli_signs_detector;
    const cli_task_settings wide = for_tracker(task);
    int code = cli_session_open(s, &wide, builtin);
    if (code) return code;
    if (crl_session_recognise(s->session, &r, &err)) return cli_failed(&err);
    const crl_purpose purpose = settings->purpose ? (crl_purpose)settings->purpose : task->decoder.head ? CRL_PURPOSE_DETECT : r.purpose;
    if (purpose == CRL_PURPOSE_CLASSIFY || purpose == CRL_PURPOSE_POSE) code = cli_session_configure(s, task, builtin);
    if (code) return code;
    if (purpose == CRL_PURPOSE_UNKNOWN && !r.fits) return say_misfit(s, r);
    if (settings->purpose && r.purpose && r.purpose != purpose && !task->decoder.head) {
        cli_error("--task %s: %s is %s; without --task it is watched as that",
                  purposes[purpose == CRL_PURPOSE_POSE ? 2 : purpose == CRL_PURPOSE_CLASSIFY].word, s->model.name,
                  r.what);
        return CLI_FAILED;
    }
    return crl_session_choose(s->session, purpose ? purpose : CRL_PURPOSE_DETECT, &err) ? cli_failed(&err) : CLI_DONE;
}

/* One that is beside the first: a second detector, or the classifier of boxes. */
static int open_other(cli_session *s, const cli_task_settings *task, const char *file, const char *labels, crl_purpose purpose)
{
    crl_error err;
    crl_recognition r;
    cli_task_settings own = for_tracker(task);
    own.model = (cli_model_settings){ file, labels };
    if (purpose == CRL_PURPOSE_CLASSIFY) {
        own.results = (cli_result_settings){ .top_k = 1, .threshold = NAN };
        own.decoder = (cli_decoder_settings){ 0 };
    }
    const int code = cli_session_open(s, &own, NULL);
    if (code) return code;
    if (!crl_session_choose(s->session, purpose, &err)) return CLI_DONE;
    if (crl_session_recognise(s->session, &r, NULL) || !r.purpose || r.fits >> purpose & 1) return cli_failed(&err);
    cli_error("--%s %s: this is %s, and a %s is expected", purpose == CRL_PURPOSE_CLASSIFY ? "classify" : "model", file, r.what,
              purpose == CRL_PURPOSE_CLASSIFY ? "classifier" : "second detector");
    return CLI_FAILED;
}

/* What the others are about has boxes. */
static int check_first(const cli_session *s, const cli_sight_settings *settings, const cli_task_settings *task)
{
    crl_recognition r;
    const char *option = wants_boxes(settings);
    if (!option || task->decoder.head || crl_session_recognise(s->session, &r, NULL) || !r.purpose ||
        r.fits >> CRL_PURPOSE_DETECT & 1)
        return CLI_DONE;
    cli_error("%s goes with a detector, and %s is %s", option, s->model.name, r.what);
    return CLI_FAILED;
}

cli_model_settings cli_sight_model(const cli_sight_settings *s)
{
    return (cli_model_settings){ s->models.n ? s->models.items[0] : NULL, s->labels.n ? s->labels.items[0] : NULL };
}

int cli_sight_open(cli_sight *s, const cli_sight_settings *settings, const cli_task_settings *task)
{
    int code = check(settings);
    if (!code) code = open_first(&s->first, settings, task);
    if (!code) code = check_first(&s->first, settings, task);
    if (!code && settings->models.n > 1)
        code = open_other(&s->second, task, settings->models.items[1], settings->labels.n > 1 ? settings->labels.items[1] : NULL, CRL_PURPOSE_DETECT);
    if (!code && settings->classifier)
        code =
            open_other(&s->classifier, task, settings->classifier, settings->classifier_labels, CRL_PURPOSE_CLASSIFY);
    return code;
}

void cli_sight_apply(const cli_sight *s, const cli_sight_settings *settings, crl_stream_options *o)
{
    o->second = s->second.session;
    o->classifier = s->classifier.session;
    if (settings->tiles) read_tiles(settings->tiles, &o->tiles_x, &o->tiles_y);
}

void cli_sight_close(cli_sight *s)
{
    cli_session_close(&s->first);
    cli_session_close(&s->second);
    cli_session_close(&s->classifier);
}
