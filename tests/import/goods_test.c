/* goods_test.c: a line of a catalogue file as a product. */
#include "import/goods.h"

#include <string.h>

#include "test.h"

static const struct csv_record HEADER = {
    .fields = {"name", "title", "description", "currency", "minor", "other_titles", "attributes"}, .count = 7};

static void test_good(maru_arena *arena)
{
    struct csv_record record = {.fields = {"products/kimchi", " 배추김치 ", "맵다, 시원하다", "KRW", "12000",
                                           "Kimchi | Napa kimchi", "origin=해남 | weight=1 kg"},
                                .count = 7};
    struct goods_columns columns;
    Catalog__Product     product;
    maru_error           error;

    test_begin("a line becomes a product, with its other titles and attributes");
    CHECK_INT(goods_columns(&HEADER, &columns, &error), MARU_OK);
    CHECK_INT(goods_read(&record, &columns, arena, &product, &error), MARU_OK);
    CHECK_STR(product.name, "products/kimchi");
    CHECK_STR(product.title, "배추김치");
    CHECK_STR(product.price->currency, "KRW");
    CHECK_INT(product.price->minor, 12000);
    CHECK_INT(product.n_other_titles, 2);
    CHECK_STR(product.other_titles[1], "Napa kimchi");
    CHECK_INT(product.n_attributes, 2);
    CHECK_STR(product.attributes[0]->key, "origin");
    CHECK_STR(product.attributes[1]->value, "1 kg");
    test_begin("fields that are left out are empty");
    record.fields[5] = record.fields[6] = record.fields[2] = "";
    CHECK_INT(goods_read(&record, &columns, arena, &product, &error), MARU_OK);
    CHECK_INT(product.n_other_titles, 0);
    CHECK_INT(product.n_attributes, 0);
    CHECK_STR(product.description, "");
}

static void test_bad(maru_arena *arena)
{
    struct csv_record    record = {.fields = {"products/x", "X", "", "KRW", "12.5", "", ""}, .count = 7};
    struct csv_record    header = HEADER;
    struct goods_columns columns;
    Catalog__Product     product;
    maru_error           error;

    test_begin("a wrong line says what was expected");
    CHECK_INT(goods_columns(&HEADER, &columns, &error), MARU_OK);
    CHECK_INT(goods_read(&record, &columns, arena, &product, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "minor: want a whole number, got \"12.5\"");
    record.fields[4] = "12";
    record.fields[6] = "origin";
    CHECK_INT(goods_read(&record, &columns, arena, &product, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "attributes: want key=value, got \"origin\"");
    record.fields[1] = "\xff";
    CHECK_INT(goods_read(&record, &columns, arena, &product, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "title: want UTF-8");
    record.count = 3;
    CHECK_INT(goods_read(&record, &columns, arena, &product, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "want 7 columns as in the first line, got 3");
    test_begin("a wrong first line names the column");
    header.fields[2] = "colour";
    CHECK_INT(goods_columns(&header, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(
        error.text,
        "column 3: want one of name, title, currency, minor, description, other_titles, attributes, got \"colour\"");
    test_begin("in letters that a terminal can take");
    header.fields[0] = "\x1b\xfd\x9b no gzip";
    CHECK_INT(goods_columns(&header, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "column 1: want one of ");
    CHECK_CONTAINS(error.text, ", got \"??? no gzip\"");
    header.fields[0] = "name";
    header.fields[2] = "name";
    CHECK_INT(goods_columns(&header, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "want each column once, got name as column 1 and as column 3");
    header.count = 2;
    CHECK_INT(goods_columns(&header, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "want a column currency, got none");
}

int main(void)
{
    maru_arena *arena = maru_arena_new(1 << 20);

    test_good(arena);
    test_bad(arena);
    maru_arena_free(arena);
    return test_end();
}
