/* fate.c: what became of every line as a part of orders (fate.h). */
#include "fate.h"

static const struct {
    const char *word;
    bool        in;
    const char *rule;
} fates_table[FATES] = {
#define X(name, word, in, rule) {word, in, rule},
    FATE_TABLE(X)
#undef X
};

enum { PIECES_MAX = 1000000 };

/* Of goods: what is cancelled, and what is charged, may be anything but nothing. */
static enum fate fate_of_sum(const struct invoice_line *line, enum fate fate)
{
    if (line->pence == 0 && !line->fine)
        return FATE_NO_PRICE;
    if (line->fine)
        return FATE_FINE_PRICE;
    return line->quantity == 0 ? FATE_QUANTITY : fate;
}

static enum fate fate_of_cancel(const struct invoice_line *line)
{
    if (line->product[0] == '\0' || line->quantity >= 0)
        return FATE_NOTHING_BACK;
    if (line->fine)
        return FATE_FINE_PRICE;
    if (line->pence <= 0)
        return FATE_NOTHING_BACK;
    return FATE_RETURNED;
}

enum fate fate_of(enum invoice_reason reason, const struct invoice_line *line)
{
    static const enum fate same[INVOICE_REASONS] = {
        [INVOICE_EMPTY] = FATE_EMPTY,           [INVOICE_ENCODING] = FATE_ENCODING,
        [INVOICE_MALFORMED] = FATE_MALFORMED,   [INVOICE_NO_PRODUCT] = FATE_NO_PRODUCT,
        [INVOICE_QUANTITY] = FATE_QUANTITY,     [INVOICE_NO_PRICE] = FATE_NO_PRICE,
        [INVOICE_FINE_PRICE] = FATE_FINE_PRICE, [INVOICE_NO_TITLE] = FATE_NO_TITLE,
    };
    bool may = reason == INVOICE_ACCEPTED || reason == INVOICE_CHARGE || reason == INVOICE_CANCELLATION;

    if (!may)
        return same[reason];
    if (line->number[0] == '\0')
        return FATE_NO_NUMBER;
    if (line->quantity > PIECES_MAX || line->quantity < -PIECES_MAX)
        return FATE_TOO_MANY;
    if (reason == INVOICE_CANCELLATION)
        return fate_of_cancel(line);
    return reason == INVOICE_CHARGE ? fate_of_sum(line, FATE_CHARGED) : FATE_SOLD;
}

/* As PlacePastOrder's contract has them. */
enum fate fate_of_refusal(maru_status status)
{
    switch (status) {
    case MARU_ALREADY_EXISTS:
        return FATE_OTHER;
    case MARU_FAILED_PRECONDITION:
        return FATE_BELOW_ZERO;
    case MARU_OUT_OF_RANGE:
        return FATE_TOO_MUCH;
    default:
        return FATE_REFUSED;
    }
}

const char *fate_word(enum fate fate)
{
    return fates_table[fate].word;
}

const char *fate_rule(enum fate fate)
{
    return fates_table[fate].rule;
}

void fates_add(struct tally *tally, int64_t quantity, int64_t pence)
{
    tally->lines++;
    tally->units += quantity;
    tally->pence += (wide)quantity * pence;
}

void fates_read(struct fates *fates, const struct invoice_line *line)
{
    fates_add(&fates->all, line->quantity, line->pence);
}

/* ---- printing ---- */

enum { WIDE_SIZE = 48 };

static const char *wide_text(wide number, char text[static WIDE_SIZE])
{
    unsigned __int128 left = number < 0 ? -(unsigned __int128)number : (unsigned __int128)number;
    char             *at = text + WIDE_SIZE - 1;

    *at = '\0';
    do
        *--at = (char)('0' + (int)(left % 10));
    while ((left /= 10) > 0);
    if (number < 0)
        *--at = '-';
    return at;
}

/* A space stands before each column, however wide what is in it. */
static void print_row(FILE *out, const char *word, const struct tally *tally, const char *rule)
{
    char units[WIDE_SIZE], pence[WIDE_SIZE];

    fprintf(out, "%-19s %8zu %11s %13s%s%s\n", word, tally->lines, wide_text(tally->units, units),
            wide_text(tally->pence, pence), rule[0] == '\0' ? "" : "   ", rule);
}

static void sum(struct tally *tally, const struct tally *more)
{
    tally->lines += more->lines;
    tally->units += more->units;
    tally->pence += more->pence;
}

static bool equal(const struct tally *a, const struct tally *b)
{
    return a->lines == b->lines && a->units == b->units && a->pence == b->pence;
}

bool fates_print(const struct fates *fates, FILE *out)
{
    struct tally in = {0}, not_in = {0}, all;
    char         word[32];

    fprintf(out, "in orders              lines       units         pence\n");
    for (int i = 0; i < FATES; i++) {
        sum(fates_table[i].in ? &in : &not_in, &fates->of[i]);
        snprintf(word, sizeof word, "  %s", fates_table[i].word);
        if (fates->of[i].lines > 0 || fates_table[i].in)
            print_row(out, word, &fates->of[i], fates_table[i].rule);
    }
    all = in;
    sum(&all, &not_in);
    print_row(out, "taken in", &in, "");
    print_row(out, "refused", &not_in, "");
    print_row(out, "together", &all, equal(&all, &fates->all) ? "all of what was read" : "want as much as was read:");
    if (!equal(&all, &fates->all))
        print_row(out, "read", &fates->all, "");
    return equal(&all, &fates->all);
}
