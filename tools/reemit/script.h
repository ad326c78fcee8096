/* SPDX-License-Identifier: Apache-2.0 */
/* The bundles of the scalar core, in the order in which a program has them: bases, transfers, the end. */
#ifndef TOOLS_REEMIT_SCRIPT_H
#define TOOLS_REEMIT_SCRIPT_H

#include <corallite/package.h>

enum { SCRIPT_MOST = 4096, SCRIPT_WORD = 16 };

typedef struct script {
    uint8_t bundles[SCRIPT_MOST][SCRIPT_WORD];
    int32_t place[SCRIPT_MOST]; /* number of the relocation that is written there, -1: none */
    int32_t n, next, places;
} script;

/* The bundles of an executable. `adds`: addresses are added to in 64 bits, as releases before the last did. */
void script_write(script *s, const crl_executable *e, bool caching, bool adds);

/* The relocation of a bundle, -1: it has none. */
int32_t script_place(const crl_executable *e, const crl_disassembly *d, int32_t i);

/* The next bundle; where `place` is one, that of the relocation. false: it is none that a transfer has. */
bool script_next(script *s, const uint8_t *at, uint8_t *to, int32_t place);

#endif
