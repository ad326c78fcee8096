/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over pictures: see task.h. */
#include "models/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/outputs.h"
#include "io/pictures.h"
#include "models/purpose.h"
#include "io/say.h"

int cli_job_heading(const cli_job *job)
{
    if (!job->several) return 0;
    char *name = cli_clean(job->path, CLI_FOR_TERMINAL);
    printf("%s\n", name);
    free(name);
    return 2;
}

const char *cli_job_label(const cli_job *job, int32_t index, char *buf)
{
    const char *name = crl_session_label(job->session.session, index);
    if (name) return name;
    snprintf(buf, 16, "%d", index);
    return buf;
}

crl_status cli_job_draw(cli_job *job, const char *path, crl_error *err)
{
    const crl_status s = crl_session_draw(job->session.session, &job->image, err);
    return s ? s : cli_image_save(&job->image, path, err);
}

/* ---- where results go ---- */

static const char *sink_name(const cli_sink *sink, const cli_task_settings *settings)
{
    return *(const char *const *)((const char *)&settings->results + sink->at);
}

static bool into_folder(const cli_job *job, const char *name)
{
    return job->several || cli_names_folder(name);
}

/* Says what cannot be meant by the name of a sink. */
static int check_sink(const cli_job *job, const cli_sink *sink, const char *name)
{
    crl_error err;
    if (!strcmp(name, "-")) {
        if (!job->several && !job->settings->common.json) return CLI_DONE;
        cli_error("--%s -: the standard output takes one file and nothing else; name a %s", sink->option,
                  job->several ? "folder" : "file");
        return CLI_USAGE;
    }
    if (!sink->can_save) return CLI_DONE;
    const bool folder = into_folder(job, name), file = !cli_names_folder(name) && !sink->can_save(name, &err);
    if (folder == !file) return CLI_DONE;
    if (folder)
        cli_error("--%s %s: with several pictures this is a folder, not a file", sink->option, name);
    else
        cli_error("--%s: %s", sink->option, err.text);
    return CLI_USAGE;
}

/* Before anything is opened. */
static int check_sinks(const cli_job *job, const cli_task *task)
{
    const cli_sink *standard = NULL; /* what goes to the standard output */
    for (int k = 0; k < task->n_sinks; k++) {
        const cli_sink *sink = &task->sinks[k];
        const char *name = sink_name(sink, job->settings);
        const int code = name ? check_sink(job, sink, name) : CLI_DONE;
        if (code) return code;
        if (!name || strcmp(name, "-")) continue;
        if (standard) {
            cli_error("--%s -: --%s goes to the standard output already; name a file", sink->option, standard->option);
            return CLI_USAGE;
        }
        standard = sink;
    }
    return CLI_DONE;
}

/* Plans the file of one sink for every picture: paths[i * n_sinks]. */
static int plan_sink(cli_job *job, const cli_task *task, const cli_sink *sink, const cli_pictures *pictures,
                     cli_outputs *outputs, char **paths)
{
    crl_error err;
    const char *name = sink_name(sink, job->settings);
    const bool folder = into_folder(job, name);
    int code = CLI_DONE;
    if (folder && cli_make_folder(name, &err)) {
        cli_error("--%s: %s", sink->option, err.text);
        return CLI_FAILED;
    }
    for (int i = 0; i < pictures->n && !code; i++) {
        const char *picture = pictures->paths[i], *suffix = sink->suffix;
        char **path = &paths[i * task->n_sinks];
        if (!suffix && sink->can_save && sink->can_save(picture, &err)) suffix = ".png";
        if (folder)
            code = cli_outputs_plan_in(outputs, sink->option, name, picture, suffix, path);
        else if (!(code = cli_outputs_plan(outputs, sink->option, name)))
            *path = cli_format("%s", name);
    }
    return code;
}

/* Where everything goes, before any work is done: job->paths[picture * n_sinks + sink], NULL where nothing does. */
static int plan_outputs(cli_job *job, const cli_task *task, const cli_pictures *pictures)
{
    cli_outputs outputs = { 0 };
    int code = CLI_DONE;
    job->paths = cli_alloc((size_t)(pictures->n * task->n_sinks), sizeof *job->paths);
    cli_outputs_protect(&outputs, job->settings->model.file);
    cli_outputs_protect(&outputs, job->settings->model.labels);
    for (int i = 0; i < pictures->n; i++) cli_outputs_protect(&outputs, pictures->paths[i]);
    for (int k = 0; k < task->n_sinks && pictures->n && !code; k++)
        if (sink_name(&task->sinks[k], job->settings))
            code = plan_sink(job, task, &task->sinks[k], pictures, &outputs, job->paths + k);
    for (int k = 0; k < task->n_sinks; k++) {
        const char *name = sink_name(&task->sinks[k], job->settings);
        if (name && !strcmp(name, "-")) job->silent = true;
    }
    cli_outputs_release(&outputs);
    return code;
}

static crl_status save(cli_job *job, const cli_task *task, int picture, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int k = 0; k < task->n_sinks && !s; k++) {
        const char *path = job->paths[picture * task->n_sinks + k];
        if (path) s = task->sinks[k].save(job, path, err);
    }
    return s;
}

/* ---- the loop ---- */

/* JSON of one picture. The array is printed as it grows: opened by the first, closed after the last. */
static crl_status print_json(const cli_job *job, bool first, crl_error *err)
{
    const char *text;
    const crl_status s = crl_session_json(job->session.session, job->path, &text, NULL, err);
    if (!s) printf("%s%s", first ? "[" : ",\n ", text);
    return s;
}

/* Where shapes are known only now, the outputs may turn out to be another command's: says whose. What is this one's and is
 * not read, has another way. */
static crl_status explain(const cli_job *job, const cli_task *task, crl_status status, crl_error *err)
{
    crl_recognition r;
    crl_session *session = job->session.session;
    if (status != CRL_ERR_UNSUPPORTED || cli_has_empty_output(session) || crl_session_recognise(session, &r, NULL)) return status;
    const bool fits = r.fits >> task->purpose & 1 || job->settings->decoder.head;
    char *text = fits ? cli_format("%s", err->text) : cli_purpose_text(session, r);
    if (!fits)
        cli_fail(err, status, "%s: %s", job->session.model.name, text);
    else if (task->otherwise)
        cli_fail(err, status, "%s: %s", text, task->otherwise);
    free(text);
    return status;
}

/* Runs the model on the picture at hand, as often as --count asks, which also wants to know how long that takes. */
static crl_status run(cli_job *job, const cli_task *task, crl_error *err)
{
    const int count = job->settings->picture.count;
    crl_status s = CRL_OK;
    for (int i = 0; i < (count ? count : 1) && !s; i++) {
        s = crl_session_run(job->session.session, &job->image, &job->results, err);
        if (count && !s)
            cli_note("%s: run %d of %d took %.2f ms", job->path, i + 1, count, (double)job->results->run_ns / 1e6);
    }
    return s ? explain(job, task, s, err) : CRL_OK;
}

static crl_status show(cli_job *job, const cli_task *task, bool first, crl_error *err)
{
    if (job->settings->common.json) return print_json(job, first, err);
    if (!job->silent) task->print(job);
    return CRL_OK;
}

/* A picture that cannot be read is passed over; whatever else fails would fail for the next one too. */
static int each_picture(cli_job *job, const cli_task *task, const cli_pictures *pictures)
{
    int code = pictures->failures ? CLI_FAILED : CLI_DONE, done = 0;
    bool go_on = true;
    for (int i = 0; i < pictures->n && go_on; i++) {
        crl_error err;
        job->path = pictures->paths[i];
        if (cli_picture_load(&job->image, job->path, job->settings->picture.exif_orientation, &err)) {
            code = cli_failed(&err);
            continue;
        }
        crl_status s = run(job, task, &err);
        if (!s) s = show(job, task, !done, &err);
        if (!s) {
            done++;
            s = save(job, task, i, &err);
        }
        if (s) {
            code = cli_failed(&err);
            go_on = false;
        }
        crl_image_fini(&job->image);
    }
    if (job->settings->common.json && done) fputs("]\n", stdout);
    return code;
}

/* Takes over the session that told the command by its model, or opens one. */
static int open_job(cli_job *job, const cli_task *task)
{
    crl_error err;
    crl_recognition r;
    const cli_task_settings *settings = job->settings;
    if (settings->picture.std == 0) {
        cli_error("--std 0: pixels are divided by it; another number is expected");
        return CLI_USAGE;
    }
    int code;
    if (settings->opened) {
        job->session = *settings->opened;
        *settings->opened = (cli_session){ 0 };
        code = cli_session_configure(&job->session, settings, task->builtin);
    } else
        code = cli_session_open(&job->session, settings, task->builtin);
    if (code) return code;
    const crl_status s = crl_session_choose(job->session.session, task->purpose, &err);
    if (!s) return CLI_DONE;
    if (s != CRL_ERR_UNSUPPORTED || settings->decoder.head || crl_session_recognise(job->session.session, &r, &err) ||
        r.fits >> task->purpose & 1)
        return cli_failed(&err);
    char *text = cli_purpose_text(job->session.session, r);
    cli_error("%s: %s", job->session.model.name, text);
    free(text);
    return CLI_FAILED;
}

/* "corallite detect model.tflite photo.jpg": a model where pictures stand, and none where it belongs. */
static int check_operands(const cli_task_settings *settings)
{
    for (int i = 0; i < settings->picture.images.n && !settings->model.file; i++) {
        const char *name = settings->picture.images.items[i];
        const size_t n = strlen(name);
        if (n < 7 || strcmp(name + n - 7, ".tflite")) continue;
        cli_error("%s is a model, not a picture; name it with --model %s", name, name);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

int cli_task_run(const cli_task *task, const cli_task_settings *settings)
{
    cli_job job = { .settings = settings };
    cli_pictures pictures = { 0 };
    job.several = settings->picture.images.n > 1 || cli_is_folder(settings->picture.images.items[0]);
    int code = check_operands(settings);
    if (!code) code = check_sinks(&job, task);
    if (!code) code = open_job(&job, task);
    if (!code) {
        cli_pictures_list(&pictures, &settings->picture.images);
        code = plan_outputs(&job, task, &pictures);
    }
    if (!code) code = each_picture(&job, task, &pictures);
    for (int i = 0; job.paths && i < pictures.n * task->n_sinks; i++) free(job.paths[i]);
    free(job.paths);
    cli_pictures_release(&pictures);
    cli_session_close(&job.session);
    return code;
}
