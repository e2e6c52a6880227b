/* httpsim.h: an HTTP server in a simulated world whose handler tells what it was asked, and raw clients of it
 * (rpc/simpeer.h). One thread, virtual time.
 */
#ifndef MARU_TESTS_HTTPSIM_H
#define MARU_TESTS_HTTPSIM_H

#include "maru/http.h"
#include "maru/runtime.h"
#include "maru/sim.h"
#include "rpc/simpeer.h"

#define HTTPSIM_ADDRESS "server:80"
#define HTTPSIM_URL     "tcp://server:80"
#define MS              INT64_C(1000000)
#define SECOND          INT64_C(1000000000)

/* The handler's answers, by path:
 *   /sleep    after the milliseconds of the query
 *   /hold     the same, and holds a MiB meanwhile
 *   /memory   takes more than there is
 *   /big      as many bytes as the query says
 *   any other "METHOD path?query {body}", and each X- header as "name=value;"
 *
 * httpsim_screen, where it is in the options, says 404 to what begins with /no, after the milliseconds of the query,
 * and takes more memory than there is of /nomemory. */
typedef struct httpsim {
    maru_sim         *sim;
    maru_runtime     *rt;
    maru_http_server *server;
    unsigned          begun, ended, cancelled, released; /* handlers */
    unsigned          screened;
    size_t            follows; /* as the screen was told last */
} httpsim;

bool httpsim_screen(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response);

/* Ends the test where it cannot be started. options may be NULL. */
void httpsim_start(httpsim *h, const maru_http_options *options);
void httpsim_stop(httpsim *h);
void httpsim_pass(httpsim *h, int64_t ns);

/* A connected client that has said bytes; words is httpsim_say of a string. */
void httpsim_dial(httpsim *h, simpeer *p);
void httpsim_words(simpeer *p, const char *words);

/* What came, as a string; lives until more comes. */
const char *httpsim_text(simpeer *p);
/* How many answers of this status came. */
unsigned httpsim_count(simpeer *p, int status);

#endif
