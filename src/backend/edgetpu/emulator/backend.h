/* SPDX-License-Identifier: Apache-2.0 */
/* The emulator as a backend: compiled operators run without a stick and without the model that they were made from. */
#ifndef CRL_EMULATOR_BACKEND_H
#define CRL_EMULATOR_BACKEND_H

#include "backend/backend.h"

/* The table; the model, whose operators are claimed, outlives it. */
crl_backend crl_emulator_backend(const crl_model *model);

#endif
