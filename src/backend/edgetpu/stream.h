/* SPDX-License-Identifier: Apache-2.0 */
/* Transfers of a stick while it is open: data out, data in, events, interrupts. */
#ifndef CRL_BACKEND_EDGETPU_STREAM_H
#define CRL_BACKEND_EDGETPU_STREAM_H

#include "backend/edgetpu/device.h"
#include "backend/edgetpu/program.h"

enum {
    CRL_STREAM_SENDS = 32,            /* transfers out that are under way at most */
    CRL_STREAM_READS = 8,
    CRL_STREAM_READ_BYTES = 1 << 16,  /* of each, on a SuperSpeed link */
    CRL_STREAM_PIECE = 1 << 20        /* of data in one transfer out */
};

typedef struct crl_stream_send {
    crl_usb_transfer transfer;
    uint8_t header[8];
    crl_tpu_tag tag;
} crl_stream_send;

typedef struct crl_stream {
    const crl_usb *usb;
    crl_tpu *tpu;
    crl_stream_send send[CRL_STREAM_SENDS]; /* a ring */
    int first_send, n_sends;
    crl_usb_transfer read[CRL_STREAM_READS]; /* a ring */
    int first_read, n_reads;
    size_t asked;         /* bytes that those under way ask for */
    uint8_t *read_memory; /* [CRL_STREAM_READS][CRL_STREAM_READ_BYTES] */
    crl_usb_transfer event, interrupt;
    uint8_t event_bytes[16], interrupt_bytes[4];
    int events;           /* that came and were not waited for yet */
    const crl_tpu_move **inbox; /* RECEIVE moves that are not complete, in order */
    int first_in, n_in, cap_in;
    size_t received;      /* bytes of the first */
    uint64_t until;       /* by usb->now */
    crl_status status;
    crl_error *err;       /* of the run */
} crl_stream;

/* Memory for `most_in` outputs on their way at once. Errors: MEMORY. */
crl_status crl_stream_init(crl_stream *s, crl_tpu *tpu, int most_in, crl_error *err);
/* Nothing is pending. */
void crl_stream_release(crl_stream *s);

/* Runs moves in order, as far as they need not be waited for. After a failure nothing more is done. */
void crl_stream_play(crl_stream *s, const crl_tpu_script *script);
/* Waits for all that was begun, and for `events` of the ends of programs. */
crl_status crl_stream_finish(crl_stream *s, int events);

/* Takes back all that is under way, within a second; false: something still is. */
bool crl_stream_cancel(crl_stream *s);
/* Reads away what the stick still has to say: until it is silent for `limit_ms`. */
void crl_stream_drain(crl_stream *s, unsigned limit_ms);

#endif
