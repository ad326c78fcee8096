/* SPDX-License-Identifier: Apache-2.0 */
/* corallite VERB [options] [files]: the table of verbs. Each is one file, cmd_<verb>.c. */
#include <string.h>

#include <corallite/version.h>

#include "cmd.h"
#include "file.h"
#include "json.h"
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

static const cli_verb *find_verb(const char *name)
{
    const char *names[32] = { 0 };
    int n = 0;
    for (; cli_verbs[n]; n++) {
        names[n] = cli_verbs[n]->name;
        if (!strcmp(name, names[n])) return cli_verbs[n];
    }
    const char *near = cli_nearest(name, names, n);
    if (near)
        cli_error("unknown command \"%s\"; did you mean %s?", name, near);
    else
        cli_error("unknown command \"%s\"; 'corallite --help' lists the commands", name);
    return NULL;
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
    const cli_verb *verb = name ? find_verb(name) : &cli_program;
    if (!verb) return CLI_USAGE;
    cli_help(verb, stdout);
    return cli_flush(CLI_DONE);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "help")) return help(argv[2]);
    const cli_verb *verb = &cli_program;
    if (argc > 1 && argv[1][0] != '-') {
        verb = find_verb(argv[1]);
        if (!verb) return CLI_USAGE;
        argc--, argv++;
    }
    cli_json_init();
    cli_file_signals();
    cli_settings settings = { 0 };
    int code = cli_parse(verb, argc - 1, argv + 1, &settings);
    if (!code) code = cli_flush(answer(verb, &settings));
    cli_settings_release(&settings);
    return code;
}
