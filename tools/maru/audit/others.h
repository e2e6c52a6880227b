/* others.h: the services that run beside those of the book: only their inboxes are asked, by calls. Blocks; plain
 * thread. */
#ifndef MARU_AUDIT_OTHERS_H
#define MARU_AUDIT_OTHERS_H

#include "audit/book.h"
#include "maru/client.h"
#include "maru/runtime.h"
#include "running.h"

typedef struct other_service {
    char                               name[RUNNING_NAME_MAX];
    maru_client                       *client;
    maru_call                         *call;    /* its arena holds what was answered */
    maru_error                         missing; /* why there is no client */
    maru_status                        status;  /* of the answer */
    MaruEvents__ListConsumersResponse *answer;
} other_service;

typedef struct other_services {
    other_service *list;
    size_t         count;
} other_services;

/* others_open finds them. data as --data was given, or NULL. One that is just starting or stopping is in the list,
 * without a client. others_close after it, whatever it says. */
maru_status others_open(other_services *o, maru_runtime *runtime, const char *data, maru_error *error);
void        others_close(other_services *o);

/* others_ask puts their inboxes into the book, which must end before others_close; what does not answer is unseen
 * there. */
maru_status others_ask(other_services *o, book *b, maru_error *error);

#endif
