/* invoice_test.c: what each invoice line counts as, and what an accepted one shows. */
#include "import/invoice.h"

#include <stdio.h>
#include <string.h>

#include "import/text.h"
#include "test.h"

static const struct invoice_columns COLUMNS = {
    .invoice = 0, .code = 1, .title = 2, .quantity = 3, .date = 4, .price = 5, .customer = SIZE_MAX, .count = 6};

/* The columns of one line: those given as NULL are those of a good one. */
static enum invoice_reason read_line(const char *invoice, const char *code, const char *title, const char *quantity,
                                     const char *date, const char *price, bool latin1, struct invoice_line *line)
{
    struct csv_record record = {
        .fields = {invoice != NULL ? invoice : "536365", code != NULL ? code : "85123A",
                   title != NULL ? title : "WHITE LANTERN", quantity != NULL ? quantity : "6",
                   date != NULL ? date : "2010-12-01 08:26:00", price != NULL ? price : "2.55"},
        .count = 6,
    };

    return invoice_read(&record, &COLUMNS, latin1, line);
}

static void test_accepted(void)
{
    struct invoice_line line;

    test_begin("a good line shows product, title, pence and time");
    CHECK_INT(read_line(NULL, NULL, NULL, NULL, NULL, NULL, false, &line), INVOICE_ACCEPTED);
    CHECK_STR(line.product, "products/85123A");
    CHECK_STR(line.title, "WHITE LANTERN");
    CHECK_INT(line.pence, 255);
    CHECK_INT(line.time, 1291191960);
    test_begin("letter case of a code does not matter, spaces of a title neither");
    CHECK_INT(read_line(NULL, "85123a", "  WHITE   LANTERN ", NULL, NULL, NULL, false, &line), INVOICE_ACCEPTED);
    CHECK_STR(line.product, "products/85123A");
    CHECK_STR(line.title, "WHITE LANTERN");
    test_begin("seconds may be left out, pence too");
    CHECK_INT(read_line(NULL, "dcgs0003", NULL, NULL, "2010-12-01 08:26", "3", false, &line), INVOICE_ACCEPTED);
    CHECK_INT(line.pence, 300);
    CHECK_INT(line.time, 1291191960);
    CHECK_STR(line.product, "products/DCGS0003");
    test_begin("a price has any number of zeros behind the pence");
    CHECK_INT(read_line(NULL, NULL, NULL, NULL, NULL, "2.1000", false, &line), INVOICE_ACCEPTED);
    CHECK_INT(line.pence, 210);
}

static void test_refused(void)
{
    static const struct {
        const char         *invoice, *code, *title, *quantity, *date, *price;
        enum invoice_reason reason;
    } lines[] = {
        {"C536379", 0, 0, 0, 0, 0, INVOICE_CANCELLATION},
        {"C536379", "D", 0, "-1", 0, "0", INVOICE_CANCELLATION},
        {0, "POST", 0, 0, 0, 0, INVOICE_CHARGE},
        {0, "BANK CHARGES", 0, 0, 0, 0, INVOICE_CHARGE},
        {0, "gift_0001_40", 0, 0, 0, 0, INVOICE_CHARGE},
        {0, "C2", 0, 0, 0, 0, INVOICE_CHARGE},
        {0, "m", 0, 0, 0, 0, INVOICE_CHARGE},
        {0, "DOT", 0, 0, 0, "0", INVOICE_CHARGE},
        {0, "S", 0, "-1", 0, 0, INVOICE_CHARGE},
        {0, "POSTER", 0, 0, 0, 0, INVOICE_NO_PRODUCT},
        {0, "DCGS", 0, 0, 0, 0, INVOICE_NO_PRODUCT},
        {0, "8512", 0, 0, 0, 0, INVOICE_NO_PRODUCT},
        {0, "85123ABC", 0, 0, 0, 0, INVOICE_NO_PRODUCT},
        {0, "851234", 0, 0, 0, 0, INVOICE_NO_PRODUCT},
        {0, "", 0, 0, 0, 0, INVOICE_NO_PRODUCT},
        {0, 0, 0, "-10", 0, 0, INVOICE_QUANTITY},
        {0, 0, 0, "0", 0, 0, INVOICE_QUANTITY},
        {0, 0, 0, 0, 0, "0.0", INVOICE_NO_PRICE},
        {0, 0, 0, 0, 0, "-11062.06", INVOICE_NO_PRICE},
        {0, 0, 0, 0, 0, "0.001", INVOICE_FINE_PRICE},
        {0, 0, "", 0, 0, 0, INVOICE_NO_TITLE},
        {0, 0, "   ", 0, 0, 0, INVOICE_NO_TITLE},
        {0, 0, 0, "six", 0, 0, INVOICE_MALFORMED},
        {0, 0, 0, "1.5", 0, 0, INVOICE_MALFORMED},
        {0, 0, 0, "", 0, 0, INVOICE_MALFORMED},
        {0, 0, 0, "1234567890123", 0, 0, INVOICE_MALFORMED},
        {0, 0, 0, 0, "12/1/2010 8:26", 0, INVOICE_MALFORMED},
        {0, 0, 0, 0, "2010-02-30 08:26:00", 0, INVOICE_MALFORMED},
        {0, 0, 0, 0, "2010-12-01 24:00:00", 0, INVOICE_MALFORMED},
        {0, 0, 0, 0, "1969-12-31 23:59:59", 0, INVOICE_MALFORMED},
        {0, 0, 0, 0, "", 0, INVOICE_MALFORMED},
        {0, 0, 0, 0, 0, "free", INVOICE_MALFORMED},
        {0, 0, 0, 0, 0, "1,5", INVOICE_MALFORMED},
        {0, 0, 0, 0, 0, "1.", INVOICE_MALFORMED},
        {0, 0, 0, 0, 0, "1e3", INVOICE_MALFORMED},
        {0, 0, 0, 0, 0, "99999999999", INVOICE_MALFORMED},
        {0, 0, "POUND \xa3", 0, 0, 0, INVOICE_ENCODING},
        {0, 0, "TAB\tHERE", 0, 0, 0, INVOICE_ENCODING},
        {0, 0, "\xed\xa0\x80", 0, 0, 0, INVOICE_ENCODING},
    };
    struct invoice_line line;

    test_begin("every kind of line that shows no product counts under its reason");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        enum invoice_reason got = read_line(lines[i].invoice, lines[i].code, lines[i].title, lines[i].quantity,
                                            lines[i].date, lines[i].price, false, &line);
        if (!CHECK_INT(got, lines[i].reason))
            fprintf(stderr, "line %zu of the table\n", i);
        CHECK((line.error[0] != '\0') == (got == INVOICE_MALFORMED || got == INVOICE_ENCODING));
    }
}

static struct invoice_line read_who(const char *invoice, const char *customer)
{
    struct invoice_columns columns = COLUMNS;
    struct csv_record      record = {
             .fields = {invoice, "85123a", "LANTERN", "-12", "2010-12-01 08:26:00", "2.555", customer}, .count = 7};
    struct invoice_line line;

    columns.customer = 6;
    columns.count = 7;
    invoice_read(&record, &columns, false, &line);
    return line;
}

static void test_worth(void)
{
    struct invoice_line line;

    test_begin("whatever a line counts as, it says its invoice, what it is worth, and of whom it is");
    line = read_who("c536379", "17850.0");
    CHECK_STR(line.number, "C536379");
    CHECK(line.cancels);
    CHECK_STR(line.product, "products/85123A");
    CHECK_INT(line.quantity, -12);
    CHECK_INT(line.pence, 255);
    CHECK(line.fine);
    CHECK_STR(line.customer, "customers/17850");
    test_begin("a customer is nobody where none is named, or by no name");
    CHECK_STR(read_who("536379", "").customer, "");
    CHECK_STR(read_who("536379", "Kim Minji").customer, "");
    CHECK_STR(read_who("536379", ".0").customer, "customers/.0");
    CHECK_STR(read_who("536379", "minji.k").customer, "customers/minji.k");
    test_begin("what is no number of an invoice is none");
    CHECK_STR(read_who("", "").number, "");
    CHECK_STR(read_who("536 379", "").number, "");
    test_begin("a line that can't be read is worth nothing");
    CHECK_INT(read_line(NULL, NULL, NULL, "6", NULL, "free", false, &line), INVOICE_MALFORMED);
    CHECK_INT(line.quantity, 0);
    CHECK_INT(line.pence, 0);
}

static void test_errors(void)
{
    struct csv_record   record = {.fields = {"1", "2"}, .count = 2};
    struct invoice_line line;
    char                longer[400];

    test_begin("an error says what was expected and what came, in one printable line");
    CHECK_INT(read_line(NULL, NULL, NULL, "six", NULL, NULL, false, &line), INVOICE_MALFORMED);
    CHECK_STR(line.error, "Quantity: want a whole number of at most 12 digits, got \"six\"");
    CHECK_INT(invoice_read(&record, &COLUMNS, false, &line), INVOICE_MALFORMED);
    CHECK_STR(line.error, "want 6 columns as in the first line, got 2");
    CHECK_INT(read_line(NULL, NULL, NULL, "1234567890123456789012345678901234567890", NULL, NULL, false, &line),
              INVOICE_MALFORMED);
    CHECK_STR(line.error, "Quantity: want a whole number of at most 12 digits, got \"123456789012345678901234...\"");
    test_begin("a title of more than 300 bytes is malformed");
    memset(longer, 'x', sizeof longer);
    longer[301] = '\0';
    CHECK_INT(read_line(NULL, NULL, longer, NULL, NULL, NULL, false, &line), INVOICE_MALFORMED);
    CHECK_STR(line.error, "Description: want at most 300 bytes, got \"xxxxxxxxxxxxxxxxxxxxxxxx...\"");
    longer[300] = '\0';
    CHECK_INT(read_line(NULL, NULL, longer, NULL, NULL, NULL, false, &line), INVOICE_ACCEPTED);
}

static void test_shown(void)
{
    struct invoice_line line;
    char                title[400] = "";

    test_begin("what came is shown in its own letters, cut between two of them");
    for (size_t size = 0; size <= 300; size += 5)
        memcpy(title + size, "\u20ac\u00e9", 5);
    CHECK_INT(read_line(NULL, NULL, title, NULL, NULL, NULL, false, &line), INVOICE_MALFORMED);
    CHECK_STR(line.error, "Description: want at most 300 bytes, got \"€é€é€é€é€...\"");
    CHECK_INT(read_line(NULL, NULL, NULL, "ein St\u00fcck", NULL, NULL, false, &line), INVOICE_MALFORMED);
    CHECK_STR(line.error, "Quantity: want a whole number of at most 12 digits, got \"ein Stück\"");
    test_begin("so it is where the file is in ISO 8859-1");
    CHECK_INT(read_line(NULL, NULL, NULL, NULL, NULL, "\xa3 2.55", true, &line), INVOICE_MALFORMED);
    CHECK_CONTAINS(line.error, ", got \"£ 2.55\"");
    CHECK_INT(read_line(NULL, NULL, NULL, "\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9", NULL, NULL, true, &line),
              INVOICE_MALFORMED);
    CHECK_CONTAINS(line.error, ", got \"éééééééééééé\"");
    CHECK_INT(read_line(NULL, NULL, NULL, "1\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9", NULL, NULL, true, &line),
              INVOICE_MALFORMED);
    CHECK_CONTAINS(line.error, ", got \"1ééééééééééé...\"");
}

/* Of the price, where it is read at all. */
static int64_t price_of(const char *price, struct invoice_line *line)
{
    return read_line(NULL, NULL, NULL, NULL, NULL, price, false, line) == INVOICE_MALFORMED ? -1 : line->pence;
}

static void test_bounds(void)
{
    static const char *const beyond[] = {"10000000000.01",  "10000000000.001", "10000000001",
                                         "-10000000000.01", "99999999999",     "99999999999999999999999999999999"};
    const int64_t            most = INT64_C(1000000000000);
    struct invoice_line      line;

    test_begin("a price is taken up to the bound that its message names, below 0 too, and however it is written");
    CHECK(price_of("9999999999.99", &line) == most - 1);
    CHECK(price_of("10000000000", &line) == most);
    CHECK(price_of("10000000000.000", &line) == most);
    CHECK(price_of("000000000000010000000000.0", &line) == most);
    CHECK(price_of("-10000000000", &line) == -most);
    CHECK_INT(price_of("000000000000000.05", &line), 5);
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        if (!CHECK_INT(price_of(beyond[i], &line), -1))
            fprintf(stderr, "%s\n", beyond[i]);
        CHECK_CONTAINS(line.error, "UnitPrice: want a decimal number of -10000000000 to 10000000000, got \"");
    }
    test_begin("so is a quantity");
    CHECK(read_line(NULL, NULL, NULL, "999999999999", NULL, NULL, false, &line) == INVOICE_ACCEPTED);
    CHECK(line.quantity == INT64_C(999999999999));
    CHECK(read_line(NULL, NULL, NULL, "-999999999999", NULL, NULL, false, &line) == INVOICE_QUANTITY);
    CHECK(line.quantity == -INT64_C(999999999999));
    CHECK_INT(read_line(NULL, NULL, NULL, "1000000000000", NULL, NULL, false, &line), INVOICE_MALFORMED);
    CHECK_STR(line.error, "Quantity: want a whole number of at most 12 digits, got \"1000000000000\"");
    CHECK_INT(read_line(NULL, NULL, NULL, "9223372036854775807", NULL, NULL, false, &line), INVOICE_MALFORMED);
    CHECK_STR(line.error, "Quantity: want a whole number of at most 12 digits, got \"9223372036854775807\"");
}

static void test_columns(void)
{
    struct csv_record header = {
        .fields = {"InvoiceNo", "UnitPrice", "Quantity", "InvoiceDate", "Country", "Description", "StockCode"},
        .count = 7};
    struct csv_record      semicolons = {.fields = {"InvoiceNo;StockCode"}, .count = 1};
    struct csv_record      tabs = {.fields = {"InvoiceNo\tStockCode"}, .count = 1};
    struct invoice_columns columns;
    maru_error             error;

    test_begin("columns are found by name, in any order");
    CHECK_INT(invoice_columns(&header, &columns, &error), MARU_OK);
    CHECK_INT(columns.invoice, 0);
    CHECK_INT(columns.price, 1);
    CHECK_INT(columns.code, 6);
    CHECK_INT(columns.count, 7);
    test_begin("a missing column is named");
    header.count = 6;
    CHECK_INT(invoice_columns(&header, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "want a first line that names the columns, found none called StockCode");
    test_begin("where no commas stand between them, that is said");
    CHECK_INT(invoice_columns(&semicolons, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "want a first line that names the columns, found none called InvoiceNo: want commas between "
                          "them, got \";\"");
    CHECK_INT(invoice_columns(&tabs, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_CONTAINS(error.text, "found none called InvoiceNo: want commas between them, got tabs");
    test_begin("a column that is there twice is refused, with both places; one that nobody reads may be");
    header.count = 9;
    header.fields[7] = header.fields[8] = "Country";
    CHECK_INT(invoice_columns(&header, &columns, &error), MARU_OK);
    header.fields[8] = "UnitPrice";
    CHECK_INT(invoice_columns(&header, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "want each column once, got UnitPrice as column 2 and as column 9");
    header.fields[7] = header.fields[8] = "CustomerID";
    CHECK_INT(invoice_columns(&header, &columns, &error), MARU_INVALID_ARGUMENT);
    CHECK_STR(error.text, "want each column once, got CustomerID as column 8 and as column 9");
}

static void test_text(void)
{
    struct invoice_line line;
    char                out[64];

    test_begin("titles become NFC: what looks alike is alike");
    CHECK_INT(read_line(NULL, NULL, "CAFE\xcc\x81 SET", NULL, NULL, NULL, false, &line), INVOICE_ACCEPTED);
    CHECK_STR(line.title, "CAF\xc3\x89 SET");
    CHECK(text_clean("\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", false, out, sizeof out) == NULL);
    CHECK_STR(out, "\xea\xb0\x81");
    test_begin("with --latin1 every byte from A0 on is a letter or sign");
    CHECK_INT(read_line(NULL, NULL, "POUND \xa3", NULL, NULL, NULL, true, &line), INVOICE_ACCEPTED);
    CHECK_STR(line.title, "POUND \xc2\xa3");
    CHECK_INT(read_line(NULL, NULL, "\x93QUOTED\x94", NULL, NULL, NULL, true, &line), INVOICE_ENCODING);
    test_begin("what ends lines is a control character, and what can't be seen no title: the catalogue takes neither");
    CHECK_INT(read_line(NULL, NULL, "A\xe2\x80\xa8", NULL, NULL, NULL, false, &line), INVOICE_ENCODING);
    CHECK_INT(read_line(NULL, NULL, "\xe2\x80\x8b", NULL, NULL, NULL, false, &line), INVOICE_NO_TITLE);
    test_begin("text that does not fit is refused");
    CHECK_STR(text_clean("0123456789", false, out, 10), "want a shorter text");
    CHECK(text_clean("012345678", false, out, 10) == NULL);
}

int main(void)
{
    test_accepted();
    test_refused();
    test_worth();
    test_errors();
    test_shown();
    test_bounds();
    test_columns();
    test_text();
    return test_end();
}
