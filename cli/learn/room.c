/* SPDX-License-Identifier: Apache-2.0 */
/* See room.h. Sizes are read as the formats have them; what is wrong in a file is found by its decoder. */
#include "learn/room.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void cli_room_init(cli_room *room)
{
    pthread_mutex_init(&room->lock, NULL);
    pthread_cond_init(&room->given, NULL);
    room->taken = 0;
}

void cli_room_fini(cli_room *room)
{
    pthread_cond_destroy(&room->given);
    pthread_mutex_destroy(&room->lock);
}

int64_t cli_room_take(cli_room *room, int64_t bytes)
{
    pthread_mutex_lock(&room->lock);
    while (room->taken && room->taken + bytes > CLI_ROOM_BYTES) pthread_cond_wait(&room->given, &room->lock);
    room->taken += bytes;
    pthread_mutex_unlock(&room->lock);
    return bytes;
}

void cli_room_give(cli_room *room, int64_t bytes)
{
    pthread_mutex_lock(&room->lock);
    room->taken -= bytes;
    pthread_cond_broadcast(&room->given);
    pthread_mutex_unlock(&room->lock);
}

/* ---- the size of a picture ---- */

typedef struct extent {
    int64_t width, height; /* 0: not known */
    bool jpeg, progressive;
} extent;

/* n bytes at p, at most 4: the first is the least. */
static int64_t little(const uint8_t *p, int n)
{
    int64_t value = 0;
    while (n--) value = value << 8 | p[n];
    return value;
}

static int64_t big(const uint8_t *p, int n)
{
    int64_t value = 0;
    for (int i = 0; i < n; i++) value = value << 8 | p[i];
    return value;
}

static extent of_webp(const uint8_t *head)
{
    enum { SIDE = 0x3fff };
    const int64_t bits = little(head + 21, 4);
    if (!memcmp(head + 12, "VP8X", 4)) return (extent){ 1 + little(head + 24, 3), 1 + little(head + 27, 3), false, false };
    if (!memcmp(head + 12, "VP8L", 4)) return (extent){ 1 + (bits & SIDE), 1 + (bits >> 14 & SIDE), false, false };
    return (extent){ little(head + 26, 2) & SIDE, little(head + 28, 2) & SIDE, false, false };
}

static extent of_bmp(const uint8_t *head)
{
    if (little(head + 14, 4) == 12) return (extent){ little(head + 18, 2), little(head + 20, 2), false, false };
    return (extent){ llabs((int32_t)little(head + 18, 4)), llabs((int32_t)little(head + 22, 4)), false, false };
}

/* From segment to segment, each with its length, up to that of the frame. */
static extent of_jpeg(FILE *f)
{
    uint8_t p[9];
    for (long at = 2; !fseek(f, at, SEEK_SET) && fread(p, 1, sizeof p, f) == sizeof p && p[0] == 0xff; at += 2 + (long)big(p + 2, 2)) {
        const bool frame = p[1] >= 0xc0 && p[1] <= 0xcf && p[1] != 0xc4 && p[1] != 0xc8 && p[1] != 0xcc;
        if (frame) return (extent){ big(p + 7, 2), big(p + 5, 2), true, p[1] != 0xc0 && p[1] != 0xc1 };
    }
    return (extent){ 0 };
}

static extent of_file(FILE *f)
{
    uint8_t head[33] = { 0 };
    extent e = { 0 };
    if (fread(head, 1, sizeof head - 1, f) < 8) return e;
    if (head[0] == 0xff && head[1] == 0xd8) return of_jpeg(f);
    if (!memcmp(head, "\x89PNG", 4)) return (extent){ big(head + 16, 4), big(head + 20, 4), false, false };
    if (!memcmp(head, "GIF8", 4)) return (extent){ little(head + 6, 2), little(head + 8, 2), false, false };
    if (!memcmp(head, "RIFF", 4)) return of_webp(head);
    if (!memcmp(head, "BM", 2)) return of_bmp(head);
    if (*head == 'P' && sscanf((const char *)head + 2, "%5" SCNd64 "%5" SCNd64, &e.width, &e.height) != 2) e.width = 0;
    return e;
}

/* The bytes of pixels, twice, for they are turned or made RGB, and of a progressive JPEG the numbers of 16 bits that it is made of. */
static int64_t decoded(const extent *e, uint32_t least_side)
{
    enum { RGB = 3, TURNED = 2, COEFFICIENTS = 2 * RGB };
    const int64_t pixels = e->width * e->height, shorter = e->width < e->height ? e->width : e->height;
    int64_t part = e->jpeg && least_side ? 8 : 1;
    while (part > 1 && shorter / part < (int64_t)least_side) part /= 2;
    return pixels / (part * part) * RGB * TURNED + (e->progressive ? pixels * COEFFICIENTS : 0);
}

int64_t cli_room_needed(const char *path, uint32_t least_side)
{
    struct stat st;
    /* What is no file is not read as a picture either; to open a pipe could last for ever. */
    FILE *f = stat(path, &st) || !S_ISREG(st.st_mode) ? NULL : fopen(path, "rb");
    if (!f) return 0;
    const extent e = of_file(f);
    const bool known = e.width > 0 && e.height > 0 && e.width <= UINT16_MAX && e.height <= UINT16_MAX;
    fclose(f);
    return known ? (int64_t)st.st_size + decoded(&e, least_side) : CLI_ROOM_BYTES;
}
