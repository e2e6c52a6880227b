/* newcomer.c: adding a consumer changes no producer: a service that was built apart starts beside the running shop, and
 * counts every order from the first, while nobody else is started anew (alive.h). */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "alive.h"
#include "test.h"

static proc start(shop *s, const char *program)
{
    char        url[256], peer[300], listen[600];
    const char *words[] = {program, "--data", s->folder.path, "--peer", peer, "--listen", listen, NULL};

    snprintf(peer, sizeof peer, "checkout=%s", fleet_url(&s->fleet, SHIP_CHECKOUT, url));
    snprintf(listen, sizeof listen, "ipc://%s/sales.sock", s->folder.path);
    return proc_start(words, NULL);
}

/* As the audit counts them. */
static bool count_orders(shop *s, int *all, int *completed)
{
    proc        p = shop_run(s, "maru audit --wait 20s");
    const char *line = strstr(p.text[PROC_OUT], "orders ");
    bool        well = line != NULL && sscanf(line, "orders %d: completed %d", all, completed) == 2;

    proc_free(&p);
    return well;
}

static bool sales_are(shop *s, int all, int completed)
{
    char want[128], text[ALIVE_TEXT];

    snprintf(want, sizeof want, "{\"submitted\":\"%d\",\"completed\":\"%d\"}", all, completed);
    return shop_until(s, "maru call --compact sales sales.v1.SalesService/GetSales -d '{}'", want, text, sizeof text);
}

static bool audit_says(shop *s, int status, const char *part)
{
    proc p = shop_run(s, "maru audit --wait 20s");
    bool well = CHECK_INT(p.status, status) && CHECK_CONTAINS(p.text[PROC_OUT], part);

    proc_free(&p);
    return well;
}

/* While it is off, an order is made; of that order's event it makes a dead letter. */
static void dead_letter(shop *s, const char *program)
{
    const char *order = shop_buy(s, (plan){.cancel_ms = -1});
    char        line[256], text[ALIVE_TEXT];
    proc        sales, p;

    test_begin("while it is off, that is seen where one looks who is behind");
    CHECK(shop_until(s, "maru events lag", "sales        -  ", text, sizeof text));
    test_begin("what is a dead letter there is found by the audit, which nobody told of it");
    CHECK(park_submit(s, "sales", order));
    sales = start(s, program);
    CHECK(proc_expect(&sales, PROC_OUT, 0, "ready "));
    audit_says(s, 1, "delivered: sales: 1 dead letter of checkout, ");
    test_begin("and why names it, of an order that owes nothing");
    CHECK(why_says(s, order, "\n  also  OrderSubmitted of checkout is a dead letter at sales after 8 tries: INTERNAL",
                   text));
    CHECK_CONTAINS(text, "\n  over  no event is owed\n");
    CHECK_CONTAINS(text, "  maru events skip sales checkout ");
    snprintf(line, sizeof line, "maru events skip sales checkout %s 1", order);
    p = shop_run(s, line);
    CHECK_INT(p.status, 0);
    proc_free(&p);
    CHECK(shop_until(s, "maru events dead sales; echo none", "none\n", text, sizeof text));
    audit_says(s, 0, "\naudit: clean\n");
    test_begin("one that hangs is named, and what could not be checked for it");
    kill(sales.pid, SIGSTOP);
    audit_says(s, 3, "\nnot checked: delivered (not all of it)\n");
    CHECK(why_says(s, order, "\n  note  sales could not be asked: DEADLINE_EXCEEDED: ", text));
    kill(sales.pid, SIGCONT);
    kill(sales.pid, SIGTERM);
    CHECK_INT(proc_end(&sales), 0);
    proc_free(&sales);
}

void newcomer(shop *s, const char *program)
{
    int   all = 0, completed = 0;
    pid_t before[SHIP_COUNT];
    proc  sales;

    test_begin("a consumer that comes later counts every order from the log's beginning");
    memcpy(before, s->fleet.pids, sizeof before);
    CHECK(count_orders(s, &all, &completed) && all > 0 && completed > 0);
    sales = start(s, program);
    CHECK(proc_expect(&sales, PROC_OUT, 0, "ready "));
    CHECK(sales_are(s, all, completed));
    test_begin("and those that follow, while every producer is as it was");
    shop_buy(s, (plan){.cancel_ms = -1});
    CHECK(sales_are(s, all + 1, completed + 1));
    CHECK(fleet_tend(&s->fleet)); /* nobody died */
    CHECK_MEM(s->fleet.pids, sizeof before, before, sizeof before);
    kill(sales.pid, SIGTERM);
    CHECK_INT(proc_end(&sales), 0);
    proc_free(&sales);
    dead_letter(s, program);
}
