/* SPDX-License-Identifier: Apache-2.0 */
/* corallite VERB [options] [files]: the table of verbs. Each is one file of verbs/. */
#include <stdlib.h>
#include <string.h>

#include <corallite/version.h>

#include "catalogue/named.h"
#include "io/file.h"
#include "io/json.h"
#include "models/purpose.h"
#include "io/say.h"
#include "models/task.h"
#include "args/verb.h"

const cli_verb *const cli_verbs[] = {
    &cli_classify, /* what is in a picture */
    &cli_detect,   /* what is where */
    &cli_watch,    /* a camera */
    &cli_serve_verb, /* for other programs */
    &cli_segment,  /* the class of every pixel */
    &cli_pose,     /* people and their joints */
    &cli_embed,    /* a vector of numbers */
    &cli_run,      /* raw arrays */
    &cli_bench,    /* time */
    &cli_inspect,  /* what is in a model */
    &cli_check,    /* what the Edge TPU would take */
    &cli_compile,  /* for the Edge TPU */
    &cli_compare,  /* two arithmetics, two models */
    &cli_devices,  /* which are there */
    &cli_setup,    /* who may use them */
    &cli_doctor,   /* what keeps them from working */
    &cli_edit,     /* changed */
    &cli_quantize, /* from floats to 8 bits */
    &cli_split,    /* in two */
    &cli_join,     /* and in one again */
    &cli_models_list,   /* which go by name */
    &cli_models_get,    /* from the network */
    &cli_models_verify, /* are they what they were */
    &cli_models_add,    /* one's own */
    &cli_learn,    /* new classes, from pictures */
    &cli_learn_imprint, /* from a few */
    &cli_learn_softmax, /* from many */
    NULL,
};

static int answer(const cli_verb *verb, const void *settings)
{
    const cli_common_settings *common = cli_common_of(verb, settings);
    if (common->help)
        cli_help(verb, stdout);
    else if (common->version)
        printf("corallite %s\n", crl_version());
    else
        return verb->run(settings);
    return CLI_DONE;
}

/* "corallite help" and "corallite help detect" are what people type who do not know yet. */
static int help(int argc, char **argv)
{
    int words;
    const cli_verb *verb = argc ? cli_find_verb(argc, argv, &words) : &cli_program;
    if (!verb) return cli_no_such_verb(argc, argv);
    cli_help(verb, stdout);
    return cli_flush(CLI_DONE);
}

/* Reads the arguments behind the verb and does what they say. */
static int do_verb(const cli_verb *verb, int argc, char **argv)
{
    void *settings = cli_alloc(1, verb->settings_bytes);
    int code = cli_parse(verb, argc, argv, settings);
    if (!code) code = cli_name_files(verb, settings);
    if (!code) code = cli_flush(answer(verb, settings));
    cli_release(verb, settings);
    free(settings);
    return code;
}

/* The command that the session of the model has told, which goes on with it. */
static int do_task(const cli_verb *verb, const char *model, cli_session *opened, int argc, char **argv)
{
    cli_task_settings settings = { .opened = opened };
    int code = cli_parse(verb, argc, argv, &settings);
    if (!code && settings.model.file) {
        cli_error("two models, %s and --model %s; one is expected", model, settings.model.file);
        code = CLI_USAGE;
    }
    if (!code) code = cli_name_files(verb, &settings);
    settings.model.file = model;
    if (!code) code = cli_flush(answer(verb, &settings));
    cli_release(verb, &settings);
    return code;
}

/* corallite FILE.tflite IMAGE: the model's outputs say which command it is for. */
static int do_model(const char *model, int argc, char **argv)
{
    int code;
    cli_session opened = { 0 };
    const cli_verb *verb = cli_pick_verb(model, argc, argv, &opened, &code);
    if (verb) code = do_task(verb, model, &opened, argc, argv);
    cli_session_close(&opened);
    return code;
}

int main(int argc, char **argv)
{
    int words;
    cli_file_streams();
    argc--;
    argv++;
    if (argc && !strcmp(argv[0], "help")) return help(argc - 1, argv + 1);
    cli_json_init();
    cli_file_signals();
    if (!argc || argv[0][0] == '-') return do_verb(&cli_program, argc, argv);
    const cli_verb *verb = cli_find_verb(argc, argv, &words);
    if (verb) return do_verb(verb, argc - words, argv + words);
    if (cli_names_model(argv[0])) return do_model(argv[0], argc - 1, argv + 1);
    return cli_no_such_verb(argc, argv);
}
