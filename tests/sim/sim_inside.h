/* SPDX-License-Identifier: Apache-2.0 */
/* What a stick in software is made of: a chip (sim_chip.c) behind USB (sim.c). */
#ifndef TESTS_SIM_SIM_INSIDE_H
#define TESTS_SIM_SIM_INSIDE_H

#include <corallite/package.h>

#include <pthread.h>

#include "sim.h"

enum { MOST_MODELS = 8, MOST_TRANSFERS = 128, MOST_REGISTERS = 128, MOST_QUEUE = 256, PACKET = 1024 };

typedef struct known {
    crl_package *package;
    const crl_model *twin;
    crl_engine *engine;
    bool cached;
} known;

typedef struct pending {
    crl_usb_transfer *transfer;
    bool hangs;
    uint64_t until; /* of its limit */
} pending;

/* What it has to say: an output, or with bytes NULL an event. */
typedef struct answer {
    uint8_t *bytes;
    size_t n, given;
} answer;

struct sim {
    pthread_mutex_t lock;
    crl_usb usb;
    uint64_t now, back; /* `now` of a clock that stands still by itself */
    bool real;          /* the system's clock counts instead */
    bool absent, ready, slow, dead, stalled, fatal, wrong;
    int handles, transfers, programs;
    /* faults */
    sim_fault fault;
    int fault_at;
    bool broken;
    /* firmware */
    int dfu_state;
    uint8_t *image;
    size_t image_bytes;
    /* registers */
    uint32_t address[MOST_REGISTERS];
    uint64_t value[MOST_REGISTERS];
    int n_registers;
    int divider; /* of the clock when it last woke: 0 is the highest; -1: it never did */
    /* bulk data */
    uint8_t header[8];
    size_t n_header, n_data, want;
    uint8_t *data;
    size_t total;
    pending list[MOST_TRANSFERS];
    int n_list;
    answer queue[MOST_QUEUE];
    int n_queue;
    /* the program that runs */
    known *models[MOST_MODELS];
    int n_models;
    known *running;
    const crl_executable *program;
    int32_t hint;
    uint64_t token;
    uint8_t **inputs;
    bool computed;
    char complaint[256];
};

/* The first rule that was broken is kept. */
void sim_complain(sim *s, const char *what);
/* And what it is to be dead of. */
void sim_die(sim *s, const char *why);

/* Counts a transfer; what is to happen to it. One in bulk that goes wrong takes the program with it. */
sim_fault sim_next_fault(sim *s, bool bulk);
bool sim_is_there(sim *s);

/* Programs, what is cached, what was to be said: all forgotten, as in sleep. */
void sim_chip_clear(sim *s);
/* Data in bulk: headers, and what they announce. */
void sim_chip_take(sim *s, const uint8_t *bytes, size_t n);
void sim_chip_drop_answer(sim *s); /* the first of the queue */

/* Step by step, for a chip that fetches what it needs: the executable that begins with these bytes, ... */
bool sim_chip_begin(sim *s, const uint8_t *bytes, size_t n);
bool sim_same_chunk(const crl_chunk *chunk, const uint8_t *bytes, size_t n); /* but for addresses */
void sim_chip_expect_parameters(sim *s);
void sim_chip_compute(sim *s); /* from s->inputs */
uint8_t *sim_chip_output(sim *s, const crl_package_layer *layer); /* in the order of tiles; for free() */
void sim_chip_finish(sim *s);

uint64_t sim_chip_read(sim *s, uint32_t address);
void sim_chip_write(sim *s, uint32_t address, uint64_t value);

#endif
