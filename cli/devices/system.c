/* SPDX-License-Identifier: Apache-2.0 */
/* See system.h. */
#include "devices/system.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "io/say.h"

char *cli_below(const char *root, const char *path)
{
    size_t n = strlen(root);
    while (n && root[n - 1] == '/') n--;
    return cli_format("%.*s%s", (int)n, root, path);
}

/* --- buses ------------------------------------------------------------------------------------------------------- */

/* The first line of a file of a device in sysfs; false: there is none. */
static bool read_line(char *line, int size, const char *devices, const char *name, const char *what)
{
    char *path = cli_format("%s/%s/%s", devices, name, what);
    FILE *f = cli_open_regular(path);
    free(path);
    const bool got = f && fgets(line, size, f);
    if (f) fclose(f);
    if (got) line[strcspn(line, "\n")] = 0;
    return got;
}

/* 0: there is none that is a number of the kernel's. */
static int read_number(const char *devices, const char *name, const char *what)
{
    char line[32];
    const long number = read_line(line, sizeof line, devices, name, what) ? strtol(line, NULL, 10) : 0;
    return number > -INT_MAX && number < INT_MAX ? (int)number : 0;
}

static bool is_stick(const char *devices, const char *name, bool *boots)
{
    char vendor[16], product[16];
    if (!read_line(vendor, sizeof vendor, devices, name, "idVendor") || !read_line(product, sizeof product, devices, name, "idProduct")) return false;
    *boots = !strcmp(vendor, "1a6e") && !strcmp(product, "089a");
    return *boots || (!strcmp(vendor, "18d1") && !strcmp(product, "9302"));
}

static void describe(cli_stick *s, const char *devices, const char *name, bool boots, const char *root)
{
    char bus[32], path[64];
    const int number = read_number(devices, name, "busnum");
    *s = (cli_stick){ .boots = boots, .megabits = read_number(devices, name, "speed") };
    snprintf(s->place, sizeof s->place, "%.*s", (int)sizeof s->place - 1, name);
    snprintf(bus, sizeof bus, "usb%d", number);
    s->port_megabits = read_number(devices, bus, "speed");
    snprintf(path, sizeof path, "/dev/bus/usb/%03d/%03d", number, read_number(devices, name, "devnum"));
    s->node = cli_below(root, path);
    s->has_node = !access(s->node, F_OK);
    s->is_open_to_us = !access(s->node, R_OK | W_OK);
}

static int by_place(const void *a, const void *b)
{
    return strcmp(((const cli_stick *)a)->place, ((const cli_stick *)b)->place);
}

int cli_sticks_find(cli_stick sticks[CLI_MOST_STICKS], bool *faster, const char *root)
{
    char *devices = cli_below(root, "/sys/bus/usb/devices");
    DIR *d = opendir(devices);
    int n = d ? 0 : -1;
    *faster = false;
    for (const struct dirent *e; d && (e = readdir(d));) {
        bool boots;
        if (!strncmp(e->d_name, "usb", 3) && read_number(devices, e->d_name, "speed") >= 5000) *faster = true;
        if (n < CLI_MOST_STICKS && e->d_name[0] != '.' && is_stick(devices, e->d_name, &boots))
            describe(&sticks[n++], devices, e->d_name, boots, root);
    }
    if (d) closedir(d);
    free(devices);
    if (n > 0) qsort(sticks, (size_t)n, sizeof *sticks, by_place);
    return n;
}

void cli_sticks_free(cli_stick *sticks, int n)
{
    for (int i = 0; i < n; i++) free(sticks[i].node);
}

/* --- PCIe ------------------------------------------------------------------------------------------------------- */

/* What the driver calls it: a folder apex_N below the device's, -1: none. */
static int number_of(const char *devices, const char *address)
{
    char *folder = cli_format("%s/%s/apex", devices, address);
    DIR *d = opendir(folder);
    int number = -1;
    for (const struct dirent *e; d && number < 0 && (e = readdir(d));)
        if (!strncmp(e->d_name, "apex_", 5) && e->d_name[5] && strspn(e->d_name + 5, "0123456789") == strlen(e->d_name + 5) &&
            strlen(e->d_name + 5) < 10)
            number = atoi(e->d_name + 5);
    if (d) closedir(d);
    free(folder);
    return number;
}

static void describe_apex(cli_apex *a, const char *devices, const char *address, const char *root)
{
    char name[32];
    *a = (cli_apex){ .number = number_of(devices, address) };
    snprintf(a->address, sizeof a->address, "%.*s", (int)sizeof a->address - 1, address);
    if (a->number < 0) return;
    char *class = cli_below(root, "/sys/class/apex");
    snprintf(name, sizeof name, "apex_%d", a->number);
    a->millidegrees = read_number(class, name, "temp");
    a->throttled_from = read_number(class, name, "trip_point0_temp");
    free(class);
    char *path = cli_format("/dev/%s", name);
    a->node = cli_below(root, path);
    free(path);
    struct stat st;
    a->has_node = !stat(a->node, &st);
    a->is_device = a->has_node && (S_ISCHR(st.st_mode) || (S_ISREG(st.st_mode) && strcmp(root, "/"))); /* copies of systems have files */
    a->is_open_to_us = !access(a->node, R_OK | W_OK);
}

static int by_address(const void *a, const void *b)
{
    return strcmp(((const cli_apex *)a)->address, ((const cli_apex *)b)->address);
}

int cli_apexes_find(cli_apex found[CLI_MOST_STICKS], const char *root)
{
    char *devices = cli_below(root, "/sys/bus/pci/devices");
    DIR *d = opendir(devices);
    int n = 0;
    for (const struct dirent *e; d && n < CLI_MOST_STICKS && (e = readdir(d));) {
        char vendor[16], product[16];
        if (e->d_name[0] == '.' || !read_line(vendor, sizeof vendor, devices, e->d_name, "vendor") || strcmp(vendor, "0x1ac1")) continue;
        if (!read_line(product, sizeof product, devices, e->d_name, "device") || strcmp(product, "0x089a")) continue;
        describe_apex(&found[n++], devices, e->d_name, root);
    }
    if (d) closedir(d);
    free(devices);
    if (n) qsort(found, (size_t)n, sizeof *found, by_address);
    return n;
}

void cli_apexes_free(cli_apex *found, int n)
{
    for (int i = 0; i < n; i++) free(found[i].node);
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

static bool names_both(const char *folder, const char *name)
{
    enum { MOST = 1 << 16 };
    const size_t n = strlen(name);
    if (n < 6 || strcmp(name + n - 6, ".rules")) return false;
    char *path = cli_format("%s/%s", folder, name), *text = cli_alloc(MOST + 1, 1);
    FILE *f = cli_open_regular(path);
    if (f) {
        text[fread(text, 1, MOST, f)] = 0;
        fclose(f);
    }
    const bool both = strstr(text, "1a6e") && strstr(text, "18d1");
    free(path);
    free(text);
    return both;
}

bool cli_has_rule(const char *root)
{
    static const char *const folders[] = { "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d" };
    bool has = false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !has; i++) {
        char *folder = cli_below(root, folders[i]);
        DIR *d = opendir(folder);
        for (const struct dirent *e; d && !has && (e = readdir(d));) has = names_both(folder, e->d_name);
        if (d) closedir(d);
        free(folder);
    }
    return has;
}

/* --- processes ---------------------------------------------------------------------------------------------------- */

/* Whether a link in a folder of open files leads to the node, as the system or the recording names it. */
static bool leads_to(const char *link, const char *node, const char *root)
{
    char target[512];
    const ssize_t n = readlink(link, target, sizeof target - 1);
    if (n < 0) return false;
    target[n] = 0;
    char *below = cli_below(root, target);
    const bool same = !strcmp(target, node) || !strcmp(below, node);
    free(below);
    return same;
}

static bool holds(const char *process, const char *node, const char *root)
{
    char *folder = cli_format("%s/fd", process);
    DIR *d = opendir(folder);
    bool found = false;
    for (const struct dirent *e; d && !found && (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        char *link = cli_format("%s/%s", folder, e->d_name);
        found = leads_to(link, node, root);
        free(link);
    }
    if (d) closedir(d);
    free(folder);
    return found;
}

char *cli_holders(const char *node, const char *root)
{
    char *all = NULL, *processes = cli_below(root, "/proc"), us[32];
    snprintf(us, sizeof us, "%ld", (long)getpid());
    DIR *d = opendir(processes);
    for (const struct dirent *e; d && (e = readdir(d));) {
        if (strspn(e->d_name, "0123456789") != strlen(e->d_name) || !strcmp(e->d_name, us)) continue;
        char *process = cli_format("%s/%s", processes, e->d_name), name[64] = "?";
        if (holds(process, node, root)) {
            read_line(name, sizeof name, processes, e->d_name, "comm");
            char *more = cli_format("%s%s%s (%s)", all ? all : "", all ? ", " : "", name, e->d_name);
            free(all);
            all = more;
        }
        free(process);
    }
    if (d) closedir(d);
    free(processes);
    return all;
}
