/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate: bits, Huffman codes, copies from what was written before. Plain rather than fast: label files. */
#include "model/inflate.h"

#include <string.h>

enum { MAX_CODE_BITS = 15, MAX_LITERALS = 288, MAX_DISTANCES = 32, END_OF_BLOCK = 256 };

typedef struct stream {
    const uint8_t *from;
    size_t from_bytes, at;
    unsigned bits; /* not used yet, lowest first */
    int n_bits;
    uint8_t *to;
    size_t bytes, written;
    bool bad; /* ran out of input, or found nonsense */
} stream;

/* Codes of one length follow each other, and longer ones follow shorter ones; so the number of codes of each
 * length and the symbols in order of code say everything. */
typedef struct code {
    uint16_t count[MAX_CODE_BITS + 1];
    uint16_t symbol[MAX_LITERALS];
} code;

static unsigned take_bits(stream *s, int n)
{
    while (s->n_bits < n) {
        if (s->at == s->from_bytes) {
            s->bad = true;
            return 0;
        }
        s->bits |= (unsigned)s->from[s->at++] << s->n_bits;
        s->n_bits += 8;
    }
    const unsigned v = s->bits & ((1u << n) - 1);
    s->bits >>= n;
    s->n_bits -= n;
    return v;
}

/* From the length of each symbol's code. A code that is too full is broken; one with gaps is legal where there is
 * one symbol, and otherwise found out when a gap is read. */
static bool make_code(code *c, const uint8_t *length, int n)
{
    uint16_t first[MAX_CODE_BITS + 2] = { 0 };
    memset(c->count, 0, sizeof c->count);
    for (int i = 0; i < n; i++) c->count[length[i]]++;
    c->count[0] = 0;
    int room = 1;
    for (int bits = 1; bits <= MAX_CODE_BITS; bits++) {
        room = 2 * room - c->count[bits];
        if (room < 0) return false;
        first[bits + 1] = (uint16_t)(first[bits] + c->count[bits]);
    }
    for (int i = 0; i < n; i++)
        if (length[i]) c->symbol[first[length[i]]++] = (uint16_t)i;
    return true;
}

static int take_symbol(stream *s, const code *c)
{
    int value = 0, first = 0, index = 0;
    for (int bits = 1; bits <= MAX_CODE_BITS && !s->bad; bits++) {
        value = value << 1 | (int)take_bits(s, 1);
        if (value - first < c->count[bits]) return c->symbol[index + value - first];
        index += c->count[bits];
        first = (first + c->count[bits]) << 1;
    }
    s->bad = true;
    return 0;
}

static void put(stream *s, uint8_t byte)
{
    if (s->written == s->bytes)
        s->bad = true;
    else
        s->to[s->written++] = byte;
}

static void copy_back(stream *s, size_t distance, size_t length)
{
    if (distance > s->written || length > s->bytes - s->written) {
        s->bad = true;
        return;
    }
    /* Byte by byte: the copy may run into itself. */
    for (size_t i = 0; i < length; i++, s->written++) s->to[s->written] = s->to[s->written - distance];
}

static void coded_block(stream *s, const code *literals, const code *distances)
{
    static const uint16_t length_base[] = { 3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                            31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
    static const uint8_t length_extra[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                            2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
    static const uint16_t distance_base[] = { 1,   2,   3,   4,   5,   7,    9,    13,   17,   25,
                                              33,  49,  65,  97,  129, 193,  257,  385,  513,  769,
                                              1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577 };
    enum { N_LENGTHS = sizeof length_extra, N_DISTANCES = sizeof distance_base / sizeof distance_base[0] };
    while (!s->bad) {
        const int symbol = take_symbol(s, literals);
        if (symbol < END_OF_BLOCK) {
            put(s, (uint8_t)symbol);
            continue;
        }
        if (symbol == END_OF_BLOCK) return;
        const int k = symbol - END_OF_BLOCK - 1;
        if (k >= N_LENGTHS) break;
        const size_t length = length_base[k] + take_bits(s, length_extra[k]);
        const int d = take_symbol(s, distances);
        if (d >= N_DISTANCES) break;
        copy_back(s, distance_base[d] + take_bits(s, d < 4 ? 0 : d / 2 - 1), length);
    }
    s->bad = true;
}

static void fixed_block(stream *s)
{
    uint8_t length[MAX_LITERALS];
    code literals, distances;
    for (int i = 0; i < MAX_LITERALS; i++) length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(&literals, length, MAX_LITERALS);
    memset(length, 5, MAX_DISTANCES);
    make_code(&distances, length, MAX_DISTANCES);
    coded_block(s, &literals, &distances);
}

static void dynamic_block(stream *s)
{
    static const uint8_t order[] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
    uint8_t length[MAX_LITERALS + MAX_DISTANCES] = { 0 };
    code lengths, literals, distances;
    const int n_literals = 257 + (int)take_bits(s, 5), n_distances = 1 + (int)take_bits(s, 5);
    const int n_lengths = 4 + (int)take_bits(s, 4);
    for (int i = 0; i < n_lengths; i++) length[order[i]] = (uint8_t)take_bits(s, 3);
    s->bad |= !make_code(&lengths, length, sizeof order);
    memset(length, 0, sizeof order);
    for (int i = 0; i < n_literals + n_distances && !s->bad;) {
        const int symbol = take_symbol(s, &lengths);
        int repeat = 1;
        uint8_t value = (uint8_t)symbol;
        if (symbol == 16) {
            s->bad |= i == 0;
            value = i ? length[i - 1] : 0;
            repeat = 3 + (int)take_bits(s, 2);
        } else if (symbol > 16) {
            value = 0;
            repeat = symbol == 17 ? 3 + (int)take_bits(s, 3) : 11 + (int)take_bits(s, 7);
        }
        if (repeat > n_literals + n_distances - i) s->bad = true;
        while (!s->bad && repeat--) length[i++] = value;
    }
    if (s->bad) return;
    s->bad = !length[END_OF_BLOCK] || !make_code(&literals, length, n_literals) ||
             !make_code(&distances, length + n_literals, n_distances);
    if (!s->bad) coded_block(s, &literals, &distances);
}

static void stored_block(stream *s)
{
    s->bits = 0;
    s->n_bits = 0;
    if (s->from_bytes - s->at < 4) {
        s->bad = true;
        return;
    }
    const uint8_t *p = s->from + s->at;
    const size_t n = p[0] | (size_t)p[1] << 8, check = p[2] | (size_t)p[3] << 8;
    s->at += 4;
    if ((n ^ check) != 0xffff || n > s->from_bytes - s->at || n > s->bytes - s->written) {
        s->bad = true;
        return;
    }
    memcpy(s->to + s->written, s->from + s->at, n);
    s->written += n;
    s->at += n;
}

bool crl_inflate(uint8_t *to, size_t bytes, const uint8_t *from, size_t from_bytes)
{
    stream s = { .from = from, .from_bytes = from_bytes, .to = to, .bytes = bytes };
    for (bool last = false; !last && !s.bad;) {
        last = take_bits(&s, 1);
        switch (take_bits(&s, 2)) {
        case 0: stored_block(&s); break;
        case 1: fixed_block(&s); break;
        case 2: dynamic_block(&s); break;
        default: s.bad = true; break;
        }
    }
    return !s.bad && s.written == bytes;
}
