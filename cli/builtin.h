/* SPDX-License-Identifier: Apache-2.0 */
/* Models linked into the program, so that the first command works with no file at hand. */
#ifndef CLI_BUILTIN_H
#define CLI_BUILTIN_H

#include <stddef.h>

typedef struct cli_builtin {
    const char *name;
    const void *model, *model_end;   /* a .tflite file; both NULL where the tree has none */
    const char *labels, *labels_end; /* a labels file */
} cli_builtin;

extern const cli_builtin cli_signs_classifier, cli_signs_detector;

#endif
