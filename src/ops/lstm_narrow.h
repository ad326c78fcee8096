/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM of INT8 with gates of 8 bits: the form that has 12 intermediate tensors. */
#ifndef CRL_OPS_LSTM_NARROW_H
#define CRL_OPS_LSTM_NARROW_H

#include "ops/op.h"

enum { CRL_LSTM_NARROW_INTERMEDIATES = 12 };

crl_status crl_lstm_narrow_prepare(crl_node *node, crl_error *err);
crl_status crl_lstm_narrow_invoke(const crl_node *node, crl_work *work, crl_error *err);

#endif
