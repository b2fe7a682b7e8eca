#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Floors 0 to 2 are pure, proven by the linker: linked whole, they ask the outside for nothing but what a compiler
# itself needs (no clock, socket, thread, malloc, stdio, randomness), and they hold no writable global.
# Prints TAP. Both checks are first tried on a file that breaks them.

builddir=${builddir:-.}
CC=${CC:-cc}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

# What only reads and writes the memory it is given, what a compiler may call on its own, assert() (kept in production), and what sanitizers add.
cat > "$folder/allowed" <<'END'
^(memcpy|memmove|memset|memcmp|bcmp|memchr|strlen|strcmp|strncmp|strchr)$
^__(memcpy|memmove|memset)_chk$
^(__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$
^__(a|ub|t|h)san_
^__sanitizer_
^__sancov_
^(___asan_globals_registered|__(start|stop)_asan_globals|__(start|stop)___sancov_[a-z0-9_]+)$
END

# The names that "$@" (archives, objects), linked whole into one object, want from outside; "!" when it won't link.
foreign_names() {
    ld -r -o "$folder/whole.o" --whole-archive "$@" || { echo '!link failed'; return; }
    nm -u "$folder/whole.o" | awk '{ print $NF }' | grep -Ev -f "$folder/allowed" | sort -u
}

# Writable objects of the program's own in that same object.
writable_names() {
    objdump -t "$folder/whole.o" |
        awk '$0 ~ / O \.(data|bss)(\.[^r][^ \t]*)?[ \t]/ || $0 ~ / O \*COM\*/ { print $NF }' |
        grep -Ev '^(__(a|ub|t)san|__odr_asan|\.L|__sancov|__unnamed|llvm\.|___asan)' | sort -u
}

report() { # number, name, problems
    if [ -z "$3" ]; then
        echo "ok $1 - $2"
    else
        echo "not ok $1 - $2"
        printf '%s\n' "$3" | sed 's/^/# /'
        status=1
    fi
}

status=0
echo 1..5

cat > "$folder/clock.c" <<'END'
#include <time.h>
int impure(void);
static int calls;
int impure(void)
{
    struct timespec now;
    calls++;
    return clock_gettime(CLOCK_MONOTONIC, &now) + calls;
}
END
cat > "$folder/clean.c" <<'END'
#include <string.h>
static const char *const words[] = { "one", "two" };
unsigned long pure(int which);
unsigned long pure(int which)
{
    return strlen(words[which & 1]);
}
END
problem=
$CC -fPIE -O1 -c -o "$folder/clock.o" "$folder/clock.c" && $CC -fPIE -O1 -c -o "$folder/clean.o" "$folder/clean.c" ||
    problem='the self-test does not compile'
[ "$(foreign_names "$folder/clock.o")" = clock_gettime ] || problem='a call of clock_gettime was not caught'
[ "$(writable_names)" = calls ] || problem='a writable global was not caught'
report 1 'self-test: a clock and a writable global are caught' "$problem"
problem=$(foreign_names "$folder/clean.o")$(writable_names)
report 2 'self-test: pure code is let pass' "$problem"

# The floors that are built: libtopology.a joins them once it is there.
libraries=
missing=
for name in core topology ck base; do
    if [ -f "$builddir/lib$name.a" ]; then
        libraries="$libraries $builddir/lib$name.a"
    elif [ "$name" != topology ]; then
        missing="$missing lib$name.a"
    fi
done
report 3 'floors 0 to 2 are built' "$missing"
# shellcheck disable=SC2086 # one word each
if [ -n "$libraries" ]; then
    report 4 'floors 0 to 2 ask the outside for nothing' "$(foreign_names $libraries)"
    report 5 'floors 0 to 2 hold no writable global' "$(writable_names)"
else
    report 4 'floors 0 to 2 ask the outside for nothing' 'nothing is built'
    report 5 'floors 0 to 2 hold no writable global' 'nothing is built'
fi
exit $status
