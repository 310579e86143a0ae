#!/bin/sh
# Makes a lab host an S3 server: Ceph's RADOS Gateway over one monitor and one OSD, in /var/lib/store. Idempotent.
# rootfs/ was copied over it before; the argument stands for this recipe. The packages are unpacked, not installed: what
# their scripts do on a host of a real cluster (users, udev, LVM, a hundred times over) takes minutes, and serves nothing.
set -eu
recipe=$1
export DEBIAN_FRONTEND=noninteractive
cd /var/lib

# What the dependencies name for disks, debuggers and other interfaces; nothing that runs here links to it or calls it.
unneeded='binutils.*|libbinutils|libctf.*|libsframe1|libgprofng0|libjansson4|libbabeltrace1|libdw1t64|libglib2.*
  |lvm2|liblvm2cmd.*|dmeventd|dmsetup|libdevmapper-event.*|cryptsetup-bin|nvme-cli|libnvme1t64|smartmontools|hdparm|parted
  |libparted.*|gdisk|dmidecode|xfsprogs|libinih1|e2fsprogs|libext2fs2t64|libss2|logsave|ceph-volume|python3-ceph
  |python3-rgw|python3-dbus|python3-requests|python3-urllib3|python3-idna|python3-chardet|python3-certifi
  |python3-charset-normalizer|python3-packaging|librgw2|libradosstriper1|libpopt0|logrotate|psmisc|uuid-runtime|media-types'
unneeded=$(printf %s "$unneeded" | tr -d ' \n')

download() {
  rm -rf store-packages
  mkdir store-packages
  cd store-packages
  apt-get install -s --no-install-recommends radosgw ceph-mon ceph-osd > plan
  # shellcheck disable=SC2046
  apt-get download -q -o APT::Sandbox::User=root $(sed -n 's/^Inst \([^ ]*\) .*/\1/p' plan | grep -vxE "$unneeded")
  cd ..
}

if ! [ -e store-unpacked ]; then
  # The image's lists of packages may be older than the mirror's packages.
  (download) || { apt-get update -q && (download); }
  for package in store-packages/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C / --keep-directory-symlink --no-same-owner \
      --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
      --exclude='./usr/bin/ceph-*-tool' --exclude='./usr/bin/cephfs-*' --exclude=./usr/bin/radosgw-object-expirer
  done
  ldconfig
  rm -rf store-packages
  touch store-unpacked
fi

chown -R root:root /etc/ceph /etc/systemd/system/store-*.service /usr/local/sbin/store-*
systemctl daemon-reload
systemctl stop store-rgw store-osd store-mon

# A cluster of one: its monitor, and an OSD over a file with holes, which takes the room that objects need.
if ! [ -e store/made ]; then
  rm -rf store/mon store/osd store/rgw
  mkdir -p store/mon store/osd store/rgw
  osd=$(cat /proc/sys/kernel/random/uuid)
  monmaptool --create --clobber --fsid "$(ceph-conf --lookup fsid)" --addv a '[v2:127.0.0.1:3300/0]' store/monmap
  ceph-mon --mkfs -i a --monmap store/monmap
  systemctl start store-mon
  # It takes a moment until the monitor has elected itself.
  tries=0
  until ceph --connect-timeout 2 osd new "$osd" > store/said 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { cat store/said >&2; exit 1; }
    sleep 0.3
  done
  ceph-osd --mkfs -i 0 --osd-uuid "$osd"
  ceph osd crush add osd.0 1.0 root=default host=store
  touch store/made
fi
systemctl enable --quiet store-mon store-osd store-rgw
systemctl start store-rgw
echo "$recipe" > store-provisioned
