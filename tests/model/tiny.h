/* SPDX-License-Identifier: Apache-2.0 */
/* A whole model in 3 KiB, every part of the schema that is read, and the places of its parts.
 *
 *   main: x [1,2,2,3] int8 -> FULLY_CONNECTED (w per channel, b) -> y [4,2] -> RESHAPE (shape) -> z [1,4,2]
 *   body: in [1] float -> custom operator "Twist" -> out [1]
 *
 * Signature "serve", normalisation of x, two anchors, a threshold and a label file for z in the archive behind the model. */
#ifndef TESTS_MODEL_TINY_H
#define TESTS_MODEL_TINY_H

#include "build.h"

enum { X, W, B, Y, SHAPE, Z, N_TENSORS };

/* Fields of the schema's tables, as they are numbered there. */
enum { MODEL_VERSION, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS, MODEL_METADATA_BUFFER,
       MODEL_METADATA, MODEL_SIGNATURES, MODEL_FIELDS };
enum { CODE_OLD, CODE_CUSTOM, CODE_VERSION, CODE_NEW, CODE_FIELDS };
enum { SUB_TENSORS, SUB_INPUTS, SUB_OUTPUTS, SUB_OPERATORS, SUB_NAME, SUB_FIELDS };
enum { T_SHAPE, T_TYPE, T_BUFFER, T_NAME, T_QUANT, T_VARIABLE, T_SPARSITY, T_SIGNATURE, T_HAS_RANK, T_VARIANT,
       T_EXTERNAL, T_FIELDS };
enum { Q_MIN, Q_MAX, Q_SCALE, Q_ZERO, Q_DETAILS_TYPE, Q_DETAILS, Q_AXIS, Q_FIELDS };
enum { OP_CODE, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS_TYPE, OP_OPTIONS, OP_CUSTOM, OP_FORMAT, OP_MUTATING,
       OP_INTERMEDIATES, OP_LARGE_OFFSET, OP_LARGE_SIZE, OP_OPTIONS2_TYPE, OP_OPTIONS2, OP_FIELDS };
enum { BUF_DATA, BUF_OFFSET, BUF_SIZE, BUF_FIELDS };

enum { N_CODES = 3, N_BUFFERS = 5, N_OPS = 3 };

typedef struct tiny {
    build b;
    size_t model_bytes; /* without the archive */
    size_t model, subgraph[2], code[N_CODES], buffer[N_BUFFERS];
    size_t tensor[N_TENSORS], quant[N_TENSORS], op[N_OPS]; /* op[2] is the custom one */
    size_t fc_options;
    size_t v_codes, v_subgraphs, v_tensors, v_operators; /* vectors; the last two of main */
    size_t inputs, outputs, op_inputs[N_OPS], op_outputs[N_OPS]; /* first elements */
    size_t scale[N_TENSORS], zero[N_TENSORS], shape[N_TENSORS];
    size_t signature, map_in, metadata;
} tiny;

void tiny_build(tiny *t);

#endif
