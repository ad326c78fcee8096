/* SPDX-License-Identifier: Apache-2.0 */
/* usbip_stick COMPILED.tflite TWIN.tflite [PORT]: the stick in software behind USB/IP, for real kernels: `usbip attach
 * -r 127.0.0.1 -b 1-1` there plugs it in, SIGUSR1 pulls it out, and the next attach finds it as one that was just
 * plugged in. Says what it was and did, a line at a time, on the standard output; the first rule that a driver broke is
 * in the last of them.
 *
 * Source  https://docs.kernel.org/usb/usbip_protocol.html, and chapter 9 of the Universal Serial Bus Specification 2.0
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim.h"

enum { VERSION = 0x0111, REQ_DEVLIST = 0x8005, REQ_IMPORT = 0x8003, SUBMIT = 1, UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };
enum { HEADER = 48, DEVICE_RECORD = 312, MOST_URBS = 128, MOST_BYTES = 64 << 20, HIGH_SPEED = 3, IDLE_MS = 5 };

/* A transfer that waits for the stick. */
typedef struct urb {
    uint32_t number; /* 0: none */
    bool in;
    crl_usb_transfer transfer;
} urb;

typedef struct server {
    sim *stick;
    const crl_usb *usb;
    void *handle;
    int fd;
    urb urbs[MOST_URBS];
} server;

static volatile sig_atomic_t pulled;

static void pull(int number)
{
    (void)number;
    pulled = 1;
}

/* ---- bytes ---- */

static void put32(uint8_t *to, uint32_t v)
{
    v = htonl(v);
    memcpy(to, &v, 4);
}

static void put16(uint8_t *to, uint16_t v)
{
    v = htons(v);
    memcpy(to, &v, 2);
}

static uint32_t get32(const uint8_t *from)
{
    uint32_t v;
    memcpy(&v, from, 4);
    return ntohl(v);
}

static bool receive(int fd, void *to, size_t n)
{
    for (uint8_t *p = to; n;) {
        const ssize_t got = read(fd, p, n);
        if (got == 0 || (got < 0 && errno != EINTR) || pulled) return false;
        if (got > 0) p += got, n -= (size_t)got;
    }
    return true;
}

static bool send_all(int fd, const void *from, size_t n)
{
    for (const uint8_t *p = from; n;) {
        const ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) return false;
        if (sent > 0) p += sent, n -= (size_t)sent;
    }
    return true;
}

/* ---- descriptors: of a USB 2 link ---- */

static size_t device_descriptor(server *s, uint8_t to[18])
{
    size_t n;
    const crl_usb_setup setup = { .type = 0x80, .request = 6, .value = 0x100, .length = 18 };
    if (s->usb->control(s->handle, &setup, to, 100, &n) != CRL_USB_OK || n != 18) return 0;
    to[2] = 0, to[3] = 2; /* USB 2.0 */
    to[7] = 64;           /* bytes in a packet of endpoint 0 */
    return n;
}

static size_t configuration_descriptor(server *s, bool boots, uint8_t to[128])
{
    static const uint8_t ends[][2] = { { 0x01, 2 }, { 0x02, 2 }, { 0x03, 2 }, { 0x81, 2 }, { 0x82, 2 }, { 0x83, 3 } };
    size_t n;
    if (boots) {
        const crl_usb_setup setup = { .type = 0x80, .request = 6, .value = 0x200, .length = 128 };
        return s->usb->control(s->handle, &setup, to, 100, &n) == CRL_USB_OK ? n : 0;
    }
    memcpy(to, (uint8_t[]){ 9, 2, 60, 0, 1, 1, 0, 0x80, 250, 9, 4, 0, 0, 6, 0xff, 0xff, 0xff, 0 }, 18);
    for (n = 18; n < 60; n += 7) {
        const uint8_t *end = ends[(n - 18) / 7];
        const uint16_t packet = end[1] == 3 ? 64 : 512;
        memcpy(to + n, (uint8_t[]){ 7, 5, end[0], end[1], (uint8_t)packet, (uint8_t)(packet >> 8), (uint8_t)(end[1] == 3 ? 4 : 0) }, 7);
    }
    return n;
}

static bool boots(server *s)
{
    uint8_t d[18];
    return device_descriptor(s, d) && d[8] == 0x6e;
}

/* ---- control transfers ---- */

static int of_result(crl_usb_result r)
{
    switch (r) {
    case CRL_USB_OK: return 0;
    case CRL_USB_STALL: return -EPIPE;
    case CRL_USB_OVERFLOW: return -EOVERFLOW;
    case CRL_USB_GONE: return -ENODEV;
    case CRL_USB_CANCELLED: return -ECONNRESET;
    default: return -EPROTO;
    }
}

/* What the kernel asks every device. It resets the port itself and tells nobody: that it asks who is there, behind a
 * download of firmware, says so. */
static int standard(server *s, const crl_usb_setup *setup, uint8_t *data, size_t *n)
{
    uint8_t text[128];
    size_t have = 0;
    if (setup->request == 6 && setup->value >> 8 == 1) {
        s->usb->reset(s->handle);
        have = device_descriptor(s, text);
        printf("asked who it is: %s\n", text[8] == 0x6e ? "1a6e:089a" : "18d1:9302");
    } else if (setup->request == 6 && setup->value >> 8 == 2) {
        have = configuration_descriptor(s, boots(s), text);
    } else if (setup->request == 0) {
        memset(text, 0, have = 2);
    } else if (setup->request == 6) {
        return -EPIPE;
    }
    *n = have < setup->length ? have : setup->length;
    if (setup->type & 0x80) memcpy(data, text, *n);
    else *n = setup->length;
    return 0;
}

static int control(server *s, const uint8_t *bytes, uint8_t *data, size_t *n)
{
    const crl_usb_setup setup = { bytes[0], bytes[1], (uint16_t)(bytes[2] | bytes[3] << 8),
                                  (uint16_t)(bytes[4] | bytes[5] << 8), (uint16_t)(bytes[6] | bytes[7] << 8) };
    if (!(setup.type & 0x60)) return standard(s, &setup, data, n);
    return of_result(s->usb->control(s->handle, &setup, data, 1000, n));
}

/* ---- URBs ---- */

static bool answer(server *s, uint32_t number, int status, bool in, const void *data, size_t n)
{
    uint8_t head[HEADER] = { 0 };
    put32(head, RET_SUBMIT);
    put32(head + 4, number);
    put32(head + 20, (uint32_t)status);
    put32(head + 24, (uint32_t)n);
    return send_all(s->fd, head, sizeof head) && (!in || !n || send_all(s->fd, data, n));
}

static bool take_urb(server *s, const uint8_t *head)
{
    const uint32_t number = get32(head + 4), bytes = get32(head + 24), endpoint = get32(head + 16);
    const bool in = get32(head + 12) != 0;
    uint8_t *data = bytes <= MOST_BYTES ? calloc(bytes + 1, 1) : NULL;
    if (!data || (!in && !receive(s->fd, data, bytes))) {
        free(data);
        return false;
    }
    if (!endpoint) {
        size_t n = 0;
        const int status = control(s, head + 40, data, &n);
        const bool good = answer(s, number, status, in, data, status ? 0 : n);
        free(data);
        return good;
    }
    urb *u = s->urbs;
    while (u < s->urbs + MOST_URBS && u->number) u++;
    if (u == s->urbs + MOST_URBS) {
        free(data);
        return false;
    }
    *u = (urb){ .number = number, .in = in };
    u->transfer = (crl_usb_transfer){ .endpoint = (uint8_t)(endpoint | (in ? 0x80 : 0)),
                                      .interrupt = endpoint == 3 && in,
                                      .data = data,
                                      .bytes = bytes };
    u->transfer.result = s->usb->submit(s->handle, &u->transfer);
    return true;
}

static void put_away(urb *u)
{
    free(u->transfer.data);
    *u = (urb){ 0 };
}

static bool unlink_urb(server *s, const uint8_t *head)
{
    uint8_t reply[HEADER] = { 0 };
    const uint32_t which = get32(head + 20);
    int status = 0;
    for (urb *u = s->urbs; u < s->urbs + MOST_URBS; u++) {
        if (!which || u->number != which) continue;
        s->usb->cancel(s->handle, &u->transfer);
        put_away(u);
        status = -ECONNRESET;
    }
    put32(reply, RET_UNLINK);
    memcpy(reply + 4, head + 4, 4);
    put32(reply + 20, (uint32_t)status);
    return send_all(s->fd, reply, sizeof reply);
}

/* How far all transfers are. */
static size_t progress(const server *s)
{
    size_t sum = 0;
    for (const urb *u = s->urbs; u < s->urbs + MOST_URBS; u++)
        if (u->number) sum += u->transfer.done + 1 + (u->transfer.pending ? 0 : 1000003);
    return sum;
}

static bool work(server *s)
{
    size_t before;
    do {
        before = progress(s);
        s->usb->events(s->handle, 0);
    } while (progress(s) != before);
    for (urb *u = s->urbs; u < s->urbs + MOST_URBS; u++) {
        if (!u->number || u->transfer.pending) continue;
        if (!answer(s, u->number, of_result(u->transfer.result), u->in, u->transfer.data, u->transfer.done)) return false;
        put_away(u);
    }
    return true;
}

/* ---- who plugs it in ---- */

static void describe(server *s, uint8_t to[DEVICE_RECORD])
{
    uint8_t d[18] = { 0 };
    device_descriptor(s, d);
    memset(to, 0, DEVICE_RECORD);
    strcpy((char *)to, "/sys/devices/stick/usb1/1-1");
    strcpy((char *)to + 256, "1-1");
    put32(to + 288, 1);
    put32(to + 292, 2);
    put32(to + 296, HIGH_SPEED);
    put16(to + 300, (uint16_t)(d[8] | d[9] << 8));
    put16(to + 302, (uint16_t)(d[10] | d[11] << 8));
    put16(to + 304, 0x0100);
    to[309] = to[310] = to[311] = 1;
}

/* Whether it is plugged in now. */
static bool greet(server *s)
{
    uint8_t head[8], id[32], reply[12 + DEVICE_RECORD + 4] = { 0 };
    if (!receive(s->fd, head, sizeof head)) return false;
    const unsigned code = (unsigned)head[2] << 8 | head[3];
    put16(reply, VERSION);
    if (code == REQ_DEVLIST) {
        put16(reply + 2, REQ_DEVLIST & 0x7fff);
        put32(reply + 8, 1);
        describe(s, reply + 12);
        memset(reply + 12 + DEVICE_RECORD, 0xff, 3);
        send_all(s->fd, reply, sizeof reply);
        return false;
    }
    if (code != REQ_IMPORT || !receive(s->fd, id, sizeof id)) return false;
    put16(reply + 2, REQ_IMPORT & 0x7fff);
    describe(s, reply + 8);
    return send_all(s->fd, reply, 8 + DEVICE_RECORD);
}

static void serve(server *s)
{
    uint8_t head[HEADER];
    bool good = true;
    while (good && !pulled) {
        struct pollfd p = { .fd = s->fd, .events = POLLIN };
        const int ready = poll(&p, 1, IDLE_MS);
        if (ready > 0) {
            good = receive(s->fd, head, sizeof head);
            if (good && get32(head) == SUBMIT) good = take_urb(s, head);
            else if (good) good = get32(head) == UNLINK && unlink_urb(s, head);
        }
        if (good) good = work(s);
    }
    for (urb *u = s->urbs; u < s->urbs + MOST_URBS; u++) {
        if (!u->number) continue;
        if (u->transfer.pending) s->usb->cancel(s->handle, &u->transfer);
        put_away(u);
    }
}

static bool open_stick(server *s)
{
    crl_usb_place place;
    int n;
    return s->usb->list(s->usb, &place, 1, &n) == CRL_USB_OK && n == 1 && s->usb->open(s->usb, &place, &s->handle) == CRL_USB_OK;
}

static void welcome(server *s)
{
    const int one = 1;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (open_stick(s) && greet(s)) {
        printf("plugged in\n");
        serve(s);
        printf("out: %d transfers, %d programs%s%s\n", sim_transfers(s->stick), sim_programs(s->stick),
               *sim_complaint(s->stick) ? "; " : "", sim_complaint(s->stick));
        sim_plug(s->stick, false); /* it loses power */
        sim_plug(s->stick, true);
        pulled = 0;
    }
    if (s->handle) s->usb->close(s->usb, s->handle);
    s->handle = NULL;
    close(s->fd);
}

static int listen_at(int port)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    const struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) || listen(fd, 4)) {
        perror("usbip_stick");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    crl_error err;
    crl_model *compiled, *twin;
    server s = { .stick = sim_new() };
    if (argc < 3 || crl_model_open_file(&compiled, argv[1], &err) || crl_model_open_file(&twin, argv[2], &err)) {
        fprintf(stderr, "usbip_stick: %s\n", argc < 3 ? "COMPILED.tflite TWIN.tflite [PORT] are expected" : err.text);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    sim_add(s.stick, compiled, twin, CRL_ARITHMETIC_EDGETPU);
    sim_set_slow(s.stick, true);
    s.usb = sim_usb(s.stick);
    const struct sigaction pulling = { .sa_handler = pull };
    sigaction(SIGUSR1, &pulling, NULL);
    const int listening = listen_at(argc > 3 ? atoi(argv[3]) : 3240);
    printf("listening\n");
    for (;;) {
        s.fd = accept(listening, NULL, NULL);
        if (s.fd >= 0) welcome(&s);
    }
}
