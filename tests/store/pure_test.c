/* pure_test.c: the store's pure cores: bytes of records, ids of requests, headers of data files. */
#include "runtime/request_id.h"
#include "store/datafile.h"
#include "store/record.h"

#include "test.h"

static void ids(void)
{
    char    id[REQUEST_ID_SIZE], longest[REQUEST_ID_MAX + 2];
    int64_t ms = 0;

    test_begin("an id that was made tells its time again");
    request_id_make(id, INT64_C(1790000000123456789), UINT64_C(0xfeedfacecafebeef));
    CHECK_STR(id, "m1-001a0c4506c7b-feedfacecafebeef");
    CHECK_INT(request_id_parse(id, &ms), REQUEST_ID_OURS);
    CHECK_INT(ms, INT64_C(1790000000123));

    test_begin("other ids are taken as they are, and bad ones refused");
    CHECK_INT(request_id_parse("order 17", &ms), REQUEST_ID_FOREIGN);
    CHECK_INT(request_id_parse("m2-x", &ms), REQUEST_ID_FOREIGN);
    memset(longest, 'x', sizeof longest);
    longest[REQUEST_ID_MAX] = '\0';
    CHECK_INT(request_id_parse(longest, &ms), REQUEST_ID_FOREIGN);
    longest[REQUEST_ID_MAX] = 'x';
    longest[REQUEST_ID_MAX + 1] = '\0';
    CHECK_INT(request_id_parse(longest, &ms), REQUEST_ID_BAD);
    CHECK_INT(request_id_parse("", &ms), REQUEST_ID_BAD);
    CHECK_INT(request_id_parse("a\nb", &ms), REQUEST_ID_BAD);
    CHECK_INT(request_id_parse("\xec\x9e\xa5", &ms), REQUEST_ID_BAD);

    test_begin("an id that is nearly one of the library's is refused: its time can't be told");
    CHECK_INT(request_id_parse("m1-", &ms), REQUEST_ID_BAD);
    CHECK_INT(request_id_parse("m1-001A0C4506C7B-feedfacecafebeef", &ms), REQUEST_ID_BAD);
    CHECK_INT(request_id_parse("m1-001a0c4506c7b_feedfacecafebeef", &ms), REQUEST_ID_BAD);
    CHECK_INT(request_id_parse("m1-001a0c4506c7b-feedfacecafebee", &ms), REQUEST_ID_BAD);
    CHECK_INT(request_id_parse("m1-001a0c4506c7b-feedfacecafebeef0", &ms), REQUEST_ID_BAD);
}

/* Of a record whose bit is changed, which is counted from the first of its key. */
static bool is_sure(size_t bit, size_t also)
{
    uint8_t bytes[3 + RECORD_HEADER + 5] = "key";

    memcpy(bytes + 3 + RECORD_HEADER, "hello", 5);
    record_seal(bytes, 3, bytes + 3, sizeof bytes - 3);
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (also != bit)
        bytes[also / 8] ^= (uint8_t)(1u << also % 8);
    CHECK(record_fault(bytes, 3, bytes + 3, sizeof bytes - 3) != NULL);
    return record_table_is_sure(bytes, 3, bytes + 3, sizeof bytes - 3);
}

static void sure_tables(void)
{
    enum { BITS = 8 * (3 + RECORD_HEADER + 5) };

    test_begin("one bit that is changed leaves the table sure, where it is not the table's");
    for (size_t bit = 0; bit < BITS; bit++)
        CHECK_INT(is_sure(bit, bit), bit >= 8);

    test_begin("two of which one is the table's do not, whatever the other is");
    for (size_t bit = 0; bit < 8; bit++)
        for (size_t also = 0; also < BITS; also++)
            CHECK(!is_sure(bit, also));
    CHECK(!record_table_is_sure("", 0, (const uint8_t *)"12345678", 8));
    CHECK(!record_table_is_sure("key", 3, (const uint8_t *)"1234567", 7));
}

static void records(void)
{
    uint8_t value[RECORD_HEADER + 5] = {0};
    char    shown[RECORD_KEY_SHOWN];

    test_begin("a sealed record is whole, and every changed bit is noticed");
    memcpy(value + RECORD_HEADER, "hello", 5);
    record_seal("key", 3, value, sizeof value);
    CHECK(record_fault("key", 3, value, sizeof value) == NULL);
    for (size_t bit = 0; bit < 8 * sizeof value; bit++) {
        value[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK(record_fault("key", 3, value, sizeof value) != NULL);
        value[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }

    test_begin("a record in another's place, and one cut short, are noticed");
    CHECK_STR(record_fault("kez", 3, value, sizeof value), "its checksum is wrong");
    CHECK_STR(record_fault("key", 3, value, sizeof value - 1), "its checksum is wrong");
    CHECK_STR(record_fault("key", 3, value, RECORD_HEADER - 1), "it is shorter than its header");

    test_begin("a key is shown in one line, whatever it is, and cut where it is long");
    record_key_show("a\n\xff\\b", 5, shown);
    CHECK_STR(shown, "a\\x0a\\xff\\x5cb");
    record_key_show("0123456789012345678901234567890123456789012345678901234567890123456789", 70, shown);
    CHECK_STR(shown, "012345678901234567890123456789012345678901234567890123456...");

    test_begin("keys up to 480 bytes fit, and no longer ones");
    record_key key;
    uint8_t    bytes[MARU_KEY_MAX + 1] = {0};
    CHECK(record_key_make(&key, 7, (maru_key){bytes, MARU_KEY_MAX}) && key.size == MARU_KEY_MAX + 1);
    CHECK(!record_key_make(&key, 7, (maru_key){bytes, MARU_KEY_MAX + 1}));
    CHECK(record_key_make(&key, 7, (maru_key){NULL, 0}) && key.size == 1 && key.bytes[0] == 7);

    test_begin("numbers in keys sort as numbers do");
    uint8_t small[8], large[8];
    record_put64_ordered(small, 255);
    record_put64_ordered(large, 256);
    CHECK(memcmp(small, large, 8) < 0);
    CHECK_INT(record_get64_ordered(large), 256);
}

static void put(uint8_t *at, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(number >> 8 * i);
}

static void headers(void)
{
    uint8_t         good[DATAFILE_HEADER] = {0}, bytes[DATAFILE_HEADER];
    datafile_header header;

    put(good + 10, 8, 2);
    put(good + 16, 0xBEEFC0DE, 4);
    put(good + 20, 1, 4);
    put(good + 40, 4096, 4);
    put(good + 44, 8, 2);
    put(good + 80, UINT64_MAX, 8);
    put(good + 128, 2, 8);
    put(good + 136, 9, 8);
    put(good + 144, 77, 8);

    test_begin("a sane header of a data file is read");
    CHECK(datafile_parse(good, &header) == NULL);
    CHECK(datafile_sane(&header));
    CHECK_INT(header.page, 4096);
    CHECK_INT(header.last, 9);
    CHECK_INT(header.txn, 77);

    test_begin("headers that make no sense are refused in words");
    memcpy(bytes, good, sizeof good);
    bytes[16]++;
    CHECK_STR(datafile_parse(bytes, &header), "it is no LMDB file");
    memcpy(bytes, good, sizeof good);
    put(bytes + 20, 999, 4);
    CHECK_STR(datafile_parse(bytes, &header), "it is of another version of LMDB");
    memcpy(bytes, good, sizeof good);
    put(bytes + 40, 4095, 4);
    CHECK_STR(datafile_parse(bytes, &header), "its page size is none");
    memcpy(bytes, good, sizeof good);
    put(bytes + 128, 10, 8);
    CHECK(datafile_parse(bytes, &header) == NULL && !datafile_sane(&header));
    memcpy(bytes, good, sizeof good);
    put(bytes + 136, UINT64_MAX - 1, 8);
    CHECK(datafile_parse(bytes, &header) == NULL && !datafile_sane(&header));
    for (int bit = 0; bit < 32; bit++) { /* of both trees; but 14 of the first, a file without a folder */
        int at = bit < 16 ? 44 : 92;

        memcpy(bytes, good, sizeof good);
        bytes[at + bit / 8 % 2] ^= (uint8_t)(1 << bit % 8);
        CHECK(datafile_parse(bytes, &header) == NULL && datafile_sane(&header) == (bit == 14));
    }

    test_begin("any bytes at all as a header do no harm");
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        memcpy(bytes, good, sizeof good);
        for (int j = 0; j < 4; j++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            bytes[seed % DATAFILE_HEADER] = (uint8_t)(seed >> 32);
        }
        const char *wrong = datafile_parse(bytes, &header);
        if (!wrong && datafile_sane(&header) && (header.page < 512 || header.last == 0))
            CHECK(wrong != NULL);
    }
    CHECK(seed != 0);
}

int main(void)
{
    ids();
    records();
    sure_tables();
    headers();
    return test_end();
}
