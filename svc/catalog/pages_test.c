/* pages_test.c: reading many products, over real calls: batches, pages, and after a restart. */
#include <string.h>

#include "check.h"
#include "testing.h"

static void test_batch(struct fixture *f)
{
    Catalog__BatchGetProductsRequest   request = CATALOG__BATCH_GET_PRODUCTS_REQUEST__INIT;
    Catalog__BatchGetProductsResponse *response;
    char *names[] = {(char *)"products/b2", (char *)"products/no", (char *)"products/b1", (char *)"products/b2"};

    begin(f, "a batch comes in the order asked, and names what is missing");
    create_simple(f, "products/b1", "B1", 1);
    create_simple(f, "products/b2", "B2", 2);
    request.names = names;
    request.n_names = 4;
    CHECK_INT(catalog_batch_get_products(f->s.client, f->call, &request, &response), MARU_OK);
    CHECK_INT(response->n_products, 3);
    CHECK_STR(response->products[0]->title, "B2");
    CHECK_STR(response->products[1]->title, "B1");
    CHECK_STR(response->products[2]->title, "B2");
    CHECK_INT(response->n_missing, 1);
    CHECK_STR(response->missing[0], "products/no");
    begin(f, "an empty batch is empty; a wrong name is named by its place; 1000 are the limit");
    request.n_names = 0;
    CHECK_INT(catalog_batch_get_products(f->s.client, f->call, &request, &response), MARU_OK);
    CHECK_INT(response->n_products, 0);
    names[1] = (char *)"no";
    request.n_names = 4;
    refused(f, catalog_batch_get_products(f->s.client, f->call, &request, &response), MARU_INVALID_ARGUMENT,
            "names[1]: want products/");
    request.names = maru_alloc(f->call, 1001 * sizeof(char *));
    for (int i = 0; i < 1001; i++)
        request.names[i] = (char *)"products/b1";
    request.n_names = 1001;
    refused(f, catalog_batch_get_products(f->s.client, f->call, &request, &response), MARU_INVALID_ARGUMENT,
            "names: want at most 1000, got 1001");
    request.n_names = 1000;
    CHECK_INT(catalog_batch_get_products(f->s.client, f->call, &request, &response), MARU_OK);
    CHECK_INT(response->n_products, 1000);
}

static maru_status list(struct fixture *f, int size, const char *token, Catalog__ListProductsResponse **page)
{
    Catalog__ListProductsRequest request = CATALOG__LIST_PRODUCTS_REQUEST__INIT;

    request.page_size = size;
    request.page_token = (char *)token;
    return catalog_list_products(f->s.client, f->call, &request, page);
}

/* All names, page by page, each followed by a space. between runs after every page. */
static char *list_all(struct fixture *f, int size, void (*between)(struct fixture *f, int page))
{
    Catalog__ListProductsResponse *page;
    char                          *names = maru_alloc(f->call, 65536);
    size_t                         used = 0;
    const char                    *token = "";
    int                            pages = 0;

    names[0] = '\0';
    do {
        if (!CHECK_INT(list(f, size, token, &page), MARU_OK))
            return names;
        for (size_t i = 0; i < page->n_products; i++)
            used += (size_t)snprintf(names + used, 65536 - used, "%s ", page->products[i]->name + 9);
        token = page->next_page_token;
        if (between != NULL)
            between(f, ++pages);
    } while (token[0] != '\0');
    return names;
}

/* While the pages are read: the last that was read goes, one before it comes, one after it goes and comes. */
static void disturb(struct fixture *f, int page)
{
    if (page != 1)
        return;
    CHECK_INT(delete (f, "products/c", ""), MARU_OK);
    create_simple(f, "products/a1", "NEW", 1);
    CHECK_INT(delete (f, "products/f", ""), MARU_OK);
    create_simple(f, "products/e1", "NEW", 1);
}

static void test_list(struct fixture *f)
{
    Catalog__ListProductsResponse *page;
    char                           name[32];

    begin(f, "an empty catalogue is an empty page");
    CHECK_INT(list(f, 0, "", &page), MARU_OK);
    CHECK_INT(page->n_products, 0);
    CHECK_STR(page->next_page_token, "");
    begin(f, "pages come in order of name, and the last has no token");
    for (char c = 'g'; c >= 'a'; c--) {
        snprintf(name, sizeof name, "products/%c", c);
        create_simple(f, name, "T", 1);
    }
    CHECK_STR(list_all(f, 3, NULL), "a b c d e f g ");
    CHECK_STR(list_all(f, 7, NULL), "a b c d e f g ");
    CHECK_STR(list_all(f, 0, NULL), "a b c d e f g ");
    CHECK_STR(list_all(f, 1, NULL), "a b c d e f g ");
    begin(f, "products that come and go meanwhile: none twice, none missed that was there all the time");
    CHECK_STR(list_all(f, 3, disturb), "a b c d e e1 g ");
    begin(f, "wrong sizes and tokens are refused in words");
    refused(f, list(f, -1, "", &page), MARU_INVALID_ARGUMENT, "page_size: want 0..1000, got -1");
    refused(f, list(f, 1001, "", &page), MARU_INVALID_ARGUMENT, "page_size: want 0..1000, got 1001");
    refused(f, list(f, 1, "AQIDBA", &page), MARU_INVALID_ARGUMENT, "page_token: want the next_page_token");
}

static void test_large(struct fixture *f)
{
    Catalog__BatchGetProductsRequest   batch = CATALOG__BATCH_GET_PRODUCTS_REQUEST__INIT;
    Catalog__BatchGetProductsResponse *response;
    Catalog__ListProductsResponse     *page;
    Catalog__Product                  *wanted, *made;
    char                              *text;

    begin(f, "a page ends before it is too large for a message, and none is lost");
    text = maru_alloc(f->call, DESCRIPTION_MAX_BYTES + 1);
    memset(text, 'd', DESCRIPTION_MAX_BYTES);
    text[DESCRIPTION_MAX_BYTES] = '\0';
    batch.names = maru_alloc(f->call, 400 * sizeof(char *));
    for (int i = 0; i < 400; i++) {
        wanted = product(f, maru_printf(f->call, "products/large%03d", i), "L", money(f, "GBP", 1));
        wanted->description = text;
        batch.names[batch.n_names++] = wanted->name;
        CHECK_INT(create(f, wanted, &made), MARU_OK);
    }
    CHECK_INT(list(f, 1000, "", &page), MARU_OK);
    CHECK(page->n_products > 90 && page->n_products < 130);
    CHECK(page->next_page_token[0] != '\0');
    CHECK_INT(strlen(list_all(f, 1000, NULL)), 400 * strlen("large000 "));
    begin(f, "a batch that is too large for a message says so");
    batch.names = maru_alloc(f->call, 400 * sizeof(char *));
    for (int i = 0; i < 400; i++)
        batch.names[i] = maru_printf(f->call, "products/large%03d", i);
    refused(f, catalog_batch_get_products(f->s.client, f->call, &batch, &response), MARU_RESOURCE_EXHAUSTED,
            "names: want products of at most 3145728 bytes together");
    batch.n_names = 300;
    CHECK_INT(catalog_batch_get_products(f->s.client, f->call, &batch, &response), MARU_OK);
    CHECK_INT(response->n_products, 300);
}

static void test_kept(struct fixture *f)
{
    Catalog__Product *before, *after;
    char              etag[32];

    begin(f, "what was stored is there after a restart, unchanged");
    before = create_simple(f, "products/kept", "KEPT", 100);
    snprintf(etag, sizeof etag, "%s", before->etag);
    maru_call_end(f->call);
    f->call = NULL;
    if (!CHECK(serving_restart(&f->s) && serve(f)))
        return;
    begin(f, "and so is its etag");
    CHECK_INT(get(f, "products/kept", &after), MARU_OK);
    CHECK_STR(after->etag, etag);
}

int main(void)
{
    run(test_batch);
    run(test_list);
    run(test_large);
    run(test_kept);
    return test_end();
}
