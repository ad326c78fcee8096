/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for pictures that several threads decode: they share one account, so that few large ones are in memory at a time and
 * many small ones. Usable from several threads. */
#ifndef CLI_LEARN_ROOM_H
#define CLI_LEARN_ROOM_H

#include <pthread.h>
#include <stdint.h>

/* Of the gibibyte that is allowed; what is left is for models and what was learnt. */
#define CLI_ROOM_BYTES ((int64_t)640 << 20)

typedef struct cli_room {
    pthread_mutex_t lock;
    pthread_cond_t given;
    int64_t taken;
} cli_room;

void cli_room_init(cli_room *room);
void cli_room_fini(cli_room *room);

/* What it takes to hold the file at `path` and to decode it with `least_side` (see crl_image_options), by the first bytes of the file:
 * the whole room where these do not tell. */
int64_t cli_room_needed(const char *path, uint32_t least_side);
/* Waits until so much is there, or until nobody has any: more than the room is had alone. Returns what to give back. */
int64_t cli_room_take(cli_room *room, int64_t bytes);
void cli_room_give(cli_room *room, int64_t bytes);

#endif
