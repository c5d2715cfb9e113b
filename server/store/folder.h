/*
 * folder: the directory of --state before anything is in it: made, locked, and its
 * database file readable by the owner alone, for there are passwords in it.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "base/err.h"

#define FOLDER_DATABASE "mockndes.db"
#define FOLDER_LOCK     "lock"

/*
 * Makes the directory where needed and locks it for as long as the descriptor that is
 * returned stays open; -1 and err: not possible. A process that is killed gives the
 * lock free.
 */
int folder_take(const char *dir, struct err *err);
/* The database's path; yours. The file is there afterwards, perhaps empty. */
char *folder_database(const char *dir, struct err *err);

#endif
