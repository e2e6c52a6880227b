/* bench_client.c: keeps a number of calls in flight on one connection and says how many ended and how long they took.
 *
 *   bench_client KIND URL IN_FLIGHT SECONDS BYTES KEYS
 *
 * KIND: echo (a payload of BYTES), put and put-once (a record of BYTES under one of KEYS), get (one of KEYS products),
 * fill (creates KEYS products, once each; BYTES of description). After a tenth of SECONDS to warm up it prints
 * `calls_per_s=N p50_us=N p99_us=N calls=N bytes=N`, bytes being the mean size of a reply. One call that fails ends the
 * run with status 1 and its words.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/echo.maru.h"
#include "bench/table.maru.h"
#include "latencies.h"
#include "maru/client.h"
#include "maru/runtime.h"
#include "number.h"
#include "shop/catalog.maru.h"

enum { SAMPLE_EVERY = 64 };

struct caller;

/* What is measured: begin makes one call by callback, with the n-th request. */
typedef struct load_kind {
    const char *name;
    void (*begin)(struct caller *c, uint64_t n);
    bool once; /* each of the keys once, instead of for a time */
} load_kind;

typedef struct load {
    const load_kind *kind;
    maru_runtime    *runtime;
    maru_client     *client;
    uint64_t         bytes, keys;
    char            *payload;              /* bytes of it, NUL after them */
    int64_t          begin, end;           /* calls that lie between are counted */
    _Atomic uint64_t next;                 /* the number of the next request */
    latencies        times;                /* touched on the runtime's strand only, as is all below */
    uint64_t         reply_bytes, samples; /* of some replies: their sum, and how many */
    char             failure[256];

    pthread_mutex_t mutex; /* guards busy */
    pthread_cond_t  idle;
    unsigned        busy;
} load;

/* One of the calls in flight: a root call that is made again and again, with one deadline for all of them. */
typedef struct caller {
    load      *load;
    maru_call *call;
    int64_t    started;
} caller;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* splitmix64 (Steele, Lea, Flood): the keys of a run are the same each time, and spread. */
static uint64_t spread(uint64_t n)
{
    n += 0x9e3779b97f4a7c15;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
    n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
    return n ^ (n >> 31);
}

static void retire(load *l)
{
    pthread_mutex_lock(&l->mutex);
    if (--l->busy == 0)
        pthread_cond_signal(&l->idle);
    pthread_mutex_unlock(&l->mutex);
}

static void fail(load *l, const char *status, const char *words)
{
    if (!l->failure[0])
        snprintf(l->failure, sizeof l->failure, "%s: %s", status, words);
}

/* Makes the next call, or none where there are enough. now is when the one before ended: its start. */
static void next(caller *c, int64_t now)
{
    load    *l = c->load;
    uint64_t n = atomic_fetch_add(&l->next, 1);

    if (!c->call)
        fail(l, "RESOURCE_EXHAUSTED", "no memory for a call");
    if (l->failure[0] || (l->kind->once ? n >= l->keys : now >= l->end)) {
        retire(l);
        return;
    }
    c->started = now;
    l->kind->begin(c, n);
}

static void done(void *arg, maru_status status, const char *message, const ProtobufCMessage *response)
{
    caller *c = arg;
    load   *l = c->load;
    int64_t now = now_ns();

    if (status != MARU_OK) {
        fail(l, maru_status_name(status), message);
    } else if (l->kind->once || (c->started >= l->begin && now <= l->end)) {
        latencies_add(&l->times, (uint64_t)(now - c->started));
        if (l->times.total % SAMPLE_EVERY == 1) {
            l->reply_bytes += protobuf_c_message_get_packed_size(response);
            l->samples++;
        }
    }
    next(c, now);
}

static void begin_echo(caller *c, uint64_t n)
{
    Bench__Payload request = BENCH__PAYLOAD__INIT;

    request.body = (ProtobufCBinaryData){.len = c->load->bytes, .data = (uint8_t *)c->load->payload};
    echo_call_async(c->load->client, c->call, &request, done, c);
}

static Bench__PutRequest a_record(const load *l, uint64_t n)
{
    Bench__PutRequest request = BENCH__PUT_REQUEST__INIT;

    request.key = spread(n) % l->keys;
    request.value = (ProtobufCBinaryData){.len = l->bytes, .data = (uint8_t *)l->payload};
    return request;
}

static void begin_put(caller *c, uint64_t n)
{
    Bench__PutRequest request = a_record(c->load, n);

    table_put_async(c->load->client, c->call, &request, done, c);
}

static void begin_put_once(caller *c, uint64_t n)
{
    Bench__PutRequest request = a_record(c->load, n);

    table_put_once_async(c->load->client, c->call, &request, done, c);
}

/* The n-th product's name. Digits are put where they belong, as redis-benchmark does: formatting is not measured. */
static void name_product(char name[static 18], uint64_t n)
{
    memcpy(name, "products/P0000000", 18);
    for (int at = 16; n > 0 && at > 9; at--, n /= 10)
        name[at] = (char)('0' + n % 10);
}

static void begin_get(caller *c, uint64_t n)
{
    Catalog__GetProductRequest request = CATALOG__GET_PRODUCT_REQUEST__INIT;
    char                       name[18];

    name_product(name, spread(n) % c->load->keys);
    request.name = name;
    catalog_get_product_async(c->load->client, c->call, &request, done, c);
}

static void begin_fill(caller *c, uint64_t n)
{
    Catalog__CreateProductRequest request = CATALOG__CREATE_PRODUCT_REQUEST__INIT;
    Catalog__Product              product = CATALOG__PRODUCT__INIT;
    Shop__Money                   price = SHOP__MONEY__INIT;
    char                          name[18], title[64];

    name_product(name, n);
    snprintf(title, sizeof title, "PRODUCT NUMBER %06" PRIu64 " OF THE BENCHMARK", n);
    price.currency = (char *)"GBP";
    price.minor = (int64_t)(n % 10000 + 1);
    product.name = name;
    product.title = title;
    product.description = c->load->payload;
    product.price = &price;
    request.product = &product;
    catalog_create_product_async(c->load->client, c->call, &request, done, c);
}

static const load_kind kinds[] = {
    {.name = "echo", .begin = begin_echo},
    {.name = "put", .begin = begin_put},
    {.name = "put-once", .begin = begin_put_once},
    {.name = "get", .begin = begin_get},
    {.name = "fill", .begin = begin_fill, .once = true},
};

static const load_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static void run(load *l, caller *callers, unsigned in_flight, double seconds)
{
    int64_t start = now_ns();

    l->begin = l->kind->once ? start : start + (int64_t)(seconds * 1e8);
    l->end = l->begin + (int64_t)(seconds * 1e9);
    l->busy = in_flight;
    for (unsigned i = 0; i < in_flight; i++) {
        callers[i] = (caller){.load = l, .call = maru_call_begin(l->runtime, (int64_t)(seconds * 1e3) + 20000)};
        next(&callers[i], now_ns());
    }
    pthread_mutex_lock(&l->mutex);
    while (l->busy > 0)
        pthread_cond_wait(&l->idle, &l->mutex);
    pthread_mutex_unlock(&l->mutex);
    if (l->kind->once)
        l->end = now_ns();
}

static void report(const load *l)
{
    printf("calls_per_s=%.0f p50_us=%.1f p99_us=%.1f calls=%" PRIu64 " bytes=%" PRIu64 "\n",
           (double)l->times.total * 1e9 / (double)(l->end - l->begin), latencies_quantile_us(&l->times, 0.5),
           latencies_quantile_us(&l->times, 0.99), l->times.total, l->samples ? l->reply_bytes / l->samples : 0);
}

static load *load_new(const load_kind *kind, const char *url, uint64_t bytes, uint64_t keys, maru_error *error)
{
    load *l = calloc(1, sizeof *l);
    char *payload = malloc(bytes + 1);

    if (!l || !payload) {
        maru_error_set(error, MARU_RESOURCE_EXHAUSTED, "no memory for a payload of %" PRIu64 " bytes", bytes);
        free(l);
        free(payload);
        return NULL;
    }
    memset(payload, 'x', bytes);
    payload[bytes] = '\0';
    *l = (load){.kind = kind, .bytes = bytes, .keys = keys, .payload = payload};
    pthread_mutex_init(&l->mutex, NULL);
    pthread_cond_init(&l->idle, NULL);
    if (maru_runtime_new(NULL, &l->runtime, error) == MARU_OK)
        maru_client_new(l->runtime, url, NULL, &l->client, error);
    return l;
}

static void load_free(load *l, caller *callers, unsigned in_flight)
{
    if (l->client)
        maru_client_free(l->client);
    for (unsigned i = 0; i < in_flight; i++) {
        maru_call_end(callers[i].call);
    }
    if (l->runtime)
        maru_runtime_free(l->runtime);
    free(callers);
    free(l->payload);
    free(l);
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_client echo|put|put-once|get|fill URL IN_FLIGHT SECONDS BYTES KEYS\n");
    return 2;
}

int main(int argc, char **argv)
{
    const load_kind *kind = argc == 7 ? find_kind(argv[1]) : NULL;
    uint64_t         in_flight, bytes, keys;
    double           seconds = kind ? atof(argv[4]) : 0;
    maru_error       error = {.code = MARU_OK};
    caller          *callers;
    load            *l;
    bool             ran;

    if (!kind || seconds <= 0 || !number_read(argv[3], 1, 100000, &in_flight) ||
        !number_read(argv[5], 0, UINT32_MAX, &bytes) || !number_read(argv[6], 1, UINT32_MAX, &keys))
        return usage();
    callers = calloc(in_flight, sizeof *callers);
    l = load_new(kind, argv[2], bytes, keys, &error);
    if (!callers || !l || !l->client) {
        fprintf(stderr, "bench_client: %s\n", error.text);
        return 1;
    }
    run(l, callers, (unsigned)in_flight, seconds);
    ran = !l->failure[0] && l->times.total > 0;
    if (ran)
        report(l);
    else
        fprintf(stderr, "bench_client: %s %s: %s\n", kind->name, argv[2],
                l->failure[0] ? l->failure : "no call ended in time");
    load_free(l, callers, in_flight);
    return ran ? 0 : 1;
}
