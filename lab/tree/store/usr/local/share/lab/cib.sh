#!/bin/bash
# Writes the first CIB of the store pair to the file named; needs no running cluster.
set -e
cib=$1
cibadmin --empty > "$cib"
p() { pcs -f "$cib" "$@"; }
p property set stonith-enabled=false no-quorum-policy=ignore dc-deadtime=2s
p resource defaults update resource-stickiness=100
# Long limits: a store of the lab shares its core with whatever else the machine does, and slow is not failed.
all="start timeout=240s op stop timeout=240s"
p resource create drbd_jtel ocf:linbit:drbd drbd_resource=jtel op $all op promote timeout=240s op demote timeout=240s op notify timeout=240s \
    op monitor interval=29s timeout=120s role=Promoted op monitor interval=31s timeout=120s role=Unpromoted
p resource promotable drbd_jtel promoted-max=1 promoted-node-max=1 clone-max=2 clone-node-max=1 notify=true
p resource create fs_jtel ocf:heartbeat:Filesystem device=/dev/drbd0 directory=/srv/jtel fstype=ext4 op $all op monitor interval=20s timeout=120s --group g_store
p resource create ip_jtel ocf:heartbeat:IPaddr2 ip=10.88.0.20 cidr_netmask=24 op $all op monitor interval=20s timeout=120s --group g_store
# --force: without a running systemd pcs cannot read the unit's metadata.
p resource create smb_jtel systemd:smbd op $all op monitor interval=30s timeout=120s --group g_store --force
p constraint colocation add g_store with Promoted drbd_jtel-clone INFINITY
p constraint location drbd_jtel-clone rule role=Promoted score=50 \#uname eq acd-store1
p constraint order promote drbd_jtel-clone then start g_store
crm_verify -x "$cib"
