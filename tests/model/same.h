/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two open models mean the same. */
#ifndef TESTS_MODEL_SAME_H
#define TESTS_MODEL_SAME_H

#include <corallite/model.h>

/* NULL, or what differs. Where bytes lie in their files is no difference. */
const char *differing_part(const crl_model *a, const crl_model *b);

#endif
