/* SPDX-License-Identifier: Apache-2.0 */
/* The Open Inference Protocol, version 2 ("KServe v2"): requests and answers of `infer`.
 *
 * Source  https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol, and the extension for binary tensors,
 *         https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 *
 * A body is JSON; behind it, where the header Inference-Header-Content-Length says how long that is, lie the bytes of the inputs that
 * have `binary_data_size`, in their order, little-endian. */
#ifndef CLI_SERVE_V2_H
#define CLI_SERVE_V2_H

#include <corallite/tensor.h>

#include "serve/text.h"

enum { CLI_V2_PORTS = 64 }; /* inputs or outputs at most */

/* An input or output of a model. */
typedef struct cli_port {
    char name[128];
    crl_type type;
    crl_shape shape; /* of an output -1 where it is known only after a run */
} cli_port;

/* What a model takes and gives. */
typedef struct cli_ports {
    cli_port in[CLI_V2_PORTS], out[CLI_V2_PORTS];
    int n_in, n_out;
    int batch; /* rows that its first dimensions have, of which a request may bring fewer; 1: requests have the shape of the model */
} cli_ports;

/* "UINT8", "FP32"; NULL: a type that the protocol does not have, or that has no numbers. */
const char *cli_v2_type(crl_type type);

typedef struct cli_v2_input {
    const void *data; /* in the body, or in `owned` */
    size_t bytes;
    void *owned; /* for free() */
} cli_v2_input;

typedef struct cli_v2_request {
    char *id; /* NULL: none; for free() */
    int rows; /* of the batch that it brings */
    cli_v2_input in[CLI_V2_PORTS]; /* in the model's order */
    int out[CLI_V2_PORTS];         /* which outputs are wanted, */
    bool binary[CLI_V2_PORTS];     /* and which of those as bytes */
    int n_out;
} cli_v2_request;

/**
 * Reads a request. `json_bytes` is what the header said, SIZE_MAX: nothing, the body is JSON alone.
 *
 * Owner   `*out` is for cli_v2_release(), also after a failure; it borrows from the body.
 * Memory  is bounded by the size of the model's inputs: more numbers than those have are not even parsed.
 * Errors  ARGUMENT, the text says what is wrong with the request; MEMORY
 */
crl_status cli_v2_parse(cli_v2_request *out, const void *body, size_t bytes, size_t json_bytes, const cli_ports *ports, crl_error *err);
void cli_v2_release(cli_v2_request *r);

/* The most bytes that a body for this model can have. */
size_t cli_v2_most_bytes(const cli_ports *ports);

/* Writes the answer: `values[i]` is output i of the model (type, shape, data), cut to `r->rows` rows already. `*json_bytes` gets
 * what the header has to say; 0: all of it is JSON. */
void cli_v2_answer(cli_text *t, size_t *json_bytes, const char *model, const cli_v2_request *r, const cli_ports *ports, const crl_tensor *values);
/* Metadata of a model. */
void cli_v2_metadata(cli_text *t, const char *model, const cli_ports *ports);

#endif
