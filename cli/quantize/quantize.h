/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `corallite quantize` share.
 *
 *   verbs/quantize.c  options, from a model of floats to one of 8 bits
 *   samples.c         pictures: which, and which are held out
 *   arrays.c          or arrays
 *   keep.c            which operators are to stay as they are
 *   report.c          what it cost, as text and JSON
 *   page.c            and as a page of HTML */
#ifndef CLI_QUANTIZE_H
#define CLI_QUANTIZE_H

#include <corallite/corallite.h>

#include "cmd.h"
#include "models/compare.h"
#include "models/session.h"
#include "models/task.h"
#include "quantize/arrays.h"

typedef struct cli_quantize_settings {
    cli_task_settings task; /* whose list of pictures is the model */
    const char *data, *output, *html;
    cli_list keep_float;
    double percentile, test_ratio;
    int calibration, input_type, output_type, pictures, seed, layers;
} cli_quantize_settings;

/* Pictures of a folder, or arrays; those that are held out come last. */
typedef struct cli_samples {
    cli_sample *items;
    int n, n_held_out;
} cli_samples;

/* Lists pictures: those of the folder and of the folders in it. Returns an exit code. */
int cli_samples_list(cli_samples *s, const char *folder);
/* Takes at most `most`, drawn by the seed, and holds a part of them out. */
void cli_samples_draw(cli_samples *s, double test_ratio, int most, unsigned seed);
void cli_samples_release(cli_samples *s);
/* The name of the folder that a picture is in. For free(). */
char *cli_sample_folder(const char *path);

/* An operator and what 8 bits changed in its first output, summed over pictures. */
typedef struct cli_quantized_layer {
    crl_quantized_operator is;
    cli_pair_of pair;
    double rounding; /* the sum of squares that its own scale and zero point cost, when the floats are rounded to them */
} cli_quantized_layer;

typedef struct cli_quantizing {
    const cli_quantize_settings *settings;
    char *output;
    bool of_arrays; /* not of pictures */
    cli_arrays arrays;
    cli_samples samples;
    cli_session before, after; /* without sessions where they get arrays */
    crl_engine *engine[2];     /* of both */
    cli_task_settings judged; /* the settings of `after` */
    crl_quantizer *quantizer;
    bool *keep; /* [operators] */
    bool other_input; /* an 8-bit input does not take pixels as they are */
    uint8_t *bytes;
    size_t size;
    cli_quantized_layer *layers; /* [operators] */
    cli_pair_of *outputs;        /* [outputs] */
    int32_t n_outputs;
    bool classifies;
    int seen, examined, same; /* pictures or arrays: for the ranges, examined, and of these with the same best class */
    int named, right[2]; /* of these that lie in a folder named as one of the model's labels, and that each model is right about */
    double observe_ms, examine_ms;
} cli_quantizing;

/* Marks in keep[] what "SOFTMAX,3,10-12" names. Returns an exit code. */
int cli_quantize_keep(const crl_model *model, const cli_list *names, bool *keep);

void cli_quantize_report(cli_quantizing *w);
/* For free(); NULL after saying that there is no memory. */
char *cli_quantize_page(const cli_quantizing *w, size_t *bytes);

/* ---- what both tell ---- */

extern const char *const cli_quantized_calibrations[];

const crl_subgraph *cli_quantized_graph(const cli_quantizing *w);
/* Operators in 8 bits, of those that compute something of floats. */
int32_t cli_quantized_count(const cli_quantizing *w);
int32_t cli_quantized_floats(const cli_quantizing *w);

/* "picture" or "sample". */
const char *cli_quantized_sample(const cli_quantizing *w);

/* Whether it was compared. */
bool cli_quantized_is_told(const cli_pair_of *p);
/* How much stronger the numbers are than what 8 bits changed in them. Infinite: nothing is changed. */
double cli_quantized_snr_db(const cli_pair_of *p);
/* The same where the floats are only rounded: what the layer's own range costs, whatever the layers before it do. */
double cli_quantized_rounding_db(const cli_quantized_layer *l);

/* Signal to noise, cosine, relative error, largest difference; of a layer, also what its rounding alone costs. */
typedef struct cli_quantized_cells {
    char text[5][32];
} cli_quantized_cells;
cli_quantized_cells cli_quantized_numbers(const cli_pair_of *p);
cli_quantized_cells cli_quantized_layer_numbers(const cli_quantized_layer *l);

/* Those that lose most, as many as were asked for; `*worst` is for free(). */
int32_t cli_quantized_worst(const cli_quantizing *w, cli_quantized_layer ***worst);
/* Converters join the names of all that they made one operator of: the first of them. For free(). */
char *cli_quantized_name(const char *name);
/* "3 and 57 others": of those that stay as they are as operator i does, unless one before it does. For free(), or NULL. */
char *cli_quantized_kept(const cli_quantizing *w, int32_t i);

#endif
