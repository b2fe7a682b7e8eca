# SPDX-License-Identifier: Apache-2.0
# Rules of the house that hold for every file, and what the floors 0 to 2 are made of.
check_SCRIPTS += tests/check_pure.sh
EXTRA_DIST += tests/check_pure.sh

# Those that read texts and run nothing of ours. Builds with sanitizers leave them out: they would find the same.
TEXT_TESTS = tests/check_conformance.py tests/check_floors.py tests/check_format.py tests/check_web.py \
	tests/daemon/openapi_static.py
if !SANITIZED
check_SCRIPTS += $(TEXT_TESTS)
endif
EXTRA_DIST += .clang-format tests/conformance.md $(TEXT_TESTS)
