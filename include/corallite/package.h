/* SPDX-License-Identifier: Apache-2.0 */
/* What the Edge TPU compiler puts in the place of the operators that it took: the package.
 *
 *   model -> operator "edgetpu-custom-op" -> its options, a FlexBuffer -> package -> executables, each a program or two,
 *   parameters, a list of transfers, and what inputs and outputs look like
 *
 * A package has one executable that does everything (CRL_EXECUTABLE_ALONE), or two: one brings parameters into the chip's memory, where
 * they stay (CRL_EXECUTABLE_CACHING), the other computes with them (CRL_EXECUTABLE_RUNNING). Both then have the same token. Who wants
 * to run the second asks whether the token on the chip is its own, and runs the first if it is not.
 *
 * All that a crl_package says was verified: offsets, sizes, indices; that no output element lies outside of its layer; that chunks
 * are whole words. What the programs do is not looked at.
 *
 * Source: docs/formats/edgetpu-package.md
 *
 * Threads  A crl_package is read-only; any number of threads may share it. */
#ifndef CORALLITE_PACKAGE_H
#define CORALLITE_PACKAGE_H

#include <corallite/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an address or a transfer stands for. The numbers are the file's. */
typedef enum crl_package_base {
    CRL_BASE_OUTPUT,
    CRL_BASE_INPUT,
    CRL_BASE_PARAMETERS,
    CRL_BASE_SCRATCH /* memory of the host that the program writes and reads again */
} crl_package_base;

/* 32 bits of a program that are half of an address, which the driver writes in before it sends the chunk. */
typedef struct crl_relocation {
    crl_package_base base;
    bool high;        /* the upper 32 bits of the address */
    int32_t batch;    /* of inputs and outputs */
    const char *name; /* of the layer, for inputs and outputs; "" otherwise */
    uint32_t bit;     /* of the chunk, where the 32 begin; all of them are inside */
    uintptr_t reserved[2]; /* 0 */
} crl_relocation;

/* A piece of a program, sent at once: words of 16 bytes. */
typedef struct crl_chunk {
    const uint8_t *bytes;
    size_t size; /* a multiple of 16, more than 0 */
    const crl_relocation *relocations;
    int32_t n_relocations;
    uintptr_t reserved[2]; /* 0 */
} crl_chunk;

typedef enum crl_hint_kind {
    CRL_HINT_TRANSFER = 1,
    CRL_HINT_CHUNK = 2,     /* a chunk of instructions is sent */
    CRL_HINT_INTERRUPT = 3, /* the chip reports, as a rule that it is done */
    CRL_HINT_FENCE = 4      /* all before is done before anything after begins */
} crl_hint_kind;

/* One transfer, in the order in which the chip asks for them. */
typedef struct crl_hint {
    crl_hint_kind kind;
    bool to_host;
    crl_package_base base; /* of a transfer: what is transferred, */
    int32_t batch;
    const char *name; /* of the layer, "" for parameters and scratch */
    int32_t layer;    /* and its index among inputs or outputs; -1: none, or the file names none that is there */
    size_t offset, size; /* bytes of the layer, of the parameters or of the scratch memory */
    int32_t chunk;     /* of a chunk: its index */
    int32_t interrupt; /* of an interrupt: 0 to 3 */
    uintptr_t reserved[2]; /* 0 */
} crl_hint;

/* How elements of a layer are stored. The numbers are the file's. Signed ones travel as unsigned numbers: 128 more, or 32768 more. */
typedef enum crl_layer_type {
    CRL_LAYER_U8 = 0,
    CRL_LAYER_U16 = 1,
    CRL_LAYER_S32 = 2,
    CRL_LAYER_BFLOAT = 3,
    CRL_LAYER_HALF = 4,
    CRL_LAYER_SINGLE = 5,
    CRL_LAYER_S8 = 8,
    CRL_LAYER_S16 = 9
} crl_layer_type;

/* Where the elements of an output are among the bytes that the chip sends. Element (y, x, z) begins at
 *
 *   tile_offset[y_tile[y] + x_tile[x]] + y_row[y] * x_row_bytes[x] + x_offset[x] + z * bytes of an element
 *
 * which was verified for all of them. */
typedef struct crl_output_layout {
    const int32_t *y_tile, *y_row;                  /* [y_dim] */
    const int32_t *x_tile, *x_offset, *x_row_bytes; /* [x_dim] */
    const int32_t *tile_offset;                     /* [n_tiles] */
    int32_t n_tiles; /* 0: there is no layout, rows of elements follow each other */
    uintptr_t reserved[2]; /* 0 */
} crl_output_layout;

/* An input or an output: y_dim rows of x_dim places of z_dim elements, each at least 1. */
typedef struct crl_package_layer {
    const char *name; /* of the tensor */
    size_t bytes;     /* of a transfer: inputs are dense rows and filled up to 8 bytes, outputs as `layout` says */
    int32_t y_dim, x_dim, z_dim;
    crl_layer_type type;
    int32_t zero_point; /* of the unsigned numbers */
    float scale;
    int32_t executions; /* of the program, for one inference */
    bool cached;        /* kept in the chip's own DRAM */
    crl_output_layout layout;
    uintptr_t reserved[4]; /* 0 */
} crl_package_layer;

/* The numbers are the file's. */
typedef enum crl_executable_kind {
    CRL_EXECUTABLE_ALONE,
    CRL_EXECUTABLE_CACHING,
    CRL_EXECUTABLE_RUNNING
} crl_executable_kind;

typedef struct crl_executable {
    crl_executable_kind kind;
    const char *name, *chip; /* "model", "beagle" */
    int32_t version, batch;
    const crl_chunk *chunks;
    int32_t n_chunks; /* at least 1 */
    const uint8_t *parameters; /* of CACHING: what stays; else what is streamed in each run. NULL and 0: none */
    size_t parameter_bytes;
    size_t scratch_bytes; /* of host memory */
    size_t narrow_bytes;  /* the most that a tile needs for activations, as the compiler says; 0: it does not */
    const crl_hint *hints;
    int32_t n_hints;
    bool deterministic; /* the chip asks for exactly these transfers in this order; else the hints are less than that */
    const crl_package_layer *inputs, *outputs;
    int32_t n_inputs, n_outputs;
    uint64_t token;
    int64_t cycles; /* as the compiler estimates; 0: it does not */
    bool parameters_in_dram;
    uintptr_t reserved[8]; /* 0 */
} crl_executable;

/* The library makes it; later versions may add fields at the end. */
typedef struct crl_package {
    int32_t min_runtime; /* least version of the vendor's runtime */
    const char *compiler, *identifier; /* free texts */
    int32_t chip;          /* version of the chip beside the options; 0: not said */
    const crl_executable *executables;
    int32_t n_executables; /* 1, or 2 */
    const crl_executable *caching; /* NULL: everything is in `running` */
    const crl_executable *running; /* RUNNING or ALONE */
    size_t signature_bytes; /* 0: not signed, as all that are known */
    const uint8_t *bytes;  /* the package, inside of the operator's options */
    size_t size;
} crl_package;

/* The operator's name. */
#define CRL_EDGETPU_OP "edgetpu-custom-op"

/* The first operator of the main subgraph from index `from` on that is compiled; -1: none. */
CRL_API int32_t crl_find_compiled(const crl_model *model, int32_t from);

/**
 * Opens the package of a compiled operator.
 *
 * Owner   `*out` is the caller's, for crl_package_close(); NULL after a failure. It borrows from the model, which has to outlive it.
 * Errors  CRL_ERR_ARGUMENT     the operator is not a compiled one
 *         CRL_ERR_FORMAT       broken; the text names the field
 *         CRL_ERR_UNSUPPORTED  made for several chips
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_package_open(crl_package **out, const crl_model *model, int32_t op, crl_error *err);
CRL_API void crl_package_close(crl_package *package); /* accepts NULL */

/* Bytes of an element of a layer. */
CRL_API int32_t crl_package_element(const crl_package_layer *layer);

/* ---- programs ------------------------------------------------------------------------------------- */

/* One instruction. */
typedef struct crl_instruction {
    int32_t chunk, word;   /* where it begins: in chunk `chunk` of the executable, at word `word` of it */
    int32_t words, opcode; /* docs/formats/edgetpu-isa.md */
    const char *name;      /* "tensor" */
    uintptr_t reserved[2]; /* 0 */
} crl_instruction;

/* The library makes it; later versions may add fields at the end. */
typedef struct crl_disassembly {
    const crl_instruction *instructions; /* of all chunks, in their order */
    int32_t n;
    const crl_executable *executable;
} crl_disassembly;

/**
 * Divides the chunks of an executable into instructions.
 *
 * Owner   `*out` is the caller's, for crl_disassembly_free(); NULL after a failure. It borrows from the executable, which has to outlive it.
 * Errors  CRL_ERR_FORMAT  an opcode that is not known, or an instruction that its chunk ends in; the text says where
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_disassemble(crl_disassembly **out, const crl_executable *executable, crl_error *err);
CRL_API void crl_disassembly_free(crl_disassembly *program); /* accepts NULL */

/* What instruction i is for, in a few words, as far as its fields tell: "bias load". */
CRL_API const char *crl_instruction_role(const crl_disassembly *program, int32_t i);

/**
 * Instruction i as a line of text without a newline: its name, and its fields as name=value, those that are 0 left out.
 *
 * `whole`: with everything that is set, so that crl_assemble() makes the same words of it; else what matters to a reader.
 * Writes at most `size` bytes, a zero at the end included, and returns how many the line has without it.
 */
CRL_API size_t crl_instruction_text(const crl_disassembly *program, int32_t i, bool whole, char *text, size_t size);

/**
 * Words from lines as crl_instruction_text() writes them whole. Empty lines, and what follows a '#', are passed over.
 *
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure
 * Errors  CRL_ERR_FORMAT  the text says which line, and what is wrong in it
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_assemble(const char *text, uint8_t **bytes, size_t *size, crl_error *err);

/* ---- is it sound? ---------------------------------------------------------------------------------- */

/**
 * Looks for what is wrong with the programs of a package, by rules that all compiled models keep: chunks go from start to halt and end,
 * instructions for tiles are numbered without a gap, the transfers that the program asks for are those of the hints, and cached
 * parameters lie where the running program writes nothing. `fault` is told each fault, a sentence.
 *
 * Errors  CRL_ERR_FORMAT  a program cannot be divided into instructions
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_package_verify(const crl_package *package, void (*fault)(void *user, const char *text), void *user, crl_error *err);

/**
 * Whether the cached parameters of `resident` are still there after `other` was loaded and run. Where not, a driver has to load them
 * again after each change.
 *
 * Errors  CRL_ERR_FORMAT, CRL_ERR_MEMORY as above
 */
CRL_API crl_status crl_packages_together(const crl_package *resident, const crl_package *other, bool *together, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
