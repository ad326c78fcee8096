/* SPDX-License-Identifier: Apache-2.0 */
/* Models of watch: see sight.h. */
#include "watch/sight.h"

#include <math.h>
#include <stdlib.h>

#include "models/purpose.h"
#include "io/say.h"

static const cli_choice purposes[] = { { "detect", CRL_PURPOSE_DETECT }, { "classify", CRL_PURPOSE_CLASSIFY }, { "pose", CRL_PURPOSE_POSE }, { 0 } };
static const cli_option options[] = {
    { "task", 0, CLI_CHOICE, offsetof(cli_sight_settings, purpose), "TASK",
      "detect: boxes around things, which are tracked; classify: what the frame as a whole shows, the best classes written on it; "
      "pose: joints of people",
      .without = "what the model is for; detect with the built-in one", .choices = purposes },
    { 0 },
};
const cli_group cli_sight_group = { "Task", options };

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

static int open_first(cli_session *s, const cli_sight_settings *settings, const cli_task_settings *task)
{
    crl_error err;
    crl_recognition r;
    const cli_builtin *builtin = settings->purpose == CRL_PURPOSE_CLASSIFY ? &cli_signs_classifier : &cli_signs_detector;
    const cli_task_settings wide = for_tracker(task);
    if (settings->purpose == CRL_PURPOSE_POSE && !task->model.file) {
        cli_error("--task pose: there is no pose model built in; name one with --model");
        return CLI_USAGE;
    }
    int code = cli_session_open(s, &wide, builtin);
    if (code) return code;
    if (crl_session_recognise(s->session, &r, &err)) return cli_failed(&err);
    const crl_purpose purpose = settings->purpose ? (crl_purpose)settings->purpose : task->decoder.head ? CRL_PURPOSE_DETECT : r.purpose;
    if (purpose == CRL_PURPOSE_CLASSIFY || purpose == CRL_PURPOSE_POSE) code = cli_session_configure(s, task, builtin);
    if (code) return code;
    if (purpose == CRL_PURPOSE_UNKNOWN && !r.fits) return say_misfit(s, r);
    if (settings->purpose && r.purpose && r.purpose != purpose && !task->decoder.head) {
        cli_error("--task %s: %s is %s; without --task it is watched as that", purposes[purpose == CRL_PURPOSE_POSE ? 2 : purpose == CRL_PURPOSE_CLASSIFY].word,
                  s->model.name, r.what);
        return CLI_FAILED;
    }
    return crl_session_choose(s->session, purpose ? purpose : CRL_PURPOSE_DETECT, &err) ? cli_failed(&err) : CLI_DONE;
}

int cli_sight_open(cli_sight *s, const cli_sight_settings *settings, const cli_task_settings *task)
{
    return open_first(&s->first, settings, task);
}

void cli_sight_close(cli_sight *s)
{
    cli_session_close(&s->first);
}
