/* names.h: see names.c. */
#ifndef MENAGERIE_NAMES_H
#define MENAGERIE_NAMES_H

int key_number(void);
int log_write(void);
int config_open(void);
int schema_pool_new(void);

#endif
