/* cards.h: how a card behaves, by the last four digits of its number. One table; docs/services/provider.md shows it.
 * Pure.
 */
#ifndef SHOP_PROVIDER_CARDS_H
#define SHOP_PROVIDER_CARDS_H

#include <stdbool.h>
#include <stdint.h>

struct provider_card {
    const char *last_four;       /* NULL: of any number that is not in the table */
    const char *declined;        /* why no amount is authorised; NULL: it is */
    const char *capture_refused; /* why no capture succeeds; NULL: it does */
    uint32_t    slow_ms;         /* the answer comes so much later than it was done */
    bool        lose_answer;     /* the answer to the first who asked never comes */
    bool        twice;           /* the news comes twice */
    uint32_t    news_late_ms;    /* the news comes so much later */
};

/* Never NULL: a number that is not in the table works. */
const struct provider_card *provider_card_of(const char *last_four);

#endif
