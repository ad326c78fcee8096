/* SPDX-License-Identifier: Apache-2.0 */
/* All lowering rules. */
#ifndef CRL_BACKEND_CPU_RULES_H
#define CRL_BACKEND_CPU_RULES_H

#include "backend/cpu/lower.h"

/* views.c: operators that move nothing or only whole blocks */
crl_lower_rule crl_lower_reshape, crl_lower_concatenation;

/* arg_max.c, resize.c */
crl_lower_rule crl_lower_arg_max, crl_lower_resize_bilinear;

/* depthwise.c */
crl_lower_rule crl_lower_depthwise;

/* matrix.c */
crl_lower_rule crl_lower_conv, crl_lower_fully_connected;

/* sum.c */
crl_lower_rule crl_lower_sum;

/* table.c: functions of one 8-bit value */
crl_lower_rule crl_lower_unary, crl_lower_binary;

#endif
