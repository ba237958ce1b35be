#!/bin/sh
# Two MariaDB servers on 127.0.0.1, 3306 (the source, with a binlog) and 3307 (empty), in a folder of their own.
set -eu
folder=${1:-/tmp/first-replica-servers}
mkdir -p "$folder"
for port in 3306 3307; do
  mariadb-install-db --no-defaults --datadir="$folder/$port" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  mariadbd --no-defaults --datadir="$folder/$port" --socket="$folder/$port/socket" --pid-file="$folder/$port/pid" \
    --bind-address=127.0.0.1 --port=$port --server-id=$port --log-bin=binlog --binlog-format=ROW --user="$(id -un)" \
    >"$folder/$port/log" 2>&1 &
done
for port in 3306 3307; do
  until mariadb -h 127.0.0.1 -P $port -u root -e 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done
done
mariadb -h 127.0.0.1 -P 3306 -u root -e 'CREATE DATABASE before_us; CREATE TABLE before_us.t (id INT PRIMARY KEY)'
echo "The source listens at 127.0.0.1:3306, the replica to be at 127.0.0.1:3307. To end and remove them:"
echo "kill \$(cat $folder/330?/pid); rm -rf $folder"
