/* SPDX-License-Identifier: Apache-2.0 */
/* A model that takes a picture [1,height,width,3] of uint8 and gives constants: what it finds is known. */
#ifndef TESTS_SESSION_CONSTANTS_H
#define TESTS_SESSION_CONSTANTS_H

#include <corallite/tensor.h>

#include "build.h"

typedef struct made_output {
    crl_type type;
    crl_shape shape;
    const void *data; /* NULL, of the first: where the input is not 0, whose number is known after a run */
    float scale;      /* 0: not quantised */
    float least;      /* of the first: what the metadata have for the least score; 0: there are no metadata */
} made_output;

enum { MADE_OUTPUTS = 8 }; /* at most */

void made_constants(build *b, int32_t height, int32_t width, const made_output *outputs, int n);

#endif
