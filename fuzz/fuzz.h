/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzz targets, one in each file of that name. libFuzzer calls one with inputs of its own making (entry.c), the corpus
 * program all with what is in fuzz/corpus (main.c). A target has to survive anything; `bytes` end where no more may be read.
 * Returns 0. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

typedef int fuzz_target(const uint8_t *bytes, size_t size);

fuzz_target fuzz_address;
fuzz_target fuzz_check;
fuzz_target fuzz_compile;
fuzz_target fuzz_csv;
fuzz_target fuzz_log;
fuzz_target fuzz_edit;
fuzz_target fuzz_emulator;
fuzz_target fuzz_engine;
fuzz_target fuzz_flex;
fuzz_target fuzz_frame;
fuzz_target fuzz_frigate;
fuzz_target fuzz_heads;
fuzz_target fuzz_image;
fuzz_target fuzz_imprint;
fuzz_target fuzz_labels;
fuzz_target fuzz_model;
fuzz_target fuzz_multipart;
fuzz_target fuzz_mutant;
fuzz_target fuzz_npy;
fuzz_target fuzz_package;
fuzz_target fuzz_quantize;
fuzz_target fuzz_reweight;
fuzz_target fuzz_session;
fuzz_target fuzz_cameras;
fuzz_target fuzz_state;
fuzz_target fuzz_v2;
fuzz_target fuzz_write;
fuzz_target fuzz_zip;

/* Writes the first inputs of the corpora of `model`, `flex`, `package`, `reweight` and `compile` into folders of that
 * name below `folder`; an exit status. */
int make_corpus(const char *folder);

#endif
