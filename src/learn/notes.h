/* SPDX-License-Identifier: Apache-2.0 */
/* What a new model says about its use: the metadata TFLITE_METADATA. */
#ifndef CRL_LEARN_NOTES_H
#define CRL_LEARN_NOTES_H

#include "model/graft.h"
#include "learn/learn.h"

#define CRL_LABELS_FILE "labels.txt" /* in the archive behind the model */

/**
 * Puts new metadata in the place of those that a model had: how pixels are normalised, and with `info` what its output is. Without
 * anything to say there are none.
 *
 * Owner   `*bytes` is the caller's, for crl_free() when the tree has been written; NULL where there are none
 * Errors  CRL_ERR_MEMORY
 */
crl_status crl_graft_describe(crl_graft *g, const crl_extractor *e, const crl_classifier_info *info, uint8_t **bytes, crl_error *err);

#endif
