/* scrape.h: GET /metrics over HTTP, for those who scrape: on an address of its own, never where customers are. */
#ifndef MARU_SCRAPE_H
#define MARU_SCRAPE_H

#include "maru/http.h"

/* scrape_open serves the metrics of the runtime on address ("127.0.0.1:9100"). maru_http_free ends it. */
maru_status scrape_open(maru_runtime *rt, const char *address, maru_http_server **server, maru_error *error);

#endif
