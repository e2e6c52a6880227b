/* mapped_test.c: a page of a store's file that cannot be had ends its service by SIGBUS, and one line says which file
 * it is of. Here lock.mdb was cut short; where btrfs has no room it is the same to the process. Which thread it happens
 * on is chance: that each says it follows from their masks, and tests/rpc/buserror_test.c makes it happen on some. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sanitizer.h"
#include "start.h"

static int count_lines(const char *text)
{
    int count = 0;

    for (; (text = strchr(text, '\n')) != NULL; text++)
        count++;
    return count;
}

/* metrics: where they are served over HTTP, or NULL. */
static proc start_catalog(const place *p, const char *metrics)
{
    char        program[512];
    const char *words[] = {program, "--data", p->data, metrics ? "--metrics" : NULL, metrics, NULL};
    proc        catalog;

    snprintf(program, sizeof program, "%s/catalog", p->services);
    catalog = proc_start(words, NULL);
    CHECK(proc_expect(&catalog, PROC_OUT, 0, "ready catalog"));
    return catalog;
}

static void check_said(const place *p)
{
    char        lock[512];
    const char *get[] = {
        p->maru,  "call",  "catalog", "shop.catalog.v1.CatalogService/GetProduct", "-d", "{\"name\":\"products/a\"}",
        "--data", p->data, NULL};
    proc catalog = start_catalog(p, NULL), call;

    test_begin("a page that cannot be had ends the service by SIGBUS, and one line says of which file, and what to do");
    snprintf(lock, sizeof lock, "%s/catalog/lock.mdb", p->data);
    CHECK_INT(truncate(lock, 0), 0);
    call = proc_run(get, NULL);
    CHECK(call.status != 0);
    CHECK_INT(proc_end(&catalog), 128 + SIGBUS);
    CHECK_CONTAINS(catalog.text[PROC_ERR], "catalog: /");
    CHECK_CONTAINS(catalog.text[PROC_ERR], "/catalog/lock.mdb: a page of this file, which is mapped, cannot be had");
    CHECK_CONTAINS(catalog.text[PROC_ERR], "Make room, look at the system's log, and start it again\n");
    CHECK_INT(count_lines(catalog.text[PROC_ERR]), 1);
    proc_free(&call);
    proc_free(&catalog);
}

static void check_sent(const place *p)
{
    proc catalog = start_catalog(p, NULL);

    test_begin("where somebody sent the signal nothing is said of files");
    CHECK_INT(kill(catalog.pid, SIGBUS), 0);
    CHECK_INT(proc_end(&catalog), 128 + SIGBUS);
    CHECK_STR(catalog.text[PROC_ERR], "");
    proc_free(&catalog);
}

static void check_masks(const place *p)
{
#ifndef __SANITIZE_THREAD__ /* it has a thread of its own, which holds back all of them */
    static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL};
    proc             catalog = start_catalog(p, "127.0.0.1:0"); /* which a poller's thread waits for */

    test_begin("no thread of a service holds back the signal of a fault: there the process would end without a word");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (!CHECK(is_taken_by_all_soon(catalog.pid, faults[i])))
            break; /* each waits until its time is over */
    kill(catalog.pid, SIGKILL);
    proc_end(&catalog);
    proc_free(&catalog);
#else
    (void)p;
    fprintf(stderr,
            "the masks of a service's threads: left out, ThreadSanitizer's own thread holds back all signals\n");
#endif
}

static void check_maru(const place *p)
{
    const char *words[] = {p->maru, "call", "ipc:///nobody/is/here", "a.B/C", "-d", "{}", NULL};
    proc        call = proc_start(words, NULL);

    test_begin("maru has that handler too: maru store maps the same files");
    CHECK(has_signal_soon(call.pid, "SigCgt", SIGBUS));
    kill(call.pid, SIGKILL); /* it would wait for somebody to come */
    proc_end(&call);
    proc_free(&call);
}

int main(int argc, char **argv)
{
    static void (*const cases[])(const place *p) = {check_said, check_sent, check_masks, check_maru};

    sanitizers_leave_sigbus();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        place p = place_open(argc, argv);

        cases[i](&p);
        place_close(&p);
    }
    return test_end();
}
