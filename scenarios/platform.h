/*
 * platform: what kind of client a User-Agent belongs to, by a fixed table of what the
 * SCEP clients of each are known to send.
 */
#ifndef SCENARIOS_PLATFORM_H
#define SCENARIOS_PLATFORM_H

#include "base/buf.h"

/* "ios" "macos" "android" "windows" "cisco" "curl" "go" "python" "none" (there is no
   User-Agent) "other". */
const char *platform_of(struct slice user_agent);

#endif
