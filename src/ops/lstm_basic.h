/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM with the option kernel_type BASIC: another operator under the same name. */
#ifndef CRL_OPS_LSTM_BASIC_H
#define CRL_OPS_LSTM_BASIC_H

#include "ops/op.h"

crl_status crl_lstm_basic_prepare(crl_node *node, crl_error *err);
crl_status crl_lstm_basic_invoke(const crl_node *node, crl_work *work, crl_error *err);

#endif
