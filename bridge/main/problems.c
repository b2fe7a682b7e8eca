/* SPDX-License-Identifier: Apache-2.0 */
#include "main/problems.h"

#include <stdarg.h>
#include <string.h>

#include "system/process_heap.h"

void problems_init(struct problems *problems)
{
    *problems = (struct problems){ 0 };
    arena_init(&problems->arena, &process_heap);
    problems->last = &problems->first;
}

void problems_fini(struct problems *problems)
{
    arena_fini(&problems->arena);
}

static void add(struct problems *problems, enum problem_severity severity, struct place place,
                const char *format, va_list arguments)
{
    if (severity == PROBLEM_ERROR)
        problems->errors++;
    else
        problems->warnings++;
    if (problems->kept == LIMIT_PROBLEMS_KEPT)
        return;
    char message[1024];
    vsnprintf(message, sizeof message, format, arguments);
    struct problem *problem = arena_allocate(&problems->arena, sizeof *problem);
    struct text kept = arena_copy(&problems->arena, (struct text){ message, strlen(message) + 1 });
    struct text file = arena_copy(&problems->arena, (struct text){ place.file, strlen(place.file) + 1 });
    if (problem == NULL || !text_is_present(kept) || !text_is_present(file))
        return;              /* counted all the same */
    place.file = file.bytes; /* problems outlive the configuration that has them */
    *problem = (struct problem){ .place = place, .severity = severity, .message = kept.bytes };
    *problems->last = problem;
    problems->last = &problem->next;
    problems->kept++;
}

void problems_error(struct problems *problems, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(problems, PROBLEM_ERROR, place, format, arguments);
    va_end(arguments);
}

void problems_warning(struct problems *problems, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(problems, PROBLEM_WARNING, place, format, arguments);
    va_end(arguments);
}

void problems_print(const struct problems *problems, FILE *stream)
{
    for (const struct problem *problem = problems->first; problem != NULL; problem = problem->next) {
        fputs(problem->place.file, stream);
        if (problem->place.line > 0)
            fprintf(stream, ":%u", problem->place.line);
        fprintf(stream, ": %s%s\n", problem->severity == PROBLEM_WARNING ? "warning: " : "",
                problem->message);
    }
    size_t found = problems->errors + problems->warnings;
    if (found > problems->kept)
        fprintf(stream, "and %zu more\n", found - problems->kept);
}
