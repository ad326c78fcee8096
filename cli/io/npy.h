/* SPDX-License-Identifier: Apache-2.0 */
/* NumPy's .npy files, formats 1.0 to 3.0:
 *
 *   "\x93NUMPY" | major minor | length, u16 or u32 little-endian | a Python dictionary, padded, "\n" | elements
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (1, 224, 224, 3), }
 *
 * Read and written are the types that a tensor can have, little-endian and in C order; the rest is refused
 * by name. A file may come from anyone: nothing in it is believed before it is checked. */
#ifndef CLI_NPY_H
#define CLI_NPY_H

#include <stddef.h>
#include <stdint.h>

#include <corallite/tensor.h>

typedef struct cli_npy {
    crl_type type;
    crl_shape shape;
    size_t offset; /* of the first element, within the file */
    size_t bytes;  /* of all elements */
} cli_npy;

/* Longest header that is read, and longest that is written. */
enum { CLI_NPY_READ = 65536, CLI_NPY_WRITE = 256 };

/* Reads the header from the beginning of a file; the elements need not be there.
 * Errors: FORMAT (no .npy file, or a broken one), UNSUPPORTED (another type or layout). */
crl_status cli_npy_parse(cli_npy *out, const uint8_t *file, size_t size, crl_error *err);

/* A file in memory; `bytes` is for free(). */
typedef struct cli_npy_file {
    cli_npy npy;
    uint8_t *bytes;
    size_t size;
} cli_npy_file;

/* Reads a file with at most `most` bytes of elements; of a larger one, enough to see that it is larger.
 * Errors: as above; IO. */
crl_status cli_npy_load(cli_npy_file *out, const char *path, size_t most, crl_error *err);

/* Whether it is an array of this type and shape, and whole.
 * Errors: ARGUMENT (type or shape; the text names both); FORMAT (too few or too many elements). */
crl_status cli_npy_check(const cli_npy_file *file, crl_type type, const crl_shape *shape, crl_error *err);

/* Writes a tensor, raw. Errors: IO; UNSUPPORTED (a type that NumPy has not). */
crl_status cli_npy_save(const char *path, const crl_tensor *tensor, crl_error *err);

#endif
