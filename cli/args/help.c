/* SPDX-License-Identifier: Apache-2.0 */
/* --help, from the tables. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "io/say.h"

enum { WIDTH = 80, COLUMN = 28 };

/* Prints text wrapped at WIDTH; lines after the first start at column `indent`, the first one does
 * so too when `at` says that the cursor is at the left edge. Newlines in the text part paragraphs. */
static void wrap(FILE *to, const char *text, int at, int indent)
{
    while (*text) {
        const size_t n = strcspn(text, " \n");
        if (at > indent && at + 1 + (int)n > WIDTH) at = 0, fputc('\n', to);
        if (at < indent)
            fprintf(to, "%*s", indent - at, ""), at = indent;
        else if (at > indent)
            fputc(' ', to), at++;
        fprintf(to, "%.*s", (int)n, text);
        at += (int)n;
        text += n;
        if (*text == '\n') fputc('\n', to), at = 0;
        if (*text) text++;
    }
    fputc('\n', to);
}

static void option_help(FILE *to, const cli_option *o)
{
    char letter[8] = "    ";
    if (o->letter) snprintf(letter, sizeof letter, "-%c, ", o->letter);
    int at = fprintf(to, "  %s--%s", letter, o->name);
    if (o->arg) at += fprintf(to, " %s", o->arg);
    if (at + 2 > COLUMN) fputc('\n', to), at = 0;
    const char *preset = o->preset ? o->preset : o->without;
    char *text = preset ? cli_format("%s (default: %s)", o->help, preset) : cli_format("%s", o->help);
    wrap(to, text, at, COLUMN);
    free(text);
}

static void examples_help(FILE *to, const char *const *examples)
{
    fputs("\nExamples:\n", to);
    for (; *examples; examples += 2) fprintf(to, "  %s\n      %s\n", examples[0], examples[1]);
}

static void groups_help(FILE *to, const cli_verb *verb)
{
    for (const cli_part *p = verb->parts; p->group; p++) {
        fprintf(to, "\n%s:\n", p->group->title);
        for (const cli_option *o = p->group->options; o->name; o++) option_help(to, o);
    }
}

static void program_help(FILE *to)
{
    fputs("Usage: corallite COMMAND [options] [files]\n"
          "       corallite FILE.tflite [options] IMAGE...\n\n",
          to);
    wrap(to, cli_program.about, 0, 0);
    fputs("\nCommands:\n", to);
    for (int i = 0; cli_verbs[i]; i++) fprintf(to, "  %-15s %s\n", cli_verbs[i]->name, cli_verbs[i]->summary);
    groups_help(to, &cli_program);
    fputs("\n'corallite COMMAND --help' explains a command and its options.\n"
          "Exit codes: 0 done, 1 failed, 2 usage, 3 device missing.\n",
          to);
    examples_help(to, cli_program.examples);
}

void cli_help(const cli_verb *verb, FILE *to)
{
    if (verb == &cli_program) {
        program_help(to);
        return;
    }
    fprintf(to, "Usage: corallite %s [options]%s%s%s\n\n", verb->name, *verb->operand ? " " : "", verb->operand,
            verb->max_operands == 1 || !*verb->operand ? "" : "...");
    wrap(to, verb->about, 0, 0);
    groups_help(to, verb);
    fputs("\nJSON:\n", to);
    wrap(to, verb->json, 0, 2);
    examples_help(to, verb->examples);
}
