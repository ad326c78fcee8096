/* SPDX-License-Identifier: Apache-2.0 */
/* corallite(1), from the tables. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <corallite/version.h>

#include "cmd.h"

enum { LINE = 76 };

/* Text as roff takes it literally: backslashes and dashes escaped, no line that begins with a control character. */
static void roff(FILE *to, const char *text)
{
    for (bool start = true; *text; text++) {
        if (start && (*text == '.' || *text == '\'')) fputs("\\&", to);
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to);
        else if (*text == '\n')
            fputs("\n.PP", to);
        if (*text != '\\' && *text != '-') fputc(*text, to);
        start = *text == '\n';
    }
}

/* The bytes that roff() makes of the text's first word. */
static int width_of_word(const char *text)
{
    int width = *text == '.' || *text == '\'' ? 2 : 0;
    for (; *text && *text != ' ' && *text != '\n'; text++) width += 1 + (*text == '-' || *text == '\\');
    return width;
}

/* The same in lines of a length that tools for manual pages like, from that column on. Not for the arguments of macros. */
static void filled(FILE *to, int column, const char *text)
{
    char word[512];
    while (*text) {
        const size_t n = strcspn(text, " \n");
        const bool paragraph = text[n] == '\n';
        snprintf(word, sizeof word, "%.*s", (int)n, text);
        roff(to, word);
        column += width_of_word(text);
        text += n + (text[n] != '\0');
        if (!text[0]) return;
        const bool ends = paragraph || column + 1 + width_of_word(text) > LINE;
        fputs(paragraph ? "\n.PP\n" : ends ? "\n" : " ", to);
        column = ends ? 0 : column + 1;
    }
}

/* The same as a sentence: help texts begin small and have no full stop. */
static void sentence(FILE *to, const char *text)
{
    fputc(toupper((unsigned char)*text), to);
    filled(to, 1, text + 1);
    fputs(".\n", to);
}

static void line(FILE *to, const char *macro, const char *text)
{
    fprintf(to, "%s", macro);
    roff(to, text);
    fputc('\n', to);
}

static void option_man(FILE *to, const cli_option *o)
{
    fputs(".TP\n", to);
    if (o->letter) fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", to);
    roff(to, o->name);
    fputs("\\fR", to);
    if (o->arg) fprintf(to, " \\fI%s\\fR", o->arg);
    fputc('\n', to);
    sentence(to, o->help);
    if (o->preset || o->without) {
        fputs("Default: ", to);
        filled(to, 9, o->preset ? o->preset : o->without);
        fputs(".\n", to);
    }
    char old[32], next[32];
    for (int k = 1; cli_spelling(o, k, old, sizeof old); k++) {
        const bool more = cli_spelling(o, k + 1, next, sizeof next);
        fputs(k == 1 ? "Also written \\fB\\-\\-" : more ? "\\fB\\-\\-" : "or \\fB\\-\\-", to);
        roff(to, old);
        fputs(!more ? "\\fR.\n" : cli_spelling(o, k + 2, next, sizeof next) ? "\\fR,\n" : "\\fR\n", to);
    }
}

static void examples_man(FILE *to, const char *const *examples)
{
    for (; *examples; examples += 2) {
        fputs(".TP\n", to);
        line(to, ".B ", examples[0]);
        sentence(to, examples[1]);
    }
}

/* Shared by more than one verb, and so described once. */
static bool shared(const cli_group *group)
{
    int n = 0;
    for (int i = 0; cli_verbs[i]; i++)
        for (const cli_part *p = cli_verbs[i]->parts; p->group; p++) n += p->group == group;
    return n > 1;
}

static void verb_man(FILE *to, const cli_verb *v)
{
    fprintf(to, ".SS corallite %s [\\fIoptions\\fR] \\fI%s\\fR%s\n", v->name, v->operand,
            v->max_operands == 1 || !*v->operand ? "" : "...");
    filled(to, 0, v->about);
    fputc('\n', to);
    for (const cli_part *p = v->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name && !shared(p->group); o++) option_man(to, o);
    fputs(".PP\nAlso the options of ", to);
    const char *between = "";
    for (const cli_part *p = v->parts; p->group; p++) {
        if (!shared(p->group)) continue;
        fprintf(to, "%s\\(lq%s\\(rq", between, p->group->title);
        between = p[1].group && !p[2].group ? "\nand " : ",\n";
    }
    fputs(" below.\n", to);
    fputs(".PP\nJSON: ", to);
    filled(to, 6, v->json);
    fputs("\n.PP\nExamples:\n", to);
    examples_man(to, v->examples);
}

static void shared_man(FILE *to)
{
    fputs(".SH SHARED OPTIONS\n", to);
    const cli_group *done[16];
    int n = 0;
    for (int i = 0; cli_verbs[i]; i++)
        for (const cli_part *p = cli_verbs[i]->parts; p->group && n < 16; p++) {
            const cli_group *group = p->group;
            bool seen = !shared(group);
            for (int k = 0; k < n; k++) seen |= done[k] == group;
            if (seen) continue;
            done[n++] = group;
            line(to, ".SS ", group->title);
            for (const cli_option *o = group->options; o->name; o++) option_man(to, o);
        }
}

/* The version's, or what a reproducible build sets for all of its files: reproducible-builds.org, SOURCE_DATE_EPOCH. */
static const char *page_date(char buf[16])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end;
    errno = 0;
    const long long seconds = epoch ? strtoll(epoch, &end, 10) : 0;
    const time_t when = (time_t)seconds;
    struct tm day;
    const bool given = epoch && *epoch && !*end && !errno && seconds >= 0 && gmtime_r(&when, &day);
    if (!given || !strftime(buf, 16, "%Y-%m-%d", &day)) snprintf(buf, 16, "%s", CRL_VERSION_DATE);
    return buf;
}

void cli_man(FILE *to)
{
    char date[16];
    fprintf(to, ".TH CORALLITE 1 \"%s\" \"corallite %s\" \"User Commands\"\n", page_date(date), CRL_VERSION);
    line(to, ".SH NAME\ncorallite \\- ", cli_program.summary);
    fputs(".SH SYNOPSIS\n.B corallite\n\\fICOMMAND\\fR [\\fIoptions\\fR] [\\fIfiles\\fR]\n"
          ".br\n.B corallite\n\\fIFILE.tflite\\fR [\\fIoptions\\fR] \\fIIMAGE\\fR...\n",
          to);
    fputs(".SH DESCRIPTION\n", to);
    filled(to, 0, cli_program.about);
    fputs("\n.PP\n"
          "Results go to the standard output, everything else to the standard error.\n"
          "Long options may be written with \\- or _ between words, with = or a space\n"
          "before the value, and cut short where only one option begins so.\n\\-\\- ends the options.\n"
          "An output never replaces an input: a picture, a model, labels or arrays\n"
          "that the same command reads.\n"
          "A file appears whole or not at all.\n"
          "A model may be followed by the device to run it on, as in\n.IR model.tflite@usb:0 .\n",
          to);
    for (const cli_option *o = cli_program.parts[0].group->options; o->name; o++) option_man(to, o);
    fputs(".SH COMMANDS\n", to);
    for (int i = 0; cli_verbs[i]; i++) verb_man(to, cli_verbs[i]);
    shared_man(to);
    fputs(".SH EXIT STATUS\n"
          ".TP\n0\nAll was done.\n"
          ".TP\n1\nSomething failed. Each failure is one line on the standard error:\n"
          "corallite: error: ...\n"
          ".TP\n2\nThe command line makes no sense.\n"
          ".TP\n3\nAn accelerator was asked for that is not there.\n"
          ".SH ENVIRONMENT\n"
          ".TP\n.B CRL_CPU\nThe highest instruction level to use, where \\fB\\-\\-cpu\\fR is not given.\n"
          ".TP\n.B CRL_MIRRORS\nAddresses, separated by blanks, from which\n"
          "\\fBmodels get\\fR fetches where no \\fB\\-\\-mirror\\fR is given.\n"
          ".TP\n.B CRL_CATALOGUE\nA table of models to be had by name, in the place of the one in the program.\n"
          ".TP\n.B CORALLITE_TOKEN\nWhat clients of \\fBserve\\fR have to know, where no \\fB\\-\\-token\\fR is given.\n"
          ".TP\n.B XDG_DATA_HOME\nThe folder below which models that go by name lie, in\n"
          "\\fIcorallite/models\\fR. Default: \\fI~/.local/share\\fR.\n"
          ".TP\n.B SOURCE_DATE_EPOCH\nThe date of the page that \\fB\\-\\-man\\fR prints, in seconds since 1970.\n"
          ".SH EXAMPLES\n",
          to);
    examples_man(to, cli_program.examples);
    fputs(".SH SEE ALSO\n.BR corallite (3),\n.BR corallite\\-cameras (5),\n.BR corallite\\-models (5),\n.BR corallite (7),\n"
          ".BR corallite\\-arithmetic (7),\n.BR corallite\\-serve.service (8),\n.BR corallite\\-setup (8),\n"
          ".BR corallite\\-watch@.service (8)\n",
          to);
}
