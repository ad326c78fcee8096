/* SPDX-License-Identifier: Apache-2.0 */
/* Walking a FlexBuffer. */
#include "walk_flex.h"

uint64_t walk_flex(crl_flex v, int depth, int *budget)
{
    if ((*budget)-- <= 0 || depth > 8) return 0;
    size_t bytes;
    uint64_t sum = (uint64_t)crl_flex_int(v, 1) + (crl_flex_float(v, 0.5) > 0) + crl_flex_bool(v, true);
    const char *text = crl_flex_text(v, &bytes);
    for (size_t i = 0; text && i < bytes; i++) sum += (uint8_t)text[i];
    sum += crl_flex_kind_of(crl_flex_get(v, "max_detections"));
    const size_t n = crl_flex_count(v);
    for (size_t i = 0; i < n && *budget > 0; i++) {
        const char *key = crl_flex_key(v, i);
        for (; key && *key; key++) sum += (uint8_t)*key;
        sum += walk_flex(crl_flex_at(v, i), depth + 1, budget);
    }
    return sum;
}
