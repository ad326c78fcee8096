/* SPDX-License-Identifier: Apache-2.0 */
/* hello MODEL PICTURE: a picture goes in, numbers of classes and their scores come out. */
#include <corallite/corallite.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    crl_session *session = NULL;
    const crl_results *found = NULL;
    crl_error err = { .text = "usage: hello MODEL PICTURE" };
    crl_status s = argc == 3 ? crl_session_open_file(&session, argv[1], NULL, &err) : CRL_ERR_ARGUMENT;
    if (!s) s = crl_session_run_file(session, argv[2], &found, &err);
    for (int32_t i = 0; !s && i < found->n_classes; i++) printf("%f %d\n", (double)found->classes[i].score, found->classes[i].index);
    if (s) fprintf(stderr, "%s\n", err.text);
    crl_session_close(session);
    return argc == 3 ? s != CRL_OK : 2;
}
