/* SPDX-License-Identifier: Apache-2.0 */
/* Commands whose names have two words, with a table of our own: found, mistyped, helped with, completed.
 *
 *   check_verbs            the checks; the last line gives their number
 *   check_verbs bash|zsh   the completion script of that table, for completion.py */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args/verb.h"

typedef struct grow_settings {
    cli_common_settings common;
    cli_engine_settings engine;
    cli_list files;
    int how;
} grow_settings;

static const cli_choice ways[] = { { "slow", 7 }, { "fast", 3 }, { 0 } };
static const cli_option options[] = {
    { "how", 0, CLI_CHOICE, offsetof(grow_settings, how), "WAY", "how to grow", .preset = "slow", .choices = ways },
    { "file", 'f', CLI_FILES, offsetof(grow_settings, files), "FILE", "what to grow" },
    { 0 },
};
static const cli_group group = { "Growing", options };
static const cli_option common_options[] = {
    { "help", 'h', CLI_FLAG, offsetof(cli_common_settings, help), NULL, "print this help" },
    { 0 },
};
static const cli_group common_group = { "General", common_options };
static const cli_option engine_options[] = {
    { "threads", 0, CLI_INT, offsetof(cli_engine_settings, threads), "N", "share the work", .min = 1, .max = 64 },
    { 0 },
};
static const cli_group engine_group = { "Running", engine_options };
static const cli_part parts[] = { { &group, 0 }, { &engine_group, offsetof(grow_settings, engine) },
                                  { &common_group, offsetof(grow_settings, common) }, { 0 } };
static const char *const examples[] = { NULL };

#define VERB(words) { .name = words, .summary = "one", .operand = "FILE", .max_operands = -1, .about = "All.", .json = "{}", \
                      .parts = parts, .examples = examples, .settings_bytes = sizeof(grow_settings), \
                      .operands_at = offsetof(grow_settings, files), .common_at = offsetof(grow_settings, common) }
static const cli_verb bench = VERB("bench"), coral = VERB("grow coral"), reef = VERB("grow reef"), learn = VERB("learn all");
const cli_verb cli_program = VERB("");
const cli_verb *const cli_verbs[] = { &bench, &coral, &learn, &reef, NULL };

static int passed, failed;

static void expect(bool ok, const char *what)
{
    printf("%s %s\n", ok ? "ok  " : "FAIL", what);
    if (ok)
        passed++;
    else
        failed++;
}

/* "a b c" as arguments, in `text`. */
static int split(char text[64], const char *line, char *argv[8])
{
    int argc = 0;
    snprintf(text, 64, "%s", line);
    for (char *word = strtok(text, " "); word && argc < 8; word = strtok(NULL, " ")) argv[argc++] = word;
    return argc;
}

/* The verb that they begin with. */
static const cli_verb *find(const char *line, int *words)
{
    char text[64], *argv[8];
    const int argc = split(text, line, argv);
    return cli_find_verb(argc, argv, words);
}

/* What is said of words that are no command, by the standard error. */
static void expect_said(const char *line, const char *want)
{
    char text[64], *argv[8], said[256] = "";
    const int argc = split(text, line, argv), standard = dup(STDERR_FILENO);
    FILE *f = tmpfile();
    if (f && dup2(fileno(f), STDERR_FILENO) >= 0) cli_no_such_verb(argc, argv);
    fflush(stderr);
    dup2(standard, STDERR_FILENO);
    close(standard);
    if (!f) return;
    rewind(f);
    if (fgets(said, sizeof said, f)) said[strcspn(said, "\n")] = 0;
    fclose(f);
    expect(!strcmp(said, want), said);
}

static void check_finding(void)
{
    int words = 0;
    expect(find("bench x", &words) == &bench && words == 1, "one word");
    expect(find("grow reef --how fast", &words) == &reef && words == 2, "two words");
    expect(find("grow coral", &words) == &coral && words == 2, "two words alone");
    expect(!find("grow", &words) && !find("grow bench", &words) && !find("reef", &words) && !find("", &words), "half a name is none");
}

static void check_words(void)
{
    expect_said("grow", "corallite: error: grow is half a command; it goes on with coral or reef");
    expect_said("grow xyz", "corallite: error: grow is half a command; it goes on with coral or reef");
    expect_said("grow corla x", "corallite: error: unknown command \"grow corla\"; did you mean grow coral?");
    expect_said("learn", "corallite: error: learn is half a command; it goes on with all");
    expect_said("bnech", "corallite: error: unknown command \"bnech\"; did you mean bench?");
}

static void check_settings(void)
{
    grow_settings s = { .how = 0 };
    char *argv[] = { "a", "--thr=3", "--how", "fast", "-f", "b", "c" };
    const int code = cli_parse(&reef, sizeof argv / sizeof *argv, argv, &s);
    expect(!code && s.how == 3 && s.engine.threads == 3 && s.files.n == 3 && !strcmp(s.files.items[1], "b"), "settings of a verb");
    cli_release(&reef, &s);
    expect(!s.files.items && !s.files.n, "lists are released");
    s = (grow_settings){ .how = 0 };
    char *odd[] = { "--nothing", "x", "--threads", "2", "-q", "--how", "wrong" };
    cli_peek(&reef, sizeof odd / sizeof *odd, odd, &s);
    expect(s.engine.threads == 2 && s.how == 7, "a peek passes over what it cannot read");
    cli_release(&reef, &s);
}

static void check_families(void)
{
    char first[256], seconds[256];
    expect(cli_verb_family(0, first, seconds, 256) && !strcmp(first, "grow") && !strcmp(seconds, "coral reef"), "grow coral, grow reef");
    expect(cli_verb_family(1, first, seconds, 256) && !strcmp(first, "learn") && !strcmp(seconds, "all"), "learn all");
    expect(!cli_verb_family(2, first, seconds, 256), "no more of them");
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        cli_completion(strcmp(argv[1], "zsh") ? CLI_BASH : CLI_ZSH, stdout);
        return 0;
    }
    check_finding();
    check_words();
    check_settings();
    check_families();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
