/* SPDX-License-Identifier: Apache-2.0 */
/* corallite compile: a model for the Edge TPU, made by rule, or of a compiled one of the same form. */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "io/file.h"
#include "io/json.h"
#include "models/model.h"
#include "io/outputs.h"
#include "io/say.h"
#include "report/check_log.h"
#include "report/serve.h"

typedef struct compile_settings {
    cli_common_settings common;
    cli_list models; /* one */
    const char *compiled, *twin, *folder, *output;
    bool unproved, serve;
    int port;
} compile_settings;

static const cli_option options[] = {
    { "template", 't', CLI_MODEL, offsetof(compile_settings, compiled), "FILE",
      "a compiled model whose operators and shapes are those of MODEL" },
    { "template-model", 0, CLI_MODEL, offsetof(compile_settings, twin), "FILE",
      "the model that the template was compiled from", .without = "the file beside it without _edgetpu in its name" },
    { "templates", 0, CLI_FOLDER, offsetof(compile_settings, folder), "FOLDER",
      "look for a template that fits among the compiled models of a folder, each with its model beside it" },
    { "unproved", 0, CLI_FLAG, offsetof(compile_settings, unproved), NULL,
      "without a template: write forms, too, that no public compiled model confirms; a stick may hang until it is "
      "unplugged" },
    { "output", 'o', CLI_FILE, offsetof(compile_settings, output), "FILE",
      "the compiled model to write; a folder gets it under the usual name, NAME_edgetpu.tflite, and the table of the "
      "compiler's log as NAME_edgetpu.log",
      .without = "both in this folder" },
    { "serve", 0, CLI_FLAG, offsetof(compile_settings, serve), NULL,
      "serve a page on which a model is dropped to be compiled, for this machine only" },
    { "port", 0, CLI_INT, offsetof(compile_settings, port), "N", "where --serve serves; 0: a port that is free",
      .preset = "8812", .max = 65535 },
    { 0 },
};
static const cli_group group = { "Compiling", options };
static const cli_part parts[] = {
    { &group, 0 },
    { &cli_common_group, offsetof(compile_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite compile dense.tflite",
    "writes dense_edgetpu.tflite, by rule; its form has to be proved",
    "corallite compile mine.tflite --template birds_edgetpu.tflite",
    "writes mine_edgetpu.tflite; birds.tflite lies beside the template",
    "corallite compile mine.tflite --templates test_data/ -o compiled/",
    "with whichever of them fits; mine_edgetpu.log is written, too",
    "corallite compile --serve",
    "a page at http://127.0.0.1:8812/ to drop models on",
    NULL,
};

/* In a folder under the usual name, as the original compiler calls it. */
static bool has_usual_name(const compile_settings *s)
{
    return !s->output || cli_names_folder(s->output);
}

static char *output_name(const compile_settings *s)
{
    const char *model = s->models.items[0], *slash = strrchr(model, '/');
    if (!has_usual_name(s)) return cli_format("%s", s->output);
    const size_t n = s->output ? strlen(s->output) : 0;
    char *name = cli_compiled_name(slash ? slash + 1 : model);
    char *path = cli_format("%s%s%s", n ? s->output : "", n && s->output[n - 1] != '/' ? "/" : "", name);
    free(name);
    return path;
}

/* x_edgetpu.tflite -> x_edgetpu.log. NULL: none is written. For free(). */
static char *log_name(const compile_settings *s, const char *output)
{
    return has_usual_name(s) ? cli_format("%.*s.log", (int)(strlen(output) - strlen(".tflite")), output) : NULL;
}

typedef struct result {
    uint8_t *bytes;
    size_t size;
    char *compiled, *twin; /* what was the template; NULL: there was none */
    crl_reweighted done;   /* with one, */
    crl_compiled ruled;    /* and without */
} result;

static crl_status by_rule(const crl_model *model, const compile_settings *s, result *r, crl_error *err)
{
    const crl_compile_options how = { .unproved = s->unproved };
    const crl_status status = crl_compile(model, &how, &r->bytes, &r->size, &r->ruled, err);
    return status && s->models.n ? cli_within(err, status, "%s", s->models.items[0]) : status;
}

/* With one template. `twin` may be NULL: it is beside. */
static crl_status with(const crl_model *model, const char *compiled, const char *twin, result *r, crl_error *err)
{
    crl_model *a = NULL, *t = NULL;
    r->compiled = cli_format("%s", compiled);
    r->twin = twin ? cli_format("%s", twin) : cli_twin_name(compiled);
    if (!r->twin)
        return cli_fail(err, CRL_ERR_ARGUMENT, "%s: the model that it was compiled from is not known by the name; give it with --template-model",
                        compiled);
    crl_status s = crl_model_open_file(&t, compiled, err);
    if (!s) s = crl_model_open_file(&a, r->twin, err);
    if (!s) {
        s = crl_reweight(model, t, a, &r->bytes, &r->size, &r->done, err);
        if (s) cli_within(err, s, "template %s", compiled);
    }
    crl_model_close(t);
    crl_model_close(a);
    return s;
}

static void release(result *r)
{
    free(r->bytes);
    free(r->compiled);
    free(r->twin);
    *r = (result){ 0 };
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_compiled_name(const struct dirent *entry)
{
    char *twin = cli_twin_name(entry->d_name);
    free(twin);
    return twin != NULL;
}

/* With the first template of a folder that fits. */
static crl_status with_any(const crl_model *model, const char *folder, result *r, crl_error *err)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, is_compiled_name, by_name);
    int tried = 0;
    crl_error last = { .text = "" };
    crl_status s = CRL_ERR_UNSUPPORTED;
    for (int i = 0; i < n; i++) {
        char *compiled = cli_format("%s/%s", folder, entries[i]->d_name), *twin = cli_twin_name(compiled);
        if (s && !access(twin, R_OK)) {
            tried++;
            s = with(model, compiled, twin, r, &last);
            if (s) release(r);
        }
        free(compiled);
        free(twin);
        free(entries[i]);
    }
    if (n >= 0) free(entries);
    if (n < 0) return cli_fail(err, CRL_ERR_IO, "%s: it cannot be read", folder);
    if (!s) return s;
    return tried ? cli_fail(err, s, "none of %d templates in %s fits; of the last: %s", tried, folder, last.text)
                 : cli_fail(err, CRL_ERR_IO, "%s: no compiled model (NAME_edgetpu.tflite) with its model (NAME.tflite) beside it", folder);
}

static void report_json(FILE *to, const result *r, const char *output, const char *log)
{
    char token[17];
    json_t *o = json_object();
    const crl_reweighted *d = &r->done;
    snprintf(token, sizeof token, "%016" PRIx64, r->compiled ? d->token : r->ruled.token);
    json_object_set_new(o, "output", cli_json_text(output));
    json_object_set_new(o, "log", log ? cli_json_text(log) : json_null());
    json_object_set_new(o, "bytes", json_integer((json_int_t)r->size));
    json_object_set_new(o, "operators", json_integer(r->compiled ? d->operators : r->ruled.operators));
    json_object_set_new(o, "token", json_string(token));
    if (r->compiled) {
        json_object_set_new(o, "template", cli_json_text(r->compiled));
        json_object_set_new(o, "template_model", cli_json_text(r->twin));
        json_object_set_new(o, "layers", json_integer(d->layers));
        json_object_set_new(o, "tensor_instructions", json_integer(d->tensors));
        json_object_set_new(o, "explained", json_integer(d->named));
        json_object_set_new(o, "changed_instructions", json_integer(d->instructions));
        json_object_set_new(o, "changed_parameter_bytes", json_integer((json_int_t)d->parameters));
    } else {
        json_object_set_new(o, "form", json_string(r->ruled.form));
        json_object_set_new(o, "proved", json_boolean(r->ruled.proved));
        json_object_set_new(o, "parameter_bytes", json_integer((json_int_t)r->ruled.parameters));
    }
    cli_json_print(o, to);
    putc('\n', to);
}

/* To stderr where the model itself goes to stdout. */
static void report(const compile_settings *s, const result *r, const char *output, const char *log)
{
    FILE *to = strcmp(output, "-") ? stdout : stderr;
    char size[32];
    const crl_reweighted *d = &r->done;
    if (s->common.json) {
        report_json(to, r, output, log);
        return;
    }
    char *clean = cli_clean(output, CLI_FOR_TERMINAL);
    fprintf(to, "%s: %s for the Edge TPU\n", clean, cli_bytes_text((double)r->size, size));
    free(clean);
    if (!r->compiled) {
        fprintf(to, "  form       %s, %s\n", r->ruled.form,
                r->ruled.proved ? "proved by a public compiled model" : "which no public compiled model confirms");
        fprintf(to, "  cached     %s of parameters\n", cli_bytes_text((double)r->ruled.parameters, size));
        fprintf(to, "  token      %016" PRIx64 "\n", r->ruled.token);
        return;
    }
    clean = cli_clean(r->compiled, CLI_FOR_TERMINAL);
    fprintf(to, "  template   %s, which its own model gives byte for byte\n", clean);
    free(clean);
    fprintf(to, "  operators  %d on the chip, %d of them with weights\n", d->operators, d->layers);
    fprintf(to, "  changed    %d instructions, %s of parameters\n", d->instructions, cli_bytes_text((double)d->parameters, size));
    fprintf(to, "  token      %016" PRIx64 "\n", d->token);
}

static int check_settings(const compile_settings *s)
{
    if (!s->models.n && !s->serve) {
        cli_error("no model given; name one, or give --serve");
        return CLI_USAGE;
    }
    if (s->serve && (s->models.n || s->output)) {
        cli_error("--serve: models are dropped on its page, and saved there; name neither a model nor an output");
        return CLI_USAGE;
    }
    if (s->compiled && s->folder) {
        cli_error("--template and --templates: one of them");
        return CLI_USAGE;
    }
    if (s->unproved && (s->compiled || s->folder)) {
        cli_error("--unproved: what is made of a template is proved by it; one of them");
        return CLI_USAGE;
    }
    if (s->twin && !s->compiled) {
        cli_error("--template-model: it goes with --template");
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static crl_status make(const crl_model *model, const compile_settings *s, result *r, crl_error *err)
{
    if (s->compiled) return with(model, s->compiled, s->twin, r, err);
    return s->folder ? with_any(model, s->folder, r, err) : by_rule(model, s, r, err);
}

/* The table of the compiler's log. For free(). */
static char *log_text(const crl_model *model, const char *name, const char *output, size_t *n)
{
    char *text = NULL;
    crl_check *c;
    FILE *f = crl_check_new(&c, model, NULL, NULL) ? NULL : open_memstream(&text, n);
    if (!f) return NULL;
    cli_check_log(f, model, c, name, output, CLI_COMPILER_16);
    crl_check_free(c);
    fclose(f);
    return text;
}

static crl_status write_all(const crl_model *model, const result *r, const char *name, const char *output, const char *log, crl_error *err)
{
    size_t n = 0;
    char *text = log ? log_text(model, name, output, &n) : NULL;
    const cli_new_file files[] = { { .path = output, .head = r->bytes, .head_bytes = r->size }, { .path = log, .head = text, .head_bytes = n } };
    const crl_status s = cli_write_files(files, text ? 2 : 1, err);
    free(text);
    return s;
}

/* For compile --serve. */
static crl_status compile_dropped(const void *user, const crl_model *model, uint8_t **bytes, size_t *size, crl_error *err)
{
    result r = { 0 };
    const crl_status s = make(model, user, &r, err);
    *size = r.size;
    *bytes = s ? NULL : r.bytes;
    if (!s) r.bytes = NULL;
    release(&r);
    return s;
}

static int compile(const void *given)
{
    const compile_settings *s = given;
    cli_outputs outputs = { 0 };
    result r = { 0 };
    crl_model *model = NULL;
    crl_error err;
    int code = check_settings(s);
    if (code) return code;
    if (s->serve) return cli_serve(s->port, compile_dropped, s);
    const char *name = s->models.items[0];
    char *output = output_name(s), *log = log_name(s, output), *twin = s->compiled && !s->twin ? cli_twin_name(s->compiled) : NULL;
    cli_outputs_protect(&outputs, name);
    cli_outputs_protect(&outputs, s->compiled);
    cli_outputs_protect(&outputs, s->twin ? s->twin : twin);
    code = cli_outputs_plan(&outputs, "output", output);
    if (!code && log) code = cli_outputs_plan(&outputs, "output", log);
    if (!code && crl_model_open_file(&model, name, &err)) code = cli_failed(&err);
    if (!code && make(model, s, &r, &err)) code = cli_failed(&err);
    if (!code && s->folder) { /* what was found is not to be replaced either */
        cli_outputs found = { 0 };
        cli_outputs_protect(&found, r.compiled);
        cli_outputs_protect(&found, r.twin);
        code = cli_outputs_plan(&found, "output", output);
        cli_outputs_release(&found);
    }
    if (!code && write_all(model, &r, name, output, log, &err)) code = cli_failed(&err);
    if (!code) report(s, &r, output, log);
    release(&r);
    crl_model_close(model);
    cli_outputs_release(&outputs);
    free(output);
    free(log);
    free(twin);
    return code;
}

const cli_verb cli_compile = {
    .name = "compile",
    .summary = "compile a model for the Edge TPU, by rule or by a template",
    .operand = "MODEL",
    .operands_name_models = true,
    .min_operands = 0,
    .max_operands = 1,
    .about =
        "Makes the compiled model of MODEL, which an Edge TPU runs. What is written is byte for byte what the original "
        "compiler would have "
        "written, but for a number that tells packages apart; what that cannot be said of is refused, with the "
        "reason.\n"
        "Without a template it is made by rule, which is known of few forms (docs/compile.md lists them). "
        "With a template, a compiled model of the same form, it is made of that: other weights, biases, scales and "
        "zero points, "
        "and within limits another number of classes. "
        "Before anything else the template is made of its own model in the same way, and has to come out as it is.",
    .json = "{\"output\", \"log\", \"bytes\", \"operators\", \"token\"}, by rule with {\"form\", \"proved\", "
            "\"parameter_bytes\"}, by a template with "
            "{\"template\", \"template_model\", \"layers\", \"tensor_instructions\", \"explained\", "
            "\"changed_instructions\", "
            "\"changed_parameter_bytes\"}",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(compile_settings),
    .operands_at = offsetof(compile_settings, models),
    .common_at = offsetof(compile_settings, common),
    .run = compile
};
