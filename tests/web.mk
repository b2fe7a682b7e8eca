# SPDX-License-Identifier: Apache-2.0
# The dashboard in a real browser. A missing browser fails them, with the package's name. Builds with sanitizers leave
# them out: what they judge is JavaScript, and the daemon behind it has its own tests there.
# The long ones first: two at a time end together.
WEB_TESTS = \
	tests/web/web_routes.py \
	tests/web/web_routes_written.py \
	tests/web/web_topology.py \
	tests/web/web_hostile.py \
	tests/web/web_relays.py \
	tests/web/web_accessible.py \
	tests/web/web_narrow.py \
	tests/web/web_planning.py \
	tests/web/web_explained.py \
	tests/web/web_kms.py \
	tests/web/web_links.py \
	tests/web/web_states.py \
	tests/web/web_events.py \
	tests/web/web_sign_in.py \
	tests/web/web_harness.py \
	tests/web/web_access.py \
	tests/web/web_keyboard.py \
	tests/web/web_audit.py
if !SANITIZED
check_SCRIPTS += $(WEB_TESTS)
endif
AM_TESTS_ENVIRONMENT += CHROMIUM='$(CHROMIUM)'; CHROMEDRIVER='$(CHROMEDRIVER)'; export CHROMIUM CHROMEDRIVER;
EXTRA_DIST += tests/web/accessibility.js tests/web/accessibility.py tests/web/browser.py tests/web/proxy.py \
	tests/web/README.md tests/web/route_page.py tests/web/screenshots.py tests/web/watch.py tests/web/web_stage.py web/screenshot.png $(WEB_TESTS)

# Every view, both themes, three sizes: to look at. screenshots/README.png is web/screenshot.png.
.PHONY: screenshots
screenshots: ckbridged cksim dashboard
	srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' CHROMIUM='$(CHROMIUM)' CHROMEDRIVER='$(CHROMEDRIVER)' \
	  exec /usr/bin/python3 $(top_srcdir)/tests/web/screenshots.py
