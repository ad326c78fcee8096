/* SPDX-License-Identifier: Apache-2.0 */
/* Says of each frame of a video what is in it, as lines of JSON.      frames MODEL.tflite WIDTH HEIGHT < FRAMES
 * Frames are NV12, as cameras have them:
 *   ffmpeg -i street.mp4 -f rawvideo -pix_fmt nv12 - | frames ssd.tflite 640 480
 * Shows: frames without a copy, JSON, how long the parts of the work take. Nothing is allocated for a frame. */
#include <corallite/corallite.h>

#include <stdio.h>
#include <stdlib.h>

static crl_status each_frame(crl_session *session, const crl_frame_format *format, uint8_t *bytes, size_t size, crl_error *err)
{
    crl_frame frame;
    crl_status s = crl_frame_wrap(&frame, format, bytes, size, 0, err);
    while (!s && fread(bytes, 1, size, stdin) == size) {
        const crl_results *found = NULL;
        const char *text = NULL;
        s = crl_session_run_frame(session, format, &frame, &found, err);
        if (!s) s = crl_session_json(session, NULL, &text, NULL, err);
        if (s) break;
        puts(text);
        fprintf(stderr, "input %.2f ms, model %.2f ms, results %.2f ms\n", (double)found->input_ns / 1e6,
                (double)found->run_ns / 1e6, (double)found->read_ns / 1e6);
    }
    return s;
}

int main(int argc, char **argv)
{
    crl_error err;
    crl_session *session;
    const crl_frame_format format = { .width = argc == 4 ? atoi(argv[2]) : 0, .height = argc == 4 ? atoi(argv[3]) : 0,
                                      .pixels = CRL_PIXELS_NV12 };
    if (argc != 4 || format.width < 2 || format.width > 65534 || format.height < 2 || format.height > 65534 ||
        format.width % 2 || format.height % 2) {
        fprintf(stderr, "usage: frames MODEL.tflite WIDTH HEIGHT < FRAMES of NV12, both even\n");
        return 2;
    }
    const size_t size = (size_t)format.width * (size_t)format.height / 2 * 3;
    uint8_t *bytes = malloc(size);
    crl_status s = crl_session_open_file(&session, argv[1], NULL, &err);
    if (!s && bytes) s = each_frame(session, &format, bytes, size, &err);
    if (s) fprintf(stderr, "%s\n", err.text);
    crl_session_close(session);
    free(bytes);
    return s || !bytes ? 1 : 0;
}
