/* SPDX-License-Identifier: Apache-2.0 */
/* A model made ready to run on a backend.
 *
 *   crl_engine_new -> fill crl_engine_input(e, i)->data -> crl_engine_run -> read crl_engine_output
 *
 * Running allocates nothing, except where a model has tensors whose shape is known only while running, and for a device
 * that is opened anew.
 *
 * Threads  A crl_engine serves one thread at a time, with all that it hands out: tensors, rows of a profile. Engines run at once
 *          in threads of their own, of one model and on one pool, too. An engine's own threads are its affair.
 *
 * After a fork() the child has engines of its own, as long as none was at work in that moment: it may run them, its first
 * run then starts threads anew, and may free them. Where fork() is not what made the child (vfork, clone), it may not. */
#ifndef CORALLITE_ENGINE_H
#define CORALLITE_ENGINE_H

#include <corallite/model.h>
#include <corallite/notice.h>
#include <corallite/pool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum crl_backend_kind {
    CRL_BACKEND_AUTO = 0,      /* the best that there is */
    CRL_BACKEND_CPU = 1,       /* fast kernels, same bytes */
    CRL_BACKEND_REFERENCE = 2, /* the definition: one plain kernel per operator */
    CRL_BACKEND_EDGETPU = 3,   /* an Edge TPU on the USB or PCIe (device.h), for compiled models */
    CRL_BACKEND_EDGETPU_VENDOR = 4 /* one on the USB or PCIe, by the vendor's runtime: an installed libedgetpu.so.1, or
                                      what $CRL_LIBEDGETPU names */
} crl_backend_kind;

/* "auto", "cpu", "reference", "edgetpu", "edgetpu:vendor". */
CRL_API const char *crl_backend_name(crl_backend_kind kind);

/* How sums of float layers are made (CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV, BATCH_MATMUL of FLOAT32), and LOGISTIC of FLOAT32:
 * fast ones are within 4e-7 of themselves. */
typedef enum crl_float_mode {
    CRL_FLOAT_EXACT = 0, /* products are rounded before they are added: the reference's bits */
    CRL_FLOAT_FAST = 1   /* by fused multiply-adds, where the machine has them: up to twice as fast, and a little nearer to the
                            sum of real numbers; the same bits at every such level and number of threads */
} crl_float_mode;

/* Whose bytes 8-bit layers give. */
typedef enum crl_arithmetic {
    CRL_ARITHMETIC_AUTO = 0,    /* with CRL_BACKEND_AUTO and EDGETPU, EDGETPU for what stands in for an Edge TPU, be it that it fails or that
                                   none was there: crl_engine_options.twin, and what crl_engine_choose_model() gave; else TFLITE */
    CRL_ARITHMETIC_EDGETPU = 1, /* those of an Edge TPU that runs the compiled model: operators that it would not get compute as
                                   with TFLITE. docs/chip-exact.md tells how sure that is, operator by operator */
    CRL_ARITHMETIC_TFLITE = 2   /* those of TensorFlow Lite's reference kernels */
} crl_arithmetic;

typedef struct crl_engine_options {
    crl_backend_kind backend;
    int threads;     /* 0: as crl_pool_new(): the cores, at most 4; fewer serve where the system gives no more */
    const char *cpu; /* NULL: $CRL_CPU if set, else all that the machine has; "avx2", "ref", ... */
    int32_t subgraph; /* 0: the main one; a signature's (crl_signature.subgraph) where it names another */
    size_t memory_bytes; /* at most, besides the file; 0: 768 MiB, or five times the file where that is more */
    /* The most work that a run may need, and preparing for it, in units: one is about a multiply-accumulate of plain C, or
     * a nanosecond. What needs more is refused, before it runs where that can be known, so that a small file cannot ask
     * for hours. 0: 2,000 million, and 524,288 for each byte of the file beyond 16 KiB; UINT64_MAX: no limit. */
    uint64_t work_limit;
    crl_notice_fn *notice;  /* told what is no error (notice.h), while the engine lives; NULL: nobody is */
    void *notice_user;      /* given to it */
    crl_pool *pool;         /* threads that others use, too (pool.h): `threads` is 0 then; NULL: the engine's own */
    crl_float_mode float_mode; /* backend CPU; the reference is exact */
    const bool *on_chip;       /* with EDGETPU: whether the chip gets operator i of subgraph 0, [n_on_chip]; NULL: as
                                  crl_check_new() has it (check.h). Not needed after making */
    size_t n_on_chip;          /* the operators of subgraph 0 */
    crl_arithmetic arithmetic;
    /* As for crl_engine_resize(), one for each input: the model is prepared for these at once. NULL: the file's. Not needed after
     * making. */
    const crl_shape *input_shapes;
    bool keep_tensors; /* inner tensors stay readable after a run (crl_engine_tensor): slower, and takes memory for all of them */
    /* Of a compiled model, which AUTO runs on an Edge TPU where there is one when the engine is made, and EDGETPU has to: what it was
     * compiled from (crl_model_open_twin), which computes frames that the device fails at, and without a device all of them, in the
     * device's arithmetic unless `arithmetic` says otherwise. Borrowed, outlives the engine. NULL: nothing stands in. */
    const crl_model *twin;
    const char *device; /* which: "usb:0" the first, "2-1.4" the one at that place, "pci:0", "emulator" (device.h); NULL: the one that fewest engines use */
    const char *clock; /* of a stick that this engine opens first: "max", "high", "medium", "low"; NULL: $CRL_TPU_CLOCK, else what is set up */
    uintptr_t reserved[4]; /* 0 */
} crl_engine_options;

/**
 * Decides what an engine of a compiled model is to be made of: of the model, where the options want an Edge TPU and there is one, or they
 * insist; else of its twin, the model that it was compiled from. What is not compiled, or has its twin in the options, stays as it is.
 *
 * `*model`  open; where its twin takes its place it is closed, and options->notice is told (CRL_NOTICE_TWIN).
 * `*twin`   what stands in for the device, for crl_engine_options.twin; NULL: nothing does.
 * `path`, `named`  as of crl_model_open_twin(), both may be NULL
 * Owner     both models are the caller's; after a failure `*model` is what it was, and `*twin` NULL. `options` may be NULL.
 * Errors    as of crl_model_open_twin(), where no device is to run the model
 *           CRL_ERR_ARGUMENT  options->device is the name of none
 * Threads   any number
 */
CRL_API crl_status crl_engine_choose_model(crl_model **model, crl_model **twin, const char *path, const char *named,
                                           const crl_engine_options *options, crl_error *err);

typedef struct crl_engine crl_engine;

/**
 * Prepares a model: shapes, kernels, packed weights, memory plan.
 *
 * Owner   `model` and options->pool are borrowed and must outlive the engine. `*out` is the caller's, for crl_engine_free();
 *         NULL after a failure. `options` may be NULL for the defaults and is not kept.
 * Errors  CRL_ERR_ARGUMENT    an option is out of range, or a reserved word not 0; the text gives what is accepted
 *         CRL_ERR_UNSUPPORTED an operator, type or shape that no kernel takes; the text names the operator. Or more
 *                             memory than allowed (crl_engine_options.memory_bytes)
 *         CRL_ERR_FORMAT      the operators contradict each other's shapes
 *         CRL_ERR_TIMEOUT     a run, or preparing for it, would need more than options->work_limit
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_engine_new(crl_engine **out, const crl_model *model, const crl_engine_options *options,
                                  crl_error *err);
CRL_API void crl_engine_free(crl_engine *engine); /* accepts NULL */

CRL_API int32_t crl_engine_input_count(const crl_engine *engine);
CRL_API int32_t crl_engine_output_count(const crl_engine *engine);
/* Input or output i in model order; NULL when i is out of range. `data` of an input is to be written before the first run:
 * running reads it and leaves it as it is, so that a frame can be run again, and inputs that do not change are written once.
 * (Inputs that the model marks as variable are its state, which runs change.) Outputs stay valid until the next run. The
 * view lives as long as the engine; what it says (shape, data, bytes) changes when inputs are resized, when memory is bound
 * and, of outputs with CRL_TENSOR_DYNAMIC, with every run. Those have no data before the first one. */
CRL_API crl_tensor *crl_engine_input(crl_engine *engine, int32_t i);
CRL_API const crl_tensor *crl_engine_output(const crl_engine *engine, int32_t i);

/**
 * Any tensor of the engine's subgraph, by its number in the file, as it is now: the shape that the operators gave it, and its data.
 *
 * Owner   `*out` is a copy of what there is to say; what it leads to lives as long as the engine, and `data` as that of an output.
 *         Of inner tensors `data` is NULL, unless options.keep_tensors was set; of late ones (CRL_TENSOR_DYNAMIC) also before
 *         the first run.
 * Errors  CRL_ERR_ARGUMENT    no such tensor
 */
CRL_API crl_status crl_engine_tensor(const crl_engine *engine, int32_t index, crl_tensor *out, crl_error *err);

/**
 * Lets an input or output be memory of the caller's: runs read the input from there, and write the output there, without a
 * copy. So the next frame can be filled while one runs: bind another buffer in between, which costs a fraction of a microsecond.
 *
 *   fill a;  bind_input(e, 0, a);  run   ||  fill b (by another thread)
 *            bind_input(e, 0, b);  run   ||  fill a
 *
 * Owner   the memory stays the caller's. It has to last until something else is bound, the inputs are resized (which gives all
 *         inputs and outputs memory of the engine's again) or the engine is freed. An input may be read-only memory; it must
 *         not change while a run reads it. What an output holds while a run goes on, or after one that failed, is undefined:
 *         inner steps may use it.
 * Memory  `data` has to lie as an array of its type does (bytes anywhere, floats at multiples of 4); at a multiple of 64 it is
 *         as fast as the engine's own. `bytes` are at least those of the tensor, and no more than those are read or written.
 *         Of an output with CRL_TENSOR_DYNAMIC that is seen only when it has been computed: then the run fails. NULL gives the
 *         engine's own memory back. An output may share memory with nothing else that is bound; inputs may.
 * Copies  are made of outputs that are an input, a constant or a piece of another output, or whose shape is known only while
 *         running; and of variable inputs.
 * Errors  CRL_ERR_ARGUMENT    no such input or output, too few bytes, an address that does not suit the type; nothing
 *                             is changed then. What overlaps is found by the next run
 */
CRL_API crl_status crl_engine_bind_input(crl_engine *engine, int32_t i, const void *data, size_t bytes, crl_error *err);
CRL_API crl_status crl_engine_bind_output(crl_engine *engine, int32_t i, void *data, size_t bytes, crl_error *err);

/**
 * Prepares the model anew for inputs of other shapes: another batch, height, width.
 *
 * Shapes  `shapes` has one for each of the `n` inputs, in model order. The file says which dimensions its author
 *         meant to be open (crl_tensor_def.shape_signature); all may be tried, the operators decide.
 * Owner   `shapes` is not kept. Views that were handed out stay valid and show the new shapes; what was written
 *         into inputs is lost, nothing is bound any more, variable tensors are zero again. Shapes that are those of now
 *         change nothing.
 * Errors  CRL_ERR_ARGUMENT    `n` is not the number of inputs, or a shape is none
 *         others              as of crl_engine_new, where the model cannot take these shapes
 *         After an error everything is as it was before, and can be run. For that the old and the new live together for
 *         a while: they may have a quarter more than the memory that is allowed.
 */
CRL_API crl_status crl_engine_resize(crl_engine *engine, const crl_shape *shapes, int32_t n, crl_error *err);

/**
 * Runs the model once.
 *
 * Errors  what an operator finds wrong with the values (an index outside its tensor); CRL_ERR_TIMEOUT where work that
 *         depends on values (loops, late shapes) goes past options->work_limit; outputs are then undefined.
 */
CRL_API crl_status crl_engine_run(crl_engine *engine, crl_error *err);

/* Sets variable tensors (recurrent state) back to their initial zeros. Variables that the model assigns to itself
 * (ASSIGN_VARIABLE) keep their values for the engine's life, as in the reference. */
CRL_API void crl_engine_reset(crl_engine *engine);

typedef struct crl_engine_info {
    crl_backend_kind backend; /* never AUTO */
    const char *isa;          /* the instruction level in use: "ref", "avx2", "avx512vnni", ... */
    int threads;              /* that serve, */
    size_t arena_bytes;  /* activations, planned by first and last use */
    size_t live_bytes;   /* the largest sum of activations alive at one step: no plan can do with less */
    size_t scratch_bytes; /* of the operator that wants most, for all threads; behind the activations */
    size_t packed_bytes; /* weights in the kernels' layout, 0 where they are read from the file */
    uint64_t macs;       /* multiply-accumulates of one run */
    int threads_asked;   /* by the options, or by default: more than `threads` where the system gave no more */
    size_t io_bytes;     /* inputs and outputs in memory of the engine's own, which are not in the arena */
    uintptr_t reserved[7]; /* 0 */
} crl_engine_info;

CRL_API crl_engine_info crl_engine_describe(const crl_engine *engine);

/* What was computed where, since the engine was made: for the thread that runs it. */
typedef struct crl_engine_counters {
    uint64_t device_frames, cpu_frames; /* runs that ended well, by who computed the outputs; without a device all are the CPU's */
    uint64_t device_ns, cpu_ns;         /* that those took; 0 where the engine has no device, for then no clock is asked */
    uint64_t faults;    /* of the device: frames that it failed at, attempts to get it back that came to nothing */
    uint64_t returns;   /* times that it was back */
    crl_error fault;    /* the last one; its status is CRL_OK where there was none */
    bool on_device;     /* the next run begins on the device */
    uintptr_t reserved[8]; /* 0 */
} crl_engine_counters;

CRL_API crl_engine_counters crl_engine_count(const crl_engine *engine);

/* One step of a run: an operator, or several that were fused. */
typedef struct crl_profile_row {
    int32_t op;          /* index of the (last) operator in the subgraph */
    const char *name;    /* "CONV_2D" or "CONV_2D+ADD" */
    const char *kernel;  /* what runs it */
    const char *output;  /* name of the tensor written */
    crl_shape shape;     /* of that tensor */
    uint64_t macs;
    uint64_t bytes;      /* read and written once each: inputs, weights, outputs */
    uint64_t ns;         /* summed over the runs since profiling was switched on, */
    uint64_t least_ns;   /* and the least of them: what it takes undisturbed */
    uint64_t runs;
    const char *why_plain; /* "its activations have 16 bits": multiplications without a fast kernel on backend CPU; else NULL */
    uintptr_t reserved[3]; /* 0 */
} crl_profile_row;

/* Switches the clock per step on (counters start at zero) or off. */
CRL_API void crl_engine_profile(crl_engine *engine, bool on);
/* What the instruction level could do at most: 8-bit multiply-accumulates a second of all the engine's threads, by the
 * loop of one thread on registers alone, measured anew by each call in about 3 ms. 0 where plain C multiplies. */
CRL_API double crl_engine_peak(const crl_engine *engine);
/* Rows in order of execution; `*n` gets their number. Lives until the engine is freed. */
CRL_API const crl_profile_row *crl_engine_profile_rows(const crl_engine *engine, int32_t *n);

#ifdef __cplusplus
}
#endif
#endif
