/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the golden files of tools/oracle/gen_models.py, which explains their lines. */
#ifndef TESTS_MODELS_GOLDENS_H
#define TESTS_MODELS_GOLDENS_H

#include <stdbool.h>
#include <stddef.h>

enum { GOLDEN_FIELDS = 5 };

/* A line; fields that it has not are "". */
typedef struct golden_line {
    const char *field[GOLDEN_FIELDS]; /* [0]: the kind, "run", "out", ... */
} golden_line;

typedef struct golden_model {
    const char *path, *digest;
    bool refused;
    int cut;                  /* the first so many operators only; 0: all */
    const golden_line *lines; /* [n_lines], what follows the `model` line */
    int n_lines;
} golden_model;

typedef struct goldens {
    golden_model *models;
    int n_models;
    golden_line *lines;
    char *text;
} goldens;

/* false when the file cannot be read. */
bool goldens_read(goldens *g, const char *path);
void goldens_free(goldens *g);

/* "bytes:..." in hex to bytes, malloc'd. */
unsigned char *golden_bytes(const char *digest, size_t *n);

#endif
