/* SPDX-License-Identifier: Apache-2.0 */
/* The table of anchors that belongs to the raw outputs of an SSD: a FlatBuffer within the metadata of the main subgraph,
 * called "DETECTOR_METADATA".
 *
 * Source: MediaPipe, object_detector_metadata_schema.fbs, version 1.0. */
#ifndef CRL_MODEL_ANCHORS_H
#define CRL_MODEL_ANCHORS_H

#include <corallite/anchors.h>

#include "model/flat_read.h"

/* Reads it from the metadata of a subgraph; n stays 0 when there is none. Memory comes from the reader's pile. Faults stick
 * in reader->flat. */
void crl_anchors_read(crl_reader *reader, const crl_flat_table *subgraph, crl_anchors *anchors);

#endif
