/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a kernel's log: symptoms are counted, at most one for each line. */
#include <stdlib.h>
#include <string.h>

#include "devices/kernel_log.h"
#include "fuzz.h"

int fuzz_log(const uint8_t *bytes, size_t size)
{
    static const char *const places[] = { "2-1.4", "1-1" };
    cli_log_finding all[CLI_SYMPTOMS], some[CLI_SYMPTOMS];
    int lines = 1, found = 0;
    for (size_t i = 0; i < size; i++) lines += bytes[i] == '\n';
    cli_log_read(all, (const char *)bytes, size, NULL, 0);
    cli_log_read(some, (const char *)bytes, size, places, 2);
    for (int i = 0; i < CLI_SYMPTOMS; i++) {
        found += all[i].lines;
        if (some[i].lines > all[i].lines || !memchr(all[i].first, 0, sizeof all[i].first)) abort();
    }
    if (found > lines) abort();
    return 0;
}
