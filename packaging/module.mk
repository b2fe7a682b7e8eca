# SPDX-License-Identifier: Apache-2.0
# What is installed beside the programs: alerts, an example and a dashboard for those who watch a bridge.
prometheusdir = $(pkgdatadir)/prometheus
dist_prometheus_DATA = packaging/prometheus/ckbridge.rules.yml packaging/prometheus/prometheus.example.yml
grafanadir = $(pkgdatadir)/grafana
dist_grafana_DATA = packaging/grafana/ckbridge.json
EXTRA_DIST += packaging/prometheus/ckbridge.rules.test.yml

# For those who watch it by SNMP; the numbers of the MIB are those that it was built with.
snmpexamplesdir = $(pkgdatadir)/snmp
dist_snmpexamples_DATA = packaging/snmp/snmptrapd.example.conf
nodist_snmpexamples_DATA = packaging/built/snmpd-ckbridge.conf packaging/built/snmp-exporter.yml
zabbixdir = $(pkgdatadir)/zabbix
nodist_zabbix_DATA = packaging/built/ckbridge-6.0.yaml
CLEANFILES += $(nodist_snmpexamples_DATA) $(nodist_zabbix_DATA)
EXTRA_DIST += packaging/snmp/snmpd-ckbridge.conf.in packaging/snmp/snmp-exporter.yml.in \
	packaging/zabbix/ckbridge-6.0.yaml.in

PUT_MIB_ROOT = $(AM_V_GEN)$(MKDIR_P) packaging/built && \
	sed 's/[@]MIB_ROOT_BELOW_ENTERPRISES@/$(MIB_ROOT_BELOW_ENTERPRISES)/g' $< > $@.new && mv $@.new $@
packaging/built/snmpd-ckbridge.conf: $(srcdir)/packaging/snmp/snmpd-ckbridge.conf.in Makefile
	$(PUT_MIB_ROOT)
packaging/built/snmp-exporter.yml: $(srcdir)/packaging/snmp/snmp-exporter.yml.in Makefile
	$(PUT_MIB_ROOT)
packaging/built/ckbridge-6.0.yaml: $(srcdir)/packaging/zabbix/ckbridge-6.0.yaml.in Makefile
	$(PUT_MIB_ROOT)
