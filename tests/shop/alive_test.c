/* alive_test.c: one running shop, of which services are stopped, asked and joined (alive.h); at the end all agrees.
 *
 *   alive_test BIN SALES       BIN: the folder of the programs; SALES: the newcomer
 */
#include <stdio.h>

#include "alive.h"
#include "test.h"

static void all_agrees(shop *s)
{
    proc p;

    test_begin("at rest all of it agrees");
    p = shop_run(s, "maru audit --wait 20s");
    CHECK_INT(p.status, 0);
    if (!CHECK_CONTAINS(p.text[PROC_OUT], "\naudit: clean\n"))
        fprintf(stderr, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
}

int main(int argc, char **argv)
{
    shop s;

    if (argc != 3) {
        fprintf(stderr, "alive_test: want the folder of the programs, and the newcomer\n");
        return 2;
    }
    test_begin("a shop starts");
    if (CHECK(shop_open(&s, argv[1]))) {
        whys(&s);
        follows(&s);
        free_orders(&s);
        outages(&s);
        events_cli(&s);
        newcomer(&s, argv[2]);
        all_agrees(&s);
    }
    CHECK(shop_close(&s, test_state.all_failed == 0));
    return test_end();
}
