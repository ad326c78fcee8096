/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as labels: read or refused with a sentence, and what was read can be looked up, and fitted to a model. */
#include <corallite/vision.h>

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

/* Every name that is counted is found, and is text. */
static void look_up(const crl_labels *labels)
{
    const int32_t end = crl_labels_end(labels), last = end < 4096 ? end : 4096;
    int32_t n = 0;
    for (int32_t i = 0; i < last; i++) {
        const char *name = crl_labels_get(labels, i);
        insist(!name || *name);
        n += name != NULL;
    }
    insist(end > 4096 || n == crl_labels_count(labels));
    insist(!crl_labels_get(labels, -1) && !crl_labels_get(labels, end));
}

int fuzz_labels(const uint8_t *bytes, size_t size)
{
    static const int32_t classes[] = { 0, 1, 2, 80, 90, 1001 };
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        crl_labels *labels;
        crl_error err = { .text = "" };
        if (crl_labels_parse(&labels, bytes, size, &err)) {
            insist(err.text[0] && !labels);
            return 0;
        }
        look_up(labels);
        insist(crl_labels_fit(labels, classes[i], &err) == CRL_OK || err.text[0]);
        look_up(labels);
        crl_labels_free(labels);
    }
    return 0;
}
