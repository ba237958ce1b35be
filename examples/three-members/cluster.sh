#!/bin/bash
# Three members of one cluster over a three-member etcd, all on 127.0.0.1, with their data in a folder of their own.
#
#   cluster.sh            starts everything, and stops it at Ctrl-C
#   cluster.sh member N   runs member N alone: one that was killed, or a fourth
#
# FOLDER, ETCD_PORTS, ETCD_PEER_PORTS, API_PORTS and PEER_PORTS (lists) say where, if not as below.
set -euo pipefail
folder=${FOLDER:-/tmp/three-members}
read -ra etcd_ports <<<"${ETCD_PORTS:-2391 2392 2393}"
read -ra etcd_peer_ports <<<"${ETCD_PEER_PORTS:-2491 2492 2493}"
read -ra api_ports <<<"${API_PORTS:-4001 4002 4003 4004}"
read -ra peer_ports <<<"${PEER_PORTS:-4101 4102 4103 4104}"
program=$(cd "$(dirname "$0")/../.." && pwd)/dist/main.js
endpoints=$(printf ',http://127.0.0.1:%s' "${etcd_ports[@]}")

need() {
  command -v "$1" >/dev/null || { echo "$1 is missing: $2" >&2; exit 1; }
}

run_etcd() {
  local at=$(($1 - 1)) all=''
  for n in 1 2 3; do all+=",e$n=http://127.0.0.1:${etcd_peer_ports[n - 1]}"; done
  local client="http://127.0.0.1:${etcd_ports[at]}" peer="http://127.0.0.1:${etcd_peer_ports[at]}"
  exec etcd --name "e$1" --data-dir "$folder/e$1" --initial-cluster "${all:1}" --initial-cluster-state new \
    --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --auto-compaction-retention 1h
}

run_member() {
  local at=$(($1 - 1))
  mkdir -p "$folder/m$1"
  echo "$BASHPID" >"$folder/m$1/pid"
  exec node "$program" serve --name "m$1" --join --etcd "${endpoints:1}" --data-dir "$folder/m$1" \
    --listen "127.0.0.1:${api_ports[at]}" --peer-listen "127.0.0.1:${peer_ports[at]}" --secret-key "$folder/secret.key"
}

# A URL that answers while the process runs.
until_up() {
  until curl -fsS -o /dev/null "$1" 2>/dev/null; do
    kill -0 "$2" 2>/dev/null || { echo "It has ended, see $3" >&2; exit 1; }
    sleep 0.2
  done
}

stop() {
  trap - EXIT
  local running
  running=$(jobs -pr)
  # shellcheck disable=SC2086 # one word each
  [ -z "$running" ] || kill $running
  wait
  echo "All have stopped. Their data stay in $folder."
}

need etcd 'apt-get install etcd-server (Debian), or https://etcd.io'
need node 'Node.js 20.19 or newer'
need curl 'apt-get install curl'
[ -e "$program" ] || { echo "Build it first: npm ci && npm run build" >&2; exit 1; }

if [ "${1:-}" = member ]; then
  run_member "$2"
fi

mkdir -p "$folder"
# The members' key, which seals passwords in etcd and lets members know each other.
[ -e "$folder/secret.key" ] || (umask 077 && head -c 32 /dev/urandom | base64 >"$folder/secret.key")
trap stop EXIT
trap 'exit 0' INT TERM

pids=()
for n in 1 2 3; do
  (run_etcd "$n") >>"$folder/e$n.log" 2>&1 &
  pids[n]=$!
done
for n in 1 2 3; do until_up "http://127.0.0.1:${etcd_ports[n - 1]}/health" "${pids[n]}" "$folder/e$n.log"; done
for n in 1 2 3; do
  (run_member "$n") >>"$folder/m$n.log" 2>&1 &
  # The first one makes the cluster, the others join it, one at a time.
  until_up "http://127.0.0.1:${api_ports[n - 1]}/readyz" $! "$folder/m$n.log"
  echo "m$n  http://127.0.0.1:${api_ports[n - 1]}/playground  data, log and pid: $folder/m$n"
done
echo "The cluster runs. Ctrl-C stops it."
# Also when one of them is killed.
while [ -n "$(jobs -pr)" ]; do wait -n || true; done
