/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of text: see text.h. */
#include "vision/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "vision/letters.h"
#include "vision/shaping.h"
#include "vision/text_cache.h"

static const char ellipsis[] = "\xe2\x80\xa6";

/* Copies what fits, whole characters of it; blanks stand in for control characters, '?' for what is no UTF-8. */
static void copy_clean(char *to, size_t room, const char *from)
{
    size_t n = 0;
    while (*from) {
        const char *begin = from;
        const int32_t code = crl_utf8_next(&from);
        const size_t bytes = (size_t)(from - begin);
        if (n + bytes + sizeof ellipsis > room) break;
        if (code < 0) to[n++] = '?';
        else if (code < ' ' || (code >= 0x7f && code < 0xa0)) to[n++] = ' ';
        else {
            memcpy(to + n, begin, bytes);
            n += bytes;
        }
    }
    to[n] = 0;
}

/* Leaves the project's own letters of a text; false when none of them is a letter or a digit. */
static bool keep_own_letters(char *string)
{
    char *to = string;
    bool tells = false;
    for (const char *p = string; *p;) {
        char one[5] = "";
        const char *begin = p;
        crl_utf8_next(&p);
        memcpy(one, begin, (size_t)(p - begin));
        const bool blank = *one == ' ' && (to == string || to[-1] == ' ');
        if (blank || !crl_letters_have(one)) continue;
        tells = tells || (*one >= '0' && *one <= '9') || ((*one | 32) >= 'a' && (*one | 32) <= 'z') || (*one & 0x80);
        memmove(to, begin, (size_t)(p - begin));
        to += p - begin;
    }
    while (to > string && to[-1] == ' ') to--;
    *to = 0;
    return tells;
}

/* Cuts a text of own letters and sets its sizes. */
static void fit(crl_text *t, double most)
{
    const double room = most - crl_letters_width(ellipsis, t->size);
    double width = 0.0;
    size_t keep = 0;
    for (const char *p = t->string; *p;) {
        char one[5] = "";
        const char *begin = p;
        crl_utf8_next(&p);
        memcpy(one, begin, (size_t)(p - begin));
        width += crl_letters_width(one, t->size);
        if (width <= room && *one != ' ') keep = (size_t)(p - t->string);
    }
    if (width > most) {
        memcpy(t->string + keep, ellipsis, sizeof ellipsis);
        width = crl_letters_width(t->string, t->size);
    }
    t->width = (int32_t)ceil(width);
    t->ascent = (int32_t)crl_letters_ascent(t->size);
    t->descent = (int32_t)crl_letters_descent(t->size);
}

void crl_text_plain(crl_text *text, const char *string, double size)
{
    *text = (crl_text){ .size = size };
    copy_clean(text->string, sizeof text->string, string);
    fit(text, INFINITY);
}

/* Own letters, "class 7" where none of them is left. */
static void finish_label(crl_text *text, int32_t index, double most)
{
    if (!text->string[strspn(text->string, " ")]) snprintf(text->string, sizeof text->string, "class %d", index);
    fit(text, most);
}

void crl_text_label(crl_text_cache *c, crl_text *text, const char *label, int32_t index, double size, double most)
{
    *text = (crl_text){ .size = size };
    copy_clean(text->string, sizeof text->string, label ? label : "");
    if (!crl_letters_have(text->string)) {
        crl_text_measure(c, text, most);
        if (text->shaped) return;
        if (!keep_own_letters(text->string)) *text->string = 0;
    }
    finish_label(text, index, most);
}

crl_status crl_draw_check_label(const char *label, crl_error *err)
{
    crl_text t = { .size = 20.0 };
    copy_clean(t.string, sizeof t.string, label);
    return crl_letters_have(t.string) ? CRL_OK : crl_shaping_measure(&t, 0.0, err);
}
