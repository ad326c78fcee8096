/* SPDX-License-Identifier: Apache-2.0 */
/* The part of text.c that remembers. */
#ifndef CRL_VISION_TEXT_CACHE_H
#define CRL_VISION_TEXT_CACHE_H

#include "vision/text.h"

/* crl_shaping_measure(), or what it found the last time: `text` is shaped with sizes, or as it was. */
void crl_text_measure(crl_text_cache *c, crl_text *text, double most);

#endif
