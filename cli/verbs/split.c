/* SPDX-License-Identifier: Apache-2.0 */
/* corallite split, corallite join: a model in two, two models in one. */
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "models/edited.h"
#include "io/file.h"
#include "io/json.h"
#include "io/outputs.h"
#include "models/prove.h"
#include "io/say.h"

/* ---- split ---- */

typedef struct split_settings {
    cli_common_settings common;
    cli_list models; /* one */
    cli_list tensors;
    const char *head, *tail;
} split_settings;

static const cli_option split_options[] = {
    { "at", 0, CLI_TEXTS, offsetof(split_settings, tensors), "TENSOR",
      "where: a tensor by its name or number, or op:N, what operator N reads first; once for each tensor of the cut" },
    { "head", 0, CLI_FILE, offsetof(split_settings, head), "HEAD.tflite", "the first part, which ends in these tensors" },
    { "tail", 0, CLI_FILE, offsetof(split_settings, tail), "TAIL.tflite", "the second part, which begins with them" },
    { 0 },
};
static const cli_group split_group = { "Cutting", split_options };
static const cli_part split_parts[] = {
    { &split_group, 0 },
    { &cli_common_group, offsetof(split_settings, common) },
    { 0 },
};
static const char *const split_examples[] = {
    "corallite split --at op:64 --head tpu.tflite --tail cpu.tflite deeplab.tflite",
    "in front of the operator that keeps the rest off the Edge TPU",
    NULL,
};

/* The tensor that a person means, -1 after saying that there is none. */
static int32_t find_tensor(const crl_subgraph *g, const char *text)
{
    char *end;
    if (!strncmp(text, "op:", 3)) {
        const long op = strtol(text + 3, &end, 10);
        if (!*end && end > text + 3 && op >= 0 && op < g->n_operators && g->operators[op].n_inputs && g->operators[op].inputs[0] >= 0)
            return g->operators[op].inputs[0];
    }
    for (int32_t t = g->n_tensors; t-- > 0;)
        if (!strcmp(g->tensors[t].name, text)) return t;
    const long number = strtol(text, &end, 10);
    if (!*end && end > text && number >= 0 && number < g->n_tensors) return (int32_t)number;
    cli_error("--at %s: no tensor has this name or number (0 to %d), and no operator is meant; corallite inspect lists them", text, g->n_tensors - 1);
    return -1;
}

static int plan(const char *const *inputs, int n_inputs, const char *const *names, const char *const *files, int n)
{
    cli_outputs outputs = { 0 };
    int code = CLI_DONE;
    for (int i = 0; i < n_inputs; i++) cli_outputs_protect(&outputs, inputs[i]);
    for (int i = 0; i < n && !code; i++) code = cli_outputs_plan(&outputs, names[i], files[i]);
    cli_outputs_release(&outputs);
    return code;
}

static void tell(const char *const *files, int n, const cli_proof *proof, bool json)
{
    char *list = cli_format("%s", ""), size[32];
    json_t *array = json_array();
    for (int i = 0; i < n; i++) {
        char *longer = cli_format("%s%s%s", list, i ? ", " : "", files[i]);
        free(list);
        list = longer;
        json_array_append_new(array, cli_json_text(files[i]));
    }
    if (json) {
        json_t *o = json_object();
        json_object_set_new(o, "outputs", array);
        json_object_set_new(o, "runs", json_integer(proof->runs));
        json_object_set_new(o, "bytes_compared", json_integer((json_int_t)proof->values));
        cli_json_print(o, stdout);
        putchar('\n');
    } else {
        json_decref(array);
        char *clean = cli_clean(list, CLI_FOR_TERMINAL);
        printf("%s: %d runs of the parts and the whole agree in %s\n", clean, proof->runs, cli_bytes_text(proof->values, size));
        free(clean);
    }
    free(list);
}

static int cut(const crl_model *m, const split_settings *s, const int32_t *tensors)
{
    crl_error err;
    uint8_t *head = NULL, *tail = NULL;
    size_t head_size = 0, tail_size = 0;
    crl_model *a = NULL, *b = NULL;
    cli_proof proof = { 0 };
    int code = CLI_DONE;
    if (crl_edit_split(m, tensors, s->tensors.n, CRL_EDIT_HEAD, &head, &head_size, &err) ||
        crl_edit_split(m, tensors, s->tensors.n, CRL_EDIT_TAIL, &tail, &tail_size, &err))
        code = cli_failed(&err);
    if (!code) code = cli_edited_open(&a, head, head_size);
    if (!code) code = cli_edited_open(&b, tail, tail_size);
    if (!code) code = cli_prove_parts(m, a, b, false, &proof);
    const cli_new_file files[] = { { .path = s->head, .head = head, .head_bytes = head_size },
                                   { .path = s->tail, .head = tail, .head_bytes = tail_size } };
    if (!code && cli_write_files(files, 2, &err)) code = cli_failed(&err);
    if (!code) tell((const char *const[]){ s->head, s->tail }, 2, &proof, s->common.json);
    crl_model_close(a);
    crl_model_close(b);
    free(head);
    free(tail);
    return code;
}

static int split(const void *given)
{
    const split_settings *s = given;
    crl_model *m;
    crl_error err;
    if (!s->tensors.n || !s->head || !s->tail) {
        cli_error("%s is expected", !s->tensors.n ? "--at TENSOR" : !s->head ? "--head HEAD.tflite" : "--tail TAIL.tflite");
        return CLI_USAGE;
    }
    if (crl_model_open_file(&m, s->models.items[0], &err)) return cli_failed(&err);
    int code = plan(s->models.items, 1, (const char *const[]){ "head", "tail" }, (const char *const[]){ s->head, s->tail }, 2);
    int32_t *tensors = cli_alloc((size_t)s->tensors.n, sizeof *tensors);
    if (!code && !m->n_subgraphs) {
        cli_error("%s: the model has no graph", s->models.items[0]);
        code = CLI_FAILED;
    }
    for (int i = 0; i < s->tensors.n && !code; i++) {
        tensors[i] = find_tensor(&m->subgraphs[0], s->tensors.items[i]);
        if (tensors[i] < 0) code = CLI_USAGE;
    }
    if (!code) code = cut(m, s, tensors);
    free(tensors);
    crl_model_close(m);
    return code;
}

const cli_verb cli_split = { .name = "split",
                             .summary = "cut a model in two at a tensor, proven by equal outputs",
                             .operand = "MODEL",
                             .operands_name_models = true,
                             .min_operands = 1,
                             .max_operands = 1,
                             .about = "Writes two models: one that computes the tensors of the cut, and one that goes "
                                      "on from them. Before that both are run one behind the other, "
                                      "and what comes out is compared with the whole, byte for byte.",
                             .json = "{\"outputs\", \"runs\", \"bytes_compared\"}",
                             .parts = split_parts,
                             .examples = split_examples,
                             .settings_bytes = sizeof(split_settings),
                             .operands_at = offsetof(split_settings, models),
                             .common_at = offsetof(split_settings, common),
                             .run = split };

/* ---- join ---- */

typedef struct join_settings {
    cli_common_settings common;
    cli_list models; /* two */
    const char *output;
} join_settings;

static const cli_option join_options[] = {
    { "output", 'o', CLI_FILE, offsetof(join_settings, output), "OUT.tflite", "the model to write" },
    { 0 },
};
static const cli_group join_group = { "Joining", join_options };
static const cli_part join_parts[] = {
    { &join_group, 0 },
    { &cli_common_group, offsetof(join_settings, common) },
    { 0 },
};
static const char *const join_examples[] = {
    "corallite join -o whole.tflite head.tflite tail.tflite",
    "what split has cut",
    NULL,
};

static int join(const void *given)
{
    const join_settings *s = given;
    crl_error err;
    crl_model *a = NULL, *b = NULL, *whole = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    cli_proof proof = { 0 };
    if (!s->output) {
        cli_error("no file to write; name it with --output OUT.tflite");
        return CLI_USAGE;
    }
    int code = CLI_DONE;
    if (crl_model_open_file(&a, s->models.items[0], &err) || crl_model_open_file(&b, s->models.items[1], &err)) code = cli_failed(&err);
    if (!code) code = plan(s->models.items, 2, (const char *const[]){ "output" }, &s->output, 1);
    if (!code && crl_edit_join(a, b, &bytes, &size, &err)) code = cli_failed(&err);
    if (!code) code = cli_edited_open(&whole, bytes, size);
    if (!code) code = cli_prove_parts(whole, a, b, true, &proof);
    if (!code && cli_write_file(s->output, bytes, size, NULL, 0, &err)) code = cli_failed(&err);
    if (!code) tell(&s->output, 1, &proof, s->common.json);
    crl_model_close(a);
    crl_model_close(b);
    crl_model_close(whole);
    free(bytes);
    return code;
}

const cli_verb cli_join = {
    .name = "join",
    .summary = "put one model behind another, proven by equal outputs",
    .operand = "FIRST SECOND",
    .operands_name_models = true,
    .min_operands = 2,
    .max_operands = 2,
    .about = "Writes one model: inputs of the second take the outputs of the first that have their names, else the next ones. Before that it is run, "
             "and compared with both one behind the other, byte for byte.",
    .json = "{\"outputs\", \"runs\", \"bytes_compared\"}",
    .parts = join_parts,
    .examples = join_examples,
    .settings_bytes = sizeof(join_settings),
    .operands_at = offsetof(join_settings, models),
    .common_at = offsetof(join_settings, common),
    .run = join
};
