/* SPDX-License-Identifier: Apache-2.0 */
/* A model that is compiled without a template, from its form to a file: form.c finds the form, proved.c knows which of them public
 * compiled models confirm, a file per family (dense.c, conv.c) writes the programs, file.c puts the package together. */
#ifndef CRL_CODEGEN_CODEGEN_H
#define CRL_CODEGEN_CODEGEN_H

#include "compile/codegen/program.h"
#include "compile/constants.h"
#include "compile/pack.h"

typedef enum crl_family { CRL_FAMILY_DENSE, CRL_FAMILY_CONV } crl_family;
typedef enum crl_pool_kind { CRL_POOL_NONE, CRL_POOL_AVERAGE, CRL_POOL_MAX } crl_pool_kind;

/* What programs depend on: families, sizes, and which tables a layer has. */
typedef struct crl_form {
    crl_family family;
    bool alone;        /* there is no layer: what is behind one is computed of the input */
    int32_t op;        /* of the model: the layer, or what begins without one */
    int32_t in, out;   /* tensors of the model that the host gives and gets */
    int32_t operators; /* that the chip computes */
    int32_t inputs, outputs; /* channels */
    int32_t height, width;   /* of a picture; 0: there is none */
    int32_t kernel_height, kernel_width, stride, pad_y, pad_x, out_height, out_width; /* of a convolution */
    bool valid;              /* not SAME */
    bool depthwise;          /* the model calls a convolution of one channel so */
    crl_pool_kind pool;      /* what is behind it */
    int32_t pool_op, pool_size;
    int32_t each_op, each;   /* what is computed of each output behind it all, and its code; -1 and 0: nothing */
    bool softmax;            /* behind a dense layer */
    int32_t softmax_op;
    bool channel_scales;     /* each output has a multiplier, */
    bool channel_zeros;      /* and a zero point of its own */
    bool is_signed;    /* the host's tensors are int8 */
    bool zero_bias;    /* there is a bias, of zeros: it is left out */
    bool bias;         /* there is another */
    int32_t activation; /* as the model has it, 0: none */
    const struct crl_form *next; /* convolution behind this one; what is computed of each output is of the last. NULL: none */
} crl_form;

enum { CRL_CHAIN_MOST = 8 }; /* layers */

/* Tables of an output in front of its weights: its multiplier, its bias, its zero point, where it has them. */
static inline int32_t crl_form_tables(const crl_form *form)
{
    return form->channel_scales + form->bias + form->channel_zeros;
}

enum { CRL_FORM_TEXT = 96 };

/* What a form is called: "a dense layer of 256 inputs and 512 outputs". `text` has CRL_FORM_TEXT bytes. */
void crl_form_text(const crl_form *form, char *text);

/**
 * The form of a model: of each of its layers, from `form` [CRL_CHAIN_MOST] on. `w` is the model on both sides.
 *
 * Errors  CRL_ERR_UNSUPPORTED  it has none for which there are rules; the text says what is in the way
 */
crl_status crl_form_find(crl_form *form, const crl_twin *w, crl_error *err);

/* Whether a public compiled model confirms the form; where not, `near` of CRL_FORM_TEXT bytes says what is near and is. */
bool crl_form_proved(const crl_form *form, char *near);

/* How the output of the chip lies: what each tile has, in the host's order. */
typedef struct crl_layout {
    int32_t rows, columns, depth; /* of the tensor; how many bytes of a position a tile has */
    int32_t row_of[4 + 1], column_of[4 + 1]; /* where the rows and columns of the tiles' grid begin; of a flat tensor one of each */
    int32_t offset[CRL_TILES];    /* bytes, where a tile's begin */
} crl_layout;

/* The programs of a form, and what goes with them. */
typedef struct crl_code {
    crl_program run, cache;
    uint8_t *parameters; /* crl_free; NULL: there are none, nor what caches them */
    size_t parameter_bytes;
    size_t output_bytes;  /* that the host gets */
    int32_t narrow_bytes; /* of a tile, that are used */
    crl_layout layout;
} crl_code;

/* Where a tile's outputs lie: bytes of narrow memory, positions and words of a position; 0: it has none. */
typedef struct crl_each {
    int32_t at, positions, words;
} crl_each;

/* What is computed of each output: of those of 16 tiles. 16 bytes from `narrow` on are free. */
void crl_codegen_each(crl_program *p, const crl_form *form, const crl_each *each, int32_t narrow, const crl_constants *c);

/* Constants of the steps of a softmax. */
enum { CRL_SOFTMAX_MOVE, CRL_SOFTMAX_GREATEST, CRL_SOFTMAX_DIFFERENCE, CRL_SOFTMAX_MASK, CRL_SOFTMAX_EXPONENTIAL, CRL_SOFTMAX_ALL };

/* A softmax on tile 0. */
typedef struct crl_softmax_plan {
    int32_t classes;
    int32_t from, free; /* narrow bytes: the logits; where crl_softmax_bytes() are free */
    int32_t tables;     /* unit of wide memory from which on its three tables lie, 4 for each word of classes */
    const crl_constants *constants; /* [CRL_SOFTMAX_ALL] */
} crl_softmax_plan;

void crl_codegen_softmax(crl_program *p, const crl_softmax_plan *s);
int32_t crl_softmax_bytes(int32_t classes);
/* Where its outputs are, narrow bytes. */
int32_t crl_softmax_place(const crl_softmax_plan *s);
/* Its tables, 64 bytes for each word of classes; `scale` is that of the logits. */
void crl_softmax_tables(uint8_t *to, int32_t classes, float scale);

/* Constants of a form's operators. */
enum { CRL_OF_LAYER, CRL_OF_POOL, CRL_OF_EACH, CRL_OF_SOFTMAX, CRL_OF_ALL = CRL_OF_SOFTMAX + CRL_SOFTMAX_ALL };

/* Writes the programs and parameters of a form. `c` are the constants of its operators: CRL_OF_ALL of each layer. Errors: MEMORY. */
crl_status crl_codegen_dense(crl_code *code, const crl_form *form, const crl_twin *w, const crl_constants *c, crl_error *err);
/* Packs the layer's weights and tables, and `more` bytes of 0, behind the parameters that are there. Errors: UNSUPPORTED, MEMORY. */
crl_status crl_code_pack(crl_code *code, const crl_form *form, const crl_twin *w, const crl_pack_choice *choice, size_t more, crl_error *err);
crl_status crl_codegen_conv(crl_code *code, const crl_form *form, const crl_twin *w, const crl_constants *c, crl_error *err);
/* Why a form of sizes that are known is not compiled all the same; NULL: it is. */
const char *crl_conv_obstacle(const crl_form *form);

void crl_code_free(crl_code *code);

/**
 * The compiled model: the package, and around it the outer model.
 *
 * Owner   `*bytes` is the caller's, for crl_free(); NULL after a failure
 * Errors  CRL_ERR_MEMORY, CRL_ERR_UNSUPPORTED (2 GiB)
 */
crl_status crl_code_write(const crl_code *code, const crl_form *form, const crl_subgraph *graph, uint64_t token, uint8_t **bytes, size_t *size,
                          crl_error *err);

#endif
