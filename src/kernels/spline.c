/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces and their coefficients: see spline.h. */
#include "kernels/spline.h"

#include <math.h>

#include "base/fixed.h"
#include "kernels/element.h"

enum { PIECES = 8, DEGREE = 4 };

typedef struct spline {
    float breakpoint[PIECES - 1]; /* ascending; piece i covers [breakpoint[i - 1], breakpoint[i]) */
    float c[PIECES][DEGREE + 1];  /* ascending powers */
} spline;

/* Source: nine loads of this table in compiled models, of two releases, and 41 in those of a third: bit for bit the same. */
static const spline logistic = {
    { -0x1.68f362p+2f, -0x1.7b925cp+1f, -0x1.5743eap+0f, 0x1.60d3fp-4f, 0x1.ce3f78p+0f, 0x1.334686p+2f, 0x1.0f1e14p+3f },
    {
        { 0x1.00a938p+5f, 0x1.bb6f8cp+3f, 0x1.2234ep+1f, 0x1.53ef76p-3f, 0x1.2be4cp-8f },
        { 0x1.09430ep+7f, 0x1.56d006p+6f, 0x1.5dc048p+4f, 0x1.4a3d7p+1f, 0x1.e26d6cp-4f },
        { 0x1.0eeac4p+7f, 0x1.48d6c6p+6f, 0x1.06e3fap+4f, 0x1.0ad034p-1f, -0x1.09901ep-3f },
        { 0x1.0000d4p+7f, 0x1.ffc72cp+5f, -0x1.518ffcp-2f, -0x1.93eafap+2f, -0x1.2981c8p+0f },
        { 0x1.00017p+7f, 0x1.ff6662p+5f, 0x1.e4d05ap-2f, -0x1.9e6b6ap+2f, 0x1.396564p+0f },
        { 0x1.bb8f8cp+6f, 0x1.8ad8dep+6f, -0x1.ae4022p+4f, 0x1.b7cb8cp+1f, -0x1.5feda6p-3f },
        { 0x1.87aeap+7f, 0x1.df7816p+4f, -0x1.6d539ap+2f, 0x1.f6190cp-2f, -0x1.0585aep-6f },
        { 0x1.e998aep+7f, 0x1.0aac18p+2f, -0x1.2d06aap-1f, 0x1.30fc54p-5f, -0x1.d34b08p-11f },
    }
};

/* 1 / sqrt(x) on [1, 4), the last piece twice. Source: tables of compiled models with 473 input scales, all of them these numbers
 * times one of the layer. */
static const spline inverse_root = {
    { 0x1.2ca8b4p+0f, 0x1.73e43ap+0f, 0x1.cbfb5p+0f, 0x1.200dd6p+1f, 0x1.6654a6p+1f, 0x1.b7ff32p+1f, INFINITY },
    {
        { 0x1.2ee954p+1f, -0x1.75407ap+1f, 0x1.363352p+1f, -0x1.1095dap+0f, 0x1.86ebfep-3f },
        { 0x1.13a0eap+1f, -0x1.1919fep+1f, 0x1.8283fap+0f, -0x1.18d416p-1f, 0x1.4cd4dp-4f },
        { 0x1.efaa1p+0f, -0x1.98b08ap+0f, 0x1.c652a4p-1f, -0x1.0adfb8p-2f, 0x1.ff6e42p-6f },
        { 0x1.bc4a8ap+0f, -0x1.264b56p+0f, 0x1.06c7ap-1f, -0x1.efdd98p-4f, 0x1.7d8504p-7f },
        { 0x1.8dab9ep+0f, -0x1.a6178ap-1f, 0x1.2dfddap-2f, -0x1.c8a618p-5f, 0x1.199238p-8f },
        { 0x1.65b4fap+0f, -0x1.333c52p-1f, 0x1.63cf8ap-3f, -0x1.b3846p-6f, 0x1.b2d1a2p-10f },
        { 0x1.472b9ep+0f, -0x1.d65a08p-2f, 0x1.c820ap-4f, -0x1.d3c44p-7f, 0x1.877f52p-11f },
        { 0x1.472b9ep+0f, -0x1.d65a08p-2f, 0x1.c820ap-4f, -0x1.d3c44p-7f, 0x1.877f52p-11f },
    }
};

/* 65535 * exp(x) on [-13.04, 0]. Source: ten loads in compiled models, bit for bit the same. */
static const spline exponential = {
    { -0x1.ff28eap+2f, -0x1.5ec0ap+2f, -0x1.f76112p+1f, -0x1.5969d8p+1f, -0x1.c1f352p+0f, -0x1.d57b2ap-1f, -0x1.64ce3ep-3f },
    {
        { 0x1.cbeab8p+10f, 0x1.3b1b92p+9f, 0x1.455f5p+6f, 0x1.2b9568p+2f, 0x1.9e8b84p-4f },
        { 0x1.b342dp+13f, 0x1.aaa9ecp+12f, 0x1.408254p+10f, 0x1.b36b0ap+6f, 0x1.c1b03ep+1f },
        { 0x1.02437cp+15f, 0x1.44802ep+14f, 0x1.3fd2c8p+12f, 0x1.225f7cp+9f, 0x1.96bba6p+4f },
        { 0x1.893fep+15f, 0x1.2bc984p+15f, 0x1.738194p+13f, 0x1.b46de2p+10f, 0x1.943b1ap+6f },
        { 0x1.db37fp+15f, 0x1.a38a58p+15f, 0x1.3e138ep+14f, 0x1.e05d1ap+11f, 0x1.29743ap+8f },
        { 0x1.fa94aep+15f, 0x1.e9ab28p+15f, 0x1.b54d4cp+14f, 0x1.a6e4bcp+12f, 0x1.69a67ap+9f },
        { 0x1.ffecc2p+15f, 0x1.ff2868p+15f, 0x1.f85422p+14f, 0x1.340c82p+13f, 0x1.8e55d4p+10f },
        { 0x1.fffep+15f, 0x1.fffde6p+15f, 0x1.fff53cp+14f, 0x1.5440f8p+13f, 0x1.38f8c6p+11f },
    }
};

static int32_t piece_of(const spline *s, float x)
{
    int32_t i = 0;
    while (i < PIECES - 1 && x >= s->breakpoint[i]) i++;
    return i;
}

/* Coefficients times k. */
static float value(const spline *s, float x, float k)
{
    const float *c = s->c[piece_of(s, x)];
    float v = c[DEGREE] * k;
    for (int32_t i = DEGREE - 1; i >= 0; i--) v = v * x + c[i] * k;
    return v;
}

float crl_spline_logistic(float x)
{
    const float far = 0x1.4cb208p+3f; /* 10.396732 */
    return value(&logistic, x < -far ? -far : x > far ? far : x, 1);
}

float crl_spline_exponential(float x)
{
    const float least = -0x1.a1381ap+3f;
    return value(&exponential, x < least ? least : x, 1);
}

float crl_spline_inverse_root(float x, float k)
{
    int exponent;
    float m = 2 * frexpf(x, &exponent); /* [1, 2) * 2^exponent */
    exponent--;
    if (exponent & 1) {
        m *= 2;
        exponent--;
    }
    return ldexpf(value(&inverse_root, m, k), -exponent / 2);
}

/* Of the chip's bytes and of ours: q - zero is the same. */
typedef float real_fn(float x, float unit);

static void fill(uint8_t table[256], crl_type type, real_fn *f, float unit, float in_scale, int32_t in_zero, int32_t out_zero)
{
    for (int32_t i = 0; i < 256; i++) {
        const int32_t q = type == CRL_INT8 ? (int8_t)i : i;
        const int32_t v = (int32_t)lrintf(f((float)(q - in_zero) * in_scale, unit)) + out_zero;
        table[i] = (uint8_t)crl_clamp(v, crl_type_min(type), crl_type_max(type));
    }
}

static float logistic_of(float x, float unit)
{
    (void)unit;
    return crl_spline_logistic(x);
}

static float tanh_of(float x, float unit)
{
    const float far = 6.8748f, limit = 65536;
    const float v = (float)tanh((double)(x < -far ? -far : x > far ? far : x)) * unit;
    return v > limit ? limit : v > -limit ? v : -limit; /* no number: a scale that has no reciprocal */
}

void crl_spline_table_logistic(uint8_t table[256], crl_type type, float in_scale, int32_t in_zero, int32_t out_zero)
{
    fill(table, type, logistic_of, 0, in_scale, in_zero, out_zero);
}

void crl_spline_table_tanh(uint8_t table[256], crl_type type, float in_scale, int32_t in_zero, float out_scale, int32_t out_zero)
{
    fill(table, type, tanh_of, 1 / out_scale, in_scale, in_zero, out_zero);
}
