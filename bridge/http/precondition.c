/* SPDX-License-Identifier: Apache-2.0 */
#include "http/precondition.h"

/* ---- entity tags ---- */

static void skip_white(struct text *rest)
{
    while (rest->length > 0 && (rest->bytes[0] == ' ' || rest->bytes[0] == '\t'))
        *rest = (struct text){ rest->bytes + 1, rest->length - 1 };
}

static bool pass(struct text *rest, char byte)
{
    if (rest->length == 0 || rest->bytes[0] != byte)
        return false;
    *rest = (struct text){ rest->bytes + 1, rest->length - 1 };
    return true;
}

/* etagc: no quote, no control character, no space; a comma may be in it (RFC 9110, 8.8.3). */
static bool is_of_tag(char byte)
{
    return (unsigned char)byte > 0x20 && byte != '"' && byte != 0x7F;
}

/* entity-tag = [ W/ ] DQUOTE *etagc DQUOTE */
static bool take_tag(struct text *rest, struct text *out_tag, bool *out_weak)
{
    *out_weak = text_starts_with(*rest, TEXT("W/"));
    if (*out_weak)
        *rest = (struct text){ rest->bytes + 2, rest->length - 2 };
    if (!pass(rest, '"'))
        return false;
    struct text tag = { rest->bytes, 0 };
    while (rest->length > 0 && is_of_tag(rest->bytes[0])) {
        tag.length++;
        pass(rest, rest->bytes[0]);
    }
    *out_tag = tag;
    return pass(rest, '"');
}

static bool is_any(struct text field)
{
    skip_white(&field);
    if (!pass(&field, '*'))
        return false;
    skip_white(&field);
    return field.length == 0;
}

/* Empty elements of a list are passed over (RFC 9110, 5.6.1.2). */
enum tags_verdict tags_compare(struct text field, const struct validator *validator,
                               enum tags_comparison comparison)
{
    bool matches = false, any = false;
    if (!text_is_present(field))
        return TAGS_NOT_GIVEN;
    if (is_any(field))
        return validator->exists ? TAGS_MATCH : TAGS_DIFFER;
    for (;;) {
        struct text tag;
        bool weak;
        skip_white(&field);
        if (pass(&field, ','))
            continue;
        if (field.length == 0)
            break;
        if (!take_tag(&field, &tag, &weak))
            return TAGS_MALFORMED;
        skip_white(&field);
        if (field.length > 0 && field.bytes[0] != ',')
            return TAGS_MALFORMED;
        any = true;
        matches = matches || (validator->exists && (!weak || comparison == TAGS_WEAKLY) &&
                              text_equal(tag, validator->tag));
    }
    return !any ? TAGS_MALFORMED : matches ? TAGS_MATCH : TAGS_DIFFER;
}

/* ---- what a write asks for ---- */

static bool refuse_malformed(struct request *request, const char *header)
{
    request_refuse(request, PROBLEM_BAD_HEADER, header,
                   "%s is *, or ETags as GET gave them, quotes included, separated by commas", header);
    return false;
}

static bool refuse_unmet(struct request *request, const struct validator *validator, const char *header)
{
    if (!validator->exists)
        request_refuse(request, PROBLEM_STALE, header, "it does not exist; leave If-Match out to create it");
    else
        request_refuse(request, PROBLEM_STALE, header,
                       "its ETag is \"%.*s\" now: read it again, and repeat the change if it is still wanted",
                       TEXT_ARGUMENTS(validator->tag));
    return false;
}

static bool refuse_unconditional(struct request *request, const struct validator *validator)
{
    request_refuse(request, PROBLEM_PRECONDITION_REQUIRED, "If-Match",
                   "this bridge changes what exists only when If-Match says which state was read: send the "
                   "ETag of a GET; it is \"%.*s\" now",
                   TEXT_ARGUMENTS(validator->tag));
    return false;
}

/* RFC 9110, 13.2.2: If-Match first, then If-None-Match, which only ever compares weakly. */
bool precondition_read(struct request *request, const struct validator *validator,
                       enum requirement *out_requirement)
{
    struct text if_match = request->headers.if_match, if_none_match = request->headers.if_none_match;
    enum tags_verdict match = tags_compare(if_match, validator, TAGS_STRONGLY);
    enum tags_verdict none_match = tags_compare(if_none_match, validator, TAGS_WEAKLY);
    if (match == TAGS_MALFORMED)
        return refuse_malformed(request, "If-Match");
    if (none_match == TAGS_MALFORMED)
        return refuse_malformed(request, "If-None-Match");
    if (match == TAGS_DIFFER)
        return refuse_unmet(request, validator, "If-Match");
    if (none_match == TAGS_MATCH) {
        request_refuse(request, PROBLEM_STALE, "If-None-Match",
                       "it exists, with the ETag \"%.*s\": to change it send that in If-Match",
                       TEXT_ARGUMENTS(validator->tag));
        return false;
    }
    if (match == TAGS_NOT_GIVEN && validator->exists && request->require_if_match)
        return refuse_unconditional(request, validator);
    bool of_state = (match == TAGS_MATCH && !is_any(if_match)) || none_match == TAGS_DIFFER;
    if (!validator->exists)
        *out_requirement =
            none_match == TAGS_DIFFER || request->require_if_match ? REQUIRES_ABSENCE : REQUIRES_NOTHING;
    else
        *out_requirement = of_state              ? REQUIRES_STATE
                           : match == TAGS_MATCH ? REQUIRES_PRESENCE
                                                 : REQUIRES_NOTHING;
    return true;
}
