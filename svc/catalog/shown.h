/* shown.h: a peer's text as far as one line of an error can show it. Pure. */
#ifndef SHOP_CATALOG_SHOWN_H
#define SHOP_CATALOG_SHOWN_H

struct shown {
    char text[88];
};

/* shown is text, UTF-8, cut at 80 bytes (between characters, with "..." after it), with ? for control characters. */
struct shown shown(const char *text);

#endif
