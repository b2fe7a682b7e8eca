# SPDX-License-Identifier: Apache-2.0
# What a newcomer runs first.
check_SCRIPTS += tests/demo_run.py
EXTRA_DIST += tests/demo_run.py tools/demo/demo.py tools/demo/snmp.py tools/example/orchestrator.py
