/* SPDX-License-Identifier: Apache-2.0 */
/* STABLEHLO_RNG_BIT_GENERATOR: random bits out of a state, UINT64 [2] or, for Philox, [3]; and the state that follows. The
 * shape of the bits is that of the file. */
#include <string.h>

#include "kernels/random.h"
#include "ops/shapes.h"

enum { THREEFRY = 2 }; /* of RngAlgorithm; 0 and 1 are Philox */

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *state = node->in[0], *bits = node->out[1];
    crl_status s = crl_node_accept(node, state, CRL_TYPE(CRL_UINT64), err);
    if (!s) s = crl_node_same_type(node, node->out[0], state, err);
    if (!s) s = crl_node_accept(node, bits, CRL_TYPE_INDEX | CRL_TYPE(CRL_UINT32) | CRL_TYPE(CRL_UINT64), err);
    if (s) return s;
    const int32_t algorithm = crl_node_int(node, "algorithm");
    if (algorithm < 0 || algorithm > THREEFRY)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "option algorithm is %d, 0 to 2 are supported", algorithm);
    const int32_t n = state->shape.rank == 1 ? state->shape.dim[0] : 0;
    if (n != 2 && (n != 3 || algorithm == THREEFRY))
        return crl_node_bad(node, CRL_ERR_FORMAT, state, err, "a state is [2], or [3] for Philox");
    s = crl_node_same_shape(node, 0, 0, err);
    const crl_shape shape = bits->shape;
    return s ? s : crl_node_shape(node, 1, &shape, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const bool threefry = crl_node_int(node, "algorithm") == THREEFRY;
    const crl_tensor *out = node->out[1];
    const size_t step = threefry ? 8 : 16;
    uint32_t state[6], block[4];
    memcpy(state, node->in[0]->data, node->in[0]->bytes);
    const uint32_t *rest = state + (node->in[0]->shape.dim[0] == 3 ? 4 : 0);
    uint32_t count[4] = { state[2], state[3], rest[0], rest[1] };
    for (size_t i = 0; i < out->bytes; i += step) {
        if (threefry)
            crl_threefry(block, state, count);
        else
            crl_philox(block, state, count);
        memcpy((uint8_t *)out->data + i, block, out->bytes - i < step ? out->bytes - i : step);
        if (!++count[0]) ++count[1];
    }
    state[2] = count[0];
    state[3] = count[1];
    memcpy(node->out[0]->data, state, node->out[0]->bytes);
    return CRL_OK;
}

const crl_op_type crl_op_stablehlo_rng_bit_generator = {
    .name = "STABLEHLO_RNG_BIT_GENERATOR", .code = CRL_OP_STABLEHLO_RNG_BIT_GENERATOR, .in_min = 1, .in_max = 1, .out_min = 2,
    .out_max = 2, .prepare = prepare, .invoke = invoke,
};
