/* SPDX-License-Identifier: Apache-2.0 */
/* See kernel_log.h. Sentences are those of Linux: drivers/usb/core/{hub,devio,message}.c, drivers/usb/host/xhci-ring.c. */
#include "devices/kernel_log.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

enum { MOST_RESETS = 20 }; /* each opening of a stick makes one */

static const struct {
    cli_symptom symptom;
    const char *words; /* all of a line's that stand between the stars, in this order */
} sentences[] = {
    { CLI_LOG_LPM, "LPM exit latency" },
    { CLI_LOG_LPM, "isable of device-initiated U" },
    { CLI_LOG_LPM, "nable of device-initiated U" },
    { CLI_LOG_LPM, "Set SEL for device-initiated U" },
    { CLI_LOG_LPM, "Failed to set U1 timeout" },
    { CLI_LOG_LPM, "Failed to set U2 timeout" },
    { CLI_LOG_LPM, "isable LPM" },
    { CLI_LOG_LOADER, "USBDEVFS_CONTROL failed*rqt 161 rq 3 len 6" },
    { CLI_LOG_LOADER, "USBDEVFS_CONTROL failed*rqt 33 rq 1 " },
    { CLI_LOG_ENUMERATION, "device descriptor read/" },
    { CLI_LOG_ENUMERATION, "not accepting address" },
    { CLI_LOG_ENUMERATION, "unable to enumerate USB device" },
    { CLI_LOG_ENUMERATION, "Cannot enable. Maybe the USB cable is bad" },
    { CLI_LOG_POWER, "over-current" },
    { CLI_LOG_POWER, "ndervoltage detected" },
    { CLI_LOG_POWER, "nder-voltage detected" },
    { CLI_LOG_POWER, "rejected 1 configuration due to insufficient available bus power" },
    { CLI_LOG_CONTROLLER, "HC died" },
    { CLI_LOG_CONTROLLER, "host controller not responding, assume dead" },
    { CLI_LOG_CONTROLLER, "host not responding to stop endpoint command" },
    { CLI_LOG_UNCLAIMED, "did not claim interface 0 before use" },
    { CLI_LOG_RESETS, ": reset *USB device" },
};

/* memmem, which POSIX has not. */
static const char *find(const char *text, const char *end, const char *word, size_t n)
{
    for (; (size_t)(end - text) >= n; text++)
        if (!memcmp(text, word, n)) return text;
    return NULL;
}

static bool says(const char *line, const char *end, const char *words)
{
    for (;;) {
        const size_t n = strcspn(words, "*");
        const char *at = find(line, end, words, n);
        if (!at) return false;
        if (!words[n]) return true;
        line = at + n;
        words += n + 1;
    }
}

/* "usb 2-1.4: ..." is of one device; what names none, or a hub's port ("usb 2-1-port4"), is of any. */
static bool is_of(const char *line, const char *end, const char *const *places, int n)
{
    const char *at = find(line, end, "usb ", 4);
    if (!at || !n) return true;
    at += 4;
    const char *stop = at;
    while (stop < end && strchr("0123456789-.", *stop)) stop++;
    if (stop == at || stop == end || *stop != ':' || stop[-1] == '-') return true;
    for (int i = 0; i < n; i++)
        if (strlen(places[i]) == (size_t)(stop - at) && !memcmp(places[i], at, (size_t)(stop - at))) return true;
    return false;
}

void cli_log_read(cli_log_finding found[CLI_SYMPTOMS], const char *text, size_t n, const char *const *places, int n_places)
{
    const char *const end = text + n;
    memset(found, 0, CLI_SYMPTOMS * sizeof *found);
    while (text < end) {
        const char *line = text, *stop = memchr(text, '\n', (size_t)(end - text));
        if (!stop) stop = end;
        text = stop < end ? stop + 1 : end;
        for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
            if (!says(line, stop, sentences[i].words) || !is_of(line, stop, places, n_places)) continue;
            cli_log_finding *f = &found[sentences[i].symptom];
            if (!f->lines++) snprintf(f->first, sizeof f->first, "%.*s", (int)(stop - line < 159 ? stop - line : 159), line);
            break;
        }
    }
    if (found[CLI_LOG_RESETS].lines <= MOST_RESETS) found[CLI_LOG_RESETS].lines = 0;
}

char *cli_kernel_log(size_t *n)
{
    enum { READ_ALL = 3, SIZE = 10 };
    const int size = klogctl(SIZE, NULL, 0);
    char *text = size > 0 ? malloc((size_t)size) : NULL;
    const int got = text ? klogctl(READ_ALL, text, size) : -1;
    if (got < 0) {
        free(text);
        return NULL;
    }
    *n = (size_t)got;
    return text;
}
