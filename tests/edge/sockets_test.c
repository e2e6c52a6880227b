/* sockets_test.c: HTTP over real sockets: many at once, more than a socket takes, and how the client's end looks: one
 * who says no more and waits is told from one whose connection was reset.
 */
#include "test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "maru/http.h"
#include "maru/runtime.h"

#define HOST "Host: x\r\n"

enum { LONG_MS = 20000, BIG = 8 << 20, PART = 700000, MANY = 200 };

/* The handler tells by a pipe what happens to it: that it has begun, and that it was cancelled. */
static void say(const int *tell, char what)
{
    if (write(tell[1], &what, 1) != 1)
        abort();
}

/* false: it was not told within the time that any of this takes. */
static bool is_told(const int *tell, char want)
{
    struct pollfd told = {.fd = tell[0], .events = POLLIN};
    char          got = 0;

    return poll(&told, 1, LONG_MS) == 1 && read(tell[0], &got, 1) == 1 && got == want;
}

static void handle(void *arg, maru_call *call, const maru_http_request *request, maru_http_response *response)
{
    response->type = "text/plain";
    response->body = (maru_text){.at = "done", .size = 4};
    if (maru_text_is(request->path, "/now"))
        return;
    if (maru_text_is(request->path, "/big")) {
        response->body = (maru_text){.at = memset(maru_alloc(call, BIG), 'x', BIG), .size = BIG};
        return;
    }
    if (maru_text_is(request->path, "/echo")) {
        response->body = request->body;
        return;
    }
    say(arg, 'b');
    if (maru_sleep(call, maru_text_is(request->path, "/hold") ? LONG_MS / 2 : 200) == MARU_CANCELLED)
        say(arg, 'c');
}

/* A connection that said words. */
static int ask(const maru_http_server *server, const char *words)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int                fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval     patience = {.tv_sec = LONG_MS / 1000};

    address.sin_port = htons((uint16_t)atoi(strrchr(maru_http_url(server, 0), ':') + 1));
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        write(fd, words, strlen(words)) != (ssize_t)strlen(words))
        abort();
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

/* All that comes until the end; "" where that does not come. */
static const char *answer(int fd, char *into, size_t room)
{
    size_t  size = 0;
    ssize_t n = 0;

    while (size + 1 < room && (n = read(fd, into + size, room - 1 - size)) > 0)
        size += (size_t)n;
    into[n == 0 ? size : 0] = 0;
    close(fd);
    return into;
}

static bool is_done(const char *text)
{
    return strstr(text, "\r\n\r\ndone") != NULL;
}

/* The request and the end of the half come so closely that one look of the server's finds both. */
static void test_half_closed_at_once(const maru_http_server *server)
{
    static const char get[] = "GET /now HTTP/1.1\r\n" HOST "\r\n";
    int               fds[MANY];
    unsigned          answered = 0;
    char              text[2048];

    test_begin("so do many that said something before, and end their half with the last request");
    for (int i = 0; i < MANY; i++) {
        fds[i] = ask(server, get);
        if (read(fds[i], text, sizeof text) <= 0)
            abort();
    }
    for (int i = 0; i < MANY; i++)
        if (write(fds[i], get, sizeof get - 1) != sizeof get - 1 || shutdown(fds[i], SHUT_WR) != 0)
            abort();
    for (int i = 0; i < MANY; i++)
        answered += is_done(answer(fds[i], text, sizeof text));
    CHECK_INT(answered, MANY);
}

static void test_half_closed(const maru_http_server *server, const int *tell)
{
    char text[2048];
    int  fd;

    test_begin("a client that ends its half with the request, as nc -N does, gets the answer and then the end");
    fd = ask(server, "GET /now HTTP/1.1\r\n" HOST "\r\n");
    shutdown(fd, SHUT_WR);
    CHECK_CONTAINS(answer(fd, text, sizeof text), "\r\n\r\ndone");

    test_begin("also where it ends it while the handler runs");
    fd = ask(server, "GET /soon HTTP/1.1\r\n" HOST "\r\n");
    CHECK(is_told(tell, 'b'));
    shutdown(fd, SHUT_WR);
    CHECK_CONTAINS(answer(fd, text, sizeof text), "\r\n\r\ndone");
}

static void test_many(const maru_http_server *server)
{
    int      fds[MANY];
    unsigned answered = 0;
    char     text[2048];

    test_begin("many connections ask at once, and all are answered, also where some of them go away meanwhile");
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++)
            fds[i] = ask(server, "GET /now HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
        for (int i = 0; i < MANY; i++)
            if (i % 3 == round)
                close(fds[i]);
            else
                answered += is_done(answer(fds[i], text, sizeof text));
    }
    CHECK_INT(answered, 2 * MANY);
}

static void test_big(const maru_http_server *server)
{
    char  *text = malloc(BIG + 1024), *part = malloc(PART);
    size_t size;
    int    fd = ask(server, "GET /big HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");

    test_begin("an answer that is larger than what a socket takes comes whole, once it is read");
    answer(ask(server, "GET /now HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), text, 1024);
    size = strlen(answer(fd, text, BIG + 1024));
    CHECK(size > BIG && text[size - 1] == 'x');

    test_begin("so does a body that is larger than what one read takes");
    memset(part, 'y', PART);
    fd = ask(server, "POST /echo HTTP/1.1\r\n" HOST "Connection: close\r\nContent-Length: 700000\r\n\r\n");
    for (size_t sent = 0; sent < PART;) {
        ssize_t n = write(fd, part + sent, PART - sent);

        sent += n > 0 ? (size_t)n : PART;
    }
    size = strlen(answer(fd, text, BIG));
    CHECK(size > PART && strspn(text + size - PART, "y") == PART);
    free(text);
    free(part);
}

static void test_reset(const maru_http_server *server, const int *tell)
{
    struct linger at_once = {.l_onoff = 1};
    int           fd;

    test_begin("where the connection is reset, the handler is cancelled");
    fd = ask(server, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
    CHECK(is_told(tell, 'b'));
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
    CHECK(is_told(tell, 'c'));
}

int main(void)
{
    maru_runtime     *rt;
    maru_http_server *server;
    maru_error        error;
    int               tell[2];

    if (pipe(tell) != 0 || maru_runtime_new(NULL, &rt, &error) != MARU_OK ||
        maru_http_new(rt, NULL, handle, tell, &server, &error) != MARU_OK ||
        maru_http_listen(server, "127.0.0.1:0", &error) != MARU_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    test_many(server);
    test_big(server);
    test_half_closed(server, tell);
    test_half_closed_at_once(server);
    test_reset(server, tell);
    maru_http_free(server);
    maru_runtime_free(rt);
    return test_end();
}
