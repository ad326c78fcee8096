/* SPDX-License-Identifier: Apache-2.0 */
/* A recorded conversation as a transport: what the driver does is compared with what the vendor's driver did, line by line, and
 * answered as it was answered then.
 *
 * A file is one of the "canonical" forms of the traces that the public Coral test set's companion describes (their README,
 * section 11). Compared are calls (open, claim, release, reset, close) and control transfers, in one order, and what goes out on
 * each endpoint, in its own. Not compared are pauses, what reads are armed, and how headers and data are cut into transfers. */
#ifndef TESTS_SIM_CANON_H
#define TESTS_SIM_CANON_H

#include "backend/edgetpu/usb.h"

typedef struct canon canon;

enum { CANON_TEXT = 512 };

/* Reads a file; NULL: `why` has the reason. Freed by canon_free. */
canon *canon_read(const char *path, char why[CANON_TEXT]);
void canon_free(canon *c);

/* Lives as long as `c`. */
const crl_usb *canon_usb(canon *c);

/* Words of the file's head: whether its scenario or settings have `text`. */
bool canon_says(const canon *c, const char *text);
/* "" where there are no differences, and nothing is left that the vendor's driver did. */
const char *canon_difference(canon *c);

/* Whether the firmware's bytes are those that were sent: without them, only sizes are compared. */
void canon_knows_firmware(canon *c, bool known);

/* The file that the first program comes from; NULL: none is sent. */
const char *canon_first_model(const canon *c);
/* What the vendor's driver sends is not expected of ours. */
void canon_expect_no_sends(canon *c);

/* One execution after the other, as they were recorded: of the file `name`, the `count`-th call of it from 0 on; `opens` tells how
 * many times the device was opened before. False: there are no more. */
typedef struct canon_run {
    char name[CANON_TEXT];
    int count, opens;
} canon_run;
bool canon_next_run(const canon *c, int i, canon_run *run);

/* What output i held after the `count`-th run of the model that ran as the `who`-th for the first time. False: the file does not
 * say. */
bool canon_tensor(const canon *c, int who, int count, int i, uint32_t *crc);
int canon_open_count(const canon *c);

/* Sets to zero what the driver wrote into instructions by itself: addresses of its own memory. `source` names them as the file
 * does: "x_edgetpu.tflite#EXECUTION_ONLY.instruction_bitstreams[0]". */
typedef void canon_mask(void *user, const char *source, uint8_t *data, size_t n);
void canon_mask_with(canon *c, canon_mask *mask, void *user);

uint32_t canon_crc(uint32_t crc, const void *data, size_t n);

#endif
