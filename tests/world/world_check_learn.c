/* SPDX-License-Identifier: Apache-2.0 */
/* What decisions teach: the application is where the decision says, told with it; else nothing is written. */
#include "world/world.h"

/* What the command's request names, and where it was decided to go; false: it has no row. */
static bool ends_of(struct world *world, const struct command *command, struct text *out_application,
                    struct text *out_destination)
{
    const bool is_relay = command->kind == COMMAND_RELAY_DECIDE;
    const struct kept *kept = is_relay ? rows_relay(world, command->request_id)->shadow
                                       : rows_lookup(world, command->request_id)->shadow;
    if (kept == NULL)
        return false;
    *out_application = is_relay ? kept->record.relay.application_destination_id
                                : kept->record.lookup.application_destination_id;
    *out_destination =
        is_relay ? kept->record.relay.destination_kma_id : kept->record.lookup.destination_kma_id;
    return true;
}

void check_learned(struct world *world, const struct step *step)
{
    const struct command *command = step->event->command.command;
    struct text application, destination;
    if (command->kind != COMMAND_RELAY_DECIDE && command->kind != COMMAND_LOOKUP_DECIDE)
        return;
    if (step->objects > 0 && (!command->learn || step->refused))
        world_fail(world, "a decision that teaches nothing wrote %zu objects", step->objects);
    if (!command->learn || step->refused || !ends_of(world, command, &application, &destination))
        return;
    if (text_is_present(command->reject) || !text_is_present(application))
        world_fail(world, "there was nothing to learn, and it was accepted");
    const struct application_config *config = config_application(world, application);
    if (config == NULL || !text_equal(config->kma_id, destination))
        world_fail(world, "a decision was to teach that %.*s is at %.*s", TEXT_ARGUMENTS(application),
                   TEXT_ARGUMENTS(destination));
    world->coverage->learned += step->objects;
}
