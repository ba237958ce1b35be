#!/bin/bash
# Makes a folder with packages of another Debian release and all libraries that they need, where it is missing:
#   install-debian-packages.sh NAME SUITE PROGRAM PACKAGE...
# NAME is the folder's, in the tests' cache; PROGRAM is a path in it that tells that it is whole. The host's own package
# sources stay as they are: packages are fetched and unpacked, none is installed.
set -euo pipefail

name=$1 suite=$2 program=$3
shift 3
cache=${QUORATE_TEST_CACHE:-/var/cache/quorate-test}
root=$cache/$name
draft=$cache/$name.draft

[ -e "$root/$program" ] && exit 0
mkdir -p "$cache"
# Of two that run at once, one makes it and the other finds it made.
exec 9>"$cache/$name.lock"
flock 9
[ -e "$root/$program" ] && exit 0

echo "Fetching $* of Debian $suite to $root"
rm -rf "$draft" "$root"
trap 'rm -rf "$draft"' EXIT
apt=$draft/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/etc/preferences.d" "$apt/etc/apt.conf.d"
: >"$apt/status"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] http://deb.debian.org/debian $suite main" >"$apt/sources.list"
options=(
  -o "Dir::Etc=$apt/etc" -o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=-"
  -o "Dir::State=$apt" -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status"
  -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives" -o APT::Sandbox::User=root -o Debug::NoLocking=1
)
{
  timeout 300 apt-get "${options[@]}" update
  timeout 600 apt-get "${options[@]}" install -y --download-only --no-install-recommends "$@"
} >"$cache/$name.log" 2>&1
# The folders that usr/ took over: packages that still name them must not make them again.
for folder in bin sbin lib lib64; do
  mkdir -p "$draft/root/usr/$folder"
  ln -s "usr/$folder" "$draft/root/$folder"
done
for package in "$apt"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" |
    tar -x --keep-directory-symlink --exclude='./usr/share/doc' --exclude='./usr/share/locale' -C "$draft/root"
done
# In one step: what is there is whole.
mv "$draft/root" "$root"
