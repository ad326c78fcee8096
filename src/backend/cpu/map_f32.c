/* SPDX-License-Identifier: Apache-2.0 */
/* RELU and its kin, LEAKY_RELU, HARD_SWISH, NEG, ABS, SQUARE, SQRT and RSQRT of floats. */
#include "kernels/map_f32.h"

#include <math.h>

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"

enum { PIECE = 4096 /* elements, the least of a task */ };

typedef struct map_step {
    crl_spread spread; /* of elements */
    crl_map_f32 map;
    crl_map_f32_fn *run;
} map_step;

static void units(const void *params, size_t first, size_t end)
{
    const map_step *p = params;
    p->run((float *)p->spread.out->data + first, (const float *)p->spread.in->data + first, end - first, &p->map);
}

static crl_map_f32 map_of(const crl_node *node)
{
    switch (node->def->code) {
    case CRL_OP_RELU: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = 0, .max = INFINITY };
    case CRL_OP_RELU6: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = 0, .max = 6 };
    case CRL_OP_RELU_N1_TO_1: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = -1, .max = 1 };
    case CRL_OP_RELU_0_TO_1: return (crl_map_f32){ .kind = CRL_MAP_CLAMP, .min = 0, .max = 1 };
    case CRL_OP_LEAKY_RELU: return (crl_map_f32){ .kind = CRL_MAP_LEAKY, .alpha = crl_node_float(node, "alpha") };
    case CRL_OP_HARD_SWISH: return (crl_map_f32){ .kind = CRL_MAP_SWISH };
    case CRL_OP_ABS: return (crl_map_f32){ .kind = CRL_MAP_ABS };
    case CRL_OP_SQUARE: return (crl_map_f32){ .kind = CRL_MAP_SQUARE };
    case CRL_OP_SQRT: return (crl_map_f32){ .kind = CRL_MAP_ROOT };
    case CRL_OP_RSQRT: return (crl_map_f32){ .kind = CRL_MAP_RSQRT };
    default: return (crl_map_f32){ .kind = CRL_MAP_NEG };
    }
}

crl_status crl_lower_map_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const char *name;
    crl_map_f32_fn *const function = crl_map_f32_of(l->cpu, &name);
    if (!function || node->in[0]->type != CRL_FLOAT32 || node->out[0]->type != CRL_FLOAT32 || !node->out[0]->bytes) return CRL_OK;
    *taken = true;
    crl_step *step;
    map_step *p = crl_spread_add(l, node, node->in[0], NULL, CRL_FORM_RAW, CRL_FORM_RAW, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->map = map_of(node);
    p->run = function;
    const size_t n = crl_shape_count(&node->out[0]->shape);
    /* An element costs about as much as 16 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, n, PIECE, (uint64_t)n * 16);
    step->kernel = name;
    return CRL_OK;
}
