/* SPDX-License-Identifier: Apache-2.0 */
/* Operators in the arithmetic of the Edge TPU: what their prepare asks for where node->on_chip. docs/chip-exact.md has the
 * evidence.
 *
 * The chip adds up integers, makes a float of the sum, multiplies it, clamps, rounds half to even and adds the zero point: kind
 * `single` of kernels/requant.h. All constants are made in float32, each operation rounded, with the reciprocal of the output's
 * scale and not by a division. Bytes are unsigned there; ours may be signed, which moves zero points and changes nothing else. */
#ifndef CRL_OPS_CHIP_H
#define CRL_OPS_CHIP_H

#include "ops/op.h"

/* Whether there is an arithmetic of the chip for this operator. */
bool crl_chip_has(int32_t code);

/* in * (1 / out) as the chip has it. */
static inline float crl_chip_scale(float in, float out)
{
    return in * (1.0f / out);
}

/* Limits of 8-bit outputs with a fused activation, in units of `out`: *min <= *max. The chip clamps floats before it rounds
 * them; whole numbers do the same, since rounding keeps the order. Errors: TANH, SIGN_BIT. */
crl_status crl_chip_range(const crl_node *node, const crl_tensor *out, int32_t activation, int32_t *min, int32_t *max, crl_error *err);

/* Fills *q: one factor, zero point and limits of `out`, which has 8 bits. Errors: a factor that is no number; as above. */
crl_status crl_chip_requant(crl_node *node, const crl_tensor *out, float factor, int32_t activation, crl_requant *q, crl_error *err);

#endif
