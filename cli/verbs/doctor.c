/* SPDX-License-Identifier: Apache-2.0 */
/* corallite doctor: what keeps a stick from working, and what to do. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <corallite/device.h>

#include "cmd.h"
#include "devices/kernel_log.h"
#include "devices/system.h"
#include "io/file.h"
#include "io/json.h"
#include "io/say.h"

typedef struct doctor_settings {
    cli_common_settings common;
    cli_list none;
    const char *root, *log;
} doctor_settings;

static const cli_option doctor_options[] = {
    { "root", 0, CLI_FOLDER, offsetof(doctor_settings, root), "FOLDER", "look at the system that is in FOLDER, such as a copy of another one's files",
      .preset = "/" },
    { "log", 0, CLI_FILE, offsetof(doctor_settings, log), "FILE", "the kernel's log, as dmesg prints it",
      .without = "the kernel's own; with --root its /var/log/kern.log" },
    { 0 },
};
static const cli_group doctor_group = { "What is looked at", doctor_options };
static const cli_part parts[] = { { &doctor_group, 0 }, { &cli_common_group, offsetof(doctor_settings, common) }, { 0 } };

static const char *const examples[] = {
    "sudo corallite doctor",
    "also at the kernel's log and other users' programs",
    "corallite doctor --log dmesg.txt",
    "with a log that somebody sent",
    NULL,
};

/* --- findings ----------------------------------------------------------------------------------------------------- */

typedef enum level { FINE, UNKNOWN, SLOW, WRONG } level; /* SLOW: it works, but not as it could */

typedef struct finding {
    level level;
    const char *check;
    char *place; /* of the stick, NULL: of the system */
    char *text;
    const char *cure; /* NULL: none is needed */
} finding;

typedef struct report {
    finding *findings;
    int n;
} report;

__attribute__((format(printf, 6, 7))) static void add(report *r, level l, const char *check, const char *place,
                                                      const char *cure, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    r->findings = cli_grow(r->findings, (size_t)r->n + 1, sizeof *r->findings);
    r->findings[r->n++] = (finding){ l, check, place ? cli_format("%s", place) : NULL, cli_format("%s", text), cure };
}

static void release(report *r)
{
    for (int i = 0; i < r->n; i++) {
        free(r->findings[i].place);
        free(r->findings[i].text);
    }
    free(r->findings);
}

static level worst(const report *r)
{
    level l = FINE;
    for (int i = 0; i < r->n; i++)
        if (r->findings[i].level > l) l = r->findings[i].level;
    return l;
}

/* --- each stick --------------------------------------------------------------------------------------------------- */

static void check_link(report *r, const cli_stick *s, bool faster)
{
    if (s->megabits >= 5000)
        add(r, FINE, "link", s->place, NULL, "USB 3, %d Mbit/s", s->megabits);
    else if (s->megabits && s->megabits < 480)
        add(r, WRONG, "link", s->place, "another cable, and a port of the machine itself", "USB 1, %d Mbit/s: too slow to work", s->megabits);
    else if (s->megabits && !faster)
        add(r, FINE, "link", s->place, NULL, "USB 2, which is all that this machine has: about ten times slower than USB 3 at sending");
    else if (s->megabits)
        add(r, SLOW, "link", s->place, "a blue port, the cable that came with the stick, and no hub or extension between them",
            "USB 2 in a machine that has USB 3: the port or the cable is of USB 2, and sending takes about ten times as long");
    else
        add(r, UNKNOWN, "link", s->place, NULL, "the system does not say how fast it is");
}

static void check_access(report *r, const cli_stick *s)
{
    if (!s->has_node)
        add(r, WRONG, "access", s->place,
            "give the container the whole bus, for the stick gets a new number when it starts: docker run -v /dev/bus/usb:/dev/bus/usb "
            "--device-cgroup-rule='c 189:* rmw'; in Compose the same as volumes and device_cgroup_rules",
            "%s is not there, though the kernel has the stick: this is a container without the bus", s->node);
    else if (!s->is_open_to_us)
        add(r, WRONG, "access", s->place,
            "sudo corallite setup, then unplug the stick and plug it in again; over SSH also: sudo adduser $USER "
            "plugdev, and log in anew",
            "you may not open %s", s->node);
    else
        add(r, FINE, "access", s->place, NULL, "%s can be opened", s->node);
}

static void check_identity(report *r, const cli_stick *s)
{
    if (s->boots)
        add(r, FINE, "identity", s->place, NULL,
            "1a6e:089a, as it is plugged in: it gets its firmware, and becomes 18d1:9302, when it is used first; lsusb "
            "shows the "
            "one or the other, and virtual machines have to pass on both");
    else
        add(r, FINE, "identity", s->place, NULL, "18d1:9302, with firmware");
}

static void check_holders(report *r, const char *place, const char *node, const char *root)
{
    char *who = cli_holders(node, root);
    if (who)
        add(r, WRONG, "holder", place, "stop it where the stick is wanted here: a stick serves one program at a time", "it is used by %s", who);
    else if (geteuid())
        add(r, UNKNOWN, "holder", place, "sudo corallite doctor sees the programs of all users", "no program of yours uses it");
    else
        add(r, FINE, "holder", place, NULL, "no other program uses it");
    free(who);
}

/* --- each one on PCIe --------------------------------------------------------------------------------------------- */

static void check_driver(report *r, const cli_apex *a)
{
    if (a->number < 0)
        add(r, WRONG, "driver", a->address,
            "install it, gasket-dkms of google/gasket-driver, and sudo modprobe apex; where it is and does not load: dmesg, and a kernel with pages of 4096 "
            "bytes",
            "1ac1:089a is there, and no driver has it");
    else
        add(r, FINE, "driver", a->address, NULL, "apex, as apex_%d", a->number);
}

static void check_apex_access(report *r, const cli_apex *a)
{
    if (!a->has_node)
        add(r, WRONG, "access", a->address, "give it to the container: docker run --device /dev/apex_0; in Compose the same below devices",
            "%s is not there, though the kernel has it: this is a container without it", a->node);
    else if (!a->is_device)
        add(r, WRONG, "access", a->address, "remove it; a container is given the device by docker run --device, in Compose below devices, not as a volume",
            "%s is not a device", a->node);
    else if (!a->is_open_to_us)
        add(r, WRONG, "access", a->address, "sudo adduser $USER apex, the group that the rule of gasket-dkms gives it to, and log in anew",
            "you may not open %s", a->node);
    else
        add(r, FINE, "access", a->address, NULL, "%s can be opened", a->node);
}

/* Without limits of its own the driver has 85 degrees. */
static void check_heat(report *r, const cli_apex *a)
{
    const int limit = a->throttled_from ? a->throttled_from : 85000;
    if (!a->millidegrees)
        add(r, UNKNOWN, "heat", a->address, NULL, "the driver does not say how warm it is");
    else if (a->millidegrees >= limit)
        add(r, SLOW, "heat", a->address, "a fan, a heat sink, or sudo corallite setup --clock low", "%d C, and from %d C on the driver slows it down",
            a->millidegrees / 1000, limit / 1000);
    else
        add(r, FINE, "heat", a->address, NULL, "%d C; from %d C on it is slowed down", a->millidegrees / 1000, limit / 1000);
}

static void check_apex(report *r, const cli_apex *a, const char *root)
{
    check_driver(r, a);
    if (a->number < 0) return;
    check_apex_access(r, a);
    check_heat(r, a);
    if (a->has_node) check_holders(r, a->address, a->node, root);
}

/* --- the system ---------------------------------------------------------------------------------------------------- */

static void check_rule(report *r, const char *root)
{
    if (cli_has_rule(root))
        add(r, FINE, "rule", NULL, NULL, "udev has a rule for both names of a stick");
    else
        add(r, SLOW, "rule", NULL, "sudo corallite setup", "udev has no rule for both names of a stick: only root may open it");
}

static void check_firmware(report *r, const char *root, bool needed)
{
    char *from;
    if (!crl_firmware_read(NULL, NULL, &from, NULL, root, NULL))
        add(r, FINE, "firmware", NULL, NULL, "in %s", from);
    else
        add(r, needed ? WRONG : SLOW, "firmware", NULL,
            "sudo corallite setup --firmware FILE, where FILE is a libedgetpu.so.1, or " CLI_FIRMWARE_NAME " of google-coral/libedgetpu, folder driver/usb",
            "none is here, and a stick that was plugged in needs it");
    free(from);
}

static void check_clock(report *r, const char *root)
{
    char *path = cli_below(root, CRL_CLOCK_FILE);
    uint8_t *bytes;
    size_t n;
    crl_error err;
    if (cli_read_whole(path, 64, &bytes, &n, &err)) {
        add(r, FINE, "clock", NULL, NULL, "high, 250 MHz, as none is chosen");
    } else {
        char word[65];
        snprintf(word, sizeof word, "%.*s", (int)n, (const char *)bytes);
        word[strcspn(word, " \t\r\n")] = 0;
        if (!strcmp(word, "max"))
            add(r, FINE, "clock", NULL, NULL, "max, 500 MHz: a stick gets hot, and is made for places of at most 25 C then");
        else if (!strcmp(word, "high") || !strcmp(word, "medium") || !strcmp(word, "low"))
            add(r, FINE, "clock", NULL, NULL, "%s", word);
        else
            add(r, WRONG, "clock", NULL, "sudo corallite setup", "%s has \"%s\"; max, high, medium and low are known", path, word);
        free(bytes);
    }
    free(path);
}

static const struct {
    level level;
    const char *what, *cure;
    bool any; /* also where no stick is there: it may be the one that is meant */
} symptoms[] = {
    [CLI_LOG_LPM] = { WRONG, "the link does not come back from saving power",
                      "keep it from that: usbcore.quirks=1a6e:089a:k,18d1:9302:k among the kernel's parameters "
                      "(GRUB_CMDLINE_LINUX, cmdline.txt)" },
    [CLI_LOG_LOADER] = { WRONG,
                         "the loader in the stick does not answer while it gets its firmware, as after an update of "
                         "the host",
                         "unplug the stick for ten seconds and try a port of the machine itself; then a host with "
                         "other firmware or kernel: update "
                         "them (on a Raspberry Pi 4 rpi-eeprom-update), or go back to the ones before",
                         true },
    [CLI_LOG_ENUMERATION] = { WRONG, "something that is plugged in does not say what it is",
                              "another cable and port, or a hub with power of its own", true },
    [CLI_LOG_POWER] = { WRONG, "there is too little power",
                        "a stronger power supply, or a hub with power of its own: a stick takes up to 900 mA", true },
    [CLI_LOG_CONTROLLER] = { WRONG, "the machine's USB controller stopped",
                             "start the machine anew, and update its firmware and kernel", true },
    [CLI_LOG_UNCLAIMED] = { WRONG, "two programs talk to the stick at once",
                            "stop one of them: a stick serves one program at a time" },
    [CLI_LOG_RESETS] = { SLOW, "the stick is reset again and again",
                         "another cable and port, or a hub with power of its own" },
};

static char *read_log(const doctor_settings *s, size_t *n, crl_error *err)
{
    enum { MOST = 64 << 20 };
    uint8_t *bytes = NULL;
    char *path = s->log ? cli_format("%s", s->log) : cli_below(s->root, "/var/log/kern.log");
    if (s->log) /* a pipe, too */
        cli_read_file(path, MOST, &bytes, n, err); /* NULL where it fails */
    else if (strcmp(s->root, "/"))
        cli_read_whole(path, MOST, &bytes, n, err);
    else if (!(bytes = (uint8_t *)cli_kernel_log(n)))
        cli_fail(err, CRL_ERR_IO, "the kernel's log may not be read");
    free(path);
    return (char *)bytes;
}

static void check_log(report *r, const doctor_settings *s, const cli_stick *sticks, int n)
{
    cli_log_finding found[CLI_SYMPTOMS];
    const char *places[CLI_MOST_STICKS];
    size_t size;
    crl_error err;
    char *text = read_log(s, &size, &err);
    if (!text) {
        add(r, UNKNOWN, "log", NULL, "sudo corallite doctor, or sudo dmesg > FILE and --log FILE", "%s", err.text);
        return;
    }
    for (int i = 0; i < n; i++) places[i] = sticks[i].place;
    cli_log_read(found, text, size, places, n);
    free(text);
    const int before = r->n;
    for (int i = 0; i < CLI_SYMPTOMS; i++)
        if (found[i].lines && (n || symptoms[i].any))
            add(r, symptoms[i].level, "log", NULL, symptoms[i].cure, "%s (%d %s: \"%s\")", symptoms[i].what, found[i].lines,
                found[i].lines == 1 ? "line" : "lines, first", found[i].first);
    if (r->n == before) add(r, FINE, "log", NULL, NULL, "the kernel's log says nothing against a stick");
}

static void check_library(report *r)
{
    crl_device one;
    crl_error err;
    int32_t n;
    if (crl_devices_list(&one, 1, &n, &err))
        add(r, WRONG, "library", NULL, "sudo apt install libusb-1.0-0", "%s", err.text);
    else
        add(r, FINE, "library", NULL, NULL, "libusb-1.0 is here");
}

static void check_bus(report *r, int n, int n_pcie)
{
    if (n_pcie)
        add(r, FINE, "bus", NULL, NULL, "%d Edge TPU%s on PCIe, %d on the USB", n_pcie, n_pcie == 1 ? "" : "s", n < 0 ? 0 : n);
    else if (n < 0)
        add(r, WRONG, "bus", NULL,
            "a container, or a virtual machine, has to be given the bus: docker run --privileged, or -v "
            "/dev/bus/usb:/dev/bus/usb",
            "there is no USB in this system");
    else if (!n)
        add(r, WRONG, "bus", NULL,
            "plug one in, directly or into a hub with power of its own; if it is: another cable, another port; a virtual machine has to be given 1a6e:089a and 18d1:9302",
            "no Edge TPU is on the USB or PCIe");
    else
        add(r, FINE, "bus", NULL, NULL, "%d Edge TPU%s on the USB", n, n == 1 ? "" : "s");
}

/* What matters to sticks alone. */
static void check_sticks(report *r, const doctor_settings *s, const cli_stick *sticks, int n, bool faster)
{
    bool needs_firmware = false;
    for (int i = 0; i < n; i++) {
        check_identity(r, &sticks[i]);
        check_link(r, &sticks[i], faster);
        check_access(r, &sticks[i]);
        if (sticks[i].has_node) check_holders(r, sticks[i].place, sticks[i].node, s->root);
        needs_firmware = needs_firmware || sticks[i].boots;
    }
    check_rule(r, s->root);
    check_firmware(r, s->root, needs_firmware);
}

/* Returns how many there are. */
static int examine(report *r, const doctor_settings *s)
{
    cli_stick sticks[CLI_MOST_STICKS];
    cli_apex apexes[CLI_MOST_STICKS];
    bool faster;
    const int found = cli_sticks_find(sticks, &faster, s->root), n = found < 0 ? 0 : found, n_pcie = cli_apexes_find(apexes, s->root);
    const bool on_usb = n || !n_pcie;
    if (!strcmp(s->root, "/") && on_usb) check_library(r);
    check_bus(r, found, n_pcie);
    for (int i = 0; i < n_pcie; i++) check_apex(r, &apexes[i], s->root);
    if (on_usb) check_sticks(r, s, sticks, n, faster);
    check_clock(r, s->root);
    check_log(r, s, sticks, n);
    cli_sticks_free(sticks, n);
    cli_apexes_free(apexes, n_pcie);
    return n + n_pcie;
}

/* --- telling --------------------------------------------------------------------------------------------------------- */

static const char *const marks[] = { [FINE] = "ok", [UNKNOWN] = "?", [SLOW] = "warning", [WRONG] = "PROBLEM" };

static void print_json(const report *r)
{
    static const char *const words[] = { [FINE] = "ok", [UNKNOWN] = "unknown", [SLOW] = "warning", [WRONG] = "problem" };
    json_t *all = json_array();
    for (int i = 0; i < r->n; i++) {
        const finding *f = &r->findings[i];
        json_t *o = json_object();
        json_object_set_new(o, "check", cli_json_text(f->check));
        json_object_set_new(o, "place", cli_json_text(f->place));
        json_object_set_new(o, "state", cli_json_text(words[f->level]));
        json_object_set_new(o, "text", cli_json_text(f->text));
        json_object_set_new(o, "cure", cli_json_text(f->cure));
        json_array_append_new(all, o);
    }
    cli_json_print(all, stdout);
    putchar('\n');
}

static void print_text(const report *r)
{
    for (int i = 0; i < r->n; i++) {
        const finding *f = &r->findings[i];
        char *text = cli_clean(f->text, CLI_FOR_TERMINAL), *place = cli_clean(f->place ? f->place : "", CLI_FOR_TERMINAL);
        printf("%-8s %-9s %s%s%s\n", marks[f->level], f->check, place, f->place ? ": " : "", text);
        if (f->cure && f->level != FINE) printf("%18s cure: %s\n", "", f->cure);
        free(text);
        free(place);
    }
}

static int doctor(const void *settings)
{
    const doctor_settings *s = settings;
    report r = { NULL, 0 };
    const int n = examine(&r, s);
    if (s->common.json)
        print_json(&r);
    else
        print_text(&r);
    const level l = worst(&r);
    release(&r);
    return !n ? CLI_DEVICE : l == WRONG ? CLI_FAILED : CLI_DONE;
}

const cli_verb cli_doctor = { .name = "doctor",
                              .summary = "tell what keeps an Edge TPU from working, and the cure",
                              .operand = "",
                              .about = "Looks at the buses, the link, the driver of one on PCIe, permissions, the firmware, programs that use a "
                                       "stick, and the kernel's log, and touches nothing. Each line is "
                                       "ok, ? (it cannot be known), warning (it works, but not as it could) or "
                                       "PROBLEM, with what to do about it. Exit code 1 where there "
                                       "is a problem, 3 where there is no stick.",
                              .json = "[{\"check\", \"place\", \"state\", \"text\", \"cure\"}]",
                              .parts = parts,
                              .examples = examples,
                              .settings_bytes = sizeof(doctor_settings),
                              .operands_at = offsetof(doctor_settings, none),
                              .common_at = offsetof(doctor_settings, common),
                              .run = doctor };
