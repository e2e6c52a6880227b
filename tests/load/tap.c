/* tap.c: stands between a client and a server on Unix sockets, and counts by itself what goes by: so that a count does
 * not rest on the code that made the calls, nor on the one that served them. It reads docs/wire.md, and shares no line
 * with rpc/.
 *
 *   tap LISTEN TARGET        paths of sockets
 *
 * Prints `ready`, serves until SIGTERM, then prints a line for every method: its id in hex, calls that went by, and
 * replies that came back with OK and with another status; and for every connection `connection` and its calls.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    PAIRS = 64,
    METHODS = 32,
    HELLO = 8,
    HEAD = 64, /* of a message, as much as is looked at: ids and header */
    KIND_CALL = 1,
    KIND_REPLY = 2,
    IDS = 1 << 16,
};

typedef struct count {
    uint64_t      method;
    unsigned long calls, ok, failed;
} count;

typedef struct counts {
    count         of[METHODS];
    size_t        size;
    unsigned long connections[PAIRS];
} counts;

/* One direction of a connection. */
typedef struct way {
    int      from, to;
    uint64_t skip; /* bytes until the next message, or of this one that are not looked at */
    uint64_t left; /* of the message that head is of, without them */
    uint8_t  head[HEAD];
    size_t   have, want;
    bool     length_known;
} way;

typedef struct pair {
    size_t   number;
    way      out, back;
    uint64_t methods[IDS]; /* that a request id, modulo their number, is in flight for */
} pair;

static uint64_t big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t n = 0;

    for (size_t i = 0; i < size; i++)
        n = n << 8 | bytes[i];
    return n;
}

static count *count_of(counts *c, uint64_t method)
{
    for (size_t i = 0; i < c->size; i++)
        if (c->of[i].method == method)
            return &c->of[i];
    if (c->size == METHODS)
        exit(3);
    c->of[c->size] = (count){.method = method};
    return &c->of[c->size++];
}

/* Ids, up to the first whose high bit is set; then the header. */
static void look(pair *p, const way *w, counts *c)
{
    size_t         at = 0;
    uint32_t       id;
    const uint8_t *header;

    while (at + 4 <= w->have && (w->head[at] & 0x80) == 0)
        at += 4;
    if (at + 4 + 16 > w->have)
        return;
    id = (uint32_t)big_endian(w->head + at, 4) & (IDS - 1);
    header = w->head + at + 4;
    if (header[0] != 0x4d)
        exit(4);
    if (header[1] == KIND_CALL) {
        p->methods[id] = big_endian(header + 8, 8);
        count_of(c, p->methods[id])->calls++;
        c->connections[p->number]++;
    } else if (header[1] == KIND_REPLY && header[2] == 0) {
        count_of(c, p->methods[id])->ok++;
    } else if (header[1] == KIND_REPLY) {
        count_of(c, p->methods[id])->failed++;
    }
}

/* The head of a message is 01 and its length, then as much of it as is looked at. */
static void read_bytes(pair *p, way *w, const uint8_t *bytes, size_t size, counts *c)
{
    while (size > 0) {
        size_t part;

        if (w->skip > 0) {
            part = w->skip < size ? w->skip : size;
            w->skip -= part;
        } else {
            part = w->want - w->have < size ? w->want - w->have : size;
            memcpy(w->head + w->have, bytes, part);
            w->have += part;
        }
        bytes += part;
        size -= part;
        if (w->skip > 0 || w->have < w->want)
            continue;
        if (!w->length_known) {
            w->left = big_endian(w->head + 1, 8);
            w->length_known = true;
            w->have = 0;
            w->want = w->left < HEAD ? w->left : HEAD;
        }
        if (w->have == w->want && w->length_known) {
            look(p, w, c);
            w->skip = w->left - w->want;
            w->length_known = false;
            w->have = 0;
            w->want = 9;
        }
    }
}

/* False where this direction has ended. */
static bool pass(pair *p, way *w, counts *c)
{
    uint8_t bytes[65536];
    ssize_t got = read(w->from, bytes, sizeof bytes), sent;

    if (got <= 0)
        return false;
    for (ssize_t at = 0; at < got; at += sent)
        if ((sent = write(w->to, bytes + at, (size_t)(got - at))) < 0)
            return false;
    read_bytes(p, w, bytes, (size_t)got, c);
    return true;
}

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    return a;
}

static pair *connect_pair(int listener, const char *target, size_t number)
{
    struct sockaddr_un a = address(target);
    int                client = accept(listener, NULL, NULL), server = socket(AF_UNIX, SOCK_STREAM, 0);
    pair              *p = calloc(1, sizeof *p);

    if (client < 0 || server < 0 || p == NULL || connect(server, (struct sockaddr *)&a, sizeof a) != 0) {
        perror(target);
        exit(1);
    }
    p->number = number;
    p->out = (way){.from = client, .to = server, .skip = HELLO, .want = 9};
    p->back = (way){.from = server, .to = client, .skip = HELLO, .want = 9};
    return p;
}

static void serve(int listener, int signals, const char *target, counts *c)
{
    pair  *pairs[PAIRS] = {NULL};
    size_t n = 0;

    for (;;) {
        struct pollfd fds[2 + 2 * PAIRS] = {{.fd = signals, .events = POLLIN},
                                            {.fd = n < PAIRS ? listener : -1, .events = POLLIN}};

        for (size_t i = 0; i < n; i++) {
            fds[2 + 2 * i] = (struct pollfd){.fd = pairs[i] ? pairs[i]->out.from : -1, .events = POLLIN};
            fds[3 + 2 * i] = (struct pollfd){.fd = pairs[i] ? pairs[i]->back.from : -1, .events = POLLIN};
        }
        if (poll(fds, (nfds_t)(2 + 2 * n), -1) < 0 && errno != EINTR)
            exit(1);
        if (fds[0].revents) {
            for (size_t i = 0; i < n; i++)
                free(pairs[i]);
            return;
        }
        for (size_t i = 0; i < n; i++) {
            bool open = !fds[2 + 2 * i].revents || pass(pairs[i], &pairs[i]->out, c);

            open = open && (!fds[3 + 2 * i].revents || pass(pairs[i], &pairs[i]->back, c));
            if (!open) {
                close(pairs[i]->out.from);
                close(pairs[i]->out.to);
                free(pairs[i]);
                pairs[i] = NULL;
            }
        }
        if (fds[1].revents)
            pairs[n] = connect_pair(listener, target, n), n++;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_un a = address(argc > 1 ? argv[1] : "");
    int                listener = socket(AF_UNIX, SOCK_STREAM, 0);
    counts            *c = calloc(1, sizeof *c);
    sigset_t           ends;

    if (argc != 3) {
        fprintf(stderr, "usage: tap LISTEN TARGET\n");
        return 2;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, PAIRS) != 0) {
        perror(argv[1]);
        return 1;
    }
    printf("ready\n");
    fflush(stdout);
    serve(listener, signalfd(-1, &ends, 0), argv[2], c);
    for (size_t i = 0; i < c->size; i++)
        printf("%016llx %lu %lu %lu\n", (unsigned long long)c->of[i].method, c->of[i].calls, c->of[i].ok,
               c->of[i].failed);
    for (size_t i = 0; i < PAIRS; i++)
        if (c->connections[i] > 0)
            printf("connection %lu\n", c->connections[i]);
    free(c);
    return 0;
}
