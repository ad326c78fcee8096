/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts for bash and zsh, from the tables. */
#include <string.h>

#include "cmd.h"
#include "say.h"

static const cli_verb *verb_or_program(int i)
{
    return i < 0 ? &cli_program : cli_verbs[i];
}

/* What may follow an option, for bash: the part of a case statement that belongs to one verb. */
static void bash_verb(FILE *to, const cli_verb *v)
{
    fprintf(to, "    %s)\n        case $prev in\n", *v->name ? v->name : "''");
    for (int g = 0; v->groups[g]; g++)
        for (const cli_option *o = v->groups[g]->options; o->name; o++) {
            char name[32];
            if (!o->arg) continue;
            fputs("        ", to);
            if (o->letter) fprintf(to, "-%c|", o->letter);
            for (int k = 0; cli_spelling(o, k, name, sizeof name); k++) fprintf(to, "%s--%s", k ? "|" : "", name);
            fputs(") ", to);
            if (o->kind == CLI_FILE || o->kind == CLI_FILES)
                fputs("COMPREPLY=($(compgen -f -- \"$cur\"))", to);
            else if (o->kind == CLI_FOLDER)
                fputs("COMPREPLY=($(compgen -d -- \"$cur\"))", to);
            else if (o->choices) {
                fputs("COMPREPLY=($(compgen -W '", to);
                for (const char *c = o->choices; *c; c++) fputc(*c == '|' ? ' ' : *c, to);
                fputs("' -- \"$cur\"))", to);
            } else
                fputc(':', to);
            fputs("; return ;;\n", to);
        }
    fputs("        esac\n        words='", to);
    for (int i = 0; v == &cli_program && cli_verbs[i]; i++) fprintf(to, "%s ", cli_verbs[i]->name);
    for (int g = 0; v->groups[g]; g++)
        for (const cli_option *o = v->groups[g]->options; o->name; o++) fprintf(to, "--%s ", o->name);
    fputs("' ;;\n", to);
}

static void bash(FILE *to)
{
    fputs("# bash completion for corallite: made by corallite --completion bash\n"
          "_corallite()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= words=\n"
          "    COMPREPLY=()\n"
          "    compopt -o filenames\n"
          "    # bash takes --option=value for three words\n"
          "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    [[ $cur == = ]] && cur=\n"
          "    ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]] && verb=${COMP_WORDS[1]}\n"
          "    case $verb in\n",
          to);
    for (int i = -1; verb_or_program(i); i++) bash_verb(to, verb_or_program(i));
    fputs("    esac\n"
          "    if [[ $cur == -* || -z $verb ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
          "    fi\n"
          "} &&\n"
          "complete -F _corallite corallite\n",
          to);
}

/* Text within single quotes and brackets, where _arguments reads colons and brackets itself. */
static void zsh_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') fputs("'\\'", to);
        if (strchr("[]:\\", *text)) fputc('\\', to);
        fputc(*text, to);
    }
}

static void zsh_option(FILE *to, const cli_option *o)
{
    const bool again = o->kind == CLI_TEXTS || o->kind == CLI_FILES;
    fputs("                ", to);
    if (again)
        fputs("'*'", to);
    else if (o->letter)
        fprintf(to, "'(-%c --%s)'", o->letter, o->name);
    if (o->letter)
        fprintf(to, "{-%c,--%s}'[", o->letter, o->name);
    else
        fprintf(to, "'--%s[", o->name);
    zsh_text(to, o->help);
    fputc(']', to);
    if (o->arg) fprintf(to, ":%s:", o->arg);
    if (o->kind == CLI_FILE || o->kind == CLI_FILES)
        fputs("_files", to);
    else if (o->kind == CLI_FOLDER)
        fputs("_files -/", to);
    else if (o->choices) {
        fputc('(', to);
        for (const char *c = o->choices; *c; c++) fputc(*c == '|' ? ' ' : *c, to);
        fputc(')', to);
    }
    fputs("' \\\n", to);
}

static void zsh_verb(FILE *to, const cli_verb *v)
{
    fprintf(to, "        %s)\n            _arguments -s -S \\\n", v->name);
    for (int g = 0; v->groups[g]; g++)
        for (const cli_option *o = v->groups[g]->options; o->name; o++) zsh_option(to, o);
    fprintf(to, "                '%s:%s:_files' ;;\n", v->max_operands == 1 ? "1" : "*", v->operand);
}

static void zsh(FILE *to)
{
    fputs("#compdef corallite\n"
          "# zsh completion for corallite: made by corallite --completion zsh\n"
          "_corallite()\n{\n"
          "    local -a verbs\n"
          "    local line state\n"
          "    verbs=(\n",
          to);
    for (int i = 0; cli_verbs[i]; i++) {
        fprintf(to, "        '%s:", cli_verbs[i]->name);
        zsh_text(to, cli_verbs[i]->summary);
        fputs("'\n", to);
    }
    fputs("    )\n"
          "    _arguments -C \\\n",
          to);
    for (const cli_option *o = cli_program.groups[0]->options; o->name; o++) zsh_option(to, o);
    fputs("                '1:command:->verb' '*::argument:->rest'\n"
          "    case $state in\n"
          "    verb) _describe command verbs ;;\n"
          "    rest)\n"
          "        case $line[1] in\n",
          to);
    for (int i = 0; cli_verbs[i]; i++) zsh_verb(to, cli_verbs[i]);
    fputs("        esac ;;\n"
          "    esac\n"
          "}\n"
          "_corallite \"$@\"\n",
          to);
}

int cli_completion(const char *shell, FILE *to)
{
    if (!strcmp(shell, "bash"))
        bash(to);
    else if (!strcmp(shell, "zsh"))
        zsh(to);
    else {
        cli_error("--completion %s: bash or zsh is expected", shell);
        return CLI_USAGE;
    }
    return CLI_DONE;
}
