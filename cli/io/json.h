/* SPDX-License-Identifier: Apache-2.0 */
/* What jansson does not decide: how our numbers and strings become JSON. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdio.h>

#include <jansson.h>

#include <corallite/tensor.h>

/* Once, before all else here: without memory for a value the program ends, rather than leave it out. */
void cli_json_init(void);

/* A float in the fewest digits that read back as the same float; null when it is not finite. */
json_t *cli_json_float(float v);
/* A measured quantity, to 6 digits; null when it is not finite. */
json_t *cli_json_real(double v);
/* A string made valid UTF-8; null for NULL. */
json_t *cli_json_text(const char *text);
json_t *cli_json_shape(const crl_shape *shape);
json_t *cli_json_floats(const float *v, size_t n);
json_t *cli_json_ints(const int32_t *v, int32_t n);

/* Prints on one line, keys as they were set, without a newline, and releases the value. */
void cli_json_print(json_t *value, FILE *to);

#endif
