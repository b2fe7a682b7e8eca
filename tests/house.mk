# SPDX-License-Identifier: Apache-2.0
# Rules of the house that hold for every file.
check_SCRIPTS += tests/check_floors.py tests/check_format.py tests/check_pure.sh tests/check_web.py
EXTRA_DIST += tests/check_floors.py tests/check_format.py tests/check_pure.sh tests/check_web.py .clang-format
