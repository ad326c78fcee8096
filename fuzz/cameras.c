/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a file of cameras: refused with a sentence, or arguments of options, with zones that are read or refused. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "models/areas.h"
#include "watch/file.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

static void try_areas(struct json_t *root)
{
    cli_areas areas;
    char *why = NULL;
    const bool good = cli_areas_read(&areas, root, &why);
    insist(good == !why);
    free(why);
    cli_areas_release(&areas);
}

static void try_camera(const cli_watch_entry *c)
{
    insist(c->name[0] && strlen(c->name) <= CLI_WATCH_NAME && c->line >= 1 && c->common <= c->n);
    for (int i = 0; i < c->n; i++) insist(!strncmp(c->arguments[i], "--", 2) && c->arguments[i][2]);
    if (!c->areas) return;
    char *text = cli_watch_areas_text(c);
    insist(text != NULL);
    free(text);
    try_areas(c->areas);
}

int fuzz_cameras(const uint8_t *bytes, size_t size)
{
    cli_watch_file f;
    char *why = NULL;
    const bool good = cli_watch_file_read(&f, (const char *)bytes, size, &why);
    insist(good ? !why && f.n > 0 && f.n <= CLI_WATCH_CAMERAS : why && why[0]);
    for (int i = 0; i < f.n && good; i++) try_camera(&f.cameras[i]);
    free(why);
    cli_watch_file_release(&f);
    return 0;
}
