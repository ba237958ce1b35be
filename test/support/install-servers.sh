#!/bin/bash
# Installs the real servers that the tests run against, where they are missing (Debian and its relatives).
# Quick when everything is there. The system services of these packages are not started.
set -euo pipefail

PACKAGES=(redis-server etcd-server etcd-client chromium openssl)
COMMANDS=(redis-server etcd etcdctl chromium openssl)

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
  for command in "${COMMANDS[@]}"; do
    command -v "$command" >/dev/null || { echo "The tests need $command on the PATH." >&2; exit 1; }
  done
  exit 0
fi

missing=()
for package in "${PACKAGES[@]}"; do
  installed "$package" || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "The tests need these packages: ${missing[*]}" >&2
  echo "Install them with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

# Maintainer scripts ask policy-rc.d whether they may start a service; 101 means no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

echo "Installing the servers that the tests run against: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
