/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of label files share.
 *
 *   labels.c (bytes to UTF-8, which form it is) -> labels_lines.c  lines, with or without numbers; CSV; CVAT
 *                                                  labels_flow.c   JSON, and what Python and YAML write alike
 *                                                  labels_yaml.c   the "names:" of a YAML file
 *                                                  labels_pbtxt.c  label maps in protobuf's text form
 *   labels_join.c (two lists as one)
 *   labels_fit.c (does the numbering go with a model of so many classes)
 *
 * The text is held once and ends with a zero. Names are parts of it, and get zeros of their own, in place of what
 * parts them, when all is read. Escapes are undone in place: they only ever get shorter. */
#ifndef CRL_VISION_LABELS_H
#define CRL_VISION_LABELS_H

#include <corallite/vision.h>

typedef struct crl_label {
    int32_t index;
    int32_t order; /* of two with one index the later counts */
    char *name;
    int32_t bytes;
} crl_label;

struct crl_labels {
    char *text;
    size_t bytes;       /* of the text, without the zero */
    crl_label *entries; /* [n], by index, each index once */
    int32_t n, room;
    int32_t end;      /* the highest index plus one; a "???" without a name counts */
    bool numbered;    /* the file gives numbers; else they are places */
    bool hole_first;  /* the first name is "???" */
    bool taken_front; /* all indices are one less than in the file, since its first stands for the background */
};

/* Takes n bytes of the text as the name of a class, blanks around them left out. No name, or "???", leaves the class
 * without one. `room` has been made for as many as the text can have. */
crl_status crl_labels_add(crl_labels *l, int64_t index, char *name, size_t n, crl_error *err);

/* Adds -1 or 1 to all indices; what falls below 0 goes. */
void crl_labels_shift(crl_labels *l, int32_t by);

/* Digits alone, below INT32_MAX. */
bool crl_label_number(const char *text, size_t n, int64_t *number);
/* The number of the line, from 1, in which a place of the text lies. */
int crl_labels_line(const crl_labels *l, const char *at);

/* Readers of the whole text; flow and YAML begin at `at`. */
crl_status crl_labels_read_lines(crl_labels *l, crl_error *err);
crl_status crl_labels_read_flow(crl_labels *l, char *at, crl_error *err);
crl_status crl_labels_read_yaml(crl_labels *l, char *at, crl_error *err);
crl_status crl_labels_read_pbtxt(crl_labels *l, crl_error *err);

/* What comes after "names:" at the left edge, when a list or a map follows; NULL: no such line. */
char *crl_labels_find_yaml(const crl_labels *l);
bool crl_labels_is_pbtxt(const crl_labels *l);
bool crl_labels_is_flow(const crl_labels *l);

/* Undoes the escapes of a quoted text in place, without its quotes; returns the new length. */
size_t crl_labels_unescape(char *text, size_t n, char quote);

static inline bool crl_label_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Both lists in one: the second one's indices are `offset` higher, of the first counts what is below that. Either may be NULL.
 * Owner: `*out` is for crl_labels_free(). Errors: MEMORY. */
crl_status crl_labels_join(crl_labels **out, const crl_labels *first, const crl_labels *second, int32_t offset, crl_error *err);

#endif
