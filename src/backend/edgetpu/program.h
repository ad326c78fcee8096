/* SPDX-License-Identifier: Apache-2.0 */
/* A package made ready to be sent: instructions with addresses in them, transfers in order, buffers for what goes and comes. */
#ifndef CRL_BACKEND_EDGETPU_PROGRAM_H
#define CRL_BACKEND_EDGETPU_PROGRAM_H

#include <corallite/package.h>

#include "base/alloc.h"

/* What a transfer to the device is for, in the header in front of it. */
typedef enum crl_tpu_tag { CRL_TPU_INSTRUCTIONS, CRL_TPU_INPUT, CRL_TPU_PARAMETERS } crl_tpu_tag;

typedef enum crl_tpu_move_kind { CRL_TPU_SEND, CRL_TPU_RECEIVE, CRL_TPU_EVENT, CRL_TPU_FENCE } crl_tpu_move_kind;

typedef struct crl_tpu_port crl_tpu_port;

/* A transfer, or something that is waited for. */
typedef struct crl_tpu_move {
    crl_tpu_move_kind kind;
    crl_tpu_tag tag;           /* of SEND */
    const crl_tpu_port *port;  /* whose memory it is, known only when it runs; NULL: `memory` */
    uint8_t *memory;
    size_t offset, bytes;
} crl_tpu_move;

typedef struct crl_tpu_script {
    crl_tpu_move *moves;
    int32_t n;
} crl_tpu_script;

/* An input or output. */
struct crl_tpu_port {
    const crl_package_layer *layer;
    int32_t tensor;   /* of the operator's inputs or outputs */
    size_t bytes;     /* of the tensor */
    size_t room;      /* at least as many: those that transfers reach */
    uint8_t *buffer;  /* what is transferred; NULL: the tensor's own memory, just as it is */
    const uint8_t *now; /* the input's memory in this run, where it has no buffer */
};

typedef struct crl_tpu_program {
    const crl_package *package;
    uint64_t number;        /* of what it caches: equal where that is, as of engines of one model */
    crl_tpu_script caching; /* n 0: there is nothing to cache */
    crl_tpu_script running;
    crl_tpu_port *in, *out; /* [package->running->n_inputs], [.. n_outputs] */
    uint64_t token;         /* of what it caches; 0: it caches nothing, and leaves nothing of others' */
} crl_tpu_program;

/* The operator's tensors, by name and size in bytes. */
typedef struct crl_tpu_tensors {
    const char *const *in, *const *out;
    const size_t *in_bytes, *out_bytes;
    int32_t n_in, n_out;
} crl_tpu_tensors;

/**
 * Owner   all it allocates is on `pile`; the package outlives the program.
 * Errors  FORMAT       layers and tensors are not those of each other
 *         UNSUPPORTED  a package of a later compiler; transfers that the list does not give all of; batches
 *         MEMORY
 */
crl_status crl_tpu_program_make(crl_tpu_program *program, const crl_package *package, const crl_tpu_tensors *tensors, crl_pile *pile,
                                crl_error *err);

/* Where the chip finds what a layer, or parameters and scratch memory (layer 0), are. `layer` is one of the executable's, or their number where
 * the program names none of them. */
typedef uint64_t crl_tpu_address(void *user, crl_package_base base, int32_t layer);

/* Copies a chunk, and writes addresses into it. */
void crl_tpu_link(uint8_t *copy, const crl_executable *executable, const crl_chunk *chunk, crl_tpu_address *address, void *user);

/* Elements that travel with their top bit turned over. */
static inline bool crl_tpu_is_signed(const crl_package_layer *layer)
{
    return layer->type == CRL_LAYER_S8 || layer->type == CRL_LAYER_S16;
}

/* Takes an input's values: signed ones travel with their top bit turned over. */
void crl_tpu_port_fill(crl_tpu_port *port, const void *data);
/* Gives an output's values, out of the order in which the tiles sent them. `data` has port->bytes. */
void crl_tpu_port_read(const crl_tpu_port *port, void *data);

#endif
