/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the chip's engine looks up: eight polynomials of degree 4 each, and where they meet. */
#ifndef CRL_CODEGEN_FUNCTIONS_H
#define CRL_CODEGEN_FUNCTIONS_H

#include "compile/codegen/program.h"

typedef enum crl_function { CRL_FUNCTION_LOGISTIC, CRL_FUNCTION_EXPONENTIAL, CRL_FUNCTION_ROOT } crl_function;

/* Loads one, when tensor instructions before are done. */
void crl_put_function(crl_program *p, uint32_t tiles, crl_function function);
/* The load alone, of an instruction that is there. */
void crl_function_write(uint8_t *at, crl_function function);

/* The 4 x 4 identity to the last row of wide memory of all tiles; 16 bytes from `narrow` on are free. NARROW_TO_WIDE goes on. */
void crl_put_identity(crl_program *p, int32_t narrow);
/* Its four words in narrow memory alone; last: no other fills follow them. */
void crl_fill_identity(crl_program *p, int32_t narrow, bool last);
enum { CRL_IDENTITY_UNIT = 8316 };

#endif
