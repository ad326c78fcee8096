/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of results as JSON, for who tells them along with more. */
#ifndef CRL_SESSION_TELL_H
#define CRL_SESSION_TELL_H

#include <corallite/vision.h>

#include "base/json.h"

/* Opens the object of the i-th result: its class. `label` NULL: it has none. The caller closes it. */
void crl_tell_class(crl_json *w, int32_t i, int32_t index, const char *label);
/* Members of it. */
void crl_tell_score(crl_json *w, float score);
void crl_tell_box(crl_json *w, const crl_box *box);
/* The i-th of a list, whole. */
void crl_tell_pose(crl_json *w, int32_t i, const crl_pose *pose);

#endif
