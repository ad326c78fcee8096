/* SPDX-License-Identifier: Apache-2.0 */
/* Which anchors have a score that reaches a limit. Looks at every stored number of a frame, and is therefore written in
 * loops that compilers turn into vectors: comparisons gathered by OR, without branches. */
#include "vision/heads.h"

enum { BLOCK = 256 }; /* anchors: their marks, and a piece of each plane, lie in the nearest cache */

/* What is compared is always "at least". int8 is scanned as uint8, since plain SSE2 has the greatest of bytes without sign
 * only: 0x80 moves -128 to 0. Complements turn the order around, for limits from above. */
typedef struct scan {
    crl_type type;
    const char *data;
    const crl_field *field;
    uint8_t move, least_u8;
    int16_t turn, least_s16;
    float sign, least_f32;
} scan;

/* ---- rows: does any of n numbers reach the limit ---- */

static bool row_u8(const uint8_t *p, size_t n, uint8_t move, uint8_t least)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t v = p[i] ^ move;
        any |= (uint8_t)-(v >= least);
    }
    return any;
}

static bool row_s16(const int16_t *p, size_t n, int16_t turn, int16_t least)
{
    int16_t any = 0;
    for (size_t i = 0; i < n; i++) any |= (int16_t)-((int16_t)(p[i] ^ turn) >= least);
    return any;
}

static bool row_f32(const float *p, size_t n, float sign, float least)
{
    int32_t any = 0;
    for (size_t i = 0; i < n; i++) any |= -(p[i] * sign >= least);
    return any;
}

/* ---- planes: which of n neighbours reach it; marks gather over planes ---- */

static void plane_u8(uint8_t *marks, const uint8_t *p, size_t n, uint8_t move, uint8_t least)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t v = p[i] ^ move;
        marks[i] |= (uint8_t)-(v >= least);
    }
}

static void plane_s16(int16_t *marks, const int16_t *p, size_t n, int16_t turn, int16_t least)
{
    for (size_t i = 0; i < n; i++) marks[i] |= (int16_t)-((int16_t)(p[i] ^ turn) >= least);
}

static void plane_f32(int32_t *marks, const float *p, size_t n, float sign, float least)
{
    for (size_t i = 0; i < n; i++) marks[i] |= -(p[i] * sign >= least);
}

/* ---- fields ---- */

static scan scan_of(const crl_stored_scale *stored, const void *data, const crl_field *field, const crl_limit *limit)
{
    const uint8_t move = (uint8_t)((stored->type == CRL_INT8 ? 0x80 : 0) ^ (limit->above ? 0xFF : 0));
    const int16_t turn = limit->above ? -1 : 0;
    const float sign = limit->above ? -1.0f : 1.0f;
    return (scan){ stored->type, data, field, move, (uint8_t)((uint8_t)limit->stored ^ move),
                   turn, (int16_t)((int16_t)limit->stored ^ turn), sign, limit->real * sign };
}

static bool row_reaches(const scan *s, int32_t anchor)
{
    const size_t at = s->field->first + (size_t)anchor * s->field->per_anchor, n = (size_t)s->field->channels;
    if (s->type == CRL_FLOAT32) return row_f32((const float *)(const void *)s->data + at, n, s->sign, s->least_f32);
    if (s->type == CRL_INT16) return row_s16((const int16_t *)(const void *)s->data + at, n, s->turn, s->least_s16);
    return row_u8((const uint8_t *)s->data + at, n, s->move, s->least_u8);
}

/* Marks of anchors first..first+n, n up to BLOCK. */
static void mark_block(const scan *s, int32_t first, size_t n, bool marks[BLOCK])
{
    union {
        uint8_t u8[BLOCK];
        int16_t s16[BLOCK];
        int32_t s32[BLOCK];
    } m = { .s32 = { 0 } };
    size_t at = s->field->first + (size_t)first * s->field->per_anchor;
    for (int32_t c = 0; c < s->field->channels; c++, at += s->field->per_channel) {
        if (s->type == CRL_FLOAT32)
            plane_f32(m.s32, (const float *)(const void *)s->data + at, n, s->sign, s->least_f32);
        else if (s->type == CRL_INT16)
            plane_s16(m.s16, (const int16_t *)(const void *)s->data + at, n, s->turn, s->least_s16);
        else
            plane_u8(m.u8, (const uint8_t *)s->data + at, n, s->move, s->least_u8);
    }
    for (size_t i = 0; i < n; i++) marks[i] = s->type == CRL_FLOAT32 ? m.s32[i] : s->type == CRL_INT16 ? m.s16[i] : m.u8[i];
}

void crl_head_scan(const crl_stored_scale *stored, const void *data, const crl_field *field, int32_t anchors,
                   const crl_limit *limit, bool (*found)(crl_head_frame *f, int32_t anchor), crl_head_frame *f)
{
    if (limit->none) return;
    const scan s = scan_of(stored, data, field, limit);
    if (field->per_channel == 1) { /* one channel alone counts as a row */
        for (int32_t a = 0; a < anchors; a++)
            if (row_reaches(&s, a) && !found(f, a)) return;
        return;
    }
    for (int32_t a = 0; a < anchors; a += BLOCK) {
        const int32_t n = anchors - a < BLOCK ? anchors - a : BLOCK;
        bool marks[BLOCK];
        mark_block(&s, a, (size_t)n, marks);
        for (int32_t i = 0; i < n; i++)
            if (marks[i] && !found(f, a + i)) return;
    }
}
