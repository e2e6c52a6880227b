/* catalog_test.c: creating, changing and deleting products, over real calls. */
#include <string.h>

#include "check.h"
#include "mask.h"
#include "testing.h"

static void test_create(struct fixture *f)
{
    Catalog__Product *made, *found;

    begin(f, "a created product is read back whole, with etag, times and a first price");
    made = create_simple(f, "products/lamp", "LAMP", 295);
    CHECK_INT(get(f, "products/lamp", &found), MARU_OK);
    check_same(made, found);
    CHECK_INT(strlen(found->etag), 16);
    CHECK(found->create_time->seconds > 1700000000);
    CHECK_INT(found->update_time->seconds, found->create_time->seconds);
    CHECK_INT(found->n_prices, 1);
    CHECK_INT(found->prices[0]->price->minor, 295);
    begin(f, "a second product of one name is refused");
    refused(f, create(f, product(f, "products/lamp", "X", money(f, "GBP", 1)), &made), MARU_ALREADY_EXISTS,
            "product.name: there is a product products/lamp already");
    begin(f, "what is not there is NOT_FOUND, what is no name INVALID_ARGUMENT");
    refused(f, get(f, "products/none", &found), MARU_NOT_FOUND, "name: no product products/none");
    refused(f, get(f, "lamp", &found), MARU_INVALID_ARGUMENT,
            "name: want products/ and 1..64 of A-Z a-z 0-9 . _ -, got \"lamp\"");
    refused(f, get(f, "products/a b", &found), MARU_INVALID_ARGUMENT, "got \"products/a b\"");
    refused(f, get(f, "products/", &found), MARU_INVALID_ARGUMENT, "name: want");
    refused(f, create(f, product(f, "products/..", "X", money(f, "GBP", 1)), &made), MARU_INVALID_ARGUMENT,
            "product.name: want products/ID with an ID other than . and .., got \"products/..\"");
    refused(f, get(f, "", &found), MARU_INVALID_ARGUMENT, "got \"\"");
    refused(f, get(f, "products/12345678901234567890123456789012345678901234567890123456789012345", &found),
            MARU_INVALID_ARGUMENT, "name: want");
}

static bool is_same_time(const Google__Protobuf__Timestamp *a, const Google__Protobuf__Timestamp *b)
{
    return a->seconds == b->seconds && a->nanos == b->nanos;
}

static void test_times(struct fixture *f)
{
    Catalog__Product           *wanted, *made, *after;
    Google__Protobuf__Timestamp said = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    begin(f, "times and etag are the server's to set, whatever a request says of them: each change has its own time");
    said.seconds = 12345;
    wanted = product(f, "products/times", "T", money(f, "GBP", 1));
    wanted->create_time = wanted->update_time = &said;
    wanted->etag = (char *)"mine";
    CHECK_INT(create(f, wanted, &made), MARU_OK);
    CHECK(made->create_time->seconds > 1700000000 && made->update_time->seconds > 1700000000);
    CHECK_INT(strlen(made->etag), 16);
    wanted = product(f, "products/times", "T2", NULL);
    wanted->create_time = wanted->update_time = &said;
    CHECK_INT(update(f, wanted, "title", &after), MARU_OK);
    CHECK(is_same_time(after->create_time, made->create_time));
    CHECK(after->update_time->seconds > 1700000000);
    CHECK(!is_same_time(after->update_time, made->update_time));
}

/* A store of before such names were refused. */
static void test_dots(struct fixture *f)
{
    Catalog__ListProductsRequest   list = CATALOG__LIST_PRODUCTS_REQUEST__INIT;
    Catalog__ListProductsResponse *page;
    Catalog__Product              *found, made = CATALOG__PRODUCT__INIT;
    struct store_create            old = {.fields = FIELD_TITLE | FIELD_PRICE, .response = &made};

    begin(f, "a product that is named . or .. since before is listed, read, changed and deleted");
    old.wanted = product(f, "products/.", "DOT", money(f, "GBP", 1));
    CHECK_INT(maru_store_write(f->s.store, f->call, store_create, &old), MARU_OK);
    create_simple(f, "products/.a", "A", 1);
    list.page_size = 1;
    CHECK_INT(catalog_list_products(f->s.client, f->call, &list, &page), MARU_OK);
    CHECK_STR(page->products[0]->name, "products/.");
    list.page_token = page->next_page_token;
    CHECK_INT(catalog_list_products(f->s.client, f->call, &list, &page), MARU_OK);
    CHECK_STR(page->products[0]->name, "products/.a");
    CHECK_INT(get(f, "products/.", &found), MARU_OK);
    CHECK_STR(found->title, "DOT");
    CHECK_INT(update(f, product(f, "products/.", "POINT", NULL), "title", &found), MARU_OK);
    CHECK_INT(delete (f, "products/.", ""), MARU_OK);
    refused(f, get(f, "products/.", &found), MARU_NOT_FOUND, "name: no product products/.");
}

static void test_create_errors(struct fixture *f)
{
    Catalog__CreateProductRequest none = CATALOG__CREATE_PRODUCT_REQUEST__INIT;
    Catalog__Product             *made, *wanted;
    char                          longer[302];

    begin(f, "each field that is wrong is named, with what was wanted and what came");
    refused(f, catalog_create_product(f->s.client, f->call, &none, &made), MARU_INVALID_ARGUMENT, "product: want one");
    refused(f, create(f, product(f, "x", "X", money(f, "GBP", 1)), &made), MARU_INVALID_ARGUMENT, "product.name: want");
    refused(f, create(f, product(f, "products/x", "", money(f, "GBP", 1)), &made), MARU_INVALID_ARGUMENT,
            "product.title: want 1..300 bytes, got 0");
    refused(f, create(f, product(f, "products/x", "  ", money(f, "GBP", 1)), &made), MARU_INVALID_ARGUMENT,
            "product.title: want some text");
    refused(f, create(f, product(f, "products/x", "A\tB", money(f, "GBP", 1)), &made), MARU_INVALID_ARGUMENT,
            "product.title: want no control characters, got U+0009 at byte 1");
    refused(f, create(f, product(f, "products/x", "X", NULL), &made), MARU_INVALID_ARGUMENT,
            "product.price: want a currency and minor units, got none");
    refused(f, create(f, product(f, "products/x", "X", money(f, "gbp", 1)), &made), MARU_INVALID_ARGUMENT,
            "product.price.currency: want three capital letters as GBP, got \"gbp\"");
    refused(f, create(f, product(f, "products/x", "X", money(f, "GBP", -3)), &made), MARU_INVALID_ARGUMENT,
            "product.price.minor: want 0..1000000000000, got -3");
    refused(f, create(f, product(f, "products/x", "X", money(f, "GBP", PRICE_MAX + 1)), &made), MARU_INVALID_ARGUMENT,
            "product.price.minor: want 0..1000000000000, got 1000000000001");
    CHECK_INT(create(f, product(f, "products/dear", "X", money(f, "GBP", PRICE_MAX)), &made), MARU_OK);
    refused(f, create(f, product(f, "products/x", "X", money(f, "GBP", INT64_MAX)), &made), MARU_INVALID_ARGUMENT,
            "got 9223372036854775807");
    memset(longer, 'x', 301);
    longer[301] = '\0';
    refused(f, create(f, product(f, "products/x", longer, money(f, "GBP", 1)), &made), MARU_INVALID_ARGUMENT,
            "got 301");
    wanted = product(f, "products/x", "X", money(f, "GBP", 1));
    wanted->other_titles = (char *[]){(char *)"fine", (char *)""};
    wanted->n_other_titles = 2;
    refused(f, create(f, wanted, &made), MARU_INVALID_ARGUMENT, "product.other_titles[1]: want 1..300 bytes, got 0");
    refused(f, get(f, "products/x", &made), MARU_NOT_FOUND, "");
}

static void test_history(struct fixture *f)
{
    Catalog__Product *wanted, *made;

    begin(f, "a history comes in order of time, in one currency, and ends with the price");
    wanted = product(f, "products/h", "H", money(f, "GBP", 30));
    wanted->prices = (Catalog__Price *[]){price_at(f, "GBP", 20, 100), price_at(f, "GBP", 30, 100)};
    wanted->n_prices = 2;
    refused(f, create(f, wanted, &made), MARU_INVALID_ARGUMENT, "product.prices[1].since: want a time later than");
    wanted->prices[1]->since->seconds = 200;
    wanted->price->minor = 40;
    refused(f, create(f, wanted, &made), MARU_INVALID_ARGUMENT,
            "product.price: want the last of prices, GBP 30, got GBP 40");
    wanted->price->minor = 30;
    wanted->prices[0]->price->currency = (char *)"KRW";
    refused(f, create(f, wanted, &made), MARU_INVALID_ARGUMENT,
            "product.prices[1].price.currency: want KRW as the product's other prices, got GBP");
    wanted->prices[0]->price->currency = (char *)"GBP";
    CHECK_INT(create(f, wanted, &made), MARU_OK);
    CHECK_INT(made->n_prices, 2);
    begin(f, "an update may replace the history, and with it the price and its currency");
    wanted = product(f, "products/h", "", NULL);
    wanted->prices = (Catalog__Price *[]){price_at(f, "KRW", 900, 300)};
    wanted->n_prices = 1;
    CHECK_INT(update(f, wanted, "prices", &made), MARU_OK);
    CHECK_INT(made->n_prices, 1);
    CHECK_STR(made->price->currency, "KRW");
    CHECK_INT(made->price->minor, 900);
}

static void test_update(struct fixture *f)
{
    Catalog__Product *before, *after, *wanted;

    begin(f, "an update changes what its mask names, and no other field");
    before = create_simple(f, "products/cup", "CUP", 100);
    wanted = product(f, "products/cup", "MUG", money(f, "GBP", 999));
    wanted->description = (char *)"for tea";
    CHECK_INT(update(f, wanted, "title", &after), MARU_OK);
    CHECK_STR(after->title, "MUG");
    CHECK_STR(after->description, "");
    CHECK_INT(after->price->minor, 100);
    CHECK(strcmp(after->etag, before->etag) != 0);
    CHECK_INT(after->create_time->nanos, before->create_time->nanos);
    begin(f, "without a mask the fields that are set are meant");
    wanted = product(f, "products/cup", "", NULL);
    wanted->description = (char *)"for tea\nand coffee";
    CHECK_INT(update(f, wanted, "", &after), MARU_OK);
    CHECK_STR(after->title, "MUG");
    CHECK_STR(after->description, "for tea\nand coffee");
    begin(f, "a mask may empty a field");
    CHECK_INT(update(f, product(f, "products/cup", "", NULL), "description", &after), MARU_OK);
    CHECK_STR(after->description, "");
    begin(f, "a new price goes to the end of the history");
    CHECK_INT(update(f, product(f, "products/cup", "", money(f, "GBP", 120)), "price", &after), MARU_OK);
    CHECK_INT(after->n_prices, 2);
    CHECK_INT(after->prices[0]->price->minor, 100);
    CHECK_INT(after->prices[1]->price->minor, 120);
    CHECK(after->prices[1]->since->seconds >= after->prices[0]->since->seconds);
    begin(f, "an update that changes nothing leaves etag and time");
    before = after;
    CHECK_INT(update(f, product(f, "products/cup", "MUG", money(f, "GBP", 120)), "title,price", &after), MARU_OK);
    CHECK_INT(after->n_prices, 2);
    CHECK_INT(get(f, "products/cup", &before), MARU_OK);
    check_same(before, after);
}

static void test_star(struct fixture *f)
{
    Catalog__Product *after, *wanted;

    begin(f, "a mask of * sets all fields, the empty ones too");
    wanted = product(f, "products/star", "S", money(f, "GBP", 5));
    wanted->description = (char *)"D";
    CHECK_INT(create(f, wanted, &after), MARU_OK);
    CHECK_INT(update(f, product(f, "products/star", "T", money(f, "GBP", 6)), "*", &after), MARU_OK);
    CHECK_STR(after->title, "T");
    CHECK_STR(after->description, "");
    CHECK_INT(after->n_prices, 2);
    begin(f, "other titles and attributes too");
    wanted = product(f, "products/stars", "S", money(f, "GBP", 5));
    wanted->other_titles = (char *[]){(char *)"STAR"};
    wanted->n_other_titles = 1;
    wanted->attributes = (Catalog__Product__AttributesEntry *[]){attribute(f, "size", "L")};
    wanted->n_attributes = 1;
    CHECK_INT(create(f, wanted, &after), MARU_OK);
    CHECK_INT(after->n_attributes, 1);
    CHECK_INT(after->n_other_titles, 1);
    CHECK_INT(update(f, product(f, "products/stars", "S", money(f, "GBP", 5)), "*", &after), MARU_OK);
    CHECK_INT(after->n_attributes, 0);
    CHECK_INT(after->n_other_titles, 0);
    begin(f, "and of price and prices one stands for both, as for a new product; with neither it is refused");
    wanted = product(f, "products/stars", "S", NULL);
    wanted->prices = (Catalog__Price *[]){price_at(f, "KRW", 7, 100), price_at(f, "KRW", 9, 200)};
    wanted->n_prices = 2;
    CHECK_INT(update(f, wanted, "*", &after), MARU_OK);
    CHECK_INT(after->n_prices, 2);
    CHECK_INT(after->price->minor, 9);
    CHECK_STR(after->price->currency, "KRW");
    refused(f, update(f, product(f, "products/stars", "S", NULL), "*", &after), MARU_INVALID_ARGUMENT,
            "product.price: want a currency and minor units, got none");
}

static void test_currency(struct fixture *f)
{
    Catalog__Product *wanted, *after;

    begin(f, "a history in another currency takes the old one's place, with the price that ends it or without");
    create_simple(f, "products/abroad", "A", 100);
    for (int with = 0; with < 2; with++) {
        const char *currency = with ? "USD" : "KRW";

        wanted = product(f, "products/abroad", "", with ? money(f, currency, 9) : NULL);
        wanted->prices = (Catalog__Price *[]){price_at(f, currency, 7, 100), price_at(f, currency, 9, 200)};
        wanted->n_prices = 2;
        if (!CHECK_INT(update(f, wanted, with ? "price,prices" : "prices", &after), MARU_OK))
            return;
        CHECK_INT(after->n_prices, 2);
        CHECK_STR(after->price->currency, currency);
        CHECK_STR(after->prices[0]->price->currency, currency);
    }
}

static void test_attributes(struct fixture *f)
{
    Catalog__Product__AttributesEntry  entries[3];
    Catalog__Product__AttributesEntry *all[3];
    static const char *const           pairs[3][2] = {{"size", "L"}, {"colour", "red"}, {"size", "XL"}};
    Catalog__Product                  *wanted, *after, *again;

    begin(f, "attributes are stored in order of key, the last of a key counts, and their order changes nothing");
    wanted = create_simple(f, "products/shirt", "SHIRT", 1500);
    for (int i = 0; i < 3; i++) {
        entries[i] = (Catalog__Product__AttributesEntry)CATALOG__PRODUCT__ATTRIBUTES_ENTRY__INIT;
        entries[i].key = (char *)pairs[i][0];
        entries[i].value = (char *)pairs[i][1];
        all[i] = &entries[i];
    }
    wanted = product(f, "products/shirt", "", NULL);
    wanted->attributes = all;
    wanted->n_attributes = 3;
    CHECK_INT(update(f, wanted, "attributes", &after), MARU_OK);
    CHECK_INT(after->n_attributes, 2);
    CHECK_STR(after->attributes[0]->key, "colour");
    CHECK_STR(after->attributes[1]->value, "XL");
    all[0] = &entries[2];
    all[2] = &entries[1];
    wanted->n_attributes = 3;
    CHECK_INT(update(f, wanted, "attributes", &again), MARU_OK);
    CHECK_STR(again->etag, after->etag);
    entries[1].key = (char *)"";
    refused(f, update(f, wanted, "attributes", &again), MARU_INVALID_ARGUMENT,
            "product.attributes key: want 1..64 bytes, got 0");
}

static void test_update_errors(struct fixture *f)
{
    Catalog__Product *after, *stored, *wanted;
    char              words[128];

    begin(f, "an unknown path is named, with those that there are");
    create_simple(f, "products/u", "U", 100);
    refused(f, update(f, product(f, "products/u", "V", NULL), "title,colour", &after), MARU_INVALID_ARGUMENT,
            "update_mask: want some of title description price prices other_titles attributes, or *, got \"colour\"");
    refused(f, update(f, product(f, "products/u", "", NULL), "", &after), MARU_INVALID_ARGUMENT,
            "product: want a field to change");
    refused(f, update(f, product(f, "products/u", "", NULL), "title", &after), MARU_INVALID_ARGUMENT, "product.title");
    refused(f, update(f, product(f, "products/u", "", NULL), "price", &after), MARU_INVALID_ARGUMENT, "product.price");
    begin(f, "a price in another currency is refused");
    refused(f, update(f, product(f, "products/u", "", money(f, "KRW", 5)), "price", &after), MARU_INVALID_ARGUMENT,
            "product.price.currency: want GBP as the product's other prices, got KRW");
    begin(f, "and so is one that another price and history disagree about");
    wanted = product(f, "products/u", "", money(f, "USD", 9));
    wanted->prices = (Catalog__Price *[]){price_at(f, "KRW", 7, 100), price_at(f, "KRW", 9, 200)};
    wanted->n_prices = 2;
    refused(f, update(f, wanted, "price,prices", &after), MARU_INVALID_ARGUMENT,
            "product.price: want the last of prices, KRW 9, got USD 9");
    begin(f, "an etag that is not the stored one is ABORTED, naming both; the stored one passes");
    wanted = product(f, "products/u", "V", NULL);
    wanted->etag = (char *)"0123";
    refused(f, update(f, wanted, "title", &after), MARU_ABORTED, "got \"0123\"; read it again");
    wanted->etag = (char *)"e\na";
    refused(f, update(f, wanted, "title", &after), MARU_ABORTED, "got \"e?a\"; read it again");
    wanted->etag = (char *)"0123";
    CHECK_INT(get(f, "products/u", &stored), MARU_OK);
    CHECK_STR(stored->title, "U");
    snprintf(words, sizeof words, "products/u: etag: want the stored one, \"%s\", got \"0123\"; read it again",
             stored->etag);
    refused(f, update(f, wanted, "title", &after), MARU_ABORTED, words);
    wanted->etag = stored->etag;
    CHECK_INT(update(f, wanted, "title", &after), MARU_OK);
    begin(f, "what is not there can't be updated");
    refused(f, update(f, product(f, "products/none", "V", NULL), "title", &after), MARU_NOT_FOUND,
            "product.name: no product products/none");
}

static void test_delete(struct fixture *f)
{
    Catalog__Product *made;

    begin(f, "a deleted product is gone; its etag is checked before");
    made = create_simple(f, "products/d", "D", 100);
    refused(f, delete (f, "products/d", "0123"), MARU_ABORTED, "got \"0123\"");
    CHECK_INT(delete (f, "products/d", made->etag), MARU_OK);
    refused(f, get(f, "products/d", &made), MARU_NOT_FOUND, "");
    refused(f, delete (f, "products/d", ""), MARU_NOT_FOUND, "name: no product products/d");
}

static void test_once(struct fixture *f)
{
    Catalog__Product *made, *again;

    begin(f, "a repeat of a request id gets the first reply and acts once; another body is refused");
    CHECK_INT(maru_call_set_request_id(f->call, "till-1-4711"), MARU_OK);
    made = create_simple(f, "products/once", "ONCE", 100);
    again = create_simple(f, "products/once", "ONCE", 100);
    check_same(made, again);
    refused(f, create(f, product(f, "products/twice", "ONCE", money(f, "GBP", 100)), &again), MARU_ALREADY_EXISTS, "");
    begin(f, "and it made nothing");
    refused(f, get(f, "products/twice", &again), MARU_NOT_FOUND, "");
}

int main(void)
{
    run(test_create);
    run(test_times);
    run(test_dots);
    run(test_create_errors);
    run(test_history);
    run(test_update);
    run(test_star);
    run(test_currency);
    run(test_attributes);
    run(test_update_errors);
    run(test_delete);
    run(test_once);
    return test_end();
}
