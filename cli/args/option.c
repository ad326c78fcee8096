/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the command line by the tables: see option.h. */
#include "args/option.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "io/say.h"

void cli_list_add(cli_list *list, const char *item)
{
    list->items = cli_grow(list->items, (size_t)list->n + 1, sizeof *list->items);
    list->items[list->n++] = item;
}

static cli_list *operands_of(const cli_verb *verb, void *settings)
{
    return (cli_list *)((char *)settings + verb->operands_at);
}

static cli_list *named_in(const cli_verb *verb, void *settings)
{
    return &((cli_common_settings *)((char *)settings + verb->common_at))->named;
}

static void release_list(cli_list *list)
{
    free(list->items);
    *list = (cli_list){ 0 };
}

void cli_release(const cli_verb *verb, void *settings)
{
    cli_list *named = named_in(verb, settings);
    for (int i = 0; i < named->n; i++) free((void *)named->items[i]);
    release_list(named);
    release_list(operands_of(verb, settings));
    for (const cli_part *p = verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name; o++)
            if (cli_is_list(o->kind)) release_list((cli_list *)((char *)settings + p->at + o->at));
}

/* Edits that turn a into b: insert, delete, change, or swap two neighbours. Words are option names,
 * so anything past 31 characters is simply far. */
static int distance(const char *a, const char *b)
{
    enum { LONGEST = 31 };
    const int n = (int)strlen(a), m = (int)strlen(b);
    int d[LONGEST + 1][LONGEST + 1];
    if (n > LONGEST || m > LONGEST) return INT_MAX;
    for (int i = 0; i <= n; i++) d[i][0] = i;
    for (int j = 0; j <= m; j++) d[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[n][m];
}

/* Letters that two words begin with alike. */
static size_t common(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] && a[n] == b[n]) n++;
    return n;
}

const char *cli_nearest(const char *word, const char *const *names, int n)
{
    enum { BEGINNING = 4 };
    const char *best = NULL;
    int least = 1 + (int)strlen(word) / 3; /* a third of the letters wrong is still a typing error */
    for (int i = 0; i < n; i++) {
        const int d = distance(word, names[i]);
        if (d <= least && (!best || d < least)) {
            best = names[i];
            least = d;
        }
    }
    size_t most = BEGINNING - 1; /* "classification" is far from "classify", but begins as it does */
    if (best) return best;
    for (int i = 0; i < n; i++) {
        const size_t same = common(word, names[i]);
        if (same <= most) continue;
        best = names[i];
        most = same;
    }
    return best;
}

static const cli_option *option_named(const cli_verb *verb, const char *word)
{
    char name[32];
    const size_t n = strcspn(word, "=");
    for (const cli_part *p = verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name; o++)
            for (int k = 0; cli_spelling(o, k, name, sizeof name); k++) {
                size_t i = 0;
                while (i < n && (word[i] == '_' ? '-' : word[i]) == name[i]) i++;
                if (i == n && !name[n]) return o;
            }
    return NULL;
}

const char *cli_option_named(const cli_verb *verb, const char *word)
{
    const cli_option *o = option_named(verb, word);
    return o ? o->name : NULL;
}

bool cli_option_is_single(const cli_verb *verb, const char *word)
{
    const cli_option *o = option_named(verb, word);
    return o && !cli_is_list(o->kind);
}

/* One word of a list such as "label label-file", copied to buf; returns what follows it, NULL at the end. */
static const char *next_word(const char *list, char separator, char *buf, size_t size)
{
    if (!list || !*list) return NULL;
    size_t n = 0;
    while (list[n] && list[n] != separator) n++;
    snprintf(buf, size, "%.*s", (int)n, list);
    return list + n + (list[n] == separator);
}

bool cli_spelling(const cli_option *o, int k, char *buf, size_t size)
{
    if (k == 0) {
        snprintf(buf, size, "%s", o->name);
        return true;
    }
    const char *rest = o->old;
    while ((rest = next_word(rest, ' ', buf, size)) != NULL)
        if (--k == 0) return true;
    return false;
}

/* The option that a mistyped word comes nearest to, by any of its spellings. */
static const char *nearest_option(const cli_verb *verb, const char *word)
{
    enum { MOST = 96 };
    char spelt[MOST][32];
    const char *names[MOST] = { NULL }, *owners[MOST] = { NULL };
    int n = 0;
    for (const cli_part *p = verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name; o++)
            for (int k = 0; n < MOST && cli_spelling(o, k, spelt[n], sizeof spelt[n]); k++, n++) {
                names[n] = spelt[n];
                owners[n] = o->name;
            }
    const char *near = cli_nearest(word, names, n);
    for (int i = 0; near && i < n; i++)
        if (near == names[i]) return owners[i];
    return NULL;
}

/* What is being read, by which options, to where. */
typedef struct reader {
    const cli_verb *verb;
    int argc;
    char **argv;
    void *settings;
    bool quiet; /* nobody wants to know what is wrong */
} reader;

/* "detect, segment or pose": the commands that have an option of this name; for free(), NULL when none has. */
static char *commands_with(const char *word)
{
    const cli_verb *with[32];
    int n = 0;
    for (int i = 0; cli_verbs[i] && n < 32; i++)
        if (cli_option_named(cli_verbs[i], word)) with[n++] = cli_verbs[i];
    char *list = NULL;
    for (int i = 0; i < n; i++) {
        char *longer = cli_format("%s%s%s", list ? list : "", !i ? "" : i + 1 < n ? ", " : " or ", with[i]->name);
        free(list);
        list = longer;
    }
    return list;
}

static void unknown_option(const cli_verb *verb, const char *word)
{
    char *commands = commands_with(word);
    const char *near = commands ? NULL : nearest_option(verb, word), *space = *verb->name ? " " : "";
    if (commands && verb == &cli_program)
        cli_error("option --%s stands behind a command that has it: %s", word, commands);
    else if (commands)
        cli_error("%s has no option --%s; it belongs to %s", verb->name, word, commands);
    else if (near)
        cli_error("unknown option --%s; did you mean --%s?", word, near);
    else
        cli_error("unknown option --%s; 'corallite %s%s--help' lists what there is", word, verb->name, space);
    free(commands);
}

/* An option, and where its value goes. */
typedef struct target {
    const cli_option *option; /* NULL: there is none such */
    void *at;
} target;

static target target_of(const reader *r, const cli_part *part, const cli_option *o)
{
    return (target){ o, (char *)r->settings + part->at + o->at };
}

/* The option written as --word: a name in full, or the only one that begins so. None after saying that
 * there is none, or more than one. */
static target find_long(const reader *r, const char *word)
{
    const cli_verb *verb = r->verb;
    target found = { 0 }, second = { 0 };
    for (const cli_part *p = verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name; o++) {
            char name[32];
            for (int k = 0; cli_spelling(o, k, name, sizeof name); k++) {
                if (!strcmp(name, word)) return target_of(r, p, o);
                if (!*word || strncmp(name, word, strlen(word))) continue;
                if (!found.option)
                    found = target_of(r, p, o);
                else if (found.option != o)
                    second = target_of(r, p, o);
            }
        }
    if (found.option && !second.option) return found;
    if (r->quiet) return (target){ 0 };
    if (found.option)
        cli_error("option --%s could be --%s or --%s", word, found.option->name, second.option->name);
    else
        unknown_option(verb, word);
    return (target){ 0 };
}

static target find_letter(const reader *r, char letter)
{
    const cli_verb *verb = r->verb;
    for (const cli_part *p = verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name; o++)
            if (o->letter == letter) return target_of(r, p, o);
    if (!r->quiet)
        cli_error("unknown option -%c; 'corallite %s%s--help' lists what there is", letter, verb->name,
                  *verb->name ? " " : "");
    return (target){ 0 };
}

static int bad_number(const reader *r, const cli_option *o, const char *text, const char *what)
{
    char range[64] = "";
    if (r->quiet) return CLI_USAGE;
    if (o->max > 0)
        snprintf(range, sizeof range, " from %.10g to %.10g", o->min, o->max);
    else if (isfinite(o->min))
        snprintf(range, sizeof range, " of at least %.10g", o->min);
    cli_error("--%s %s: %s%s is expected", o->name, text, what, range);
    return CLI_USAGE;
}

static int set_choice(const reader *r, const cli_option *o, const char *text, int *value)
{
    char list[256] = "";
    for (const cli_choice *c = o->choices; c->word; c++) {
        if (!strcmp(c->word, text)) {
            *value = c->value;
            return CLI_DONE;
        }
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", c == o->choices ? "" : c[1].word ? ", " : " or ", c->word);
    }
    if (!r->quiet) cli_error("--%s %s: %s is expected", o->name, text, list);
    return CLI_USAGE;
}

static int set(const reader *r, target to, const char *text)
{
    const cli_option *o = to.option;
    void *at = to.at;
    char *end;
    if (text && !*text) {
        if (!r->quiet) cli_error("option --%s: an empty %s", o->name, o->arg);
        return CLI_USAGE;
    }
    errno = 0;
    switch (o->kind) {
    case CLI_FLAG: *(bool *)at = true; return CLI_DONE;
    case CLI_UNFLAG: *(bool *)at = false; return CLI_DONE;
    case CLI_INT: {
        const long v = strtol(text, &end, 10);
        const double max = o->max > 0 ? o->max : INT_MAX;
        if (end == text || *end || errno || v < o->min || v > max) return bad_number(r, o, text, "a whole number");
        *(int *)at = (int)v;
        return CLI_DONE;
    }
    case CLI_REAL: {
        const double v = strtod(text, &end);
        if (end == text || *end || !isfinite(v) || v < o->min || (o->max > 0 && v > o->max))
            return bad_number(r, o, text, "a number");
        *(double *)at = v;
        return CLI_DONE;
    }
    case CLI_TEXT:
    case CLI_FILE:
    case CLI_MODEL:
    case CLI_LABELS:
    case CLI_FOLDER: *(const char **)at = text; return CLI_DONE;
    case CLI_TEXTS:
    case CLI_FILES:
    case CLI_MODEL_LIST:
    case CLI_LABELS_LIST: cli_list_add(at, text); return CLI_DONE;
    case CLI_CHOICE: return set_choice(r, o, text, at);
    }
    return CLI_USAGE;
}

static int set_presets(const reader *r)
{
    int code = CLI_DONE;
    for (const cli_part *p = r->verb->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name; o++) {
            const target to = target_of(r, p, o);
            if (o->preset)
                code |= set(r, to, o->preset);
            else if (o->kind == CLI_REAL)
                *(double *)to.at = NAN;
        }
    return code;
}

static int missing_value(const reader *r, const cli_option *o)
{
    if (!r->quiet) cli_error("option --%s needs a value: --%s %s", o->name, o->name, o->arg);
    return CLI_USAGE;
}

/* argv[*i] starts with two dashes and a name. */
static int read_long(const reader *r, int *i)
{
    const char *given = r->argv[*i] + 2, *equals = strchr(given, '=');
    char *word = cli_format("%.*s", (int)(equals ? (size_t)(equals - given) : strlen(given)), given);
    for (char *c = word; *c; c++)
        if (*c == '_') *c = '-';
    const target to = find_long(r, word);
    free(word);
    if (!to.option) return CLI_USAGE;
    if (!to.option->arg) {
        if (!equals) return set(r, to, NULL);
        if (!r->quiet) cli_error("option --%s takes no value", to.option->name);
        return CLI_USAGE;
    }
    if (equals) return set(r, to, equals + 1);
    if (*i + 1 >= r->argc) return missing_value(r, to.option);
    return set(r, to, r->argv[++*i]);
}

/* argv[*i] is one dash and letters: flags may share the dash, a value may follow at once. */
static int read_short(const reader *r, int *i)
{
    const char *given = r->argv[*i], *whole = given[2] ? cli_option_named(r->verb, given + 1) : NULL;
    if (whole) {
        if (!r->quiet) cli_error("unknown option %s; did you mean --%s?", given, whole);
        return CLI_USAGE;
    }
    for (const char *c = given + 1; *c; c++) {
        const target to = find_letter(r, *c);
        if (!to.option) return CLI_USAGE;
        if (!to.option->arg) {
            set(r, to, NULL);
            continue;
        }
        if (c[1]) return set(r, to, c + 1 + (c[1] == '='));
        if (*i + 1 >= r->argc) return missing_value(r, to.option);
        return set(r, to, r->argv[++*i]);
    }
    return CLI_DONE;
}

static int check_operands(const cli_verb *verb, const cli_list *operands)
{
    const char *what = verb->operand;
    for (int i = 0; i < operands->n; i++)
        if (!*operands->items[i]) {
            cli_error("an empty %s", what);
            return CLI_USAGE;
        }
    if (operands->n < verb->min_operands) {
        cli_error("no %s given; 'corallite %s --help' shows how", what, verb->name);
        return CLI_USAGE;
    }
    if (verb->max_operands >= 0 && operands->n > verb->max_operands) {
        if (verb->max_operands)
            cli_error("unexpected \"%s\": %s takes one %s", operands->items[verb->max_operands], verb->name, what);
        else
            cli_error("unexpected \"%s\": %s takes options only", operands->items[0], verb->name);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* All arguments, those that a quiet reader cannot read excepted. */
static int read_arguments(const reader *r)
{
    int code = set_presets(r);
    bool ended = false;
    for (int i = 0; i < r->argc && (!code || r->quiet); i++) {
        const char *a = r->argv[i];
        if (ended || a[0] != '-' || !a[1])
            cli_list_add(operands_of(r->verb, r->settings), a);
        else if (!strcmp(a, "--"))
            ended = true;
        else if (a[1] == '-')
            code = read_long(r, &i);
        else
            code = read_short(r, &i);
    }
    return code;
}

int cli_parse(const cli_verb *verb, int argc, char **argv, void *settings)
{
    const int code = read_arguments(&(reader){ verb, argc, argv, settings, .quiet = false });
    const cli_common_settings *common = cli_common_of(verb, settings);
    if (code || common->help || common->version) return code;
    return check_operands(verb, operands_of(verb, settings));
}

void cli_peek(const cli_verb *verb, int argc, char **argv, void *settings)
{
    (void)read_arguments(&(reader){ verb, argc, argv, settings, .quiet = true });
}
