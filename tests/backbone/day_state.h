/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of a day. */
#ifndef TESTS_BACKBONE_DAY_STATE_H
#define TESTS_BACKBONE_DAY_STATE_H

#include "backbone/day.h"

_Noreturn void day_fail(const struct day *day, const char *words);

/* ---- day_core.c: the controller, and what it is told ---- */
void day_start_core(struct day *day);
void day_stop_core(struct day *day);
void day_tick(struct day *day);
void day_tick_if_due(struct day *day);
/* Says of these links what is in stock, and whether they are up. */
void day_tell(struct day *day, const uint32_t *links, size_t count);
void day_tell_all(struct day *day);
/* The Notify of a wish, and what came of it. */
void day_ask(struct day *day, const struct traffic_wish *wish);
void day_report(struct day *day, const struct day_flight *flight, bool succeeded);

/* ---- day_flights.c: relays on their way ---- */
void day_flights_init(struct day *day);
void day_take_off(struct day *day, const struct relay_record *relay, const struct traffic_wish *wish);
/* The one whose time has come goes on. */
void day_fly(struct day *day);

/* ---- day_faults.c ---- */
void day_faults_init(struct day *day);
/* The one whose time has come comes, is told, goes, or is told to be gone. */
void day_fault(struct day *day);

#endif
