/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and strings as JSON: see json.h. */
#include "io/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/say.h"

/* Every real is printed with DIGITS, and has no more than that: nine tell any two floats apart, and
 * a decimal of nine digits survives the way through a double. */
enum { DIGITS = 9 };

static void *allocate(size_t bytes)
{
    return cli_alloc(bytes, 1);
}

void cli_json_init(void)
{
    json_set_alloc_funcs(allocate, free);
}

json_t *cli_json_float(float v)
{
    char text[32];
    if (!isfinite(v)) return json_null();
    for (int digits = 1; digits <= DIGITS; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
        if (strtof(text, NULL) == v) break;
    }
    return json_real(strtod(text, NULL));
}

json_t *cli_json_real(double v)
{
    char text[32];
    if (!isfinite(v)) return json_null();
    snprintf(text, sizeof text, "%.6g", v);
    return json_real(strtod(text, NULL));
}

json_t *cli_json_text(const char *text)
{
    if (!text) return json_null();
    char *clean = cli_clean(text, CLI_FOR_JSON);
    json_t *string = json_string(clean);
    free(clean);
    return string;
}

json_t *cli_json_floats(const float *v, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(array, cli_json_float(v[i]));
    return array;
}

json_t *cli_json_ints(const int32_t *v, int32_t n)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < n; i++) json_array_append_new(array, json_integer(v[i]));
    return array;
}

json_t *cli_json_shape(const crl_shape *shape)
{
    return cli_json_ints(shape->dim, shape->rank);
}

void cli_json_print(json_t *value, FILE *to)
{
    json_dumpf(value, to, JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS));
    json_decref(value);
}
