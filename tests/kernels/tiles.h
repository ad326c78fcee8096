/* SPDX-License-Identifier: Apache-2.0 */
/* The tile instructions in plain C, for machines without AMX: included before a kernel of that level, it puts itself in
 * the place of the compiler's intrinsics. What would be an exception on a processor stops the program. After the
 * descriptions of the instructions in the Intel SDM, volume 2. */
#ifndef TESTS_KERNELS_TILES_H
#define TESTS_KERNELS_TILES_H

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TILES = 8, TILE_ROWS_MOST = 16, TILE_ROW_BYTES_MOST = 64 };

typedef struct tile_register {
    int rows, row_bytes;
    uint8_t data[TILE_ROWS_MOST][TILE_ROW_BYTES_MOST];
} tile_register;

static _Thread_local struct {
    bool configured;
    tile_register t[TILES];
} tiles;

static void tile_require(bool ok, const char *what)
{
    if (ok) return;
    fprintf(stderr, "tiles: %s\n", what);
    abort();
}

static void tile_release_c(void)
{
    memset(&tiles, 0, sizeof tiles);
}

static void tile_loadconfig_c(const void *from)
{
    const uint8_t *c = from;
    tile_release_c();
    tile_require(c[0] == 1 && c[1] == 0, "palette 1, from row 0");
    for (int i = 2; i < 16; i++) tile_require(c[i] == 0, "reserved bytes");
    for (int i = 0; i < 16; i++) {
        const int row_bytes = c[16 + 2 * i] | c[17 + 2 * i] << 8, rows = c[48 + i];
        tile_require(rows <= TILE_ROWS_MOST && row_bytes <= TILE_ROW_BYTES_MOST, "a tile is too large");
        tile_require((rows == 0) == (row_bytes == 0) && (i < TILES || rows == 0), "a tile that does not exist");
        if (i < TILES) tiles.t[i] = (tile_register){ rows, row_bytes, { { 0 } } };
    }
    tiles.configured = true;
}

static tile_register *tile_at(int i)
{
    tile_require(tiles.configured && tiles.t[i].rows > 0, "a tile without a configuration");
    return &tiles.t[i];
}

static void tile_loadd_c(int i, const void *base, size_t stride)
{
    tile_register *t = tile_at(i);
    memset(t->data, 0, sizeof t->data);
    for (int r = 0; r < t->rows; r++)
        memcpy(t->data[r], (const uint8_t *)base + (size_t)r * stride, (size_t)t->row_bytes);
}

static void tile_stored_c(int i, void *base, size_t stride)
{
    const tile_register *t = tile_at(i);
    for (int r = 0; r < t->rows; r++)
        memcpy((uint8_t *)base + (size_t)r * stride, t->data[r], (size_t)t->row_bytes);
}

static void tile_dpbusd_c(int d, int a, int b)
{
    tile_register *sums = tile_at(d);
    const tile_register *u8 = tile_at(a), *s8 = tile_at(b);
    tile_require(d != a && d != b && a != b, "three tiles");
    tile_require(sums->rows == u8->rows && sums->row_bytes == s8->row_bytes && u8->row_bytes == 4 * s8->rows &&
                     s8->row_bytes % 4 == 0,
                 "shapes that do not fit");
    for (int m = 0; m < sums->rows; m++)
        for (int n = 0; n < sums->row_bytes / 4; n++) {
            uint32_t sum;
            memcpy(&sum, &sums->data[m][4 * n], sizeof sum);
            for (int k = 0; k < u8->row_bytes; k++)
                sum += (uint32_t)(u8->data[m][k] * (int8_t)s8->data[k / 4][4 * n + k % 4]);
            memcpy(&sums->data[m][4 * n], &sum, sizeof sum);
        }
}

#undef _tile_loadconfig
#undef _tile_release
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbusd
#define _tile_loadconfig tile_loadconfig_c
#define _tile_release tile_release_c
#define _tile_loadd tile_loadd_c
#define _tile_stored tile_stored_c
#define _tile_dpbusd tile_dpbusd_c

#endif
