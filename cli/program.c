/* SPDX-License-Identifier: Apache-2.0 */
/* corallite itself: what it says when no command is given. */
#include "cmd.h"
#include "io/say.h"

typedef struct program_settings {
    cli_common_settings common;
    cli_list operands;
    bool man;
    int completion; /* a cli_shell, 0: none */
} program_settings;

static const cli_choice shells[] = { { "bash", CLI_BASH }, { "zsh", CLI_ZSH }, { 0 } };
static const cli_option options[] = {
    { "help", 'h', CLI_FLAG, offsetof(program_settings, common.help), NULL, "print this help" },
    { "version", 0, CLI_FLAG, offsetof(program_settings, common.version), NULL, "print the version" },
    { "man", 0, CLI_FLAG, offsetof(program_settings, man), NULL, "print the manual page (read it with: man -l -)" },
    { "completion", 0, CLI_CHOICE, offsetof(program_settings, completion), "SHELL",
      "print the completion script for bash or zsh", .choices = shells },
    { 0 },
};
static const cli_group group = { "Options", options };
static const cli_part parts[] = { { &group, 0 }, { 0 } };
static const char *const examples[] = {
    "corallite detect --output signs.png scene.jpg",
    "find printed signs and draw them, with the model that is built in",
    "corallite classify --model birds.tflite --labels birds.txt parrot.jpg",
    "say which bird it is",
    "corallite bench --profile birds.tflite",
    "time a model, operator by operator",
    NULL,
};

static int run(const void *given)
{
    const program_settings *settings = given;
    if (settings->man)
        cli_man(stdout);
    else if (settings->completion)
        cli_completion((cli_shell)settings->completion, stdout);
    else {
        cli_error("no command given; 'corallite --help' lists the commands");
        return CLI_USAGE;
    }
    return CLI_DONE;
}

const cli_verb cli_program = {
    .name = "",
    .summary = "8-bit vision models at the edge",
    .operand = "COMMAND",
    .about = "Runs quantised .tflite models on pictures, to the byte as TensorFlow Lite's reference kernels do. Where a "
             "model stands in the place of the command, its outputs say which of classify, detect, segment, pose and embed "
             "is meant.",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(program_settings),
    .operands_at = offsetof(program_settings, operands),
    .common_at = offsetof(program_settings, common),
    .run = run
};
