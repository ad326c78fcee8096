/* SPDX-License-Identifier: Apache-2.0 */
/* Golden files: text, parted in place. */
#include "goldens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    size_t cap = 1 << 16, n = 0, got;
    char *text = malloc(cap + 1);
    while (text && (got = fread(text + n, 1, cap - n, f)) > 0) {
        n += got;
        if (n < cap) continue;
        char *bigger = realloc(text, 2 * cap + 1);
        if (!bigger) free(text);
        text = bigger;
        cap *= 2;
    }
    fclose(f);
    if (text) text[n] = 0;
    return text;
}

static golden_line part(char *line)
{
    golden_line l = { { "", "", "", "", "" } };
    for (int i = 0; i < GOLDEN_FIELDS && line; i++) {
        l.field[i] = line;
        line = strchr(line, '\t');
        if (line) *line++ = 0;
    }
    return l;
}

bool goldens_read(goldens *g, const char *path)
{
    *g = (goldens){ .text = read_text(path) };
    if (!g->text) return false;
    int n = 1;
    for (const char *p = g->text; *p; p++) n += *p == '\n';
    g->lines = calloc((size_t)n, sizeof *g->lines);
    g->models = calloc((size_t)n, sizeof *g->models);
    if (!g->lines || !g->models) {
        goldens_free(g);
        return false;
    }
    n = 0;
    for (char *line = g->text, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (*line == '#' || !*line) continue;
        const golden_line l = part(line);
        const bool refused = !strcmp(l.field[0], "refused");
        if (refused || !strcmp(l.field[0], "model")) {
            g->models[g->n_models++] = (golden_model){ .path = l.field[1], .digest = l.field[2], .refused = refused,
                                                       .lines = g->lines + n };
            continue;
        }
        if (!g->n_models) continue;
        golden_model *m = &g->models[g->n_models - 1];
        if (!strcmp(l.field[0], "cut")) m->cut = atoi(l.field[1]);
        g->lines[n++] = l;
        m->n_lines++;
    }
    return true;
}

void goldens_free(goldens *g)
{
    free(g->models);
    free(g->lines);
    free(g->text);
    *g = (goldens){ 0 };
}

unsigned char *golden_bytes(const char *digest, size_t *n)
{
    const char *hex = digest + strlen("bytes:");
    *n = strlen(hex) / 2;
    unsigned char *bytes = malloc(*n + 1);
    for (size_t i = 0; bytes && i < *n; i++) {
        unsigned b = 0;
        sscanf(hex + 2 * i, "%2x", &b);
        bytes[i] = (unsigned char)b;
    }
    return bytes;
}
