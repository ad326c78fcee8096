/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a file is that is no model, so that the user need not find out. */
#ifndef CRL_MODEL_SNIFF_H
#define CRL_MODEL_SNIFF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* CRL_OK when the bytes begin as a TensorFlow Lite model does, else CRL_ERR_FORMAT and a guess at what they are. */
crl_status crl_sniff(const uint8_t *bytes, size_t size, crl_error *err);

#endif
