#!/bin/sh
# restore.sh FOLDER/NAME: puts back what backup.sh has saved. Stop both services first.
# What is there now is moved aside (*.before-restore), not deleted.
set -eu
backup=${1:?usage: restore.sh FOLDER/NAME}
places=$(dirname "$SAAS_TRACKER_WAREHOUSE")
base=$(basename "$SAAS_TRACKER_WAREHOUSE")
stem=${base%.*}

mkdir -p "$places" "$DAGSTER_HOME"
for old in "$base" "$base.wal" ".$stem.state"; do
    if [ -e "$places/$old" ]; then
        rm -rf "$places/$old.before-restore"
        mv "$places/$old" "$places/$old.before-restore"
    fi
done
tar --extract --gzip --file "$backup/warehouse.tar.gz" --directory "$places"
PGPASSWORD=$DAGSTER_PG_PASSWORD pg_restore --clean --if-exists --no-owner --exit-on-error \
    --host "$DAGSTER_PG_HOST" --port "$DAGSTER_PG_PORT" --username "$DAGSTER_PG_USER" \
    --dbname "$DAGSTER_PG_DB" "$backup/dagster.pgdump"
cp "$backup/dagster.yaml" "$DAGSTER_HOME/"
