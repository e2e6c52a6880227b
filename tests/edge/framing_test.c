/* framing_test.c: what is a request of HTTP/1.1 and what is none, byte by byte and all at once. Whatever is refused is
 * answered once, and what comes behind it is not looked at.
 */
#include "test.h"

#include <time.h>

#include "http/parse.h"
#include "httpsim.h"

#define HOST "Host: x\r\n"
#define OK   "GET /next HTTP/1.1\r\n" HOST "\r\n"

typedef struct framing {
    const char *sentence, *bytes;
    int         status;  /* of the first answer */
    const char *body;    /* a part of it */
    bool        goes_on; /* a request behind it is answered; false: the connection ends */
} framing;

static const framing framings[] = {
    /* What is one. */
    {"a GET", "GET /a?b=c HTTP/1.1\r\n" HOST "\r\n", 200, "GET /a?b=c {}", true},
    {"headers lose the blanks around their values", "GET / HTTP/1.1\r\n" HOST "X-A: \t b c \t\r\nX-B:\r\nX-C:d\r\n\r\n",
     200, "X-A=b c;X-B=;X-C=d;", true},
    {"a body by length", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 200, "POST /a? {hello}", true},
    {"a length with blanks around it", "POST /a HTTP/1.1\r\nContent-Length:\t 2 \t\t \r\nX-A: b\r\n" HOST "\r\nhi", 200,
     "POST /a? {hi}X-A=b;", true},
    {"a length with a tab behind it", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 2\t\r\n\r\nhi", 200, "POST /a? {hi}",
     true},
    {"a length with many blanks behind it",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 2\t\t \t  \t\r\nX-A: b\tc\r\n\r\nhi", 200, "POST /a? {hi}X-A=b\tc;",
     true},
    {"a length of two digits with blanks behind it",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 10 \t \t\r\n\r\n0123456789", 200, "POST /a? {0123456789}", true},
    {"a coding with a tab behind it",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\t\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, "{hi}", true},
    {"a coding with blanks around it",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding:\t chunked \t \r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, "{hi}", true},
    {"a body of no bytes", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200, "POST /a? {}", true},
    {"a body in chunks",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", 200,
     "{abc0123456789}", true},
    {"chunks with extensions and a trailer",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0;c\r\nX-Late: 1\r\n\r\n", 200,
     "{abc}", true},
    {"no chunk at all", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "{}", true},
    {"a body of bytes that look like a request",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 18\r\n\r\nGET /x HTTP/1.1\r\n\n", 200, "{GET /x HTTP/1.1\r\n\n}",
     true},
    {"a Host with a port", "GET /a HTTP/1.1\r\nHost: shop.example:8080\r\n\r\n", 200, "GET /a", true},
    {"a Host whose port is empty", "GET /a HTTP/1.1\r\nHost: shop.example:\r\n\r\n", 200, "GET /a", true},
    {"a Host with escapes and signs", "GET /a HTTP/1.1\r\nHost: a-b_c.%ED%8C%90~!\r\n\r\n", 200, "GET /a", true},
    {"a Host with the greatest port", "GET /a HTTP/1.1\r\nHost: x:65535\r\n\r\n", 200, "GET /a", true},
    {"a Host of IPv4", "GET /a HTTP/1.1\r\nHost: 192.0.2.1:80\r\n\r\n", 200, "GET /a", true},
    {"a Host of IPv6", "GET /a HTTP/1.1\r\nHost: [::ffff:127.0.0.1]:80\r\n\r\n", 200, "GET /a", true},
    {"a Host of IPv6 without a port", "GET /a HTTP/1.1\r\nHost: [::1]\r\n\r\n", 200, "GET /a", true},
    {"three empty lines before it", "\r\n\r\n\r\nGET /a HTTP/1.1\r\n" HOST "\r\n", 200, "GET /a", true},
    {"an empty line before it", "\r\nGET /a HTTP/1.1\r\n" HOST "\r\n", 200, "GET /a", true},
    {"an absolute target", "GET http://x:80/a?b HTTP/1.1\r\n" HOST "\r\n", 200, "GET /a?b {}", true},
    {"an absolute target without a path", "GET http://x HTTP/1.1\r\n" HOST "\r\n", 200, "GET /? {}", true},
    {"an absolute target of https, in capitals", "GET HTTPS://x/a HTTP/1.1\r\n" HOST "\r\n", 200, "GET /a? {}", true},
    {"an absolute target with IPv6", "GET http://[2001:db8::1]:80/a HTTP/1.1\r\n" HOST "\r\n", 200, "GET /a? {}", true},
    {"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 200, "OPTIONS *? {}", true},
    {"a method that few know", "PURGE /a HTTP/1.1\r\n" HOST "\r\n", 200, "PURGE /a", true},
    {"an upgrade that nobody wants", "GET /a HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
     200, "GET /a", true},
    {"an upgrade with a body",
     "POST /a HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi", 200, "{hi}",
     true},
    {"Connection: close", "GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 200, "GET /a", false},
    {"HTTP/1.0 ends the connection", "GET /a HTTP/1.0\r\n\r\n", 200, "GET /a", false},
    {"HTTP/1.0 with keep-alive does not", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "GET /a", true},
    {"bytes above 127 in a value", "GET /a HTTP/1.1\r\n" HOST "X-A: \xed\x8c\x90\r\n\r\n", 200, "X-A=\xed\x8c\x90;",
     true},

    /* What two servers on one way might read in two ways. */
    {"two Content-Lengths", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400,
     "more than one Content-Length", false},
    {"two Content-Lengths that agree",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400,
     "more than one Content-Length", false},
    {"a list of lengths", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\nhello", 400,
     "Content-Length: want digits", false},
    {"a length with a sign", "POST /a HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nhello", 400,
     "Content-Length: want digits", false},
    {"a negative length", "POST /a HTTP/1.1\r\n" HOST "Content-Length: -5\r\n\r\nhello", 400,
     "Content-Length: want digits", false},
    {"a length in hexadecimal", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\nhello", 400,
     "Content-Length: want digits", false},
    {"a length with a blank in it", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1 2\r\n\r\nhello world!", 400,
     "Content-Length: want digits", false},
    {"a length with a tab in it", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1\t2\r\n\r\nhello world!", 400,
     "Content-Length: want digits", false},
    {"a length with many blanks in it", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1\t\t \t2\r\n\r\nhello", 400,
     "Content-Length: want digits", false},
    {"a length with a letter behind tabs", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1\t\tx\r\n\r\nhello", 400,
     "Content-Length: want digits", false},
    {"a length of blanks", "POST /a HTTP/1.1\r\n" HOST "Content-Length: \t \r\n\r\n", 400, "", false},
    {"a tab behind a length before a second one",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\t\r\nContent-Length: 5\r\n\r\nhello", 400,
     "more than one Content-Length", false},
    {"a length and a coding, both with tabs",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\t\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n", 400,
     "Content-Length with Transfer-Encoding", false},
    {"a coding that is nearly chunked, with a tab",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\tx\r\n\r\n0\r\n\r\n", 501, "", false},
    {"a length without a number", "POST /a HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400,
     "Content-Length: want digits", false},
    {"a length past 64 bits", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999\r\n\r\n", 413,
     "bytes of the body: limit 1048576 (max_body)", false},
    {"a length of 25 digits", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1234567890123456789012345\r\n\r\n", 413,
     "bytes of the body: limit 1048576 (max_body)", false},
    {"a length of 11 digits", "POST /a HTTP/1.1\r\n" HOST "Content-Length: 10000000000\r\n\r\n", 413,
     "bytes of the body: limit 1048576 (max_body)", false},
    {"a length of 25 digits that begins with zeros",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 0000000000000000000000005\r\n\r\nhello", 200, "POST /a? {hello}",
     true},
    {"two lengths and chunks",
     "POST /a HTTP/1.1\r\n" HOST
     "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
     400, "more than one Content-Length", false},
    {"length and chunks",
     "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "Content-Length with Transfer-Encoding", false},
    {"chunks and length",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400,
     "Content-Length with Transfer-Encoding", false},
    {"two codings",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "Transfer-Encoding", false},
    {"a coding that is not chunked", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n", 501, "", false},
    {"gzip before chunked", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "",
     false},
    {"a coding that is nearly chunked", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501,
     "", false},
    {"a coding with a tab in front of its colon",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 400, "", false},
    {"chunks in HTTP/1.0", "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "", false},
    {"a space before the colon", "POST /a HTTP/1.1\r\n" HOST "Content-Length : 5\r\n\r\nhello", 400, "", false},
    {"a space in a header's name", "GET /a HTTP/1.1\r\n" HOST "X A: 1\r\n\r\n", 400,
     "a header line is not name: value CRLF", false},
    {"a header without a name", "GET /a HTTP/1.1\r\n" HOST ": 1\r\n\r\n", 400, "", false},
    {"a header without a colon", "GET /a HTTP/1.1\r\n" HOST "X-A\r\n\r\n", 400, "", false},
    {"a folded header", "GET /a HTTP/1.1\r\n" HOST "X-A: 1\r\n 2\r\n\r\n", 400, "", false},
    {"a header folded by a tab", "GET /a HTTP/1.1\r\n" HOST "X-A:\r\n\tchunked\r\n\r\n", 400, "", false},
    {"a blank before the first header", "GET /a HTTP/1.1\r\n X-A: 1\r\n" HOST "\r\n", 400, "", false},
    {"a bare LF before the request line", "\nGET /a HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"a bare CR before the request line", "\rGET /a HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"an empty line, then a bare CR", "\r\n\rGET /a HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"an empty line of CR CR LF", "\r\r\nGET /a HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"a bare CR in a value", "GET /a HTTP/1.1\r\n" HOST "X-A: 1\rX-B: 2\r\n\r\n", 400, "a bare CR: want CRLF", false},
    {"a bare CR at the end of a line", "GET /a HTTP/1.1\r\n" HOST "X-A: 1\r\r\n\r\n", 400, "a bare CR: want CRLF",
     false},
    {"a bare LF after the request line", "GET /a HTTP/1.1\n" HOST "\r\n", 400, "", false},
    {"a bare LF after a header", "GET /a HTTP/1.1\r\n" HOST "X-A: 1\n\r\n", 400, "", false},
    {"a bare LF as the empty line", "GET /a HTTP/1.1\r\n" HOST "\n", 400, "", false},
    {"CR and no LF at the end of the head", "GET /a HTTP/1.1\r\n" HOST "\rX", 400, "a header line is not name", false},
    {"a control character in a value", "GET /a HTTP/1.1\r\n" HOST "X-A: \x01\r\n\r\n", 400, "", false},
    {"two spaces in the request line", "GET  /a HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"two spaces before the version", "GET /a  HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"another protocol", "GET /a FTP/1.1\r\n" HOST "\r\n", 400, "the request line is not METHOD SP target", false},
    {"a space behind the version", "GET /a HTTP/1.1 \r\n" HOST "\r\n", 400, "the request line is not METHOD", false},
    {"a version without a point", "GET /a HTTP/2\r\n" HOST "\r\n", 400, "the request line is not METHOD", false},
    {"a version of two digits", "GET /a HTTP/11.1\r\n" HOST "\r\n", 400, "the request line is not METHOD", false},
    {"no version", "GET /a\r\n\r\n", 400, "the request line is not METHOD SP target SP HTTP/1.1 CRLF", false},
    {"no version, and headers", "GET /a\r\n" HOST "\r\n", 400, "the request line is not METHOD", false},
    {"a space in the version's place", "GET /a \r\n" HOST "\r\n", 400, "the request line is not METHOD", false},
    {"a fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"bytes above 127 in the target", "GET /\xed HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"a chunk's size without hexadecimal", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
     400, "a chunk does not begin with its size", false},
    {"a chunk's size with a sign", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400,
     "a chunk does not begin with its size", false},
    {"a chunk's size with 0x", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
     400, "", false},
    {"a blank behind a chunk's size",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n", 400, "", false},
    {"a chunk's size past 64 bits",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n10000000000000001\r\na\r\n0\r\n\r\n", 413,
     "bytes of the body: limit 1048576 (max_body)", false},
    {"a chunk that is above the body's limit",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413,
     "bytes of the body: limit 1048576 (max_body)", false},
    {"a chunk's size past 64 bits in letters",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n", 413,
     "bytes of the body: limit 1048576 (max_body)", false},
    {"a bare LF behind a chunk's size",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", 400, "", false},
    {"a bare LF in an extension",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n", 400, "", false},
    {"a chunk that does not end with CRLF",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n", 400, "and end with CRLF",
     false},
    {"a chunk that ends with LF", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n",
     400, "", false},
    {"a trailer that is none", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nX A: b\r\n\r\n", 400,
     "", false},
    {"a length in a trailer",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n", 200, "{}", true},
    {"a length with a tab in a trailer",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nContent-Length: 5\t\r\n\r\n", 200,
     "{hi}", true},
    {"a length with many blanks in a trailer",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\t\t \t\r\nA: b\tc\r\n\r\n",
     200, "{}", true},
    {"a length with tabs in it in a trailer",
     "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\t\t5\r\n\r\n", 400,
     "a Content-Length in the trailer", false},
    {"two lengths in a trailer",
     "POST /a HTTP/1.1\r\n" HOST
     "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
     400, "a Content-Length in the trailer", false},
    {"a length of 25 digits in a trailer",
     "POST /a HTTP/1.1\r\n" HOST
     "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1234567890123456789012345\r\n\r\n",
     400, "a Content-Length in the trailer", false},
    {"a bare CR in a trailer", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\rc\r\n\r\n",
     400, "a bare CR: want CRLF", false},
    {"a folded trailer", "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n", 400,
     "", false},

    /* What is none. */
    {"no Host", "GET /a HTTP/1.1\r\n\r\n", 400, "Host", false},
    {"an empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", 400, "Host: want a name", false},
    {"an empty Host in HTTP/1.0", "GET /a HTTP/1.0\r\nHost: \r\n\r\n", 400, "Host: want a name", false},
    {"a Host with a blank", "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "Host: want a name", false},
    {"a Host with a path", "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "Host: want a name", false},
    {"a Host with a query", "GET /a HTTP/1.1\r\nHost: a?b\r\n\r\n", 400, "Host: want a name", false},
    {"a Host with a user", "GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "Host: want a name", false},
    {"a Host of two", "GET /a HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400, "Host: want a name", false},
    {"a Host whose port is too great", "GET /a HTTP/1.1\r\nHost: x:65536\r\n\r\n", 400, "Host: want a name", false},
    {"a Host whose port is much too great", "GET /a HTTP/1.1\r\nHost: x:4294967376\r\n\r\n", 400, "Host: want a name",
     false},
    {"* of another method than OPTIONS", "GET * HTTP/1.1\r\n" HOST "\r\n", 400, "is for OPTIONS", false},
    {"a path that only begins with *", "OPTIONS *a HTTP/1.1\r\n" HOST "\r\n", 400, "want a path", false},
    {"a URL of another scheme", "GET ftp://x/a HTTP/1.1\r\n" HOST "\r\n", 400, "of http or https", false},
    {"a URL of a scheme that only begins so", "GET httpx://x/a HTTP/1.1\r\n" HOST "\r\n", 400, "of http or https",
     false},
    {"a URL without a host", "GET http:///a HTTP/1.1\r\n" HOST "\r\n", 400, "with a host", false},
    {"a URL whose port is too great", "GET http://x:65536/a HTTP/1.1\r\n" HOST "\r\n", 400, "", false},
    {"a Host whose port is none", "GET /a HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "Host: want a name", false},
    {"a Host that is a port only", "GET /a HTTP/1.1\r\nHost: :80\r\n\r\n", 400, "Host: want a name", false},
    {"a Host with half an escape", "GET /a HTTP/1.1\r\nHost: a%2\r\n\r\n", 400, "Host: want a name", false},
    {"a Host with bytes above 127", "GET /a HTTP/1.1\r\nHost: \xed\x8c\x90\r\n\r\n", 400, "Host: want a name", false},
    {"a Host in half a bracket", "GET /a HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "Host: want a name", false},
    {"a Host of a name in brackets", "GET /a HTTP/1.1\r\nHost: [xyz]\r\n\r\n", 400, "Host: want a name", false},
    {"a Host of IPv6 with two gaps", "GET /a HTTP/1.1\r\nHost: [1::2::3]\r\n\r\n", 400, "Host: want a name", false},
    {"a Host of IPv6 that is too short", "GET /a HTTP/1.1\r\nHost: [1:2:3]\r\n\r\n", 400, "Host: want a name", false},
    {"a Host of IPv6 that is too long", "GET /a HTTP/1.1\r\nHost: [1:2:3:4:5:6:7:8:9]\r\n\r\n", 400,
     "Host: want a name", false},
    {"a Host of IPv4 in brackets", "GET /a HTTP/1.1\r\nHost: [127.0.0.1]\r\n\r\n", 400, "Host: want a name", false},
    {"a Host of IPv6 with a zone", "GET /a HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n", 400, "Host: want a name",
     false},
    {"nothing in brackets", "GET /a HTTP/1.1\r\nHost: []\r\n\r\n", 400, "Host: want a name", false},
    {"a URL with IPv6 that is none", "GET http://[1::2::3]/a HTTP/1.1\r\n" HOST "\r\n", 400, "a URL of http", false},
    {"an address behind brackets", "GET /a HTTP/1.1\r\nHost: [::1]a\r\n\r\n", 400, "Host: want a name", false},
    {"two Hosts", "GET /a HTTP/1.1\r\n" HOST HOST "\r\n", 400, "Host", false},
    {"HTTP/0.9", "GET /a HTTP/0.9\r\n" HOST "\r\n", 505, "", false},
    {"HTTP/2.0", "GET /a HTTP/2.0\r\n" HOST "\r\n", 505, "", false},
    {"HTTP/1.2", "GET /a HTTP/1.2\r\n" HOST "\r\n", 505, "", false},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 501, "", false},
    {"a method that nobody knows", "FROB /a HTTP/1.1\r\n" HOST "\r\n", 501, "", false},
    {"a method in small letters", "get /a HTTP/1.1\r\n" HOST "\r\n", 501, "", false},
    {"CONNECT", "CONNECT x:80 HTTP/1.1\r\n" HOST "\r\n", 501, "", false},
    {"TLS", "\x16\x03\x01\x02\x00\x01", 501, "", false},
    {"an expectation that nobody meets", "POST /a HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 2\r\n\r\nhi", 417,
     "", false},
};

static void check(const framing *f, bool slowly)
{
    httpsim h;
    simpeer p;

    httpsim_start(&h, NULL);
    httpsim_dial(&h, &p);
    for (size_t i = 0; slowly && i < strlen(f->bytes); i++) {
        simpeer_write(&p, f->bytes + i, 1);
        httpsim_pass(&h, MS);
    }
    if (!slowly)
        httpsim_words(&p, f->bytes);
    httpsim_words(&p, OK);
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, f->status) >= 1, 1);
    CHECK_CONTAINS(httpsim_text(&p), f->body);
    CHECK_INT(strstr(httpsim_text(&p), "GET /next") != NULL, f->goes_on);
    CHECK_INT(h.begun, (f->status == 200) + f->goes_on);
    CHECK_INT(strstr(httpsim_text(&p), "Connection: close") != NULL, !f->goes_on);
    httpsim_pass(&h, 5 * SECOND);
    CHECK_INT(p.closed_at != 0, !f->goes_on);
    simpeer_free(&p);
    httpsim_stop(&h);
}

static void test_nul(void)
{
    static const char bytes[] = "GET /a HTTP/1.1\r\n" HOST "X-A: a\0b\r\n\r\n";
    httpsim           h;
    simpeer           p;

    test_begin("a NUL in a value");
    httpsim_start(&h, NULL);
    httpsim_dial(&h, &p);
    simpeer_write(&p, bytes, sizeof bytes - 1);
    httpsim_pass(&h, SECOND);
    CHECK_INT(httpsim_count(&p, 400), 1);
    CHECK_INT(h.begun, 0);
    simpeer_free(&p);
    httpsim_stop(&h);
}

static int64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

/* What the processor takes to parse head, 30,000 of blank, and end, which come in pieces; the least of three times. */
static int64_t blanks_ns(const char *head, char blank, const char *end, size_t piece, http_result want)
{
    static const http_limits limits = {.max_head = HTTP_HEAD_MOST, .max_headers = 8, .max_target = 64, .max_body = 64};
    char                     text[31000], words[31000];
    size_t                   size = (size_t)snprintf(text, sizeof text, "%s%030000d%s", head, 0, end);
    int64_t                  best = INT64_MAX;

    memset(text + strlen(head), blank, 30000);
    for (int i = 0; i < 3; i++) {
        http_parse  p;
        http_result result = HTTP_MORE;
        int64_t     since = cpu_ns();

        memcpy(words, text, size);
        http_parse_begin(&p, &limits);
        for (size_t have = 0; have < size && result == HTTP_MORE;) {
            have = piece < size - have ? have + piece : size;
            result = http_parse_more(&p, (uint8_t *)words, &have, false);
        }
        best = cpu_ns() - since < best ? cpu_ns() - since : best;
        CHECK_INT(result, want);
    }
    return best;
}

/* A tab behind a length stops the library: it is to cost no more than by its own number, as a space does. */
static void check_tabs(const char *head, const char *end, http_result want)
{
    static const size_t pieces[] = {1, 100, 31000};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        CHECK(blanks_ns(head, '\t', end, pieces[i], want) < 10 * blanks_ns(head, ' ', end, pieces[i], want));
}

static void test_tabs(void)
{
    static const char head[] = "POST /a HTTP/1.1\r\n" HOST "Content-Length: 0";
    static const char trailer[] =
        "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 0";

    test_begin("30,000 tabs behind a length cost what as many spaces do, in few pieces and many");
    check_tabs(head, "\r\n\r\n", HTTP_COMPLETE);
    check_tabs(head, "x", HTTP_REFUSED);
    test_begin("so they do in a trailer");
    check_tabs(trailer, "\r\n\r\n", HTTP_COMPLETE);
    check_tabs(trailer, "", HTTP_MORE);
}

int main(void)
{
    for (size_t i = 0; i < sizeof framings / sizeof *framings; i++) {
        test_begin(framings[i].sentence);
        check(&framings[i], false);
        check(&framings[i], true);
    }
    test_nul();
    test_tabs();
    return test_end();
}
