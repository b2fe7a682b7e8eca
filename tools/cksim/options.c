/* SPDX-License-Identifier: Apache-2.0 */
#include "cksim/options.h"

#include <string.h>

#include "cksim/scenario_schema.h"

/* Options that set one key of the scenario. `value` NULL: the next argument. */
static const struct {
    const char *option, *section, *key, *value, *argument, *help;
} settings[] = {
    { "--connect", "fleet", "connect", NULL, "ADDRESS:PORT", "the controller's Ck address" },
    { "--kms", "fleet", "kms", NULL, "N", "a ring of N KMs, km-1 to km-N" },
    { "--topology", "fleet", "topology", NULL, "T", "ring:N, line:N or grid:WxH" },
    { "--mode", "fleet", "mode", NULL, "MODE", "centralized, distributed or mixed" },
    { "--load", "load", "load", NULL, "LOAD", "closed:N per session, or open:RATE a second in all" },
    { "--seconds", "load", "seconds", NULL, "S", "how long" },
    { "--requests", "load", "requests", NULL, "N", "stop after this many" },
    { "--seed", "fleet", "seed", NULL, "N", "of every random choice" },
    { "--ca", "fleet", "ca", NULL, "FILE", "who signed the controller's certificate" },
    { "--certificate-dir", "fleet", "certificate_directory", NULL, "DIR",
      "NAME.pem and NAME.key of each KM" },
    { "--certificate", "fleet", "certificate", NULL, "FILE", "one certificate for the whole fleet" },
    { "--key", "fleet", "key", NULL, "FILE", "its key" },
    { "--psk-file", "fleet", "psk_file", NULL, "FILE", "identity:hex lines; implies security = psk" },
    { "--plain", "fleet", "security", "plain", NULL, "no TLS" },
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

struct reader {
    struct options *options;
    struct scenario *scenario;
    char **arguments;
    int count, at;
    struct complaint *complaint;
};

/* The option's value: behind "=", or the next argument. */
static const char *take_value(struct reader *reader, const char *option)
{
    const char *given = strchr(reader->arguments[reader->at], '=');
    if (given != NULL)
        return given + 1;
    if (reader->at + 1 < reader->count)
        return reader->arguments[++reader->at];
    complain(reader->complaint, "%s needs a value", option);
    return NULL;
}

static bool is_option(const struct reader *reader, const char *option)
{
    const char *argument = reader->arguments[reader->at];
    size_t length = strlen(option);
    return strncmp(argument, option, length) == 0 && (argument[length] == '\0' || argument[length] == '=');
}

static bool set(struct reader *reader, const char *option, const char *section, const char *key,
                const char *value)
{
    struct origin origin = { option, 0 };
    return scenario_set(reader->scenario, origin, section, key, value, reader->complaint);
}

/* --set load.seconds=5 */
static bool set_any(struct reader *reader)
{
    char section[64], key[64];
    const char *words = reader->at + 1 < reader->count ? reader->arguments[++reader->at] : "";
    const char *dot = strchr(words, '.'), *equals = dot != NULL ? strchr(dot, '=') : NULL;
    if (equals == NULL || (size_t)(dot - words) >= sizeof section || (size_t)(equals - dot) > sizeof key) {
        complain(reader->complaint, "--set needs SECTION.KEY=VALUE, as in fleet.hop_latency=0");
        return false;
    }
    snprintf(section, sizeof section, "%.*s", (int)(dot - words), words);
    snprintf(key, sizeof key, "%.*s", (int)(equals - dot - 1), dot + 1);
    return set(reader, "--set", section, key, equals + 1);
}

/* True when the argument was a switch. */
static bool take_switch(struct reader *reader)
{
    struct options *options = reader->options;
    const struct {
        const char *option;
        bool *flag;
    } switches[] = {
        { "--help", &options->help },
        { "--help-scenario", &options->help_scenario },
        { "--version", &options->version },
        { "--quiet", &options->quiet },
        { "--emit-config", &options->emit_config },
        { "--pki-shared-key", &options->pki.shared_key },
        { "--pki-wrong", &options->pki.wrong },
    };
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (strcmp(reader->arguments[reader->at], switches[i].option) != 0)
            continue;
        *switches[i].flag = true;
        return true;
    }
    return false;
}

static bool take_progress(struct reader *reader)
{
    static const char *const kinds[] = { "none", "line", "plain" };
    const char *equals = strchr(reader->arguments[reader->at], '=');
    const char *kind = equals != NULL ? equals + 1 : "line";
    for (int i = 0; i < 3; i++) {
        if (strcmp(kind, kinds[i]) == 0) {
            reader->options->progress_given = true;
            reader->options->progress = (enum progress_kind)i;
            return true;
        }
    }
    complain(reader->complaint, "--progress: none, line or plain, not '%s'", kind);
    return false;
}

static bool take_report(struct reader *reader)
{
    const char *kind = take_value(reader, "--report");
    if (kind == NULL)
        return false;
    reader->options->json = strcmp(kind, "json") == 0;
    if (reader->options->json || strcmp(kind, "text") == 0)
        return true;
    complain(reader->complaint, "--report: text or json, not '%s'", kind);
    return false;
}

static bool take_setting(struct reader *reader, size_t row)
{
    const char *option = settings[row].option;
    const char *value = settings[row].value != NULL ? settings[row].value : take_value(reader, option);
    if (value == NULL || !set(reader, option, settings[row].section, settings[row].key, value))
        return false;
    return strcmp(option, "--psk-file") != 0 || set(reader, option, "fleet", "security", "psk");
}

static bool take_argument(struct reader *reader)
{
    struct options *options = reader->options;
    if (take_switch(reader))
        return true;
    for (size_t i = 0; i < SETTINGS; i++)
        if (is_option(reader, settings[i].option))
            return take_setting(reader, i);
    if (is_option(reader, "--scenario")) {
        const char *file = take_value(reader, "--scenario");
        return file != NULL && scenario_read(reader->scenario, file, reader->complaint);
    }
    if (strcmp(reader->arguments[reader->at], "--set") == 0)
        return set_any(reader);
    if (is_option(reader, "--report"))
        return take_report(reader);
    if (is_option(reader, "--report-file"))
        return (options->report_file = take_value(reader, "--report-file")) != NULL;
    if (is_option(reader, "--pki"))
        return (options->pki.directory = take_value(reader, "--pki")) != NULL;
    if (is_option(reader, "--progress"))
        return take_progress(reader);
    complain(reader->complaint, "unknown option '%s'; see cksim --help", reader->arguments[reader->at]);
    return false;
}

bool options_read(struct options *options, struct scenario *scenario, int count, char **arguments,
                  struct complaint *complaint)
{
    *options = (struct options){ 0 };
    struct reader reader = { options, scenario, arguments, count, 1, complaint };
    for (; reader.at < count; reader.at++)
        if (!take_argument(&reader))
            return false;
    return true;
}

void options_print_help(FILE *stream)
{
    fputs("cksim: a fleet of simulated key managers (KMs) that talk Ck to a QKDN controller\n\n"
          "  cksim --scenario FILE [OPTION...]         run what FILE describes\n"
          "  cksim --kms N [OPTION...]                 run without a file\n"
          "  cksim --scenario FILE --emit-config       print the bridge's [km], [application], [link] "
          "sections\n"
          "  cksim --scenario FILE --pki DIR           make certificates and PSKs for the fleet\n\n"
          "Settings (each also a key of the scenario; later ones win)\n",
          stream);
    for (size_t i = 0; i < SETTINGS; i++) {
        char words[64];
        snprintf(words, sizeof words, "%s %s", settings[i].option,
                 settings[i].argument != NULL ? settings[i].argument : "");
        fprintf(stream, "  %-28s %s\n", words, settings[i].help);
    }
    fputs(
        "  --set SECTION.KEY=VALUE      any key of [fleet] or [load]; --help-scenario tells them\n\n"
        "Output\n"
        "  --report text|json           default: text\n"
        "  --report-file FILE           default: standard output\n"
        "  --progress[=line|plain|none] on standard error; default: line on a terminal, else none\n"
        "  --quiet                      no progress and no report; only the exit code\n\n"
        "Certificates (--pki)\n"
        "  DIR gets ca.*, server.* (localhost, 127.0.0.1, ::1), NAME.* of every KM, psk.txt; *.pem and "
        "*.key\n"
        "  --pki-shared-key             one key, fleet.key, for the whole fleet\n"
        "  --pki-wrong                  also expired.*, self-signed.*, other-ca.*\n\n"
        "  --help, --help-scenario, --version\n\n"
        "Ctrl-C stops the load, waits for what is outstanding, and reports; twice: at once.\n\n"
        "Handshakes cost this process CPU: to see what a storm does to others, run those from a second "
        "cksim\n"
        "with another km_prefix and kma_prefix; one bridge takes what --emit-config prints for both.\n\n"
        "JSON report: kms, links, connect, security, mode, load, seed, interrupted; seconds {connect, load,\n"
        "drain}; rates a second of load {started, answered, succeeded}; requests {started = centralized +\n"
        "distributed = the sum of outcomes, answered, outstanding_max, not_sent_away, not_sent_overload,\n"
        "repeated, unsolicited, answers_repeated, answers_late, probes, outcomes {succeeded, failed,\n"
        "no_next_hop, unanswered, disconnected, unusable, unfinished}, failures {no_link, link_down,\n"
        "insufficient_keys, km_away, hop_limit, loop}, responses {success, failure: 0x05 sent}};\n"
        "frames_sent and frames_received by command code, garbage not included; latency_ms {notify: 0x03 to\n"
        "0x04, lookup: 0x01 to 0x02, relay: start to key relayed, connect}, each {count, min, mean, p50, "
        "p90,\n"
        "p99, p999, max}, in open load from the intended start; connections {made, resumed, lost, failed,\n"
        "at_end, at_most, served_at_end, all_connected_s, closed [{reason, count}]}; keys {taken, lacked,\n"
        "links [{link, taken, lacked}]}; faults [{name, kind, times, hit, ...}]; violations {total, "
        "by_rule,\n"
        "details}; cksim {cpu_user_s, cpu_system_s, cpu_us_per_answer, memory_peak_kib}; per_second\n"
        "[{started, answered, succeeded, failed, connected, outstanding}].\n\n"
        "Exit code: 0 all well; 1 the controller broke a rule (violations); 2 command line or scenario is\n"
        "wrong; 3 the run could not be made; 4 no KM was ever answered.\n",
        stream);
}

void options_print_scenario_help(FILE *stream)
{
    const char *section = "";
    char values[128];
    fputs("# Keys of a scenario. Durations: 5 ms, 1.5 s, 2 min; a bare number is seconds.\n", stream);
    for (const struct schema_row *row = schema_rows; row->section != NULL; row++) {
        bool named = strcmp(row->section, "fleet") != 0 && strcmp(row->section, "load") != 0;
        if (strcmp(section, row->section) != 0)
            fprintf(stream, "\n[%s%s]\n", row->section, named ? " \"NAME\"" : "");
        section = row->section;
        fprintf(stream, "# %s (%s)\n%s%s = %s\n", row->help, schema_values(row, values),
                row->default_value != NULL ? "" : "# ", row->key,
                row->default_value != NULL ? row->default_value : "");
    }
}
