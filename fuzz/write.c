/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes that open as a model are read as a tree, written, opened, and mean the same; written again, they are the same. What
 * the reader of models does not look at may be broken: then the tree is refused, with a sentence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fuzz.h"
#include "model/tree.h"
#include "model/zip.h"
#include "same.h"

static void insist(bool promise, const char *what, const char *text)
{
    if (promise) return;
    fprintf(stderr, "fuzz: %s: %s\n", what, text);
    abort();
}

/* false: refused. */
static bool write_model(const crl_model *m, uint8_t **bytes, size_t *size)
{
    crl_pile pile = { 0 };
    crl_tree *root;
    crl_error err = { .text = "" };
    crl_status s = crl_tree_read_model(&root, m, &pile, &err);
    if (!s) s = crl_tree_write(root, "TFL3", m, bytes, size, &err);
    crl_pile_free(&pile);
    insist(!s == !!*bytes && (!s || (*err.text && err.status == s)), "a failure without a sentence", err.text);
    return !s;
}

/* An archive that is broken behind the file which is asked for is left out, and data at the end may look like one. */
static bool same_archives(const crl_model *a, const crl_model *b)
{
    return crl_zip_move(NULL, 0, a->bytes, a->size) == crl_zip_move(NULL, 0, b->bytes, b->size);
}

static const char *difference(const crl_model *a, const crl_model *b)
{
    const char *part = differing_part(a, b);
    const bool archive = part && !strcmp(part, "the label file");
    return archive && (!crl_zip_move(NULL, 0, a->bytes, a->size) || !same_archives(a, b)) ? NULL : part;
}

static void write_again(const crl_model *m, const uint8_t *bytes, size_t size)
{
    crl_model *written;
    crl_error err = { .text = "" };
    /* Parts that overlapped do so no more; a file that was padded in order to have them may be too short now. */
    if (crl_model_open(&written, bytes, size, &err)) {
        insist(strstr(err.text, "overlap") != NULL, "what was written is refused", err.text);
        return;
    }
    const char *part = difference(m, written);
    insist(!part, "what was written differs", part);
    uint8_t *twice = NULL;
    size_t n = 0;
    insist(write_model(written, &twice, &n), "what was written cannot be written", "");
    insist(!same_archives(m, written) || (n == size && !memcmp(twice, bytes, n)), "two files of one model", "");
    crl_free(twice);
    crl_model_close(written);
}

int fuzz_write(const uint8_t *bytes, size_t size)
{
    crl_model *m;
    if (crl_model_open(&m, bytes, size, NULL)) return 0;
    uint8_t *once = NULL;
    size_t n = 0;
    if (write_model(m, &once, &n)) write_again(m, once, n);
    crl_free(once);
    crl_model_close(m);
    return 0;
}
