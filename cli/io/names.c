/* SPDX-License-Identifier: Apache-2.0 */
/* See names.h. */
#include "io/names.h"

#include <stdlib.h>
#include <string.h>

#include "io/say.h"

struct cli_name {
    const char *text;
    int32_t at;
};

static int by_name(const void *a, const void *b)
{
    const struct cli_name *x = a, *y = b;
    const int order = strcmp(x->text, y->text);
    return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

void cli_names_init(cli_names *out, const char *const *names, int32_t n)
{
    *out = (cli_names){ cli_alloc((size_t)n + 1, sizeof *out->sorted), 0 };
    for (int32_t i = 0; i < n; i++)
        if (names[i]) out->sorted[out->n++] = (struct cli_name){ names[i], i };
    qsort(out->sorted, (size_t)out->n, sizeof *out->sorted, by_name);
}

void cli_names_release(cli_names *names)
{
    free(names->sorted);
    *names = (cli_names){ 0 };
}

int32_t cli_names_find(const cli_names *names, const char *name)
{
    int32_t low = 0, high = names->n;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (strcmp(names->sorted[middle].text, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < names->n && !strcmp(names->sorted[low].text, name) ? names->sorted[low].at : -1;
}
