/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: see json.h. */
#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void crl_json_bytes(crl_json *w, const char *bytes, size_t n)
{
    if (!w->failed) w->failed = !crl_buffer_add(w->b, bytes, n);
}

void crl_json_put(crl_json *w, const char *text)
{
    crl_json_bytes(w, text, strlen(text));
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

static void put_escape(crl_json *w, unsigned char c)
{
    static const char letters[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *known = strchr(letters, c);
    char text[8];
    if (known)
        snprintf(text, sizeof text, "\\%c", names[known - letters]);
    else
        snprintf(text, sizeof text, "\\u%04X", c);
    crl_json_put(w, text);
}

void crl_json_text(crl_json *w, const char *text)
{
    if (!text) {
        crl_json_put(w, "null");
        return;
    }
    crl_json_put(w, "\"");
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        const size_t n = utf8_length(s);
        if (!n)
            crl_json_put(w, "\xef\xbf\xbd");
        else if (*s == '"' || *s == '\\' || *s < 0x20)
            put_escape(w, *s);
        else
            crl_json_bytes(w, (const char *)s, n);
        s += n ? n : 1;
    }
    crl_json_put(w, "\"");
}

/* "1e-05" to "1e-5" and "1e+20" to "1e20"; a whole number gets ".0", so that it reads as the real that it is. The point is
 * a point, whatever the locale writes. */
static void put_digits(crl_json *w, const char *text)
{
    const size_t digits = strspn(text, "-0123456789"), exponent = strcspn(text, "e");
    crl_json_bytes(w, text, digits);
    if (digits < exponent) {
        const size_t point = strcspn(text + digits, "0123456789");
        crl_json_put(w, ".");
        crl_json_bytes(w, text + digits + point, exponent - digits - point);
    } else if (!text[exponent])
        crl_json_put(w, ".0");
    if (!text[exponent]) return;
    crl_json_put(w, text[exponent + 1] == '-' ? "e-" : "e");
    const char *power = text + exponent + 2;
    crl_json_put(w, power + strspn(power, "0"));
}

/* A decimal of nine digits survives the way through a double. */
void crl_json_float(crl_json *w, float v)
{
    char text[32];
    if (!isfinite(v)) {
        crl_json_put(w, "null");
        return;
    }
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)v);
        if (strtof(text, NULL) == v) break;
    }
    snprintf(text, sizeof text, "%.9g", strtod(text, NULL));
    put_digits(w, text);
}

void crl_json_int(crl_json *w, uint64_t v)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    crl_json_put(w, text);
}
