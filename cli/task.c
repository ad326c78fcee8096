/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over pictures: see task.h. */
#include "task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "json.h"
#include "outputs.h"
#include "pictures.h"
#include "purpose.h"
#include "say.h"

int cli_job_heading(const cli_job *job)
{
    if (!job->several) return 0;
    char *name = cli_clean(job->path, CLI_FOR_TERMINAL);
    printf("%s\n", name);
    free(name);
    return 2;
}

int32_t cli_job_room(const cli_job *job)
{
    size_t most = 0;
    for (int32_t i = 0; i < job->n_outputs; i++) {
        const size_t n = crl_shape_count(&job->outputs[i]->shape);
        if (n > most) most = n;
    }
    return most < (size_t)job->settings->top_k ? (int32_t)most : job->settings->top_k;
}

const char *cli_job_label(const cli_job *job, int32_t index, char *buf)
{
    const char *name = crl_labels_get(job->labels, index);
    if (name) return name;
    snprintf(buf, 16, "%d", index);
    return buf;
}

json_t *cli_job_label_json(const cli_job *job, int32_t index)
{
    return cli_json_text(crl_labels_get(job->labels, index));
}

void cli_job_fit_labels(cli_job *job, int32_t classes, bool every)
{
    crl_error err;
    if (job->fitted || !job->labels || !job->settings->model) return; /* those that are built in go together */
    job->fitted = true;
    if (crl_labels_fit(job->labels, classes, &err))
        cli_warning("%s: %s", job->labels_name, err.text);
    else if (every && crl_labels_count(job->labels) < classes)
        cli_warning("%s: %d labels, but the model has %d classes; numbers stand in for the rest", job->labels_name,
                    crl_labels_count(job->labels), classes);
    else
        return;
    job->warned = true;
}

void cli_job_expect_classes(cli_job *job, int32_t classes)
{
    if (!job->labels || job->warned || crl_labels_end(job->labels) >= classes) return;
    job->warned = true;
    cli_warning("%s: %d labels, but the model has at least %d classes; numbers stand in for the rest", job->labels_name,
                crl_labels_count(job->labels), classes);
}

void cli_job_expect_letters(cli_job *job, int32_t index)
{
    crl_error err;
    const char *label = job->unwritable ? NULL : crl_labels_get(job->labels, index);
    if (!label || !crl_draw_check_label(label, &err)) return;
    job->unwritable = true;
    cli_warning("%s: %s; it is drawn without them", job->labels_name, err.text);
}

/* ---- labels ---- */

/* What is inside the model is a convenience: where it is broken, numbers do. */
static void load_own_labels(cli_job *job)
{
    crl_error err;
    char *text;
    size_t bytes;
    crl_status s = crl_model_label_file(job->session.model, -1, &job->labels_name, &text, &bytes, &err);
    if (!s && text) s = crl_labels_parse(&job->labels, text, bytes, &err);
    free(text);
    if (s) cli_warning("labels inside %s: %s", job->session.name, err.text);
}

static int load_labels(cli_job *job, const cli_builtin *builtin)
{
    crl_error err;
    crl_status s = CRL_OK;
    if (job->settings->labels) {
        job->labels_name = job->settings->labels;
        s = crl_labels_load(&job->labels, job->settings->labels, &err);
    } else if (!job->settings->model) {
        job->labels_name = builtin->name;
        s = crl_labels_parse(&job->labels, builtin->labels, (size_t)(builtin->labels_end - builtin->labels), &err);
    } else
        load_own_labels(job);
    return s ? cli_failed(&err) : CLI_DONE;
}

/* ---- input ---- */

static crl_input_options input_options(const cli_job *job, int32_t input)
{
    const cli_settings *s = job->settings;
    crl_input_options o = { .resample = (crl_resample)s->resample, .keep_aspect_ratio = s->keep_aspect_ratio };
    const float *mean, *std;
    int32_t n;
    o.normalise = !isnan(s->mean) || !isnan(s->std);
    if (crl_model_input_norm(job->session.model, input, &mean, &std, &n) && n >= 1 && n <= 3) {
        o.n_norm = n;
        memcpy(o.mean, mean, (size_t)n * sizeof *mean);
        memcpy(o.std, std, (size_t)n * sizeof *std);
    } else if (o.normalise) {
        o.n_norm = 1;
        o.mean[0] = o.std[0] = 127.5f;
    }
    for (int32_t i = 0; i < o.n_norm; i++) {
        if (!isnan(s->mean)) o.mean[i] = (float)s->mean;
        if (!isnan(s->std)) o.std[i] = (float)s->std;
    }
    return o;
}

static crl_status fill_inputs(cli_job *job, const crl_image *image, crl_error *err)
{
    crl_engine *e = job->session.engine;
    const int32_t input = cli_picture_input(e);
    for (int32_t i = 0; i < crl_engine_input_count(e); i++)
        if (i != input) cli_tensor_zero(crl_engine_input(e, i));
    const crl_input_options options = input_options(job, input);
    const crl_status s = crl_image_to_tensor(image, crl_engine_input(e, input), &options, &job->frame, err);
    return s ? cli_within(err, s, "%s: input %d", job->session.name, input) : CRL_OK;
}

/* Says what is wrong with the model as one for pictures before any is opened. */
static int try_input(cli_job *job)
{
    crl_error err;
    uint8_t pixel[3] = { 0 };
    const crl_image image = { .width = 1, .height = 1, .channels = 3, .stride = 3, .data = pixel };
    return fill_inputs(job, &image, &err) ? cli_failed(&err) : CLI_DONE;
}

/* ---- output ---- */

static bool has_empty_output(const cli_job *job)
{
    for (int32_t i = 0; i < job->n_outputs; i++)
        if (!crl_shape_count(&job->outputs[i]->shape)) return true;
    return false;
}

/* NULL for a model that this command reads, else a sentence that says which does; for free(). */
static char *check_purpose(const cli_job *job, const cli_task *task)
{
    const crl_recognition r = cli_recognise(&job->session, crl_labels_count(job->labels));
    return r.fits >> task->purpose & 1 ? NULL : cli_purpose_text(&job->session, r);
}

/* The same where shapes are known only now, after the run. */
static crl_status check_purpose_again(const cli_job *job, const cli_task *task, crl_error *err)
{
    if (!cli_outputs_are_open(&job->session) || has_empty_output(job)) return CRL_OK;
    char *text = check_purpose(job, task);
    if (!text) return CRL_OK;
    cli_fail(err, CRL_ERR_UNSUPPORTED, "%s", text);
    free(text);
    return err->status;
}

/* ---- where results go ---- */

static const char *sink_name(const cli_sink *sink, const cli_settings *settings)
{
    return *(const char *const *)((const char *)settings + sink->at);
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
        if (!job->several && !job->settings->json) return CLI_DONE;
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
    cli_outputs_protect(&outputs, job->settings->model);
    cli_outputs_protect(&outputs, job->settings->labels);
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
static void print_json(const cli_job *job, const cli_task *task, bool first)
{
    json_t *entry = json_object();
    json_object_set_new(entry, "image", cli_json_text(job->path));
    task->add_json(job, entry);
    fputs(first ? "[" : ",\n ", stdout);
    cli_json_print(entry, stdout);
}

/* Runs the model on the picture at hand, as often as --count asks, which also wants to know how long that takes. */
static crl_status run_model(cli_job *job, crl_error *err)
{
    const int count = job->settings->count;
    crl_status s = CRL_OK;
    for (int i = 0; i < (count ? count : 1) && !s; i++) {
        crl_engine_reset(job->session.engine); /* no run knows of the one before */
        s = fill_inputs(job, &job->image, err);
        if (s) return s;
        const double start = cli_now_ms();
        s = crl_engine_run(job->session.engine, err);
        if (count && !s) cli_note("%s: run %d of %d took %.2f ms", job->path, i + 1, count, cli_now_ms() - start);
    }
    return s;
}

static crl_status run(cli_job *job, const cli_task *task, crl_error *err)
{
    crl_status s = run_model(job, err);
    if (!s) s = check_purpose_again(job, task, err);
    if (!s) s = task->read(job, err);
    return s ? cli_within(err, s, "%s", job->session.name) : CRL_OK;
}

/* A picture that cannot be read is passed over; whatever else fails would fail for the next one too. */
static int each_picture(cli_job *job, const cli_task *task, const cli_pictures *pictures)
{
    int code = pictures->failures ? CLI_FAILED : CLI_DONE, done = 0;
    bool go_on = true;
    for (int i = 0; i < pictures->n && go_on; i++) {
        crl_error err;
        job->path = pictures->paths[i];
        if (cli_picture_load(&job->image, job->path, job->settings->exif_orientation, &err)) {
            code = cli_failed(&err);
            continue;
        }
        crl_status s = run(job, task, &err);
        if (!s) {
            if (job->settings->json)
                print_json(job, task, !done);
            else if (!job->silent)
                task->print(job);
            done++;
            s = save(job, task, i, &err);
        }
        if (s) {
            code = cli_failed(&err);
            go_on = false;
        }
        crl_image_fini(&job->image);
    }
    if (job->settings->json && done) fputs("]\n", stdout);
    return code;
}

static int open_job(cli_job *job, const cli_task *task)
{
    const cli_settings *settings = job->settings;
    if (settings->std == 0) {
        cli_error("--std 0: pixels are divided by it; another number is expected");
        return CLI_USAGE;
    }
    int code = cli_session_open(&job->session, settings, settings->model, task->builtin, true);
    if (!code) code = load_labels(job, task->builtin);
    if (!code) code = try_input(job);
    if (code) return code;
    job->n_outputs = crl_engine_output_count(job->session.engine);
    job->outputs = cli_alloc((size_t)job->n_outputs, sizeof *job->outputs);
    for (int32_t i = 0; i < job->n_outputs; i++) job->outputs[i] = crl_engine_output(job->session.engine, i);
    if (!job->n_outputs) {
        cli_error("%s: the model has no output", job->session.name);
        return CLI_FAILED;
    }
    char *text = cli_outputs_are_open(&job->session) ? NULL : check_purpose(job, task);
    if (!text) return CLI_DONE;
    cli_error("%s: %s", job->session.name, text);
    free(text);
    return CLI_FAILED;
}

/* "corallite detect model.tflite photo.jpg": a model where pictures stand, and none where it belongs. */
static int check_operands(const cli_settings *settings)
{
    for (int i = 0; i < settings->operands.n && !settings->model; i++) {
        const char *name = settings->operands.items[i];
        const size_t n = strlen(name);
        if (n < 7 || strcmp(name + n - 7, ".tflite")) continue;
        cli_error("%s is a model, not a picture; name it with --model %s", name, name);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

int cli_task_run(const cli_task *task, const cli_settings *settings, void *result)
{
    cli_job job = { .settings = settings, .result = result };
    cli_pictures pictures = { 0 };
    job.several = settings->operands.n > 1 || cli_is_folder(settings->operands.items[0]);
    int code = check_operands(settings);
    if (!code) code = check_sinks(&job, task);
    if (!code) code = open_job(&job, task);
    if (!code) {
        cli_pictures_list(&pictures, &settings->operands);
        code = plan_outputs(&job, task, &pictures);
    }
    if (!code) code = each_picture(&job, task, &pictures);
    for (int i = 0; job.paths && i < pictures.n * task->n_sinks; i++) free(job.paths[i]);
    free(job.paths);
    cli_pictures_release(&pictures);
    free(job.outputs);
    crl_labels_free(job.labels);
    cli_session_close(&job.session);
    return code;
}
