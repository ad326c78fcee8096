/* SPDX-License-Identifier: Apache-2.0 */
/* What `corallite learn` remembers of pictures, so that they need not be looked at again, nor be there:
 *
 *   "CRLLEARN" | version 1, numbers of a vector, u32 | model, u64 | labels, pictures, u32 | label... | picture... | check, u64
 *   label:   bytes, u32 | text
 *   picture: content, u64 [2] | print, u64 | label, held out, bytes of the path, u32 | path | vector, f32 []
 *
 * All little-endian. A file may come from anyone: nothing in it is believed before it is checked. */
#ifndef CLI_STATE_H
#define CLI_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

/* 128 bits of a file's bytes. */
typedef struct cli_content {
    uint64_t word[2];
} cli_content;
cli_content cli_content_of(const void *bytes, size_t size);

typedef struct cli_known {
    cli_content content;
    uint64_t print; /* see cli_lesson */
    uint32_t label;
    uint32_t held_out;
    char *path; /* where it was */
} cli_known;

/* Where a content is. */
typedef struct cli_place {
    cli_content content;
    uint32_t at;
} cli_place;

enum { CLI_LABEL_BYTES = 4096 }; /* of a class's name, at most */

/* Zeroed is nothing known. */
typedef struct cli_state {
    uint64_t model; /* of which the vectors are */
    uint32_t size;  /* numbers of one */
    char **labels;
    uint32_t n_labels;
    cli_known *items;
    uint32_t n;
    float *vectors; /* [n][size] */
    cli_place *places; /* [n], by content */
} cli_state;

/* Errors: FORMAT (no such file, or a broken one). */
crl_status cli_state_parse(cli_state *out, const uint8_t *bytes, size_t size, crl_error *err);
void cli_state_release(cli_state *s);

/* The file in memory, for free(). `vectors` has them one by one; NULL: they are the state's. */
uint8_t *cli_state_pack(const cli_state *s, const float *const *vectors, size_t *size);

/* The picture with that content; -1: none. After items were taken out, they are to be sorted anew. */
void cli_state_sort(cli_state *s);
int64_t cli_state_find(const cli_state *s, const cli_content *content);

#endif
