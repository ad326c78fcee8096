/* SPDX-License-Identifier: Apache-2.0 */
/* Results as JSON: the one place where their keys are written (include/corallite/session.h).
 *
 * Written by hand: the shape never changes, there is nothing to parse, and a library would make an object in memory for
 * every number of every frame. The text is that of jansson at nine digits, which the rest of the program writes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "session/session.h"

/* Text that grows; once there is no memory for it, it stays as it is. */
typedef struct writer {
    crl_buffer *b;
    bool failed;
} writer;

static void put_bytes(writer *w, const char *bytes, size_t n)
{
    if (!w->failed) w->failed = !crl_buffer_add(w->b, bytes, n);
}

static void put(writer *w, const char *text)
{
    put_bytes(w, text, strlen(text));
}

/* ---- values ---- */

/* Bytes of the UTF-8 character at s, 0 when it is none: overlong forms and surrogates included. */
static size_t utf8_length(const unsigned char *s)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t code = s[0];
    if (s[0] < 0x80) return 1;
    const size_t n = s[0] >= 0xf8 ? 0 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 0;
    if (!n) return 0;
    code &= 0x7fu >> n;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

static void put_escape(writer *w, unsigned char c)
{
    static const char letters[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *known = strchr(letters, c);
    char text[8];
    if (known)
        snprintf(text, sizeof text, "\\%c", names[known - letters]);
    else
        snprintf(text, sizeof text, "\\u%04X", c);
    put(w, text);
}

/* A string of any bytes; what is no UTF-8 becomes U+FFFD. NULL is null. */
static void put_text(writer *w, const char *text)
{
    if (!text) {
        put(w, "null");
        return;
    }
    put(w, "\"");
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        const size_t n = utf8_length(s);
        if (!n)
            put(w, "\xef\xbf\xbd");
        else if (*s == '"' || *s == '\\' || *s < 0x20)
            put_escape(w, *s);
        else
            put_bytes(w, (const char *)s, n);
        s += n ? n : 1;
    }
    put(w, "\"");
}

/* "1e-05" to "1e-5" and "1e+20" to "1e20"; a whole number gets ".0", so that it reads as the real that it is. The point is
 * a point, whatever the locale writes. */
static void put_digits(writer *w, const char *text)
{
    const size_t digits = strspn(text, "-0123456789"), exponent = strcspn(text, "e");
    put_bytes(w, text, digits);
    if (digits < exponent) {
        const size_t point = strcspn(text + digits, "0123456789");
        put(w, ".");
        put_bytes(w, text + digits + point, exponent - digits - point);
    } else if (!text[exponent])
        put(w, ".0");
    if (!text[exponent]) return;
    put(w, text[exponent + 1] == '-' ? "e-" : "e");
    const char *power = text + exponent + 2;
    put(w, power + strspn(power, "0"));
}

/* In the fewest digits that read back as the same float, at most nine, and an exponent only where those do not reach; null
 * when it is not finite. A decimal of nine digits survives the way through a double. */
static void put_float(writer *w, float v)
{
    char text[32];
    if (!isfinite(v)) {
        put(w, "null");
        return;
    }
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
        if (strtof(text, NULL) == v) break;
    }
    snprintf(text, sizeof text, "%.9g", strtod(text, NULL));
    put_digits(w, text);
}

static void put_int(writer *w, uint64_t v)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    put(w, text);
}

/* ---- results ---- */

static void put_class(writer *w, const crl_session *s, int32_t i, int32_t index)
{
    put(w, i ? ", {\"index\": " : "{\"index\": ");
    put_int(w, (uint64_t)index);
    put(w, ", \"label\": ");
    put_text(w, crl_session_label(s, index));
}

static void put_classes(writer *w, const crl_session *s)
{
    put(w, "\"results\": [");
    for (int32_t i = 0; i < s->results.n_classes; i++) {
        put_class(w, s, i, s->results.classes[i].index);
        put(w, ", \"score\": ");
        put_float(w, s->results.classes[i].score);
        put(w, "}");
    }
    put(w, "]");
}

static void put_detections(writer *w, const crl_session *s)
{
    put(w, "\"results\": [");
    for (int32_t i = 0; i < s->results.n_detections; i++) {
        const crl_detection *d = &s->results.detections[i];
        const float edges[4] = { d->box.x0, d->box.y0, d->box.x1, d->box.y1 };
        put_class(w, s, i, d->index);
        put(w, ", \"score\": ");
        put_float(w, d->score);
        put(w, ", \"box\": [");
        for (int k = 0; k < 4; k++) {
            if (k) put(w, ", ");
            put_float(w, edges[k]);
        }
        put(w, "]}");
    }
    put(w, "]");
}

static void put_segments(writer *w, const crl_session *s)
{
    put(w, "\"classes\": [");
    for (int32_t i = 0; i < s->results.n_segments; i++) {
        put_class(w, s, i, s->results.segments[i].index);
        put(w, ", \"pixels\": ");
        put_int(w, s->results.segments[i].pixels);
        put(w, "}");
    }
    put(w, "]");
}

static void put_keypoint(writer *w, int k, const crl_keypoint *p)
{
    put(w, k ? ", {\"name\": " : "{\"name\": ");
    put_text(w, crl_keypoint_name(k));
    put(w, ", \"x\": ");
    put_float(w, p->x);
    put(w, ", \"y\": ");
    put_float(w, p->y);
    put(w, ", \"score\": ");
    put_float(w, p->score);
    put(w, "}");
}

static void put_poses(writer *w, const crl_session *s)
{
    put(w, "\"poses\": [");
    for (int32_t i = 0; i < s->results.n_poses; i++) {
        const crl_pose *p = &s->results.poses[i];
        put(w, i ? ", {\"score\": " : "{\"score\": ");
        put_float(w, p->score);
        put(w, ", \"keypoints\": [");
        for (int k = 0; k < CRL_KEYPOINTS; k++) put_keypoint(w, k, &p->keypoints[k]);
        put(w, "]}");
    }
    put(w, "]");
}

static void put_embedding(writer *w, const crl_session *s)
{
    put(w, "\"embedding\": [");
    for (size_t i = 0; i < s->results.n_embedding; i++) {
        if (i) put(w, ", ");
        put_float(w, s->results.embedding[i]);
    }
    put(w, "]");
}

static void put_results(writer *w, const crl_session *s)
{
    switch (s->results.purpose) {
    case CRL_PURPOSE_CLASSIFY: put_classes(w, s); break;
    case CRL_PURPOSE_DETECT: put_detections(w, s); break;
    case CRL_PURPOSE_SEGMENT: put_segments(w, s); break;
    case CRL_PURPOSE_POSE: put_poses(w, s); break;
    case CRL_PURPOSE_EMBED: put_embedding(w, s); break;
    case CRL_PURPOSE_UNKNOWN: break;
    }
}

crl_status crl_session_json(crl_session *s, const char *image, const char **text, size_t *bytes, crl_error *err)
{
    *text = NULL;
    if (!s->has_results) return crl_fail(err, CRL_ERR_STATE, "there are no results to tell: no run has ended well since");
    writer w = { .b = &s->json };
    s->json.size = 0;
    put(&w, "{");
    if (image) {
        put(&w, "\"image\": ");
        put_text(&w, image);
        put(&w, ", ");
    }
    put_results(&w, s);
    put_bytes(&w, "}", 2); /* with its zero */
    if (w.failed) return crl_fail_memory(err, "results as JSON");
    *text = (const char *)s->json.data;
    if (bytes) *bytes = s->json.size - 1;
    return CRL_OK;
}
