#!/bin/bash
# Makes a folder with Debian sid's MySQL 9, its client programs and all libraries that they need, where it is
# missing. The host's own package sources stay as they are: packages are fetched and unpacked, none is installed.
# Needs root, for debootstrap.
set -euo pipefail

cache=${QUORATE_TEST_CACHE:-/var/cache/quorate-test}
sid=$cache/sid
draft=$cache/sid.draft

[ -e "$sid/usr/sbin/mysqld" ] && exit 0

mkdir -p "$cache"
# Of two that run at once, one makes it and the other finds it made.
exec 9>"$cache/sid.lock"
flock 9
[ -e "$sid/usr/sbin/mysqld" ] && exit 0

echo "Fetching MySQL 9 from Debian sid to $sid"
rm -rf "$draft" "$sid"
trap 'rm -rf "$draft"' EXIT
timeout 900 debootstrap --variant=minbase --download-only --include=mysql-server-core,mysql-client-core \
  sid "$draft/packages" >"$cache/sid.log" 2>&1
# The folders that usr/ took over: packages that still name them must not make them again.
for folder in bin sbin lib lib64; do
  mkdir -p "$draft/root/usr/$folder"
  ln -s "usr/$folder" "$draft/root/$folder"
done
for package in "$draft"/packages/var/cache/apt/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" |
    tar -x --keep-directory-symlink --exclude='./usr/share/doc' --exclude='./usr/share/locale' -C "$draft/root"
done
# In one step: what is there is whole.
mv "$draft/root" "$sid"
