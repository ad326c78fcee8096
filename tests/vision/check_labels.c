/* SPDX-License-Identifier: Apache-2.0 */
/* Label files in their customary forms, and files that are none. */
#include <stdio.h>
#include <string.h>

#include "checks.h"

/* `want` lists "index=name" with '|' between, in order. */
static void expect(check *t, const char *text, size_t bytes, const char *want)
{
    crl_labels *l;
    crl_error err = { 0 };
    if (!check_that(t, !crl_labels_parse(&l, text, bytes, &err), "\"%s\": %s", text, err.text)) return;
    char got[256] = "";
    int32_t n = 0;
    for (int32_t i = 0; i < crl_labels_end(l); i++) {
        const char *name = crl_labels_get(l, i);
        const size_t used = strlen(got);
        if (name) snprintf(got + used, sizeof got - used, "%s%d=%s", n++ ? "|" : "", i, name);
    }
    check_that(t, !strcmp(got, want), "\"%s\" gives %s, not %s", text, got, want);
    check_that(t, crl_labels_count(l) == n, "\"%s\": %d labels counted, %d found", text, crl_labels_count(l), n);
    check_that(t, !crl_labels_get(l, -1) && !crl_labels_get(l, crl_labels_end(l)) && !crl_labels_get(l, INT32_MAX), "names out of range");
    crl_labels_free(l);
}

#define EXPECT(t, text, want) expect(t, text, sizeof text - 1, want)

void check_labels(check *t, unsigned cpu)
{
    (void)cpu;
    EXPECT(t, "cat\ndog\n", "0=cat|1=dog");
    EXPECT(t, "cat\ndog", "0=cat|1=dog");
    EXPECT(t, "0  cat\n1  dog\n", "0=cat|1=dog");
    EXPECT(t, "0:cat\n1: dog\n", "0=cat|1=dog");
    EXPECT(t, "0 Ara macao (Scarlet Macaw)\n", "0=Ara macao (Scarlet Macaw)");
    EXPECT(t, "tench, Tinca tinca\n", "0=tench, Tinca tinca");
    EXPECT(t, "7\tseven\r\n3  three \r\n", "3=three|7=seven");
    EXPECT(t, "5 old\n5 new\n", "5=new");
    EXPECT(t, "\xef\xbb\xbf" "0 cat\n", "0=cat");
    EXPECT(t, "  0 cat  \n\n  dog\n", "0=cat|2=dog");
    EXPECT(t, "a\rb\rc", "0=a|1=b|2=c");
    EXPECT(t, "a\r\n\r\nb", "0=a|2=b");
    EXPECT(t, "90\n3d glasses\n", "0=90|1=3d glasses");
    EXPECT(t, "0 : \n4:  x : y\n", "4=x : y");
    EXPECT(t, "0 M\xc3\xb6we\n1 \xe9\xb3\xa5 \xf0\x9f\x90\xa6\n", "0=M\xc3\xb6we|1=\xe9\xb3\xa5 \xf0\x9f\x90\xa6");
    EXPECT(t, "0 a\n2000 b\n", "0=a|2000=b");
    EXPECT(t, "", "");
    EXPECT(t, "\n\n", "");
    EXPECT(t, "2147483646x\n", "0=2147483646x");
    check_that(t, !crl_labels_get(NULL, 0) && !crl_labels_count(NULL) && !crl_labels_end(NULL), "labels of NULL");
}

static void refuse(check *t, const char *text, size_t bytes, const char *part)
{
    crl_labels *l;
    crl_error err = { 0 };
    char *copy = check_guarded(t, bytes);
    memcpy(copy, text, bytes);
    const crl_status s = crl_labels_parse(&l, copy, bytes, &err);
    check_that(t, s == CRL_ERR_FORMAT && !l && strstr(err.text, part), "status %d, \"%s\"; no \"%s\"", s, err.text, part);
    crl_labels_free(l);
}

#define REFUSE(t, text, part) refuse(t, text, sizeof text - 1, part)

void check_labels_refused(check *t, unsigned cpu)
{
    (void)cpu;
    REFUSE(t, "a\nb\0c\n", "line 2 has the byte 0x00");
    REFUSE(t, "a\nb\n\xffx", "line 3 has the byte 0xff");
    REFUSE(t, "\xc3", "0xc3");
    REFUSE(t, "\xe2\x82", "0xe2");
    REFUSE(t, "\xc0\x80", "0xc0");
    REFUSE(t, "\xed\xa0\x80", "0xed");
    REFUSE(t, "\xf4\x90\x80\x80", "0xf4");
    REFUSE(t, "0 a\n99999999999999999999 b\n", "line 2 numbers a class 99999999999999999999");
    REFUSE(t, "2147483647 b\n", "line 1");
    crl_labels *l;
    crl_error err = { 0 };
    check_that(t, crl_labels_load(&l, "/nonexistent", &err) == CRL_ERR_IO && !l && strstr(err.text, "/nonexistent"), "%s", err.text);
}
