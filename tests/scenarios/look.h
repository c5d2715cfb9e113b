/*
 * look: what OpenSSL's own reader makes of an answer, independent of our codecs.
 *
 * Where the scenario edits nothing that is inside of it, the answer has to be right in
 * every point; else the reading is kept for the table, and pkiStatus and failInfo alone,
 * of whatever type, have to be those that are wanted.
 */
#ifndef SCENARIOS_LOOK_H
#define SCENARIOS_LOOK_H

#include "scenarios/play.h"

/*
 * Looks at a whole 200 of PKIOperation or GetCACert, fills in take->seen ("SUCCESS,
 * verified, leaf with our key"), and checks `pki` and `fail_info`. False: err says what
 * is wrong.
 */
bool look(const struct play *play, struct take *take, struct err *err);

#endif
