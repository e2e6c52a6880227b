/* nng_impl.h: what the files of the nng transport share. */
#ifndef MARU_NNG_IMPL_H
#define MARU_NNG_IMPL_H

#include <nng/nng.h>

#include "maru/seam.h"

/* nng_errno_of is nng's error as an errno value; 0 of 0. */
int nng_errno_of(int nng_error);

/* nng_is_of_lookup is true for an error of getaddrinfo's that nng has none for, as EAI_FAIL. */
bool nng_is_of_lookup(int nng_error);

/* nng_stream_take makes a stream of nng's, which is its own then, also where it fails: NULL where memory is out. */
maru_stream *nng_stream_take(nng_stream *stream);

/* The path in an URL of ipc; NULL in others. */
const char *nng_ipc_path(const char *url);

/* nng_check_url is OK for tcp://HOST:PORT and ipc:///PATH, else INVALID_ARGUMENT. */
maru_status nng_check_url(const char *url, maru_error *error);

/* nng_dial.c: as maru_transport has them. */
void *nng_dialing_start(void *self, const char *url, maru_accepted done, void *arg, maru_error *error);
void  nng_dialing_cancel(void *handle);
void  nng_dialing_release(void *handle);

#endif
