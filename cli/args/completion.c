/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts for bash and zsh, from the tables. */
#include <string.h>

#include "cmd.h"
#include "args/verb.h"

/* The options that one word allows: those of a command, or of all that a model may turn out to be for. */
typedef struct option_set {
    const cli_option *items[96];
    int n;
} option_set;

static void add_options(option_set *set, const cli_verb *v)
{
    for (const cli_part *p = v->parts; p->group; p++)
        for (const cli_option *o = p->group->options; o->name; o++) {
            bool known = false;
            for (int i = 0; i < set->n; i++) known |= !strcmp(set->items[i]->name, o->name);
            if (!known && set->n < (int)(sizeof set->items / sizeof *set->items)) set->items[set->n++] = o;
        }
}

static option_set options_of(const cli_verb *v)
{
    option_set set = { 0 };
    add_options(&set, v);
    return set;
}

/* corallite FILE.tflite: the commands for pictures, any of which it may be. */
static option_set options_of_models(void)
{
    option_set set = { 0 };
    for (int i = 0; cli_verbs[i]; i++)
        if (!strcmp(cli_verbs[i]->operand, "IMAGE")) add_options(&set, cli_verbs[i]);
    return set;
}

static void print_choices(FILE *to, const cli_choice *choices)
{
    for (const cli_choice *c = choices; c->word; c++) fprintf(to, "%s%s", c == choices ? "" : " ", c->word);
}

enum { FAMILY = 256 }; /* room for the second words of a first one */

/* Whether the first word of some commands is one by itself, too. */
static bool is_whole(const char *first)
{
    for (int i = 0; cli_verbs[i]; i++)
        if (!strcmp(cli_verbs[i]->name, first)) return true;
    return false;
}

/* What the first word of a command may be, each once. */
static void print_first_words(FILE *to)
{
    char first[FAMILY], seconds[FAMILY];
    for (int i = 0; cli_verbs[i]; i++)
        if (!strchr(cli_verbs[i]->name, ' ')) fprintf(to, " %s", cli_verbs[i]->name);
    for (int k = 0; cli_verb_family(k, first, seconds, FAMILY); k++)
        if (!is_whole(first)) fprintf(to, " %s", first);
}

static bool takes_files(const cli_option *o)
{
    return o->kind == CLI_FILE || o->kind == CLI_MODEL || o->kind == CLI_LABELS || (cli_is_list(o->kind) && o->kind != CLI_TEXTS);
}

/* ---- bash ---- */

/* What may follow an option: a line of a case statement. */
static void bash_option(FILE *to, const cli_option *o)
{
    char name[32];
    fputs("        ", to);
    if (o->letter) fprintf(to, "-%c|", o->letter);
    for (int k = 0; cli_spelling(o, k, name, sizeof name); k++) fprintf(to, "%s--%s", k ? "|" : "", name);
    fputs(") ", to);
    if (takes_files(o))
        fputs("_corallite_files -f", to);
    else if (o->kind == CLI_FOLDER)
        fputs("_corallite_files -d", to);
    else if (o->choices) {
        fputs("_corallite_words '", to);
        print_choices(to, o->choices);
        fputc('\'', to);
    } else if (o->kind == CLI_TEXTS)
        fputs("_corallite_files -f", to); /* NAME=FILE: bash takes what follows the = for a word of its own */
    else
        fputc(':', to);
    fputs("; return ;;\n", to);
}

static void bash_case(FILE *to, const char *pattern, option_set set)
{
    const char *quote = strchr(pattern, ' ') ? "'" : "";
    fprintf(to, "    %s%s%s)\n        case $prev in\n", quote, pattern, quote);
    for (int i = 0; i < set.n; i++)
        if (set.items[i]->arg) bash_option(to, set.items[i]);
    fputs("        esac\n        words='", to);
    for (int i = 0; i < set.n; i++) fprintf(to, "%s--%s", i ? " " : "", set.items[i]->name);
    fputs("' ;;\n", to);
}

/* Names of two words are put together, once there is a second. Where the first is a command by itself, what follows may also be its. */
static void bash_families(FILE *to)
{
    char first[FAMILY], seconds[FAMILY];
    for (int k = 0; cli_verb_family(k, first, seconds, FAMILY); k++) {
        const bool whole = is_whole(first);
        fprintf(to,
                "    if [[ $verb == %s ]]; then\n"
                "        ((COMP_CWORD == 2)) && { _corallite_words '%s'; %sreturn; }\n"
                "        [[ ' %s ' == *\" ${COMP_WORDS[2]} \"* ]] && ((COMP_CWORD > 2)) && verb+=\" ${COMP_WORDS[2]}\"\n"
                "    fi\n",
                first, seconds, whole ? "((${#COMPREPLY[@]})) && " : "", seconds);
    }
}

static void bash(FILE *to)
{
    fputs("# bash completion for corallite: made by corallite --completion bash\n"
          "_corallite_words()\n{\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
          "}\n"
          "_corallite_files()\n{\n"
          "    compopt -o filenames 2>/dev/null # names are quoted, folders get a slash\n"
          "    mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$cur\")\n"
          "}\n"
          "_corallite()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= words= verbs=",
          to);
    fputs("'help", to);
    print_first_words(to);
    fputs("'\n"
          "    COMPREPLY=()\n"
          "    # bash takes --option=value for three words\n"
          "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    [[ $cur == = ]] && cur=\n"
          "    [[ $prev == --* ]] && prev=${prev//_/-}\n"
          "    cur=${cur#[\\'\\\"]}; cur=${cur//\\\\/}\n"
          "    ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]] && verb=${COMP_WORDS[1]}\n",
          to);
    bash_families(to);
    fputs("    case $verb in\n"
          "    help) _corallite_words \"$verbs\"; return ;;\n",
          to);
    bash_case(to, "''", options_of(&cli_program));
    for (int i = 0; cli_verbs[i]; i++) bash_case(to, cli_verbs[i]->name, options_of(cli_verbs[i]));
    bash_case(to, "*", options_of_models());
    fputs("    esac\n"
          "    if [[ $cur == -* && \" ${COMP_WORDS[*]:1:COMP_CWORD-1} \" != *' -- '* ]]; then\n"
          "        _corallite_words \"$words\"\n"
          "    elif [[ -n $verb ]]; then\n"
          "        _corallite_files -f\n"
          "    elif ((COMP_CWORD == 1)); then\n"
          "        _corallite_words \"$verbs\"\n"
          "        # a model may stand in the place of a command\n"
          "        [[ -z $cur || ${#COMPREPLY[@]} -gt 0 ]] || _corallite_files -f -X '!*.tflite' -o plusdirs\n"
          "    fi\n"
          "} &&\n"
          "complete -F _corallite corallite\n",
          to);
}

/* ---- zsh ---- */

/* Text within single quotes and brackets, where _arguments reads colons and brackets itself. */
static void zsh_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') fputs("'\\'", to);
        if (strchr("[]:\\", *text)) fputc('\\', to);
        fputc(*text, to);
    }
}

/* '(-k --top-k)'{-k+,--top-k=}'[what it is]:N:': the value of -k may follow at once, that of --top-k after a =. */
static void zsh_option(FILE *to, const cli_option *o)
{
    const bool again = cli_is_list(o->kind);
    fputs("                ", to);
    if (again)
        fputs("'*'", to);
    else if (o->letter)
        fprintf(to, "'(-%c --%s)'", o->letter, o->name);
    if (o->letter)
        fprintf(to, "{-%c%s,--%s%s}'[", o->letter, o->arg ? "+" : "", o->name, o->arg ? "=" : "");
    else
        fprintf(to, "'--%s%s[", o->name, o->arg ? "=" : "");
    zsh_text(to, o->help);
    fputc(']', to);
    if (o->arg) {
        fputc(':', to);
        zsh_text(to, o->arg);
        fputc(':', to);
    }
    if (takes_files(o) || o->kind == CLI_TEXTS)
        fputs("_files", to);
    else if (o->kind == CLI_FOLDER)
        fputs("_files -/", to);
    else if (o->choices) {
        fputc('(', to);
        print_choices(to, o->choices);
        fputc(')', to);
    }
    fputs("' \\\n", to);
}

static void zsh_case(FILE *to, const char *pattern, option_set set, bool one, const char *operand)
{
    const char *quote = strchr(pattern, ' ') ? "'" : "";
    fprintf(to, "        %s%s%s)\n            _arguments -s -S \\\n", quote, pattern, quote);
    for (int i = 0; i < set.n; i++) zsh_option(to, set.items[i]);
    if (*operand)
        fprintf(to, "                '%s:%s:_files' ;;\n", one ? "1" : "*", operand);
    else
        fputs("                ;;\n", to);
}

/* As bash_families(): the second word stands in the place of the first. */
static void zsh_families(FILE *to)
{
    char first[FAMILY], seconds[FAMILY];
    for (int k = 0; cli_verb_family(k, first, seconds, FAMILY); k++)
        fprintf(to,
                "        if [[ $line[1] == %s ]]; then\n"
                "            ((CURRENT == 2)) && { compadd %s%s }\n"
                "            [[ ' %s ' == *\" $words[2] \"* ]] && ((CURRENT > 2)) && { line[1]+=\" $words[2]\"; shift words; ((CURRENT--)) }\n"
                "        fi\n",
                first, seconds, is_whole(first) ? " && return" : "; return", seconds);
}

static void zsh(FILE *to)
{
    fputs("#compdef corallite\n"
          "# zsh completion for corallite: made by corallite --completion zsh\n"
          "_corallite()\n{\n"
          "    local -a verbs\n"
          "    local line state\n"
          "    verbs=(\n"
          "        'help:explain a command'\n",
          to);
    for (int i = 0; cli_verbs[i]; i++) {
        if (strchr(cli_verbs[i]->name, ' ')) continue;
        fprintf(to, "        '%s:", cli_verbs[i]->name);
        zsh_text(to, cli_verbs[i]->summary);
        fputs("'\n", to);
    }
    char first[FAMILY], seconds[FAMILY];
    for (int k = 0; cli_verb_family(k, first, seconds, FAMILY); k++)
        if (!is_whole(first)) fprintf(to, "        '%s:%s'\n", first, seconds);
    fputs("    )\n"
          "    _arguments -C \\\n",
          to);
    const option_set own = options_of(&cli_program);
    for (int i = 0; i < own.n; i++) zsh_option(to, own.items[i]);
    fputs("                '1:command:->verb' '*::argument:->rest'\n"
          "    case $state in\n"
          "    verb) _describe command verbs || _files -g '*.tflite' ;; # a model may stand in the place of a command\n"
          "    rest)\n",
          to);
    zsh_families(to);
    fputs("        case $line[1] in\n"
          "        help) _describe command verbs ;;\n",
          to);
    for (int i = 0; cli_verbs[i]; i++)
        zsh_case(to, cli_verbs[i]->name, options_of(cli_verbs[i]), cli_verbs[i]->max_operands == 1, cli_verbs[i]->operand);
    zsh_case(to, "*", options_of_models(), false, "IMAGE");
    fputs("        esac ;;\n"
          "    esac\n"
          "}\n"
          "_corallite \"$@\"\n",
          to);
}

void cli_completion(cli_shell shell, FILE *to)
{
    if (shell == CLI_BASH)
        bash(to);
    else
        zsh(to);
}
