/* cards.c: how a card behaves (cards.h). */
#include "cards.h"

#include <stddef.h>
#include <string.h>

/* Behind 4000 0000 0000 each of these makes a number whose check digit is right. */
static const struct provider_card cards[] = {
    {.last_four = "0002", .declined = "card_declined"},
    {.last_four = "0010", .declined = "insufficient_funds"},
    {.last_four = "0028", .declined = "stolen_card"},
    {.last_four = "0036", .declined = "limit_exceeded"},
    {.last_four = "0044", .slow_ms = 3000},
    {.last_four = "0051", .lose_answer = true, .news_late_ms = 60000},
    {.last_four = "0069", .capture_refused = "account_closed"},
    {.last_four = "0077", .twice = true},
    {.last_four = "0085", .slow_ms = 12000},
    {.last_four = NULL},
};

const struct provider_card *provider_card_of(const char *last_four)
{
    const struct provider_card *card = cards;

    while (card->last_four != NULL && strcmp(card->last_four, last_four) != 0)
        card++;
    return card;
}
