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

/* The forms that other programs write. */
void check_labels_forms(check *t, unsigned cpu)
{
    (void)cpu;
    /* "???" is no name; in front of the others it is no class. */
    EXPECT(t, "???\nperson\nbicycle\n???\ncar\n", "0=person|1=bicycle|3=car");
    EXPECT(t, "0 person\n1 ???\n2 car\n", "0=person|2=car");
    /* Numbers and names in other spellings. One number in a list of names is a part of the name. */
    EXPECT(t, "0, person\n1, car\n", "0=person|1=car");
    EXPECT(t, "0;person\n1;car\n", "0=person|1=car");
    EXPECT(t, "0. person\n1. car\n", "0=person|1=car");
    EXPECT(t, "1) person\n2) car\n", "1=person|2=car");
    EXPECT(t, "0=person\n1=car\n", "0=person|1=car");
    EXPECT(t, "0 - person\n1 - car\n", "0=person|1=car");
    EXPECT(t, "cola\n7 up\nwater\n", "0=cola|1=7 up|2=water");
    EXPECT(t, "1.5 l\n0.33 l\n", "0=1.5 l|1=0.33 l");
    EXPECT(t, "# made by hand\ncat\n#\ndog\n", "0=cat|1=#|2=dog");
    /* Columns. */
    EXPECT(t, "id,name\n0,cat\n1,\"dog, large\"\n", "0=cat|1=dog, large");
    EXPECT(t, "\"id\";\"name\"\r\n3;\"a \"\"b\"\"\"\r\n", "3=a \"b\"");
    EXPECT(t, "index,mid,display_name\n0,/m/09x0r,Speech\n1,/m/0ytgt,\"Child speech, kid speaking\"\n", "0=Speech|1=Child speech, kid speaking");
    EXPECT(t, "ClassId,SignName\n0,Stop\n1,Yield\n", "0=Stop|1=Yield");
    EXPECT(t, "name\tcolour\ncat\tred\ndog\tblue\n", "0=cat|1=dog");
    EXPECT(t, "tench, Tinca tinca\ngoldfish, name\n", "0=tench, Tinca tinca|1=goldfish, name");
    /* CVAT. */
    EXPECT(t, "# label:color_rgb:parts:actions\nbackground:0,0,0::\nperson:192,128,128:head,foot:run\n", "0=background|1=person");
    EXPECT(t, "label:color_rgb:parts:actions\nperson:192,128,128::\n", "0=person");
    /* Label maps of the Object Detection API. */
    EXPECT(t, "item {\n  id: 1\n  name: 'person'\n}\nitem {\n  name: \"car\"\n  id: 3\n}\n", "0=person|2=car");
    EXPECT(t, "# map\nitem: { name: \"/m/01g317\", id: 1, display_name: \"person\" keypoints { id: 7 label: \"}\" } }", "0=person");
    EXPECT(t, "item { id: 0 name: 'background' } item { id: 1 name: 'it\\'s' }", "0=background|1=it's");
    /* JSON, and what Python prints. */
    EXPECT(t, "[\"cat\", \"dog\"]", "0=cat|1=dog");
    EXPECT(t, "{\"0\": \"cat\", \"2\": \"d\\u00f6g \\ud83d\\udc15\"}", "0=cat|2=d\xc3\xb6g \xf0\x9f\x90\x95");
    EXPECT(t, "{\"cat\": 0, \"dog\": 1}", "0=cat|1=dog");
    EXPECT(t, "{\"0\": [\"n01440764\", \"tench\"], \"1\": [\"n01443537\", \"goldfish\"]}", "0=tench|1=goldfish");
    EXPECT(t, "[{\"id\": 1, \"name\": \"cat\", \"supercategory\": \"x\"}, {\"id\": 3, \"name\": \"dog\"}]", "1=cat|3=dog");
    EXPECT(t, "{\"images\": [], \"categories\": [{\"id\": 0, \"name\": \"cat\"}]}", "0=cat");
    EXPECT(t, "{\"model_type\": \"vit\", \"id2label\": {\"0\": \"cat\", \"1\": \"dog\"}}", "0=cat|1=dog");
    EXPECT(t, "{\"id\": 0, \"name\": \"cat\"}\n{\"id\": 1, \"name\": \"dog\"}\n", "0=cat|1=dog");
    EXPECT(t, "{0: 'tench, Tinca tinca',\n 1: \"Cassin's\",\n 2: 'Cassin\\'s',}", "0=tench, Tinca tinca|1=Cassin's|2=Cassin's");
    EXPECT(t, "['cat', u'dog', None]", "0=cat|1=dog");
    EXPECT(t, "BMW\nAudi\n", "0=BMW|1=Audi");
    EXPECT(t, "[unused]\n{x}\n", "0=[unused]|1={x}");
    /* YAML. */
    EXPECT(t, "# data\npath: coco\nnc: 2\nnames: ['cat', \"dog\"]\n", "0=cat|1=dog");
    EXPECT(t, "names: [ 'cat',\n         dog ]  # two\nnc: 2\n", "0=cat|1=dog");
    EXPECT(t, "names: {0: cat, 1: 'dog'}\n", "0=cat|1=dog");
    EXPECT(t, "nc: 2\nnames:\n  0: cat  # small\n  1: 'dog: large'\ntask: detect\n", "0=cat|1=dog: large");
    EXPECT(t, "names:\n- cat\n- \"dog\"\nnc: 2\n", "0=cat|1=dog");
    EXPECT(t, "names:\n  - cat\n\n  - it''s\n  - 'it''s'\n", "0=cat|1=it''s|2=it's");
    /* UTF-16. */
    EXPECT(t, "\xff\xfe" "c\0a\0\xf6\0\r\0\n\0\x3d\xd8\x15\xdc", "0=ca\xc3\xb6|1=\xf0\x9f\x90\x95");
    EXPECT(t, "\xfe\xff" "\0a\0\n\x9c\xe5", "0=a|1=\xe9\xb3\xa5");
    EXPECT(t, "a\0\n\0b\0", "0=a|1=b");
}

/* `want` as above, after fitting the labels to so many classes; `say` is a part of the sentence, NULL: they fit. */
static void fit(check *t, const char *text, int32_t classes, const char *want, const char *say)
{
    crl_labels *l;
    crl_error err = { 0 };
    if (!check_that(t, !crl_labels_parse(&l, text, strlen(text), &err), "\"%s\": %s", text, err.text)) return;
    const crl_status s = crl_labels_fit(l, classes, &err);
    check_that(t, say ? s == CRL_ERR_FORMAT && strstr(err.text, say) : s == CRL_OK, "\"%s\" for %d: status %d, \"%s\"", text,
               classes, s, err.text);
    char got[256] = "";
    for (int32_t i = 0; i < crl_labels_end(l); i++) {
        const size_t used = strlen(got);
        const char *name = crl_labels_get(l, i);
        if (name) snprintf(got + used, sizeof got - used, "%s%d=%s", used ? "|" : "", i, name);
    }
    check_that(t, !want || !strcmp(got, want), "\"%s\" for %d classes gives %s, not %s", text, classes, got, want);
    crl_labels_free(l);
}

/* Counts that go together, are made to, or cannot. */
void check_labels_fit(check *t, unsigned cpu)
{
    (void)cpu;
    fit(t, "a\nb\n", 2, "0=a|1=b", NULL);
    fit(t, "a\nb\n", 0, "0=a|1=b", NULL);
    fit(t, "0 a\n4 e\n", 5, "0=a|4=e", NULL);
    fit(t, "a\nb\n???\n", 3, "0=a|1=b", NULL);
    fit(t, "???\na\nb\n", 2, "0=a|1=b", NULL);
    fit(t, "???\na\nb\n", 3, "1=a|2=b", NULL);
    fit(t, "item { id: 1 name: 'a' }\nitem { id: 2 name: 'b' }", 2, "0=a|1=b", NULL);
    fit(t, "item { id: 1 name: 'a' }\nitem { id: 2 name: 'b' }", 3, "1=a|2=b", NULL);
    fit(t, "1 a\n2 b\n", 2, "0=a|1=b", "numbered 1 to 2");
    fit(t, "1 a\n2 b\n", 3, "1=a|2=b", NULL);
    fit(t, "background\na\nb\n", 2, "0=a|1=b", "3 labels, but the model has 2 classes; the first, \"background\"");
    fit(t, "0 background\n1 a\n2 b\n", 2, "0=a|1=b", "the first, \"background\"");
    fit(t, "Name\na\nb\n", 2, "0=a|1=b", "the first, \"Name\"");
    fit(t, "a\nb\nbackground\n", 2, "0=a|1=b|2=background", NULL);
    fit(t, "a\nb\nc\n", 2, "0=a|1=b|2=c", "3 labels, but the model has 2 classes; is the first");
    fit(t, "a\nb\nc\nd\n", 2, NULL, "4 labels, but the model has 2 classes; they are probably");
    fit(t, "a\n\nb\n", 2, "0=a|2=b", "2 labels and 1 line without a name before the last, but the model has 2 classes");
    fit(t, "a\n\n\nb\n", 1, NULL, "they are probably");
    fit(t, "7 a\n", 2, NULL, "numbered up to 7, but the model has 2");
    fit(t, "a\nb\n", 5, "0=a|1=b", "2 labels, but the model has 5 classes; numbers stand in for the rest");
    fit(t, "a\nb\n", 3, "0=a|1=b", "put a line \"background\"");
    fit(t, "cat\ndog\n", 1, "", "2 labels, but the model has 1 class");
    fit(t, "", 2, "", "0 labels");
    fit(t, "a\n", 5, "0=a", "1 label, but");
    fit(t, "background\nface\n", 1, "0=face", "the model has 1 class; the first");
    check_that(t, crl_labels_fit(NULL, 3, NULL) == CRL_OK, "NULL does not fit");

    /* The well-known lists of COCO and ImageNet, given to models of the other kind. */
    static char text[1 << 14];
    size_t n = (size_t)snprintf(text, sizeof text, "person\n");
    for (int i = 1; i < 79; i++) n += (size_t)snprintf(text + n, sizeof text - n, "c%d\n", i);
    snprintf(text + n, sizeof text - n, "toothbrush\n");
    fit(t, text, 80, NULL, NULL);
    fit(t, text, 90, "0=person|1=c1|2=c2|3=c3|4=c4|5=c5|6=c6|7=c7|8=c8|9=c9|10=c10", "90 numbers with its gaps");
    for (int i = 79; i < 89; i++) n += (size_t)snprintf(text + n, sizeof text - n, "c%d\n", i);
    snprintf(text + n, sizeof text - n, "toothbrush\n");
    fit(t, text, 90, NULL, NULL);
    fit(t, text, 80, "0=person|1=c1|2=c2|3=c3|4=c4|5=c5|6=c6|7=c7|8=c8|9=c9|10=c10", "80 classes without gaps");
    n = (size_t)snprintf(text, sizeof text, "tench\n");
    for (int i = 1; i < 1000; i++) n += (size_t)snprintf(text + n, sizeof text - n, "%s\n", i < 3 ? "x" : "???");
    fit(t, text, 1001, "1=tench|2=x|3=x", "taken for the background");
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
    REFUSE(t, "\xff\xfe" "a\0\0\0", "line 1 has the byte 0x00");
    REFUSE(t, "id,name\n0,a\nx,b\n", "line 3 has \"x\" for the number");
    REFUSE(t, "item {\n id: one\n}", "line 2");
    REFUSE(t, "item { id: 1 name: 'a'", "\"}\" is expected");
    REFUSE(t, "item { id: 1 name: 'a", "quotation mark");
    REFUSE(t, "item { id: 1 }\nelse", "line 2: \"item {\"");
    REFUSE(t, "[\"a\",\n\"b\"", "line 2");
    REFUSE(t, "[\"a\" \"b\"]", "byte 0x22");
    REFUSE(t, "[\"a", "quotation mark");
    REFUSE(t, "[\"a\"] x", "the end is expected");
    REFUSE(t, "{\"a\": {\"b\": {}}}", "name no classes");
    REFUSE(t, "{\"99999999999\": \"a\"}", "numbers a class");
    REFUSE(t, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "more than 32");
    REFUSE(t, "names:\n  0: a\n  b\n", "line 3");
    REFUSE(t, "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS");
    REFUSE(t, "\n<!DOCTYPE html>\n<html>\n", "web page");
    REFUSE(t, "<?xml version='1.0'?>", "web page");
    REFUSE(t, "\x1c\0\0\0TFL3", "a TensorFlow Lite model");
    REFUSE(t, "PK\3\4", "zip archive: unpack it first");
    crl_labels *l;
    crl_error err = { 0 };
    check_that(t, crl_labels_load(&l, "/nonexistent", &err) == CRL_ERR_IO && !l && strstr(err.text, "/nonexistent"), "%s", err.text);
}
