/* SPDX-License-Identifier: Apache-2.0 */
/* Transfers, in the order that the stick can bear: see stream.h.
 *
 * What its firmware dies of is data out that begins while earlier data in is due. So a script is walked like this: data out is
 * handed over as long as there is room, data in is asked for as soon as its turn comes, and the next data out waits until all
 * earlier data in is there. Bytes that come in are one stream, which is cut where the script says: a transfer may end anywhere.
 * Source: usb-traces of the vendor's driver, sections 6 to 8; for the order also the notes of those who broke it. */
#include "backend/edgetpu/stream.h"

#include <string.h>

#include "base/error.h"

enum { OUT_ENDPOINT = 0x01, DATA_IN = 0x81, EVENT_IN = 0x82, INTERRUPT_IN = 0x83, EVENT_BYTES = 16, END_OF_PROGRAM = 4 };
enum { PACKET = 1024, SLOW_READ = 256, CANCEL_MS = 1000, PUMP_MS = 100 };

static const uint64_t NS_PER_MS = 1000000;

crl_status crl_stream_init(crl_stream *s, crl_tpu *tpu, int most_in, crl_error *err)
{
    *s = (crl_stream){ .usb = tpu->usb, .tpu = tpu, .cap_in = most_in };
    s->read_memory = crl_alloc_array(CRL_STREAM_READS, CRL_STREAM_READ_BYTES);
    s->inbox = crl_alloc_array((size_t)most_in, sizeof *s->inbox);
    if (!s->read_memory || !s->inbox) {
        crl_stream_release(s);
        return crl_fail_memory(err, "transfers");
    }
    for (int i = 0; i < CRL_STREAM_READS; i++)
        s->read[i] = (crl_usb_transfer){ .endpoint = DATA_IN, .data = s->read_memory + (size_t)i * CRL_STREAM_READ_BYTES };
    s->event = (crl_usb_transfer){ .endpoint = EVENT_IN, .data = s->event_bytes, .bytes = sizeof s->event_bytes };
    s->interrupt = (crl_usb_transfer){ .endpoint = INTERRUPT_IN, .interrupt = true, .data = s->interrupt_bytes,
                                       .bytes = sizeof s->interrupt_bytes };
    return CRL_OK;
}

void crl_stream_release(crl_stream *s)
{
    if (s->tpu && s->tpu->handle) {
        for (int i = 0; i < CRL_STREAM_SENDS; i++) s->usb->forget(s->tpu->handle, &s->send[i].transfer);
        for (int i = 0; i < CRL_STREAM_READS; i++) s->usb->forget(s->tpu->handle, &s->read[i]);
        s->usb->forget(s->tpu->handle, &s->event);
        s->usb->forget(s->tpu->handle, &s->interrupt);
    }
    crl_free(s->read_memory);
    crl_free(s->inbox);
    *s = (crl_stream){ 0 };
}

static void fail(crl_stream *s, const char *what, crl_usb_result result)
{
    if (s->status) return;
    s->status = crl_fail(s->err, result == CRL_USB_TIMEOUT ? CRL_ERR_TIMEOUT : CRL_ERR_DEVICE, "%s %s", what, crl_usb_result_text(result));
}

static bool submit(crl_stream *s, crl_usb_transfer *t, const char *what)
{
    if (s->status) return false;
    const crl_usb_result result = s->usb->submit(s->tpu->handle, t);
    if (result == CRL_USB_OK) return true;
    t->pending = false;
    fail(s, what, result);
    return false;
}

/* --- data out ---------------------------------------------------------------------------------------------- */

static const char *const sending[] = { [CRL_TPU_INSTRUCTIONS] = "sending instructions", [CRL_TPU_INPUT] = "sending input",
                                       [CRL_TPU_PARAMETERS] = "sending parameters" };

static void pump(crl_stream *s);

/* What has gone out makes room. */
static void reap_sends(crl_stream *s)
{
    while (s->n_sends && !s->send[s->first_send].transfer.pending) {
        const crl_stream_send *done = &s->send[s->first_send];
        if (done->transfer.result != CRL_USB_OK)
            fail(s, sending[done->tag], done->transfer.result);
        else if (done->transfer.done != done->transfer.bytes)
            fail(s, sending[done->tag], CRL_USB_FAILED);
        s->first_send = (s->first_send + 1) % CRL_STREAM_SENDS;
        s->n_sends--;
    }
}

/* `data` NULL: the header. */
static void send_piece(crl_stream *s, const crl_tpu_move *move, uint8_t *data, size_t bytes)
{
    while (s->n_sends == CRL_STREAM_SENDS && !s->status) pump(s);
    if (s->status) return;
    crl_stream_send *next = &s->send[(s->first_send + s->n_sends) % CRL_STREAM_SENDS];
    next->tag = move->tag;
    if (!data) {
        for (int i = 0; i < 4; i++) next->header[i] = (uint8_t)(move->bytes >> 8 * i);
        memset(next->header + 4, 0, 4);
        next->header[4] = (uint8_t)move->tag;
    }
    next->transfer.endpoint = (uint8_t)(s->tpu->separate ? OUT_ENDPOINT + (int)move->tag : OUT_ENDPOINT);
    next->transfer.data = data ? data : next->header;
    next->transfer.bytes = bytes;
    if (submit(s, &next->transfer, sending[move->tag])) s->n_sends++;
}

static void send(crl_stream *s, const crl_tpu_move *move)
{
    const crl_tpu_port *port = move->port;
    uint8_t *data = (port ? port->buffer ? port->buffer : (uint8_t *)(uintptr_t)port->now : move->memory) + move->offset;
    if (!s->tpu->separate) send_piece(s, move, NULL, sizeof s->send->header);
    for (size_t at = 0; at < move->bytes && !s->status; at += CRL_STREAM_PIECE) {
        const size_t left = move->bytes - at;
        send_piece(s, move, data + at, left < CRL_STREAM_PIECE ? left : CRL_STREAM_PIECE);
    }
}

/* --- data in ------------------------------------------------------------------------------------------------ */

static size_t due(const crl_stream *s)
{
    return s->n_in ? s->inbox[s->first_in]->bytes - s->received : 0;
}

/* Asks for no more than what is due first, in whole packets: a transfer that asks for more would not end where those bytes fill
 * the last packet. */
static void ask(crl_stream *s)
{
    while (s->n_reads < CRL_STREAM_READS && s->asked < due(s) && !s->status) {
        const size_t left = due(s) - s->asked, whole = crl_size_align(left, PACKET);
        crl_usb_transfer *next = &s->read[(s->first_read + s->n_reads) % CRL_STREAM_READS];
        next->bytes = !s->tpu->wide ? SLOW_READ : whole < CRL_STREAM_READ_BYTES ? whole : CRL_STREAM_READ_BYTES;
        if (!submit(s, next, "receiving output")) return;
        s->asked += next->bytes;
        s->n_reads++;
    }
}

static void take_bytes(crl_stream *s, const uint8_t *bytes, size_t n)
{
    while (n) {
        if (!s->n_in) {
            s->status = crl_fail(s->err, CRL_ERR_DEVICE, "%zu bytes of output too many", n);
            return;
        }
        const crl_tpu_move *move = s->inbox[s->first_in];
        const size_t part = due(s) < n ? due(s) : n;
        memcpy((move->port ? move->port->buffer : move->memory) + move->offset + s->received, bytes, part);
        s->received += part;
        bytes += part, n -= part;
        if (s->received < move->bytes) continue;
        s->received = 0;
        s->first_in = (s->first_in + 1) % s->cap_in;
        s->n_in--;
    }
}

static void reap_reads(crl_stream *s)
{
    while (s->n_reads && !s->read[s->first_read].pending) {
        const crl_usb_transfer *done = &s->read[s->first_read];
        s->first_read = (s->first_read + 1) % CRL_STREAM_READS;
        s->n_reads--;
        s->asked -= done->bytes;
        if (done->result != CRL_USB_OK)
            fail(s, "receiving output", done->result);
        else
            take_bytes(s, done->data, done->done);
    }
    ask(s);
}

static void receive(crl_stream *s, const crl_tpu_move *move)
{
    while (s->n_in == s->cap_in && !s->status) pump(s);
    if (s->status || !move->bytes) return;
    s->inbox[(s->first_in + s->n_in++) % s->cap_in] = move;
    ask(s);
}

/* --- events and interrupts ------------------------------------------------------------------------------------ */

static void arm(crl_stream *s)
{
    if (!s->event.pending) submit(s, &s->event, "waiting for an event");
    if (!s->interrupt.pending) submit(s, &s->interrupt, "waiting for interrupts");
}

static void reap_event(crl_stream *s)
{
    if (s->event.pending || s->status) return;
    if (s->event.result == CRL_USB_TIMEOUT) return;
    if (s->event.result != CRL_USB_OK) {
        fail(s, "waiting for the end of the program", s->event.result);
        return;
    }
    if (s->event.done != EVENT_BYTES)
        s->status = crl_fail(s->err, CRL_ERR_DEVICE, "an event of %zu bytes, not %d", s->event.done, EVENT_BYTES);
    else if ((s->event_bytes[12] & 15) == END_OF_PROGRAM)
        s->events++;
}

/* Also those that say nothing are armed again: the endpoint matters less than what goes on. */
static void reap_interrupt(crl_stream *s)
{
    if (s->interrupt.pending || s->status || s->interrupt.result != CRL_USB_OK || s->interrupt.done != sizeof s->interrupt_bytes) return;
    uint32_t word = 0;
    for (int i = 4; i-- > 0;) word = word << 8 | s->interrupt_bytes[i];
    crl_registers r = { .usb = s->usb, .handle = s->tpu->handle, .until = s->until, .err = s->err };
    s->status = crl_registers_interrupt(&r, word);
}

/* Waits until something has come to an end, and looks at it. */
static void pump(crl_stream *s)
{
    const uint64_t now = s->usb->now(s->usb);
    if (s->status) return;
    if (now >= s->until) {
        s->status = crl_fail(s->err, CRL_ERR_TIMEOUT, "%s", s->n_sends ? "it takes no more data" : s->n_in ? "its output does not come"
                                                                                                       : "the end of its program does not come");
        return;
    }
    const uint64_t left = (s->until - now) / NS_PER_MS + 1;
    s->usb->events(s->tpu->handle, left < PUMP_MS ? (unsigned)left : PUMP_MS);
    reap_sends(s);
    reap_reads(s);
    reap_event(s);
    reap_interrupt(s);
    if (!s->status) arm(s);
}

/* --- scripts ------------------------------------------------------------------------------------------------- */

void crl_stream_play(crl_stream *s, const crl_tpu_script *script)
{
    arm(s);
    for (int32_t i = 0; i < script->n && !s->status; i++) {
        const crl_tpu_move *move = &script->moves[i];
        switch (move->kind) {
        case CRL_TPU_SEND:
            while (s->n_in && !s->status) pump(s);
            if (!s->status) send(s, move);
            break;
        case CRL_TPU_RECEIVE: receive(s, move); break;
        case CRL_TPU_FENCE:
            while ((s->n_in || s->n_sends) && !s->status) pump(s);
            break;
        case CRL_TPU_EVENT: break; /* counted by who waits for the end */
        }
    }
}

crl_status crl_stream_finish(crl_stream *s, int events)
{
    while ((s->n_in || s->n_sends || s->events < events) && !s->status) pump(s);
    if (!s->status) s->events -= events;
    return s->status;
}

/* --- after a failure ------------------------------------------------------------------------------------------- */

static bool is_idle(const crl_stream *s)
{
    bool pending = s->event.pending || s->interrupt.pending;
    for (int i = 0; i < CRL_STREAM_SENDS; i++) pending |= s->send[i].transfer.pending;
    for (int i = 0; i < CRL_STREAM_READS; i++) pending |= s->read[i].pending;
    return !pending;
}

static void cancel_one(crl_stream *s, crl_usb_transfer *t)
{
    if (t->pending) s->usb->cancel(s->tpu->handle, t);
}

bool crl_stream_cancel(crl_stream *s)
{
    for (int i = 0; i < CRL_STREAM_SENDS; i++) cancel_one(s, &s->send[i].transfer);
    for (int i = 0; i < CRL_STREAM_READS; i++) cancel_one(s, &s->read[i]);
    cancel_one(s, &s->event);
    cancel_one(s, &s->interrupt);
    const uint64_t end = s->usb->now(s->usb) + CANCEL_MS * NS_PER_MS;
    while (!is_idle(s) && s->usb->now(s->usb) < end) s->usb->events(s->tpu->handle, 10);
    s->first_send = s->n_sends = s->first_read = s->n_reads = s->first_in = s->n_in = s->events = 0;
    s->asked = s->received = 0;
    return is_idle(s);
}

void crl_stream_drain(crl_stream *s, unsigned limit_ms)
{
    enum { MOST = 4096 }; /* reads, of a stick that never stops */
    bool silent[2] = { false, false };
    crl_usb_transfer *const from[2] = { &s->read[0], &s->event };
    s->read[0].bytes = CRL_STREAM_READ_BYTES;
    for (int k = 0; k < 2; k++) {
        from[k]->limit_ms = limit_ms;
        for (int i = 0; i < MOST && !silent[k]; i++) {
            if (s->usb->submit(s->tpu->handle, from[k]) != CRL_USB_OK) {
                from[k]->pending = false;
                break;
            }
            const uint64_t end = s->usb->now(s->usb) + (limit_ms + CANCEL_MS) * NS_PER_MS;
            while (from[k]->pending && s->usb->now(s->usb) < end) s->usb->events(s->tpu->handle, limit_ms);
            silent[k] = from[k]->pending || from[k]->result != CRL_USB_OK;
        }
        from[k]->limit_ms = 0;
    }
}
