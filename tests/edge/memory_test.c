/* memory_test.c: memory is out for the edge while it asks what a service serves, at the n-th time that an arena is
 * asked for some, for every n: it says so, asks again, and a few seconds later has its routes. On virtual time; the
 * world itself has all the memory it wants, and so it is arenas that are wrapped, by the linker.
 */
#include "edgesim.h"
#include "wrapped_arena.h"

/* false where fewer than n were asked for until it knew. */
static bool live(long n)
{
    edgesim w;
    bool    failed;

    edgesim_start(&w, 0);
    edgesim_shop(&w, false, 0);
    edgesim_pass(&w, SECOND);
    edgesim_open(&w);
    while (!w.edge->peers[0].connected && maru_sim_step(w.sim))
        continue;
    wrapped_arena_fail(n);
    edgesim_pass(&w, 100 * MS);
    failed = wrapped_arena_fail(0);
    edgesim_pass(&w, 20 * SECOND);
    if (!CHECK_INT(edgesim_ask(&w, GET("/v1/carts/a"), MS), 200))
        fprintf(stderr, "allocation %ld\n%s\n", n, w.body);
    edgesim_close(&w);
    edgesim_shop_end(&w);
    edgesim_stop(&w);
    return failed;
}

int main(void)
{
    long n = 1;

    test_begin("memory is out once while the edge asks what a service serves, each time it takes some: it asks again");
    while (live(n))
        n++;
    printf("# %ld times\n", n - 1);
    CHECK(n > 10);
    return test_end();
}
