/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM with other kernels for their steps. */
#ifndef CRL_OPS_LSTM_H
#define CRL_OPS_LSTM_H

#include "kernels/lstm_f32.h"
#include "ops/op.h"

/* The layer of a prepared node, NULL unless it is INT8; lives as long as the node's params. */
const crl_lstm_s8 *crl_lstm_node_s8(const crl_node *node);

/* All steps: invoke with the kernel and its layer given, for any scratch that the kernel wants. */
void crl_lstm_run_s8(const crl_node *node, crl_lstm_s8_fn *step, const void *layer, void *scratch);

/* Likewise of FLOAT32, the copy of a layer with kernels in it; scratch is that of the node. */
const crl_lstm_f32 *crl_lstm_node_f32(const crl_node *node);
void crl_lstm_run_f32(const crl_node *node, const crl_lstm_f32 *layer, void *scratch);

#endif
