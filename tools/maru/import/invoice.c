/* invoice.c: one line of invoices, or why it shows nothing (invoice.h). */
#include "invoice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "maru/name.h"

#include "text.h"

#define PENCE_MAX INT64_C(1000000000000)

static const char WANT_PRICE[] = "UnitPrice: want a decimal number of -10000000000 to 10000000000";
static const char WANT_QUANTITY[] = "Quantity: want a whole number of at most 12 digits";

const char *invoice_reason_word(enum invoice_reason reason)
{
    static const char *const words[] = {
#define X(name, word, rule) word,
        REASON_TABLE(X)
#undef X
    };
    return words[reason];
}

const char *invoice_reason_rule(enum invoice_reason reason)
{
    static const char *const rules[] = {
#define X(name, word, rule) rule,
        REASON_TABLE(X)
#undef X
    };
    return rules[reason];
}

static size_t find_column(const struct csv_record *header, size_t from, const char *name)
{
    for (size_t i = from; i < header->count; i++)
        if (strcmp(header->fields[i], name) == 0)
            return i;
    return SIZE_MAX;
}

/* SIZE_MAX where there is none. */
static maru_status find_one(const struct csv_record *header, const char *name, size_t *index, maru_error *error)
{
    size_t again;

    *index = find_column(header, 0, name);
    if (*index == SIZE_MAX || (again = find_column(header, *index + 1, name)) == SIZE_MAX)
        return MARU_OK;
    return maru_error_set(error, MARU_INVALID_ARGUMENT, "want each column once, got %s as column %zu and as column %zu",
                          name, *index + 1, again + 1);
}

/* Where something else than commas stands between the columns, which makes one of all. */
static const char *but_one(const struct csv_record *header)
{
    if (header->count == 1 && strchr(header->fields[0], ';') != NULL)
        return ": want commas between them, got \";\"";
    return header->count == 1 && strchr(header->fields[0], '\t') != NULL ? ": want commas between them, got tabs" : "";
}

maru_status invoice_columns(const struct csv_record *header, struct invoice_columns *columns, maru_error *error)
{
    const struct {
        const char *name;
        size_t     *index;
    } wanted[] = {{"InvoiceNo", &columns->invoice}, {"StockCode", &columns->code},   {"Description", &columns->title},
                  {"Quantity", &columns->quantity}, {"InvoiceDate", &columns->date}, {"UnitPrice", &columns->price}};
    maru_status status = find_one(header, "CustomerID", &columns->customer, error);

    columns->count = header->count;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0] && status == MARU_OK; i++) {
        status = find_one(header, wanted[i].name, wanted[i].index, error);
        if (status == MARU_OK && *wanted[i].index == SIZE_MAX)
            status = maru_error_set(error, MARU_INVALID_ARGUMENT,
                                    "want a first line that names the columns, found none called %s%s", wanted[i].name,
                                    but_one(header));
    }
    return status;
}

enum { SHOWN_MAX = 24 }; /* bytes, of what came */

static enum invoice_reason malformed(struct invoice_line *line, const char *wanted, const char *got, bool latin1)
{
    char shown[SHOWN_MAX + 1];
    bool all = text_head(got, latin1, shown, sizeof shown);

    snprintf(line->error, sizeof line->error, "%s, got \"%s%s\"", wanted, shown, all ? "" : "...");
    return INVOICE_MALFORMED;
}

static bool all_digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    return true;
}

/* A whole number of at most 12 digits. */
static bool read_quantity(const char *text, int64_t *quantity)
{
    bool   negative = *text == '-';
    size_t digits = strlen(text += negative);

    if (digits < 1 || digits > 12 || !all_digits(text, digits))
        return false;
    *quantity = 0;
    for (; *text != '\0'; text++)
        *quantity = *quantity * 10 + (*text - '0');
    *quantity = negative ? -*quantity : *quantity;
    return true;
}

/* A digit more, where it still is at most PENCE_MAX. */
static bool add_digit(int64_t *pence, int digit)
{
    *pence = *pence * 10 + digit;
    return *pence <= PENCE_MAX;
}

/* A decimal number as pence; *fine where it is finer than that (pence is then cut, 0 up to a penny). */
static bool read_price(const char *text, int64_t *pence, bool *fine)
{
    bool        negative = *text == '-';
    const char *digits = text + negative;
    size_t      whole = strspn(digits, "0123456789");
    const char *part = digits[whole] == '.' ? digits + whole + 1 : digits + whole;
    size_t      parts = strlen(part);

    if (whole < 1 || !all_digits(part, parts) || (digits[whole] == '.' && parts < 1))
        return false;
    *pence = 0;
    for (size_t i = 0; i < whole; i++)
        if (!add_digit(pence, digits[i] - '0'))
            return false;
    for (size_t i = 0; i < 2; i++)
        if (!add_digit(pence, i < parts ? part[i] - '0' : 0))
            return false;
    *fine = parts > 2 && strspn(part + 2, "0") < parts - 2;
    if (*pence == PENCE_MAX && *fine)
        return false;
    *pence = negative ? -*pence : *pence;
    return true;
}

/* Each of fields is a run of digits in pattern: the numbers in their order. */
static bool read_numbers(const char *text, const char *pattern, int numbers[6])
{
    for (int i = -1; *pattern != '\0'; pattern++, text++) {
        if (*pattern != '0' && *pattern != '9') {
            if (*text != *pattern)
                return false;
            continue;
        }
        if (!isdigit((unsigned char)*text))
            return false;
        i += *pattern == '0'; /* begins a number */
        numbers[i] = numbers[i] * 10 + (*text - '0');
    }
    return *text == '\0';
}

static bool read_time(const char *text, int64_t *seconds)
{
    int       n[6] = {0};
    struct tm tm, back;
    time_t    time;

    if (!read_numbers(text, "0999-09-09 09:09:09", n)) {
        memset(n, 0, sizeof n);
        if (!read_numbers(text, "0999-09-09 09:09", n))
            return false;
    }
    tm = (struct tm){
        .tm_year = n[0] - 1900, .tm_mon = n[1] - 1, .tm_mday = n[2], .tm_hour = n[3], .tm_min = n[4], .tm_sec = n[5]};
    time = timegm(&(struct tm){.tm_year = tm.tm_year,
                               .tm_mon = tm.tm_mon,
                               .tm_mday = tm.tm_mday,
                               .tm_hour = tm.tm_hour,
                               .tm_min = tm.tm_min,
                               .tm_sec = tm.tm_sec});
    gmtime_r(&time, &back);
    *seconds = time;
    return time >= 0 && back.tm_mon == tm.tm_mon && back.tm_mday == tm.tm_mday && back.tm_hour == tm.tm_hour &&
           back.tm_min == tm.tm_min && back.tm_sec == tm.tm_sec;
}

static bool is_code(const char *code)
{
    size_t size = strlen(code);
    size_t letters = 0;

    if (strncmp(code, "DCGS", 4) == 0)
        return size > 4 && size <= INVOICE_CODE_MAX && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == size;
    if (size < 5 || size > 7 || !all_digits(code, 5))
        return false;
    while (isupper((unsigned char)code[5 + letters]))
        letters++;
    return size == 5 + letters;
}

/* What is on an invoice beside goods. The last is the beginning of a voucher's code. */
static const char *const charges[] = {"POST", "DOT", "C2", "M", "D", "S", "B", "CRUK", "AMAZONFEE", "BANK CHARGES"};
static const char        VOUCHER[] = "GIFT_0001_";

static bool is_charge(const char *code)
{
    for (size_t i = 0; i < sizeof charges / sizeof *charges; i++)
        if (strcmp(code, charges[i]) == 0)
            return true;
    return strncmp(code, VOUCHER, sizeof VOUCHER - 1) == 0;
}

static void read_code(const char *text, struct invoice_line *line)
{
    char   code[INVOICE_CODE_MAX + 1];
    size_t size = strlen(text);

    if (size > INVOICE_CODE_MAX)
        return;
    for (size_t i = 0; i <= size; i++)
        code[i] = (char)toupper((unsigned char)text[i]);
    if (is_code(code))
        snprintf(line->product, sizeof line->product, "products/%s", code);
    line->charge = is_charge(code);
}

static void read_number(const char *text, struct invoice_line *line)
{
    maru_error error;

    line->cancels = text[0] == 'C' || text[0] == 'c';
    if (maru_name_check_new("number", text, "", INVOICE_NUMBER_MAX, &error) != MARU_OK)
        return;
    for (size_t i = 0; i <= strlen(text); i++)
        line->number[i] = (char)toupper((unsigned char)text[i]);
}

/* Some tables have numbers of customers as decimal numbers: 17850.0. */
static void read_customer(const char *text, struct invoice_line *line)
{
    size_t     size = strlen(text);
    maru_error error;

    if (size > 2 && strcmp(text + size - 2, ".0") == 0)
        size -= 2;
    if (size > INVOICE_CODE_MAX)
        return;
    snprintf(line->customer, sizeof line->customer, "customers/%.*s", (int)size, text);
    if (maru_name_check_new("customer", line->customer, "customers/", INVOICE_CODE_MAX, &error) != MARU_OK)
        line->customer[0] = '\0';
}

static enum invoice_reason check_encoding(const struct csv_record *record, bool latin1, struct invoice_line *line)
{
    for (size_t i = 0; i < record->count; i++) {
        const char *error = text_check(record->fields[i], latin1);

        if (error != NULL) {
            snprintf(line->error, sizeof line->error, "column %zu: %s, got other bytes", i + 1, error);
            return INVOICE_ENCODING;
        }
    }
    return INVOICE_ACCEPTED;
}

/* What it is by its values, all of which were read. */
static enum invoice_reason judge(const struct invoice_line *line)
{
    if (line->cancels)
        return INVOICE_CANCELLATION;
    if (line->product[0] == '\0')
        return line->charge ? INVOICE_CHARGE : INVOICE_NO_PRODUCT;
    if (line->quantity < 1)
        return INVOICE_QUANTITY;
    if (line->pence < 0 || (line->pence == 0 && !line->fine))
        return INVOICE_NO_PRICE;
    if (line->fine)
        return INVOICE_FINE_PRICE;
    return line->title[0] == '\0' ? INVOICE_NO_TITLE : INVOICE_ACCEPTED;
}

enum invoice_reason invoice_read(const struct csv_record *record, const struct invoice_columns *columns, bool latin1,
                                 struct invoice_line *line)
{
    const char *const *fields = record->fields;
    int64_t            quantity, pence;

    *line = (struct invoice_line){.error = ""};
    if (check_encoding(record, latin1, line) != INVOICE_ACCEPTED)
        return INVOICE_ENCODING;
    if (record->count != columns->count) {
        snprintf(line->error, sizeof line->error, "want %zu columns as in the first line, got %zu", columns->count,
                 record->count);
        return INVOICE_MALFORMED;
    }
    if (!read_quantity(fields[columns->quantity], &quantity))
        return malformed(line, WANT_QUANTITY, fields[columns->quantity], latin1);
    if (!read_time(fields[columns->date], &line->time))
        return malformed(line, "InvoiceDate: want YYYY-MM-DD HH:MM:SS since 1970", fields[columns->date], latin1);
    if (!read_price(fields[columns->price], &pence, &line->fine))
        return malformed(line, WANT_PRICE, fields[columns->price], latin1);
    if (text_clean(fields[columns->title], latin1, line->title, sizeof line->title) != NULL)
        return malformed(line, "Description: want at most 300 bytes", fields[columns->title], latin1);
    line->quantity = quantity;
    line->pence = pence;
    read_number(fields[columns->invoice], line);
    read_code(fields[columns->code], line);
    if (columns->customer != SIZE_MAX)
        read_customer(fields[columns->customer], line);
    return judge(line);
}
