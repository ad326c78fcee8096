/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that look by one session, one after the other: a mutex alone would let the fastest one in again and again. */
#include <pthread.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"

struct crl_turns {
    pthread_mutex_t lock;
    pthread_cond_t event;
    uint64_t next, now; /* the number that the next one draws, and whose turn it is */
};

crl_status crl_turns_new(crl_turns **out, crl_error *err)
{
    crl_turns *t = *out = crl_alloc(sizeof *t);
    if (!t) return crl_fail_memory(err, "turns");
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->event, NULL);
    return CRL_OK;
}

void crl_turns_free(crl_turns *t)
{
    if (!t) return;
    pthread_cond_destroy(&t->event);
    pthread_mutex_destroy(&t->lock);
    crl_free(t);
}

void crl_turns_take(crl_turns *t)
{
    if (!t) return;
    pthread_mutex_lock(&t->lock);
    const uint64_t number = t->next++;
    while (t->now != number) pthread_cond_wait(&t->event, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

void crl_turns_give(crl_turns *t)
{
    if (!t) return;
    pthread_mutex_lock(&t->lock);
    t->now++;
    pthread_cond_broadcast(&t->event);
    pthread_mutex_unlock(&t->lock);
}
