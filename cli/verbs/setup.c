/* SPDX-License-Identifier: Apache-2.0 */
/* corallite setup: who may open sticks, how fast they run, and their firmware. */
#define _GNU_SOURCE /* realpath */
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <corallite/device.h>

#include "cmd.h"
#include "devices/system.h"
#include "io/file.h"
#include "io/json.h"
#include "io/say.h"

extern char **environ;

typedef struct setup_settings {
    cli_common_settings common;
    cli_list none;
    int clock; /* 0: to be asked for */
    bool yes;
    const char *firmware, *root;
} setup_settings;

static const cli_choice clocks[] = { { "max", 1 }, { "high", 2 }, { "medium", 3 }, { "low", 4 }, { 0 } };
enum { CLOCK_MAX = 1, CLOCK_HIGH = 2 };

static const cli_option setup_options[] = {
    { "clock", 0, CLI_CHOICE, offsetof(setup_settings, clock), "SPEED",
      "of the core: max (500 MHz, hot), high (250), medium (125) or low (63)", .without = "asked for on the standard input", .choices = clocks },
    { "yes", 'y', CLI_FLAG, offsetof(setup_settings, yes), NULL, "answer the question with Y: --clock max" },
    { "firmware", 0, CLI_FILE, offsetof(setup_settings, firmware), "FILE",
      "install the firmware that is in FILE: " CLI_FIRMWARE_NAME ", or a libedgetpu.so.1; it is known by its checksum" },
    { "root", 0, CLI_FOLDER, offsetof(setup_settings, root), "FOLDER", "set up the system that is in FOLDER, such as an image that is being made",
      .preset = "/" },
    { 0 },
};
static const cli_group setup_group = { "What is set up", setup_options };
static const cli_part parts[] = { { &setup_group, 0 }, { &cli_common_group, offsetof(setup_settings, common) }, { 0 } };

static const char *const examples[] = {
    "sudo corallite setup",
    "a udev rule for both names that a stick has, and the question of the clock",
    "sudo corallite setup --clock high --firmware libedgetpu.so.1",
    "asks nothing, and has the stick's firmware at hand when it is plugged in",
    NULL,
};

/* --- the clock ------------------------------------------------------------------------------------------------- */

static bool answers_yes(void)
{
    char line[64] = "";
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) return false;
    line[strcspn(line, "\r\n")] = 0;
    return !strcmp(line, "y") || !strcmp(line, "Y");
}

/* In the words of the installer of old, which scripts answer with `yes`. */
static int choose_clock(const setup_settings *s)
{
    if (s->clock) return s->clock;
    if (s->yes) return CLOCK_MAX;
    fputs("At the maximum frequency a stick is faster, and gets so hot that it burns who touches it: it may be used where it is no warmer than "
          "25 C, and at the default frequency no warmer than 35 C.\n"
          "Would you like to enable the maximum operating frequency? Y/N\n",
          stderr);
    const bool yes = answers_yes();
    fprintf(stderr, "Using %s operating frequency.\n", yes ? "maximum" : "default");
    return yes ? CLOCK_MAX : CLOCK_HIGH;
}

/* --- writing --------------------------------------------------------------------------------------------------- */

enum { RULE, CLOCK, FIRMWARE, FILES };

typedef struct work {
    char *path[FILES];
    void *firmware;
    size_t firmware_bytes;
    char *firmware_from; /* where it was already, NULL: nowhere */
    const char *clock;
    bool reloaded;
} work;

static void release(work *w)
{
    for (int i = 0; i < FILES; i++) free(w->path[i]);
    free(w->firmware);
    free(w->firmware_from);
}

/* Links of an image mean places in the image, and would be followed to places of this machine. */
static crl_status stay_below(const char *root, const char *path, crl_error *err)
{
    char *top = realpath(root, NULL), *part = cli_format("%s", path);
    crl_status s = CRL_OK;
    const size_t n = top && strcmp(top, "/") ? strlen(top) : 0;
    for (size_t at = strlen(root) + 1, size = strlen(path); n && !s && at <= size; at++) {
        struct stat st;
        if (part[at] && part[at] != '/') continue;
        part[at] = 0;
        if (!lstat(part, &st) && S_ISLNK(st.st_mode)) {
            char *real = realpath(part, NULL);
            if (!real || strncmp(real, top, n) || real[n] != '/')
                s = cli_fail(err, CRL_ERR_IO, "%s: a link that leads out of %s; remove it, or run setup in there (chroot)", part, root);
            free(real);
        }
        if (at < size) part[at] = '/';
    }
    free(part);
    free(top);
    return s;
}

/* The folders of all files, before a question is asked that is for nothing. */
static crl_status make_folders(const work *w, int n, const char *root, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int i = 0; !s && i < n; i++) {
        char *folder = cli_format("%.*s", (int)(strrchr(w->path[i], '/') - w->path[i]), w->path[i]);
        s = stay_below(root, w->path[i], err);
        if (!s) s = cli_make_folder(folder, err);
        if (!s && access(folder, W_OK)) s = cli_fail(err, CRL_ERR_IO, "%s cannot be written to", folder);
        free(folder);
    }
    return s;
}

static crl_status write_all(const work *w, int n, crl_error *err)
{
    char clock[16];
    snprintf(clock, sizeof clock, "%s\n", w->clock);
    const cli_new_file files[FILES] = { { w->path[RULE], cli_edgetpu_begin, (size_t)(cli_edgetpu_end - cli_edgetpu_begin), NULL, 0 },
                                        { w->path[CLOCK], clock, strlen(clock), NULL, 0 },
                                        { w->path[FIRMWARE], w->firmware, w->firmware_bytes, NULL, 0 } };
    return cli_write_files(files, n, err);
}

static bool run_udevadm(const char *const *arguments)
{
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, arguments[0], NULL, NULL, (char *const *)(uintptr_t)arguments, environ)) return false; /* which are only read */
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* So that the rule is for sticks that are plugged in, too. */
static bool reload_rules(void)
{
    static const char *const reload[] = { "udevadm", "control", "--reload-rules", NULL };
    static const char *const trigger[] = { "udevadm", "trigger", "--subsystem-match=usb", NULL };
    return run_udevadm(reload) && run_udevadm(trigger);
}

/* --- telling --------------------------------------------------------------------------------------------------- */

static void print_json(const work *w, const char *firmware)
{
    json_t *o = json_object();
    json_object_set_new(o, "rule", cli_json_text(w->path[RULE]));
    json_object_set_new(o, "clock", cli_json_text(w->clock));
    json_object_set_new(o, "firmware", cli_json_text(firmware));
    json_object_set_new(o, "reloaded", json_boolean(w->reloaded));
    cli_json_print(o, stdout);
    putchar('\n');
}

static void print_text(const work *w, const char *firmware)
{
    cli_table t;
    cli_table_init(&t, "ll", 0);
    cli_table_row(&t, "rule", w->path[RULE]);
    cli_table_row(&t, "clock", w->clock);
    cli_table_row(&t, "firmware", firmware ? firmware : "none");
    cli_table_print(&t, stdout);
}

static void tell(const work *w, const setup_settings *s, bool whole)
{
    const char *firmware = w->firmware ? w->path[FIRMWARE] : w->firmware_from;
    if (s->common.json)
        print_json(w, firmware);
    else
        print_text(w, firmware);
    if (!firmware) cli_warning("sticks that were just plugged in need firmware, which is nowhere: --firmware FILE installs it (corallite doctor)");
    if (whole && !w->reloaded) cli_note("udevadm did not take the rule: unplug the stick and plug it in again");
}

static int setup(const void *settings)
{
    const setup_settings *s = settings;
    static const char *const places[FILES] = { CLI_RULE_FILE, CRL_CLOCK_FILE, CRL_FIRMWARE_FILE };
    const bool whole = !strcmp(s->root, "/");
    const int n = s->firmware ? FILES : FIRMWARE;
    work w = { .path = { NULL } };
    crl_error err;
    for (int i = 0; i < FILES; i++) w.path[i] = cli_below(s->root, places[i]);
    crl_status status = s->firmware ? crl_firmware_read(&w.firmware, &w.firmware_bytes, NULL, s->firmware, NULL, &err) : CRL_OK;
    if (!status) {
        status = make_folders(&w, n, s->root, &err);
        if (!status) w.clock = clocks[choose_clock(s) - 1].word;
        if (!status) status = write_all(&w, n, &err);
        if (status && geteuid()) cli_within(&err, status, "run it with sudo");
    }
    if (!status) {
        if (!s->firmware) crl_firmware_read(NULL, NULL, &w.firmware_from, NULL, s->root, NULL);
        w.reloaded = whole && reload_rules();
        tell(&w, s, whole);
    }
    release(&w);
    return status ? cli_failed(&err) : CLI_DONE;
}

const cli_verb cli_setup = {
    .name = "setup",
    .summary = "let everybody here use Edge TPUs, choose their clock",
    .operand = "",
    .about = "Writes a udev rule for both names of a stick, " CLI_RULE_FILE
             ": whoever sits at the machine, and members of the group plugdev, may open it. "
             "Asks whether it is to run at its maximum frequency, and keeps the answer in " CRL_CLOCK_FILE
             "; run it again to change that.",
    .json = "{\"rule\", \"clock\", \"firmware\", \"reloaded\"}",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(setup_settings),
    .operands_at = offsetof(setup_settings, none),
    .common_at = offsetof(setup_settings, common),
    .run = setup
};
