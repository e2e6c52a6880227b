/* parts_test.c: page tokens, the hash of a body, a sum by a key, the waits of a timeline, what events mean: the pure
 * parts. */
#include "test.h"

#include "body.h"
#include "news.h"
#include "shop/inventory.pb-c.h"
#include "shop/payment.pb-c.h"
#include "shop/shipping.pb-c.h"
#include "siphash.h"
#include "timeline.h"
#include "token.h"

static void tokens(void)
{
    static const uint64_t numbers[] = {0, 1, 50, 4294967296, UINT64_MAX};
    char                  token[TOKEN_SIZE];
    maru_error            error;
    uint64_t              number;

    test_begin("a token comes back as the number that it was made of");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        token_of(numbers[i], token);
        CHECK_INT(token_parse(token, &number, &error), MARU_OK);
        CHECK(number == numbers[i]);
    }
    test_begin("anything else is none: each changed character, shorter, longer, in capitals");
    token_of(0xabcdef, token);
    for (int i = 0; i < TOKEN_SIZE - 1; i++) {
        token[i] = token[i] == '7' ? '8' : '7';
        CHECK_INT(token_parse(token, &number, &error), MARU_INVALID_ARGUMENT);
        token_of(0xabcdef, token);
    }
    token[TOKEN_SIZE - 2] = '\0';
    CHECK_INT(token_parse(token, &number, &error), MARU_INVALID_ARGUMENT);
    CHECK_INT(token_parse("0000000000ABCDEF00000000", &number, &error), MARU_INVALID_ARGUMENT);
    CHECK_INT(token_parse("0x00000000abcdef00000000", &number, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "page_token: want the next_page_token of the page before, got 24 bytes");
}

/* From vectors.h of the reference implementation: of key 00 01 .. 0f, of the first bytes of 00 01 02 ... */
static void sums(void)
{
    static const struct {
        size_t   size;
        uint64_t low, high;
    } known[] = {
        {0, 0xe6a825ba047f81a3, 0x930255c71472f66d},
        {1, 0x44af996bd8c187da, 0x45fc229b11597634},
    };
    uint8_t bytes[64];

    test_begin("a sum by a key is SipHash-2-4-128");
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = i;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        siphash sum = siphash_of(bytes, bytes, known[i].size);

        CHECK(sum.low == known[i].low && sum.high == known[i].high);
    }
    test_begin("each byte and each length counts");
    for (size_t size = 0; size < sizeof bytes; size++) {
        siphash sum = siphash_of(bytes, bytes, size), longer = siphash_of(bytes, bytes, size + 1);

        CHECK(sum.low != longer.low && sum.high != longer.high);
    }
}

static void bodies(void)
{
    maru_arena                 *arena = maru_arena_new(65536);
    Checkout__PlaceOrderRequest request = CHECKOUT__PLACE_ORDER_REQUEST__INIT;
    uint8_t                     first[BODY_BYTES], other[BODY_BYTES];
    char **fields[] = {&request.quote, &request.cart_etag, &request.payment_token, &request.customer};
    /* of no bytes: 128-bit FNV-1a's published beginning */
    static const uint8_t start[BODY_BYTES] = {0x6c, 0x62, 0x27, 0x2e, 0x07, 0xbb, 0x01, 0x42,
                                              0x62, 0xb8, 0x21, 0x75, 0x62, 0x95, 0xc5, 0x8d};

    test_begin("the hash is of all but the request id, and any other word changes it");
    request.request_id = (char *)"one";
    CHECK(body_hash(arena, &request, first));
    CHECK_MEM(first, BODY_BYTES, start, BODY_BYTES);
    request.quote = (char *)"quotes/1";
    CHECK(body_hash(arena, &request, first));
    request.request_id = (char *)"two";
    CHECK(body_hash(arena, &request, other));
    CHECK_MEM(first, BODY_BYTES, other, BODY_BYTES);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char *kept = *fields[i];

        *fields[i] = (char *)"quotes/2";
        CHECK(body_hash(arena, &request, other));
        CHECK(memcmp(first, other, BODY_BYTES) != 0);
        *fields[i] = kept;
    }
    CHECK_INT(maru_arena_spent(arena), 0);
    maru_arena_free(arena);
}

/* ---- the waits of a timeline ---- */

struct told {
    Google__Protobuf__Timestamp time;
    Checkout__TimelineEntry     entry;
};

static void tell(struct told *told, const char *id, const char *cause, int64_t seconds, int32_t nanos)
{
    told->time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    told->time.seconds = seconds;
    told->time.nanos = nanos;
    told->entry = (Checkout__TimelineEntry)CHECKOUT__TIMELINE_ENTRY__INIT;
    told->entry.event_id = (char *)id;
    told->entry.causation_id = (char *)cause;
    told->entry.time = &told->time;
}

static void waits(void)
{
    struct told              told[5];
    Checkout__TimelineEntry *entries[5] = {&told[0].entry, &told[1].entry, &told[2].entry, &told[3].entry,
                                           &told[4].entry};
    Checkout__Timeline       timeline = CHECKOUT__TIMELINE__INIT;

    test_begin("each wait is since the cause, else since the first entry, and never below 0");
    tell(&told[0], "c-1", "call PlaceOrder x", 1000, 0);
    tell(&told[1], "i-1", "c-1", 1000, 5000000);
    tell(&told[2], "p-1", "i-1", 1002, 6999999);
    tell(&told[3], "c-2", "timer t/x", 1030, 0);
    tell(&told[4], "i-2", "c-2", 1029, 0); /* by another clock */
    timeline.n_entries = 5;
    timeline.entries = entries;
    timeline_waits(&timeline);
    CHECK_INT(entries[0]->after_ms, 0);
    CHECK_INT(entries[1]->after_ms, 5);
    CHECK_INT(entries[2]->after_ms, 2001);
    CHECK_INT(entries[3]->after_ms, 30000);
    CHECK_INT(entries[4]->after_ms, 0);
    timeline.n_entries = 0;
    timeline_waits(&timeline);
}

/* ---- what events mean ---- */

static void news(void)
{
    maru_arena               *arena = maru_arena_new(65536);
    Inventory__StockReleased  released = INVENTORY__STOCK_RELEASED__INIT;
    Payment__PaymentVoided    voided = PAYMENT__PAYMENT_VOIDED__INIT;
    Payment__PaymentDeclined  declined = PAYMENT__PAYMENT_DECLINED__INIT;
    Inventory__StockRejected  rejected = INVENTORY__STOCK_REJECTED__INIT;
    Inventory__StockCommitted committed = INVENTORY__STOCK_COMMITTED__INIT;
    Inventory__Shortage       shortage = INVENTORY__SHORTAGE__INIT;
    Inventory__Shortage *shortages[7] = {&shortage, &shortage, &shortage, &shortage, &shortage, &shortage, &shortage};
    const char          *detail;

    test_begin("a release or a void that was asked for is news; by its time it is the end");
    CHECK_INT(news_of(arena, &released.base, &detail), HAPPENED_UNDONE);
    CHECK_INT(news_of(arena, &voided.base, &detail), HAPPENED_UNDONE);
    released.expired = voided.expired = true;
    CHECK_INT(news_of(arena, &released.base, &detail), HAPPENED_STOCK_EXPIRED);
    CHECK_INT(news_of(arena, &voided.base, &detail), HAPPENED_AUTHORIZATION_EXPIRED);
    voided.expired = false;
    voided.by_others = true;
    CHECK_INT(news_of(arena, &voided.base, &detail), HAPPENED_CAPTURE_REFUSED);
    CHECK_STR(detail, "the payment was given up at the payment provider");
    CHECK_INT(news_of(arena, &committed.base, &detail), HAPPENED_NEWS);
    test_begin("the words say what was short, five at most, and why it was declined");
    shortage.product = (char *)"products/a";
    shortage.wanted = 3;
    shortage.available = 1;
    rejected.shortages = shortages;
    rejected.n_shortages = 1;
    CHECK_INT(news_of(arena, &rejected.base, &detail), HAPPENED_STOCK_REJECTED);
    CHECK_STR(detail, "products/a: 3 wanted, 1 there");
    rejected.n_shortages = 7;
    news_of(arena, &rejected.base, &detail);
    CHECK_CONTAINS(detail, "there; and 2 more");
    declined.reason = (char *)"insufficient_funds";
    CHECK_INT(news_of(arena, &declined.base, &detail), HAPPENED_PAYMENT_DECLINED);
    CHECK_STR(detail, "insufficient_funds");
    maru_arena_free(arena);
    test_begin("without memory for words it still is what it is");
    arena = maru_arena_new(16);
    CHECK_INT(news_of(arena, &rejected.base, &detail), HAPPENED_STOCK_REJECTED);
    CHECK_STR(detail, "");
    maru_arena_free(arena);
}

int main(void)
{
    tokens();
    bodies();
    sums();
    waits();
    news();
    return test_end();
}
