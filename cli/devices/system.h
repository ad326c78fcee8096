/* SPDX-License-Identifier: Apache-2.0 */
/* What a system says about Edge TPUs: its buses, its log, its processes. All is looked for below a folder, "/" or a recording of another system. */
#ifndef CLI_DEVICES_SYSTEM_H
#define CLI_DEVICES_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For whoever sits at the machine, and members of plugdev. Tags of seats are read by the rule files from 73 on. */
#define CLI_RULE_FILE "/etc/udev/rules.d/70-corallite.rules"
extern const char cli_edgetpu_begin[], cli_edgetpu_end[]; /* edgetpu.rules, which the Debian package installs too */

#define CLI_FIRMWARE_NAME "apex_latest_single_ep.bin"

/* "/dir/etc/x"; for free(). */
char *cli_below(const char *root, const char *path);

enum { CLI_MOST_STICKS = 64 }; /* as many as the library lists */

typedef struct cli_stick {
    char place[48];      /* "2-1.4" */
    bool boots;          /* it has no firmware yet */
    int megabits;        /* of its link, 0: not known */
    int port_megabits;   /* what the bus that it is on can do, 0: not known */
    char *node;          /* its file in /dev, below the root */
    bool has_node;
    bool is_open_to_us;
} cli_stick;

/* The sticks by sysfs, in the order of their places; `*faster` is true where a bus of the system does 5 Gbit/s. -1: there is no such bus
 * at all. Release by cli_sticks_free(). */
int cli_sticks_find(cli_stick sticks[CLI_MOST_STICKS], bool *faster, const char *root);
void cli_sticks_free(cli_stick *sticks, int n);

/* One on PCIe. */
typedef struct cli_apex {
    char address[32]; /* of PCI: "0000:01:00.0" */
    int number;       /* of /dev/apex_N, -1: no driver has it */
    int millidegrees, throttled_from; /* Celsius, 0: not known */
    char *node;       /* below the root, NULL: none */
    bool has_node, is_device, is_open_to_us;
} cli_apex;

/* Those on PCIe by sysfs, in the order of their addresses. Release by cli_apexes_free(). */
int cli_apexes_find(cli_apex found[CLI_MOST_STICKS], const char *root);
void cli_apexes_free(cli_apex *found, int n);

/* Whether a rule file of udev names both identities. */
bool cli_has_rule(const char *root);

/* Programs other than this that have a device's file open, "frigate (1234), python3 (99)"; for free(), NULL: none that can be seen. */
char *cli_holders(const char *node, const char *root);

#endif
