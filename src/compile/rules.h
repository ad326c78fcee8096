/* SPDX-License-Identifier: Apache-2.0 */
/* What the Edge TPU's compiler takes: one operator at a time, without its neighbours. */
#ifndef CRL_COMPILE_RULES_H
#define CRL_COMPILE_RULES_H

#include <corallite/check.h>

enum { CRL_RULE_TEXT = 384, CRL_RULE_VALUE = 160 };

/* One operator, and what is to be found out about it. */
typedef struct crl_question {
    const crl_model *model;
    const crl_subgraph *graph;
    const crl_operator *op;
    int32_t runtime;
    char value[CRL_RULE_VALUE]; /* of the answer: what was found, for the sentence */
} crl_question;

/* What the compiler says of the operator by itself. Unless that is CRL_MAPPED, `reason` and `cure` of CRL_RULE_TEXT bytes each
 * are written; cure may become "". */
crl_mapping crl_rules_judge(crl_question *q, char *reason, char *cure);

/* For documents: the lowest runtime that has the operator (0: any), or -1: the compiler does not take it; and the limits of its
 * own, joined by "; ". `limits` holds CRL_RULE_TEXT bytes. */
int32_t crl_rules_of(int32_t code, char *limits);

/* Bytes of a tile's memory that a tensor takes which lies on all 4x4 of them; height, width, depth are its innermost dimensions. */
enum { CRL_TILE_BYTES = 196608 };
void crl_tensor_yxz(const crl_tensor_def *t, int32_t yxz[3]);
size_t crl_tile_share(const crl_tensor_def *t);

/* Whether any byte of a constant is not its zero point (0 where it has none). Constants of other types: any byte not 0. */
bool crl_constant_is_zero(const crl_tensor_def *t);

#endif
