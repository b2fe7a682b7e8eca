# SPDX-License-Identifier: Apache-2.0
# The dashboard: plain files, as they are served. Put together in web/ of the build folder, where
# `[http] web_folder` finds them without an installation. A file that is not listed here is not served.
# A folder has no page's name: /kms/a is a page, of whatever KM.
webdir = $(pkgdatadir)/web

# One style sheet, in this order: what comes later may refine what came before.
WEB_STYLES = \
	web/style/tokens.css \
	web/style/layout.css \
	web/style/parts.css \
	web/style/lists.css \
	web/style/dialogs.css \
	web/style/overview.css \
	web/style/editor.css \
	web/style/config.css \
	web/style/topology_side.css \
	web/style/topology.css \
	web/style/requests.css \
	web/style/events.css \
	web/style/kms.css \
	web/style/access.css \
	web/style/cards.css

WEB_FILES = \
	web/access/form.js \
	web/access/secret.js \
	web/access/tokens.js \
	web/access/webhook_dialog.js \
	web/access/webhooks.js \
	web/audit/chain.js \
	web/audit/chain_line.js \
	web/audit/words.js \
	web/base/clock.js \
	web/base/dom.js \
	web/base/format.js \
	web/base/penalised.js \
	web/base/query.js \
	web/base/trusted.js \
	web/config/deletion.js \
	web/config/diff.js \
	web/config/diff_view.js \
	web/config/editor.js \
	web/config/fields.js \
	web/config/form.js \
	web/config/kinds.js \
	web/config/open.js \
	web/config/route_rows.js \
	web/config/rules.js \
	web/config/undo.js \
	web/config/undo_bar.js \
	web/config/usability.js \
	web/config/way_fields.js \
	web/config/write.js \
	web/config/written.js \
	web/events/detail.js \
	web/events/history.js \
	web/events/log.js \
	web/icon.svg \
	web/index.html \
	web/km/columns.js \
	web/km/config_form.js \
	web/km/dialect.js \
	web/km/errors.js \
	web/km/frame.js \
	web/km/histogram.js \
	web/km/model.js \
	web/km/panels.js \
	web/km/refused_panel.js \
	web/main.js \
	web/parts/act_button.js \
	web/parts/apart.js \
	web/parts/copy.js \
	web/parts/data_table.js \
	web/parts/dialog.js \
	web/parts/empty.js \
	web/parts/event_sentence.js \
	web/parts/fact.js \
	web/parts/filter_bar.js \
	web/parts/header.js \
	web/parts/help.js \
	web/parts/keyed_list.js \
	web/parts/kma_picker.js \
	web/parts/nav.js \
	web/parts/notice.js \
	web/parts/path_list.js \
	web/parts/penalty.js \
	web/parts/sign_in.js \
	web/parts/sparkline.js \
	web/parts/state_badge.js \
	web/parts/theme.js \
	web/parts/timeline.js \
	web/requests/columns.js \
	web/requests/computed_way.js \
	web/requests/deadline.js \
	web/requests/decide_dialog.js \
	web/requests/decide_target.js \
	web/requests/decide_ways.js \
	web/requests/decide_words.js \
	web/requests/decision.js \
	web/requests/detail_parts.js \
	web/requests/detail_view.js \
	web/requests/explain.js \
	web/requests/explanation.js \
	web/requests/explanation_words.js \
	web/requests/filter_form.js \
	web/requests/filters.js \
	web/requests/findings_block.js \
	web/requests/kinds.js \
	web/requests/links.js \
	web/requests/list_view.js \
	web/requests/order_list.js \
	web/requests/path_rules.js \
	web/requests/paths_found.js \
	web/requests/route_judge.js \
	web/requests/rows.js \
	web/requests/words.js \
	web/service/api.js \
	web/service/event_types.js \
	web/service/follow_figures.js \
	web/service/health.js \
	web/service/live.js \
	web/service/live_state.js \
	web/service/policy.js \
	web/service/rates.js \
	web/service/router.js \
	web/service/session.js \
	web/service/shell.js \
	web/service/stream_worker.js \
	web/service/webhook_health.js \
	web/theme.js \
	web/topology/camera.js \
	web/topology/detail_panel.js \
	web/topology/draw.js \
	web/topology/explain.js \
	web/topology/flows.js \
	web/topology/forces.js \
	web/topology/input.js \
	web/topology/labels.js \
	web/topology/layout.js \
	web/topology/layout_client.js \
	web/topology/layout_worker.js \
	web/topology/legend.js \
	web/topology/link_marks.js \
	web/topology/map.js \
	web/topology/model.js \
	web/topology/overlay.js \
	web/topology/palette.js \
	web/topology/path_answer.js \
	web/topology/path_panel.js \
	web/topology/pins.js \
	web/topology/scales.js \
	web/topology/scene.js \
	web/topology/search_box.js \
	web/topology/spread.js \
	web/topology/stage.js \
	web/topology/tables.js \
	web/topology/toolbar.js \
	web/views/access.js \
	web/views/audit.js \
	web/views/events.js \
	web/views/held.js \
	web/views/index.js \
	web/views/km.js \
	web/views/kms.js \
	web/views/links.js \
	web/views/lookup.js \
	web/views/lookups.js \
	web/views/overview.js \
	web/views/relay.js \
	web/views/relays.js \
	web/views/route.js \
	web/views/routes.js \
	web/views/sign_in.js \
	web/views/topology.js

EXTRA_DIST += $(WEB_STYLES) $(WEB_FILES)

# `make dashboard` puts together what has changed; `make` does it too.
.PHONY: dashboard
dashboard: web-assembled
all-local: web-assembled
CLEANFILES += web-assembled web/styles.css
web-assembled: $(WEB_STYLES:%=$(srcdir)/%) $(WEB_FILES:%=$(srcdir)/%) $(srcdir)/web/module.mk
	$(AM_V_GEN)set -e; test '$(srcdir)' = . || rm -rf web; $(MKDIR_P) web; \
	for file in $(WEB_FILES); do \
	  if test '$(srcdir)' != .; then $(MKDIR_P) `dirname $$file`; cp $(srcdir)/$$file $$file; fi; \
	done; \
	for file in $(WEB_STYLES); do cat $(srcdir)/$$file; echo; done >web/styles.css
	$(AM_V_at)touch $@

install-data-local: web-assembled
	set -e; for file in $(WEB_FILES:web/%=%) styles.css; do \
	  $(MKDIR_P) "$(DESTDIR)$(webdir)/`dirname $$file`"; \
	  $(INSTALL_DATA) web/$$file "$(DESTDIR)$(webdir)/$$file"; \
	done
uninstall-local:
	for file in $(WEB_FILES:web/%=%) styles.css; do rm -f "$(DESTDIR)$(webdir)/$$file"; done
clean-local:
	test '$(srcdir)' = . || rm -rf web
