/* SPDX-License-Identifier: Apache-2.0 */
/* corallite VERB [options] [files]: the table of verbs. Each is one file, cmd_<verb>.c. */
#include <string.h>
#include <unistd.h>

#include <corallite/version.h>

#include "cmd.h"
#include "file.h"
#include "json.h"
#include "purpose.h"
#include "say.h"

const cli_verb *const cli_verbs[] = {
    &cli_classify, /* what is in a picture */
    &cli_detect,   /* what is where */
    &cli_segment,  /* the class of every pixel */
    &cli_pose,     /* people and their joints */
    &cli_embed,    /* a vector of numbers */
    &cli_run,      /* raw arrays */
    &cli_bench,    /* time */
    &cli_inspect,  /* what is in a model */
    NULL,
};

static const cli_verb *known_verb(const char *name)
{
    for (int i = 0; cli_verbs[i]; i++)
        if (!strcmp(name, cli_verbs[i]->name)) return cli_verbs[i];
    return NULL;
}

/* What somebody may have meant who typed a word that is no command. */
static int no_such_verb(const char *word)
{
    const char *names[32] = { "help" };
    int n = 1;
    for (int i = 0; cli_verbs[i]; i++) names[n++] = cli_verbs[i]->name;
    const char *option = cli_option_named(&cli_program, word), *near = option ? NULL : cli_nearest(word, names, n);
    if (!near && !option && !access(word, F_OK))
        cli_error("%s is a file, not a command; 'corallite detect %s' says what is in a picture, 'corallite MODEL %s' runs a "
                  "model on it", word, word, word);
    else if (near || option)
        cli_error("unknown command \"%s\"; did you mean %s%s?", word, option ? "--" : "", option ? option : near);
    else
        cli_error("unknown command \"%s\"; 'corallite --help' lists the commands", word);
    return CLI_USAGE;
}

static int answer(const cli_verb *verb, const cli_settings *settings)
{
    if (settings->help)
        cli_help(verb, stdout);
    else if (settings->version)
        printf("corallite %s\n", crl_version());
    else if (settings->man)
        cli_man(stdout);
    else if (settings->completion)
        return cli_completion(settings->completion, stdout);
    else if (verb->run)
        return verb->run(settings);
    else {
        cli_error("no command given; 'corallite --help' lists the commands");
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* "corallite help" and "corallite help detect" are what people type who do not know yet. */
static int help(const char *name)
{
    const cli_verb *verb = name ? known_verb(name) : &cli_program;
    if (!verb) return no_such_verb(name);
    cli_help(verb, stdout);
    return cli_flush(CLI_DONE);
}

/* Reads the arguments behind the verb and does what they say. `model`: one that was named in the place of the verb, and told
 * it; `opened`: its session. */
static int do_verb(const cli_verb *verb, const char *model, cli_session *opened, int argc, char **argv)
{
    cli_settings settings = { .opened = opened };
    int code = cli_parse(verb, argc, argv, &settings);
    if (!code && model && settings.model) {
        cli_error("two models, %s and --model %s; one is expected", model, settings.model);
        code = CLI_USAGE;
    }
    if (model) settings.model = model;
    if (!code) code = cli_flush(answer(verb, &settings));
    cli_settings_release(&settings);
    return code;
}

/* corallite FILE.tflite IMAGE: the model's outputs say which command it is for. */
static int do_model(const char *model, int argc, char **argv)
{
    int code;
    cli_session opened = { 0 };
    const cli_verb *verb = cli_pick_verb(model, argc, argv, &opened, &code);
    if (verb) code = do_verb(verb, model, &opened, argc, argv);
    cli_session_close(&opened);
    return code;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "help")) return help(argv[2]);
    cli_json_init();
    cli_file_signals();
    if (argc < 2 || argv[1][0] == '-') return do_verb(&cli_program, NULL, NULL, argc - 1, argv + 1);
    const cli_verb *verb = known_verb(argv[1]);
    if (!verb && cli_names_model(argv[1])) return do_model(argv[1], argc - 2, argv + 2);
    if (!verb) return no_such_verb(argv[1]);
    return do_verb(verb, NULL, NULL, argc - 2, argv + 2);
}
