#!/bin/bash
# Writes the first CIB of the balancer pair to the file named; needs no running cluster. HAProxy is a system service on
# both nodes, so only the address is a resource.
set -e
cib=$1
cibadmin --empty > "$cib"
p() { pcs -f "$cib" "$@"; }
p property set stonith-enabled=false no-quorum-policy=ignore dc-deadtime=2s
p resource defaults update resource-stickiness=100
p resource create ip_lb ocf:heartbeat:IPaddr2 ip=10.88.0.30 cidr_netmask=24 op monitor interval=10s timeout=60s op start timeout=60s op stop timeout=60s
p constraint location ip_lb prefers acd-lb1=50
crm_verify -x "$cib"
