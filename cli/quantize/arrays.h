/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays in the place of pictures, for models of anything else: a folder of NumPy's .npy files.
 *
 * Of a model with one input each file is a sample, shaped as the input, or N of them, one after the other along a first dimension that is
 * 1 in the model. Of a model with several, the file of input i is i.npy or NAME.npy, and all have as many samples. */
#ifndef CLI_QUANTIZE_ARRAYS_H
#define CLI_QUANTIZE_ARRAYS_H

#include <corallite/engine.h>

#include "io/npy.h"

typedef struct cli_arrays {
    char **paths;
    cli_npy_file *files;
    int n;         /* files */
    bool by_input; /* file i is input i's; else all are the only one's */
} cli_arrays;

/* One of the samples: of a file, or of all of them. */
typedef struct cli_sample {
    char *path; /* the picture, or the file */
    int file;
    size_t row;
} cli_sample;

/* Whether there are .npy files in the folder, and no pictures. */
bool cli_arrays_are_in(const char *folder);
/* Reads them for the inputs of an engine; `*n` samples get to `*samples`, for free(), each path, too. Returns an exit code; release in either case. */
int cli_arrays_load(cli_arrays *a, const char *folder, crl_engine *engine, cli_sample **samples, int *n);
/* Writes a sample to the inputs; 8-bit ones get the nearest value. */
void cli_arrays_fill(const cli_arrays *a, const cli_sample *sample, crl_engine *engine);
void cli_arrays_release(cli_arrays *a);

#endif
