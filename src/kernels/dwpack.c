/* SPDX-License-Identifier: Apache-2.0 */
/* Limits and dispatch of the packed depthwise family. Its definition is depthwise.c. */
#include "kernels/dwpack.h"

#include "base/cpu.h"

void crl_dwpack_kernels_init(crl_dwpack_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_dwpack_kernels){ 0 };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = crl_dwpack_avx2;
    if (cpu & CRL_CPU_AVXVNNI) *k = crl_dwpack_avxvnni;
    if (cpu & CRL_CPU_AVX512VNNI) *k = crl_dwpack_avx512vnni;
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = crl_dwpack_neon;
    if (cpu & CRL_CPU_NEONDOT) *k = crl_dwpack_neondot;
#endif
}

static bool channel_range(crl_requant_range *range, int64_t *nearer, const crl_dwpack_spec *spec, int32_t c)
{
    *nearer = 0;
    const int32_t taps = spec->window.filter_h * spec->window.filter_w;
    int64_t least = spec->bias ? spec->bias[c] : 0, most = least;
    for (int32_t t = 0; t < taps; t++) {
        const int32_t w = spec->weights[(size_t)t * (size_t)spec->window.out_c + (size_t)c];
        if (w < -254 || w > 254) return false; /* two int8 weights do not reach it */
        const int64_t dark = w * (0 - spec->in_zero), light = w * (255 - spec->in_zero);
        least += dark < light ? dark : light;
        most += dark < light ? light : dark;
    }
    *range = (crl_requant_range){ 0, 0 };
    if (crl_requant_is_silent(&spec->requant, (size_t)c)) return true;
    if (least < INT32_MIN || most > INT32_MAX) return false;
    *range = (crl_requant_range){ (int32_t)least, (int32_t)most };
    if (crl_requant_fits(&spec->requant, (size_t)c, *range)) return true;
    *nearer = crl_requant_nearer(&spec->requant, (size_t)c, *range);
    *range = (crl_requant_range){ (int32_t)(least + *nearer), (int32_t)(most + *nearer) };
    return crl_requant_fits(&spec->requant, (size_t)c, *range);
}

int64_t crl_dwpack_bias(const crl_dwpack_spec *spec, int32_t c)
{
    crl_requant_range range;
    int64_t nearer;
    channel_range(&range, &nearer, spec, c);
    return (spec->bias ? spec->bias[c] : 0) + nearer;
}

bool crl_dwpack_takes(const crl_dwpack_spec *spec, crl_requant_range *range)
{
    if (spec->window.filter_h > CRL_DWPACK_FILTER_ROWS) return false;
    int64_t nearer;
    for (int32_t c = 0; c < spec->window.out_c; c++)
        if (!channel_range(&range[c], &nearer, spec, c)) return false;
    return true;
}
