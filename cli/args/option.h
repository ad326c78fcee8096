/* SPDX-License-Identifier: Apache-2.0 */
/* Options as data. Options that belong together are a group: a table of cli_option and a struct that they fill. A command lists
 * the groups that it has and where their structs lie in its own settings; parsing, --help, the manual page and the shell
 * completions are all made from that.
 *
 *   { "threads", 0, CLI_INT, offsetof(cli_engine_settings, threads), "N", "share the work", .min = 1 }     an option
 *   { &cli_engine_group, offsetof(bench_settings, engine) }                                              a command's part
 *
 * Long options may be written with - or _, with = or a space before the value, and cut short as long as
 * only one option starts that way. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

typedef enum cli_kind {
    CLI_FLAG,   /* bool, takes no value; true at once with a preset */
    CLI_UNFLAG, /* the bool of a flag, set to false */
    CLI_INT,    /* int, min to max */
    CLI_REAL,   /* double, min to max; NaN when it has no preset and is not given */
    CLI_TEXT,   /* const char *, NULL when it has no preset and is not given */
    CLI_FILE,   /* as CLI_TEXT; completed with file names */
    CLI_MODEL,  /* as CLI_FILE; the name of a model that was fetched or added stands for its file */
    CLI_LABELS, /* the same of labels */
    CLI_FOLDER, /* as CLI_TEXT; completed with folder names */
    CLI_TEXTS,  /* cli_list, may be given again */
    CLI_FILES,  /* as CLI_TEXTS; completed with file names */
    CLI_MODEL_LIST,  /* as CLI_FILES, each as CLI_MODEL */
    CLI_LABELS_LIST, /* the same of labels */
    CLI_CHOICE  /* int: the value of one of `choices`, 0 when it has no preset and is not given */
} cli_kind;

/* A cli_list, of an option that may be given again. */
static inline bool cli_is_list(cli_kind kind)
{
    return kind == CLI_TEXTS || kind == CLI_FILES || kind == CLI_MODEL_LIST || kind == CLI_LABELS_LIST;
}

/* A word that may be given, and what it stands for. NULL ends a list of them. */
typedef struct cli_choice {
    const char *word;
    int value;
} cli_choice;

typedef struct cli_option {
    const char *name; /* "top-k"; NULL ends a table */
    char letter;      /* 0: none */
    cli_kind kind;
    size_t at;       /* place of the value within the struct of the group */
    const char *arg; /* what the help calls the value; NULL: it takes none */
    const char *help;
    const char *preset;  /* the value where none is given, as text */
    const char *without; /* what happens where none is given, when no preset says it */
    const cli_choice *choices;
    const char *old; /* former spellings that stay valid: "label label-file" */
    double min, max; /* max 0: no upper end */
} cli_option;

/* A titled table. Groups are shared by the commands that have them in common. */
typedef struct cli_group {
    const char *title;
    const cli_option *options;
} cli_group;

/* A group of a command, and the place of its struct within the command's settings. No group ends a list. */
typedef struct cli_part {
    const cli_group *group;
    size_t at;
} cli_part;

typedef struct cli_list {
    const char **items;
    int n;
} cli_list;

struct cli_verb;

/**
 * Reads the arguments that follow the verb into its settings, which are zeroed.
 *
 * Owner   texts in `settings` point into argv, or belong to it; all of it is for cli_release().
 * Returns CLI_DONE, or an exit code after saying what is wrong. With --help or --version operands are not counted.
 */
int cli_parse(const struct cli_verb *verb, int argc, char **argv, void *settings);

/* Reads those options of the verb that are among the arguments, says nothing, and passes over the rest. Lists as above. */
void cli_peek(const struct cli_verb *verb, int argc, char **argv, void *settings);

/* Frees the lists in the settings of a verb, and the files that names stood for. */
void cli_release(const struct cli_verb *verb, void *settings);

/* The k-th spelling of an option, its name being the first; false past the last. */
bool cli_spelling(const cli_option *o, int k, char *buf, size_t size);

void cli_list_add(cli_list *list, const char *item);

/* The name of the verb's option that is written so, "-" before it or not; NULL when there is none. */
const char *cli_option_named(const struct cli_verb *verb, const char *word);

/* Whether an option that is written so takes one value and no more; false where there is none. */
bool cli_option_is_single(const struct cli_verb *verb, const char *word);

/* The entry of names[0..n) nearest to a mistyped word, or that one begins with the other; NULL when none is near. */
const char *cli_nearest(const char *word, const char *const *names, int n);

#endif
