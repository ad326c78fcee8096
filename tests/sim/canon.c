/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded traffic as a transport: see canon.h. */
#include "canon.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 4096, MOST_ARMED = 64, MOST_BLOCKS = 64, BLOCK = 256, ENDPOINTS = 4 };

typedef struct line {
    char *text;  /* "CTRL bm=80 req=06 ..." */
    bool done;
} line;

struct canon {
    crl_usb usb;
    char head[8192];
    line *lines;
    int n, at;               /* calls and control transfers come in order */
    int out[ENDPOINTS];      /* the line that is next to go out on each endpoint */
    uint8_t *sent[ENDPOINTS]; /* what of it has gone out */
    size_t n_sent[ENDPOINTS];
    int answer;              /* the line that the device says next */
    size_t answered;         /* bytes of it */
    int dma;                 /* device-to-host transfers of the execution, so far */
    uint64_t now;
    crl_usb_transfer *armed[MOST_ARMED];
    int n_armed;
    uint8_t block[MOST_BLOCKS][BLOCK]; /* of firmware */
    uint32_t block_crc[MOST_BLOCKS];   /* as recorded */
    bool knows_firmware, hot;
    canon_mask *mask;
    void *user;
    char difference[CANON_TEXT];
};

uint32_t canon_crc(uint32_t crc, const void *data, size_t n)
{
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= ((const uint8_t *)data)[i];
        for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* --- the file -------------------------------------------------------------------------------------------- */

/* What stands behind " key=", up to the next blank; NULL: there is no such thing. */
static const char *value(const char *text, const char *key)
{
    static char room[4][LINE];
    static int turn;
    char *out = room[turn = (turn + 1) % 4];
    const size_t n = strlen(key);
    for (const char *at = strchr(text, ' '); at; at = strchr(at + 1, ' '))
        if (!strncmp(at + 1, key, n) && at[1 + n] == '=') {
            snprintf(out, LINE, "%.*s", (int)strcspn(at + n + 2, " "), at + n + 2);
            return out;
        }
    return NULL;
}

static unsigned long number(const char *text, const char *key, int base)
{
    const char *v = value(text, key);
    return v ? strtoul(v, NULL, base) : 0;
}

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static void add_line(canon *c, const char *text)
{
    if (*text == '#') {
        const size_t n = strlen(c->head);
        snprintf(c->head + n, sizeof c->head - n, "%s\n", text);
        return;
    }
    c->lines = realloc(c->lines, (size_t)(c->n + 1) * sizeof *c->lines);
    char *copy = malloc(strlen(text) + 1);
    if (!c->lines || !copy) abort();
    strcpy(copy, text);
    c->lines[c->n++] = (line){ copy, false };
}

static bool is_call(const char *text)
{
    return begins(text, "HOST ") || begins(text, "CTRL ");
}

static void skip(canon *c)
{
    while (c->at < c->n && !is_call(c->lines[c->at].text)) c->at++;
}

/* The next line that goes out on this endpoint. */
static void skip_out(canon *c, int endpoint)
{
    int *at = &c->out[endpoint];
    while (*at < c->n && !(begins(c->lines[*at].text, "OUT ") && number(c->lines[*at].text, "ep", 16) == (unsigned long)endpoint)) ++*at;
}

static bool is_answer(const char *text)
{
    return begins(text, "DEV raises") || begins(text, "DEV gives");
}

static void skip_answer(canon *c)
{
    while (c->answer < c->n && !is_answer(c->lines[c->answer].text)) c->answer++;
}

bool canon_says(const canon *c, const char *text)
{
    return strstr(c->head, text);
}

void canon_knows_firmware(canon *c, bool known)
{
    c->knows_firmware = known;
}

void canon_mask_with(canon *c, canon_mask *mask, void *user)
{
    c->mask = mask;
    c->user = user;
}

const char *canon_first_model(const canon *c)
{
    static char name[CANON_TEXT];
    for (int i = 0; i < c->n; i++) {
        const char *source = begins(c->lines[i].text, "OUT ") ? value(c->lines[i].text, "src") : NULL;
        if (!source || !strchr(source, '#')) continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(source, "#"), source);
        return name;
    }
    return NULL;
}

void canon_expect_no_sends(canon *c)
{
    for (int i = 0; i < c->n; i++)
        if (begins(c->lines[i].text, "OUT ")) c->lines[i].done = true;
}

bool canon_next_run(const canon *c, int i, canon_run *run)
{
    *run = (canon_run){ 0 };
    for (int k = 0, found = 0; k < c->n; k++) {
        const char *text = c->lines[k].text;
        if (begins(text, "HOST claim")) run->opens++;
        const char *source = begins(text, "OUT ") ? value(text, "src") : NULL;
        const char *kind = source ? strchr(source, '#') : NULL;
        if (!kind || strstr(kind, "PARAMETER_CACHING") || !strstr(kind, ".instruction_bitstreams[0]")) continue;
        snprintf(run->name, sizeof run->name, "%.*s", (int)(kind - source), source);
        if (found++ == i) break;
        if (k == c->n - 1) return false;
        if (found > i) break;
        run->name[0] = 0;
    }
    if (!run->name[0]) return false;
    /* How often it ran before. */
    canon_run before;
    for (int k = 0; k < i && canon_next_run(c, k, &before); k++) run->count += !strcmp(before.name, run->name);
    return true;
}

/* Models have letters, in the order of their first runs. */
static char letter(const canon *c, int who)
{
    char seen[32] = "";
    for (const char *at = c->head; (at = strstr(at, "# tensor ")); at++)
        if (!strchr(seen, at[9]) && strlen(seen) + 1 < sizeof seen) {
            seen[strlen(seen) + 1] = 0;
            seen[strlen(seen)] = at[9];
        }
    return who < (int)strlen(seen) ? seen[who] : '?';
}

bool canon_tensor(const canon *c, int who, int count, int i, uint32_t *crc)
{
    char start[64];
    snprintf(start, sizeof start, "# tensor %c %d ", letter(c, who), count);
    for (const char *at = c->head; (at = strstr(at, start)); at++)
        if (i-- == 0) {
            const char *v = strstr(at, "crc32=");
            *crc = v ? (uint32_t)strtoul(v + 6, NULL, 16) : 0;
            return v;
        }
    return false;
}

/* --- comparison ------------------------------------------------------------------------------------------ */

static void differ(canon *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void differ(canon *c, const char *fmt, ...)
{
    if (*c->difference) return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->difference, sizeof c->difference, fmt, args);
    va_end(args);
}

/* The next call or control transfer, which has to begin so; NULL: it does not. */
static const char *expect(canon *c, const char *what)
{
    skip(c);
    const char *text = c->at < c->n ? c->lines[c->at].text : "the end";
    if (*c->difference || !begins(text, what)) {
        differ(c, "\"%s\" where \"%.200s\" is recorded", what, text);
        return NULL;
    }
    c->lines[c->at++].done = true;
    return text;
}

const char *canon_difference(canon *c)
{
    for (int i = 0; i < c->n; i++) {
        const char *text = c->lines[i].text;
        if (is_call(text) && !c->lines[i].done) differ(c, "\"%.200s\" is recorded and did not come", text);
        if (begins(text, "OUT ") && !c->lines[i].done) differ(c, "\"%.200s\" is recorded and did not go out", text);
    }
    return c->difference;
}

static crl_usb_result result_of(const char *text)
{
    const long ret = value(text, "ret") ? strtol(value(text, "ret"), NULL, 10) : 0;
    return ret >= 0 ? CRL_USB_OK : ret == -4 || ret == -5 ? CRL_USB_GONE : ret == -7 ? CRL_USB_TIMEOUT : ret == -9 ? CRL_USB_STALL : CRL_USB_FAILED;
}

/* --- calls ------------------------------------------------------------------------------------------------ */

static canon *of(const crl_usb *usb)
{
    return usb->own;
}

/* What sits there is what will be opened next, or is open for good. */
static crl_usb_result list(const crl_usb *usb, crl_usb_place *places, int most, int *n)
{
    canon *c = of(usb);
    int next = -1;
    *n = 0;
    for (int i = 0; i < c->n && (next < c->at); i++)
        if (begins(c->lines[i].text, "HOST open")) next = i;
    if (next >= 0 && most) {
        const char *dev = value(c->lines[next].text, "dev");
        *places = (crl_usb_place){ .bus = 1, .depth = 1, .port = { 1 }, .vendor = (uint16_t)strtoul(dev, NULL, 16),
                                   .product = (uint16_t)strtoul(strchr(dev, ':') + 1, NULL, 16) };
        *n = 1;
    }
    return CRL_USB_OK;
}

static crl_usb_result open_device(const crl_usb *usb, const crl_usb_place *place, void **handle)
{
    char want[64];
    snprintf(want, sizeof want, "HOST open dev=%04x:%04x", place->vendor, place->product);
    const char *text = expect(of(usb), want);
    *handle = usb->own;
    return text ? result_of(text) : CRL_USB_FAILED;
}

static void close_device(const crl_usb *usb, void *handle)
{
    (void)usb;
    expect(handle, "HOST close");
}

static crl_usb_result claim(void *handle, int interface)
{
    char want[64];
    snprintf(want, sizeof want, "HOST claim intf=%d", interface);
    const char *text = expect(handle, want);
    return text ? result_of(text) : CRL_USB_FAILED;
}

static void release(void *handle, int interface)
{
    char want[64];
    snprintf(want, sizeof want, "HOST release intf=%d", interface);
    expect(handle, want);
}

static crl_usb_result reset(void *handle)
{
    const char *text = expect(handle, "HOST reset");
    return text ? result_of(text) : CRL_USB_FAILED;
}

static crl_usb_speed speed(void *handle)
{
    return canon_says(handle, "HighSpeed") ? CRL_USB_HIGH : CRL_USB_SUPER;
}

/* --- control transfers ------------------------------------------------------------------------------------ */

static size_t from_hex(uint8_t *out, size_t most, const char *hex)
{
    size_t n = 0;
    for (; hex && n < most && hex[0] && hex[0] != '-' && hex[1]; hex += 2) {
        unsigned byte;
        if (sscanf(hex, "%2x", &byte) != 1) break;
        out[n++] = (uint8_t)byte;
    }
    return n;
}

static bool is_block(const crl_usb_setup *s, uint8_t type)
{
    return s->type == type && s->request == (type == 0x21 ? 1 : 2) && s->value < MOST_BLOCKS && s->length <= BLOCK;
}

/* Firmware is taken as it comes; what is recorded of it is a checksum. */
static void take_block(canon *c, const crl_usb_setup *s, const void *data, const char *text)
{
    memcpy(c->block[s->value], data, s->length);
    c->block_crc[s->value] = (uint32_t)number(text, "crc", 16);
    if (c->knows_firmware && s->length && canon_crc(0, data, s->length) != c->block_crc[s->value])
        differ(c, "block %d of the firmware is another one than recorded", s->value);
}

/* And comes back as it was taken, where it came back so. */
static void give_block(canon *c, const crl_usb_setup *s, void *data, size_t n, const char *text)
{
    memcpy(data, c->block[s->value], n);
    if ((uint32_t)number(text, "crc", 16) != c->block_crc[s->value]) *(uint8_t *)data ^= 1;
}

static crl_usb_result control(void *handle, const crl_usb_setup *s, void *data, unsigned limit_ms, size_t *done)
{
    (void)limit_ms;
    canon *c = handle;
    char want[128];
    snprintf(want, sizeof want, "CTRL bm=%02x req=%02x val=%04x idx=%04x len=%d ", s->type, s->request, s->value, s->index, s->length);
    const char *text = expect(c, want);
    *done = 0;
    if (!text) return CRL_USB_FAILED;
    if (result_of(text) != CRL_USB_OK) return result_of(text);
    *done = number(text, "ret", 10);
    const char *bytes = s->type & 0x80 && value(text, "reply") ? value(text, "reply") : value(text, "data");
    uint8_t recorded[LINE];
    const size_t n = from_hex(recorded, sizeof recorded, bytes);
    if (is_block(s, 0x21))
        take_block(c, s, data, text);
    else if (is_block(s, 0xa1))
        give_block(c, s, data, *done, text);
    else if (s->type & 0x80)
        memcpy(data, recorded, n < s->length ? n : s->length);
    else if (s->length && (n != s->length || memcmp(recorded, data, n)))
        differ(c, "other data than in \"%.200s\"", text);
    return *c->difference ? CRL_USB_FAILED : CRL_USB_OK;
}

/* --- what goes out ----------------------------------------------------------------------------------------- */

static bool same_content(const canon *c, const char *text, uint8_t *data, size_t n)
{
    if (strstr(text, " header ")) {
        uint8_t head[8];
        return from_hex(head, sizeof head, value(text, "data")) == 8 && n == 8 && !memcmp(head, data, 8);
    }
    if (value(text, "first")) return canon_crc(0, data, number(text, "first", 10)) == number(text, "crc_first", 16);
    if (value(text, "crc")) return canon_crc(0, data, n) == number(text, "crc", 16);
    if (c->mask) c->mask(c->user, value(text, "src"), data, n);
    return canon_crc(0, data, n) == number(text, "crc_links_zeroed", 16);
}

/* Bytes are compared as soon as those of a recorded transfer are together. */
static void send(canon *c, int endpoint, const uint8_t *data, size_t n)
{
    while (n && !*c->difference) {
        skip_out(c, endpoint);
        int *at = &c->out[endpoint];
        if (*at == c->n) {
            differ(c, "%zu bytes go out on endpoint %d, where nothing more is recorded", n, endpoint);
            return;
        }
        const char *text = c->lines[*at].text;
        const size_t want = number(text, "len", 10), part = want - c->n_sent[endpoint] < n ? want - c->n_sent[endpoint] : n;
        uint8_t *sent = c->sent[endpoint] = realloc(c->sent[endpoint], want + 1);
        if (!sent) abort();
        memcpy(sent + c->n_sent[endpoint], data, part);
        c->n_sent[endpoint] += part;
        data += part, n -= part;
        if (c->n_sent[endpoint] < want) continue;
        if (!same_content(c, text, sent, want)) differ(c, "other bytes than in \"%.300s\"", text);
        c->lines[*at].done = true;
        ++*at;
        c->n_sent[endpoint] = 0;
    }
}

static void finish(crl_usb_transfer *t, crl_usb_result result, size_t done)
{
    t->pending = false;
    t->result = result;
    t->done = done;
}

static crl_usb_result submit(void *handle, crl_usb_transfer *t)
{
    canon *c = handle;
    t->pending = true;
    t->done = 0;
    if (t->endpoint & 0x80) {
        if (c->n_armed == MOST_ARMED) return CRL_USB_NO_MEMORY;
        c->armed[c->n_armed++] = t;
        return CRL_USB_OK;
    }
    send(c, t->endpoint, t->data, t->bytes);
    finish(t, *c->difference ? CRL_USB_FAILED : CRL_USB_OK, *c->difference ? 0 : t->bytes);
    return CRL_USB_OK;
}

/* --- what comes in ----------------------------------------------------------------------------------------- */

static crl_usb_transfer *take_armed(canon *c, uint8_t endpoint)
{
    for (int i = 0; i < c->n_armed; i++)
        if (c->armed[i]->endpoint == endpoint) {
            crl_usb_transfer *t = c->armed[i];
            memmove(c->armed + i, c->armed + i + 1, (size_t)(--c->n_armed - i) * sizeof *c->armed);
            return t;
        }
    return NULL;
}

static void cancel(void *handle, crl_usb_transfer *t)
{
    canon *c = handle;
    for (int i = 0; i < c->n_armed; i++)
        if (c->armed[i] == t) {
            memmove(c->armed + i, c->armed + i + 1, (size_t)(--c->n_armed - i) * sizeof *c->armed);
            finish(t, CRL_USB_CANCELLED, 0);
            return;
        }
}

/* Byte j of transfer k of an execution is j + 37 k: what the simulated device of the recordings gave. A transfer ends with
 * the bytes of one, or when it is full; on a slow link after 256 bytes. */
static bool give_bytes(canon *c, size_t of_dma)
{
    crl_usb_transfer *t = take_armed(c, 0x81);
    if (!t) return false;
    const size_t left = of_dma - c->answered, most = speed(c) == CRL_USB_HIGH && t->bytes > 256 ? 256 : t->bytes;
    const size_t n = left < most ? left : most;
    for (size_t i = 0; i < n; i++) ((uint8_t *)t->data)[i] = (uint8_t)(c->answered + i + 37 * (size_t)c->dma);
    c->answered += n;
    finish(t, CRL_USB_OK, n);
    if (c->answered < of_dma) return true;
    c->dma++;
    c->answered = 0;
    c->answer++;
    return true;
}

static bool raise_event(canon *c, unsigned tag)
{
    crl_usb_transfer *t = take_armed(c, 0x82);
    if (!t) return false;
    memset(t->data, 0, 16);
    ((uint8_t *)t->data)[12] = (uint8_t)tag;
    finish(t, CRL_USB_OK, 16);
    c->answer++;
    if (!canon_says(c, "sim_evfirst")) c->dma = 0;
    return true;
}

static bool warn(canon *c)
{
    if (c->hot || !canon_says(c, "sim_inject=thermal") || c->out[1] < 1) return false;
    crl_usb_transfer *t = take_armed(c, 0x83);
    if (!t) return false;
    memcpy(t->data, (uint8_t[4]){ 0x10 }, 4);
    finish(t, CRL_USB_OK, 4);
    return c->hot = true;
}

static void events(void *handle, unsigned limit_ms)
{
    canon *c = handle;
    skip_answer(c);
    const char *text = c->answer < c->n ? c->lines[c->answer].text : "";
    if (warn(c)) return;
    if (begins(text, "DEV gives") && give_bytes(c, number(text, "bytes", 10))) return;
    if (begins(text, "DEV raises") && raise_event(c, (unsigned)number(text, "tag", 10))) return;
    c->now += limit_ms * UINT64_C(1000000);
}

static void forget(void *handle, crl_usb_transfer *t)
{
    (void)handle;
    (void)t;
}

static void pause_for(const crl_usb *usb, unsigned ms)
{
    of(usb)->now += ms * UINT64_C(1000000);
}

static uint64_t now(const crl_usb *usb)
{
    return of(usb)->now;
}

/* --- making one --------------------------------------------------------------------------------------------- */

canon *canon_read(const char *path, char why[CANON_TEXT])
{
    FILE *f = fopen(path, "r");
    canon *c = calloc(1, sizeof *c);
    char text[LINE];
    if (!f || !c) {
        snprintf(why, CANON_TEXT, "%s cannot be read", path);
        if (f) fclose(f);
        free(c);
        return NULL;
    }
    while (fgets(text, sizeof text, f)) {
        text[strcspn(text, "\r\n")] = 0;
        if (*text) add_line(c, text);
    }
    fclose(f);
    c->usb = (crl_usb){ .name = "recorded traffic", .own = c, .list = list, .open = open_device, .close = close_device, .claim = claim,
                        .release = release, .reset = reset, .speed = speed, .control = control, .submit = submit, .cancel = cancel,
                        .events = events, .forget = forget, .sleep = pause_for, .now = now };
    if (canon_says(c, "scenario:")) return c;
    snprintf(why, CANON_TEXT, "%s is no recorded traffic: it names no scenario", path);
    canon_free(c);
    return NULL;
}

void canon_free(canon *c)
{
    for (int i = 0; i < c->n; i++) free(c->lines[i].text);
    for (int i = 0; i < ENDPOINTS; i++) free(c->sent[i]);
    free(c->lines);
    free(c);
}

const crl_usb *canon_usb(canon *c)
{
    return &c->usb;
}

int canon_open_count(const canon *c)
{
    int n = 0;
    for (int i = 0; i < c->n; i++) n += begins(c->lines[i].text, "HOST claim intf=0") && i + 1 < c->n && strstr(c->lines[i + 1].text, "a30c");
    return n;
}
