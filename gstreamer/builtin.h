/* SPDX-License-Identifier: Apache-2.0 */
/* The models of models/, for who names none; NULL where the tree has them not. */
#ifndef CORALLITE_GST_BUILTIN_H
#define CORALLITE_GST_BUILTIN_H

#include <stddef.h>

typedef struct corallite_builtin {
    const void *model, *end;
} corallite_builtin;
extern const corallite_builtin corallite_detector, corallite_classifier;
extern const corallite_builtin corallite_labels; /* of both */

#endif
