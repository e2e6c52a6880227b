/* broken_test.c: maru audit finds each invariant that is broken on purpose in a real service's store, names it, and
 * names no other.
 *
 *   broken_test BIN DOC   BIN: the folder of the programs; DOC: the page that says how many ways there are
 *
 * A small shop comes to rest with an order that is completed, one of the past, one that is cancelled after it was
 * authorised, and one that was declined. For each way of breaking it (breaks.h) the service stops, its store is
 * changed, it starts again, and the audit looks; then its store is put back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/checks.h"
#include "breaks.h"
#include "test.h"

/* ---- the shop ---- */

static bool fill(shop *s, breaks_orders *o)
{
    test_begin("a shop at rest is clean");
    o->completed = shop_buy(s, (plan){.cancel_ms = -1});
    o->past = shop_buy(s, (plan){.past = true});
    shop_buy(s, (plan){.cancel_ms = -1, .card = CARD_DECLINED});
    s->fleet.pack_ms = 600000; /* for the next: it stays until it is cancelled */
    if (!CHECK(fleet_halt(&s->fleet, SHIP_SHIPPING)) || !CHECK(fleet_launch(&s->fleet, SHIP_SHIPPING)))
        return false;
    o->cancelled = shop_buy(s, (plan){.cancel_ms = -1, .leaves = true});
    return CHECK_INT(shop_state(s, o->completed), CHECKOUT__ORDER_STATE__COMPLETED) &&
           CHECK(shop_wait(s, o->cancelled, CHECKOUT__ORDER_STATE__CONFIRMED)) && CHECK(shop_cancel(s, o->cancelled)) &&
           CHECK(shop_wait(s, o->cancelled, CHECKOUT__ORDER_STATE__CANCELLED));
}

/* ---- stores, as they were ---- */

static bool copy_store(shop *s, fleet_ship ship, bool back)
{
    char store[1024], copy[1040], line[4096];
    proc p;
    bool well;

    snprintf(store, sizeof store, "%s/%s", s->folder.path, fleet_ship_name(ship));
    snprintf(copy, sizeof copy, "%s.copy", store);
    snprintf(line, sizeof line, "rm -rf '%s' && cp -a '%s' '%s'", back ? store : copy, back ? copy : store,
             back ? store : copy);
    p = shop_run(s, line);
    well = p.status == 0;
    if (!well)
        fprintf(stderr, "%s: %s", line, p.text[PROC_ERR]);
    proc_free(&p);
    return well;
}

/* ---- what is found ---- */

/* The checks of which the text has findings, in the order of the table. */
static void find_names(const char *text, char *names, size_t size)
{
    names[0] = '\0';
    for (const audit_check *check = audit_checks; check->name != NULL; check++) {
        char line[64];

        snprintf(line, sizeof line, "\n%s: ", check->name);
        if (strstr(text, line) != NULL || strncmp(text, line + 1, strlen(line) - 1) == 0)
            snprintf(names + strlen(names), size - strlen(names), "%s%s", *names != '\0' ? " " : "", check->name);
    }
}

static void audit_finds(shop *s, const char *want)
{
    char names[512];
    proc p = shop_run(s, "maru audit --wait 10s");

    find_names(p.text[PROC_OUT], names, sizeof names);
    CHECK_INT(p.status, *want != '\0');
    CHECK_CONTAINS(p.text[PROC_OUT], *want != '\0' ? "\naudit: NOT clean: " : "\naudit: clean\n");
    if (!CHECK_STR(names, want))
        fprintf(stderr, "%s%s", p.text[PROC_OUT], p.text[PROC_ERR]);
    proc_free(&p);
}

static void break_one(shop *s, const breaks_row *row, const breaks_orders *o)
{
    test_begin(row->sentence);
    if (CHECK(copy_store(s, row->ship, true)) && CHECK(breaks_do(s, row, o)) &&
        CHECK(fleet_launch(&s->fleet, row->ship))) {
        audit_finds(s, row->finds);
        CHECK(fleet_halt(&s->fleet, row->ship));
    }
}

/* A ship stays down between its breaks; it starts whole after the last. */
static const breaks_row *break_ship(shop *s, const breaks_row *row, const breaks_orders *o)
{
    fleet_ship ship = row->ship;

    if (!CHECK(fleet_halt(&s->fleet, ship)) || !CHECK(copy_store(s, ship, false)))
        return NULL;
    for (; row->ship == ship; row++)
        break_one(s, row, o);
    return CHECK(copy_store(s, ship, true)) && CHECK(fleet_launch(&s->fleet, ship)) ? row : NULL;
}

static bool is_word_of(const char *words, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = strstr(words, word); at != NULL; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    return false;
}

static void all_are_broken(void)
{
    test_begin("each check of the audit was broken");
    for (const audit_check *check = audit_checks; check->name != NULL; check++) {
        bool broken = false;

        for (const breaks_row *row = breaks_all; row->sentence != NULL && !broken; row++)
            broken = is_word_of(row->finds, check->name);
        if (!CHECK(broken))
            fprintf(stderr, "%s: want a row in breaks.c that finds it\n", check->name);
    }
}

static void all_are_told(const char *doc)
{
    const breaks_row *row = breaks_all;
    FILE             *file = fopen(doc, "r");
    char              words[64], line[4096];
    bool              told = false;

    test_begin("the docs say how many ways there are");
    while (row->sentence != NULL)
        row++;
    snprintf(words, sizeof words, " %td ways to break one", row - breaks_all);
    while (file != NULL && !told && fgets(line, sizeof line, file) != NULL)
        told = strstr(line, words) != NULL;
    if (!CHECK(told))
        fprintf(stderr, "%s: want \"%s\"\n", doc, words);
    if (file != NULL)
        fclose(file);
}

static void run(shop *s, const char *bin)
{
    breaks_orders     o;
    const breaks_row *row = breaks_all;

    if (!CHECK(shop_open(s, bin)) || !fill(s, &o))
        return;
    audit_finds(s, "");
    while (row != NULL && row->sentence != NULL)
        row = break_ship(s, row, &o);
    test_begin("put back, it is clean again");
    audit_finds(s, "");
}

int main(int argc, char **argv)
{
    shop s;
    int  result;

    if (argc != 3) {
        fprintf(stderr, "broken_test: want the folder of the programs, and docs/orders.md\n");
        return 2;
    }
    all_are_broken();
    all_are_told(argv[2]);
    run(&s, argv[1]);
    CHECK(shop_close(&s, test_state.all_failed == 0));
    result = test_end();
    return result;
}
