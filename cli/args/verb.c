/* SPDX-License-Identifier: Apache-2.0 */
/* Names of commands, and words that are none: see verb.h. */
#include "args/verb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/say.h"

/* The second word of a name whose first is `word`; NULL: it is another's, or has one word. */
static const char *second_word(const cli_verb *verb, const char *word)
{
    const size_t n = strlen(word);
    return !strncmp(verb->name, word, n) && verb->name[n] == ' ' ? verb->name + n + 1 : NULL;
}

const cli_verb *cli_find_verb(int argc, char **argv, int *words)
{
    const cli_verb *found = NULL;
    for (int i = 0; cli_verbs[i] && argc > 0; i++) {
        const char *second = second_word(cli_verbs[i], argv[0]);
        if (second && argc > 1 && !strcmp(argv[1], second)) {
            *words = 2;
            return cli_verbs[i];
        }
        if (strcmp(argv[0], cli_verbs[i]->name)) continue;
        *words = 1;
        found = cli_verbs[i];
    }
    return found;
}

bool cli_verb_family(int k, char *first, char *seconds, size_t size)
{
    for (int i = 0; cli_verbs[i]; i++) {
        const char *blank = strchr(cli_verbs[i]->name, ' ');
        if (!blank) continue;
        snprintf(first, size, "%.*s", (int)(blank - cli_verbs[i]->name), cli_verbs[i]->name);
        bool seen = false;
        for (int j = 0; j < i; j++) seen |= second_word(cli_verbs[j], first) != NULL;
        if (seen || k-- > 0) continue;
        *seconds = 0;
        for (int j = i; cli_verbs[j]; j++) {
            const char *second = second_word(cli_verbs[j], first);
            const size_t used = strlen(seconds);
            if (second) snprintf(seconds + used, size - used, "%s%s", used ? " " : "", second);
        }
        return true;
    }
    return false;
}

enum { MOST = 64 };

/* "learn" or "learn imprnt": the first word of some commands, and not the second. */
static int half_a_verb(const char *word, const char *next)
{
    const char *names[MOST];
    int n = 0;
    char *list = cli_format("%s", "");
    for (int i = 0; cli_verbs[i] && n < MOST; i++)
        if (second_word(cli_verbs[i], word)) names[n++] = second_word(cli_verbs[i], word);
    for (int i = 0; i < n; i++) {
        char *longer = cli_format("%s%s%s", list, !i ? "" : i + 1 < n ? ", " : " or ", names[i]);
        free(list);
        list = longer;
    }
    const char *near = next ? cli_nearest(next, names, n) : NULL;
    if (near)
        cli_error("unknown command \"%s %s\"; did you mean %s %s?", word, next, word, near);
    else
        cli_error("%s is half a command; it goes on with %s", word, list);
    free(list);
    return CLI_USAGE;
}

int cli_no_such_verb(int argc, char **argv)
{
    const char *word = argv[0], *names[MOST] = { "help" };
    int n = 1;
    for (int i = 0; cli_verbs[i] && n < MOST; i++) {
        if (second_word(cli_verbs[i], word)) return half_a_verb(word, argc > 1 ? argv[1] : NULL);
        names[n++] = cli_verbs[i]->name;
    }
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
