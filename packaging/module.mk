# SPDX-License-Identifier: Apache-2.0
# What is installed beside the programs: alerts, an example and a dashboard for those who watch a bridge.
prometheusdir = $(pkgdatadir)/prometheus
dist_prometheus_DATA = packaging/prometheus/ckbridge.rules.yml packaging/prometheus/prometheus.example.yml
grafanadir = $(pkgdatadir)/grafana
dist_grafana_DATA = packaging/grafana/ckbridge.json
EXTRA_DIST += packaging/prometheus/ckbridge.rules.test.yml
