/* foreign.h: what the provider did under an order's name that is not the shop's: somebody who has its key asked beside
 * the shop, or the stores of those who asked went back to before that. Pure. */
#ifndef MARU_AUDIT_FOREIGN_H
#define MARU_AUDIT_FOREIGN_H

#include "audit/book.h"

/* The key of an order's authorisation: authorize:orders/7f3a. */
bool foreign_is_key(const char *key, const char *order);

/* It is the name of an order, be there one or not; what else the provider has for a reference is a word of others. */
bool foreign_is_order(const char *name);

/* foreign_order_of is the name under which an operation counts: that of the order whose key its authorisation has, as
 * payment counts it, whatever is said beside; else its reference. Part of the operation. */
const char *foreign_order_of(const Provider__Operation *operation);

/* foreign_part takes out of each order's ledger what is foreign in it, once all is in the book: what is authorised
 * under another key than the order's, or for one that was paid elsewhere, with what followed; and where payment
 * authorised nothing, what is under that key and is not what payment shall charge, or all of it, where nobody says what
 * that is. */
void foreign_part(book *b);

/* It is foreign, and money is held or was taken by it, and not given back. */
bool foreign_is_open(const book_charge *charge);

/* Only the provider knows of the order, and nothing is open: it is no order. */
bool foreign_is_over(const book_order *o);

#endif
