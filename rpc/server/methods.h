/* methods.h: which methods a server has, by their id. Filled before the first call, read-only after. */
#ifndef MARU_METHODS_H
#define MARU_METHODS_H

#include <stddef.h>

#include "base/histogram.h"
#include "maru/server.h"

/* What came of a method's calls. Written on the strand. */
typedef struct method_counts {
    _Atomic uint64_t answered[MARU_STATUS_COUNT];
    histogram        time; /* from its arrival to its answer */
} method_counts;

/* One method as it is served. */
typedef struct served_method {
    const maru_method  *method;
    const maru_service *service;
    maru_dispatch       dispatch; /* NULL: UNIMPLEMENTED */
    const void         *handlers;
    void               *svc;
    method_counts      *counts;
} served_method;

typedef struct method_table {
    served_method *slots; /* open addressing by id; method NULL: free */
    size_t         size, count;
    /* Services, in the order they were added. */
    const maru_service **services;
    size_t               service_count;
} method_table;

maru_status          method_table_add(method_table *t, const maru_service *service, const maru_dispatch *dispatch,
                                      const void *handlers, void *svc, maru_error *error);
const served_method *method_table_find(const method_table *t, uint64_t id);
void                 method_table_free(method_table *t);

#endif
