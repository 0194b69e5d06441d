#!/bin/sh
# backup.sh FOLDER: one archive of the warehouse with its state, and one of Dagster's database.
# Needs the variables of /etc/saas-tracker/env, flock, tar and pg_dump. Runs go on; an operation that
# wants to write waits while the file is copied.
set -eu
folder=${1:?usage: backup.sh FOLDER}
name=$(date -u +%Y%m%dT%H%M%SZ)
part=$folder/.$name.part
places=$(dirname "$SAAS_TRACKER_WAREHOUSE")
base=$(basename "$SAAS_TRACKER_WAREHOUSE")
stem=${base%.*}

mkdir -p "$part"
cd "$places"
# The same lock that the pipeline's writers take: the copy is never of a half-written file.
flock ".$stem.writer.lock" tar --create --gzip --file "$part/warehouse.tar.gz" \
    $(ls -d "$base" "$base.wal" ".$stem.state" 2>/dev/null)
PGPASSWORD=$DAGSTER_PG_PASSWORD pg_dump --format custom --file "$part/dagster.pgdump" \
    --host "$DAGSTER_PG_HOST" --port "$DAGSTER_PG_PORT" --username "$DAGSTER_PG_USER" "$DAGSTER_PG_DB"
cp "$DAGSTER_HOME/dagster.yaml" "$part/"
mv "$part" "$folder/$name"
echo "$folder/$name"
