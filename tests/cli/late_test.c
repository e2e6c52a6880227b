/* late_test.c: a service that runs, and says of itself that it does not serve yet: maru up waits for its health, and
 * not for its addresses alone. */
#include "test.h"

#include <signal.h>
#include <time.h>

#include "start.h"

enum { LIMIT_S = 40 };

/* What ps says once the service can be asked how it is. */
static proc ps_with_health(const place *p)
{
    time_t until = time(NULL) + LIMIT_S;
    proc   ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);

    while (strstr(ps.text[PROC_OUT], "SERVING") == NULL && time(NULL) < until) {
        proc_free(&ps);
        ps = run_maru(p, "ps", p->data, NULL, NULL, NULL);
    }
    return ps;
}

int main(int argc, char **argv)
{
    place p = place_open(argc, argv);
    proc  up = start_up(&p, p.data, NULL), ps, call;

    test_begin("a service that says NOT_SERVING is starting, for ps, though it has said its addresses");
    ps = ps_with_health(&p);
    CHECK_CONTAINS(ps.text[PROC_OUT], " starting  NOT_SERVING ");
    proc_free(&ps);
    test_begin("after 10 s up says what it waits for, and still not that all is ready");
    CHECK(proc_expect(&up, PROC_ERR, 0, "late is not ready after 10 s: it says that it does not serve yet"));
    CHECK_STR(up.text[PROC_OUT], "");
    test_begin("when it serves, up is ready");
    call = run_maru(&p, "call", p.data, "late", "clitest.v1.EchoService/Echo", "-d{\"text\": \"serve\"}");
    CHECK_INT(call.status, 0);
    CHECK(is_ready(&up));
    ps = ps_with_health(&p);
    CHECK_CONTAINS(ps.text[PROC_OUT], " ready     SERVING ");
    CHECK_INT(kill(up.pid, SIGTERM), 0);
    CHECK_INT(proc_end(&up), 0);
    proc_free(&ps);
    proc_free(&call);
    proc_free(&up);
    place_close(&p);
    return test_end();
}
