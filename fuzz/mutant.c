/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: a model of the packed cases with something wrong in it, on both backends. Two bytes choose the model, the others
 * what is done to it (tests/ops/mutate.h). */
#include "both.h"
#include "fuzz.h"
#include "mutate.h"
#include "packed.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MODELS = 2048 };

/* For the life of the process: models borrow from the files. */
static uint8_t *files[MAX_FILES];
static crl_model *models[MAX_MODELS];
static size_t n_models;

/* The first case of each kind. */
static void open_file(const char *path, uint8_t **file)
{
    reader r;
    packed_case c;
    char kind[80] = "";
    *file = packed_read(path, &r);
    if (!*file) return;
    while (r.left && n_models < MAX_MODELS && packed_next(&r, &c)) {
        char *number = strrchr(c.name, ' ');
        if (!number || !c.model.bytes) continue;
        *number = 0;
        if (!strcmp(kind, c.name)) continue;
        memcpy(kind, c.name, sizeof kind);
        if (!crl_model_open(&models[n_models], c.model.data, c.model.bytes, NULL)) n_models++;
    }
}

static void open_models(void)
{
    char *path[MAX_FILES];
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    for (size_t i = 0; i < n; i++) {
        open_file(path[i], &files[i]);
        free(path[i]);
    }
}

int fuzz_mutant(const uint8_t *bytes, size_t size)
{
    mutant m;
    if (!n_models) open_models();
    if (size < 2 || !n_models) return 0;
    if (mutant_make(&m, models[(bytes[0] << 8 | bytes[1]) % n_models], &(choices){ bytes + 2, size - 2 }))
        both_backends(&m.model, is_large(bytes, size));
    mutant_free(&m);
    return 0;
}
