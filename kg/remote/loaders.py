"""The files that lie beside a bulk export: one for each bulk loader, ready to run in the folder of the shards.

Sources: the manuals that each file names.
"""

from collections.abc import Mapping

__all__ = ["FILES"]

_VIRTUOSO_SQL = """\
-- Virtuoso's bulk loader: https://vos.openlinksw.com/owiki/wiki/VOS/VirtBulkRDFLoader
-- @FOLDER@ is the folder of the shards as the server sees it; it must be in DirsAllowed of virtuoso.ini.
ld_dir ('@FOLDER@', 'part-*.nq.gz', 'urn:none');
rdf_loader_run ();
checkpoint;
select ll_file, ll_error from DB.DBA.LOAD_LIST
  where ll_file like '@FOLDER@/%' and (ll_state <> 2 or ll_error is not null);
"""

_VIRTUOSO = """\
#!/bin/sh
# Load the shards into Virtuoso: sh load-virtuoso.sh [HOST:PORT [FOLDER-AS-THE-SERVER-SEES-IT]]
# VIRTUOSO_PASSWORD is the password of dba. isql takes it as an argument, which users of this machine can see.
# Several rdf_loader_run () in sessions of their own load in parallel: one for each two or three cores.
set -eu
cd "$(dirname "$0")"
server=${1:-localhost:1111}
folder=${2:-$PWD}
isql=$(command -v isql-vt || command -v isql-v || command -v isql)
said=$(sed "s|@FOLDER@|$folder|g" load-virtuoso.sql |
  "$isql" "$server" dba "${VIRTUOSO_PASSWORD:-dba}" VERBOSE=OFF BANNER=OFF PROMPT=OFF ERRORS=STDOUT)
printf '%s\\n' "$said"
case $said in *Error*|*part-*) echo 'not everything was loaded' >&2; exit 1 ;; esac
"""

_JENA = """\
#!/bin/sh
# Load the shards into a new TDB2 database of Apache Jena: sh load-jena.sh [DATABASE]
# tdb2.xloader (https://jena.apache.org/documentation/tdb/tdb-xloader.html) is for very large graphs; where it or jq,
# which it needs, is missing, tdb2.tdbloader is used. Then: fuseki-server --tdb2 --loc=DATABASE --update /ds
set -eu
cd "$(dirname "$0")"
database=${1:-DB2}
if command -v tdb2.xloader >/dev/null && command -v jq >/dev/null; then
  exec tdb2.xloader --loc "$database" part-*.nq.gz
elif command -v tdb2.tdbloader >/dev/null; then
  exec tdb2.tdbloader --loader=parallel --loc "$database" part-*.nq.gz
fi
exec java ${JVM_ARGS:--Xmx4g} -cp "${JENA_JARS:?name the jars of Jena, such as /opt/jena/lib/*}" \\
  tdb2.tdbloader --loader=parallel --loc "$database" part-*.nq.gz
"""

_GRAPHDB = """\
#!/bin/sh
# Load the shards into a repository of GraphDB that exists already, while GraphDB does not run:
# sh load-graphdb.sh REPOSITORY      https://graphdb.ontotext.com/documentation/10.8/loading-data-using-importrdf.html
# `preload` is fastest and keeps no inferences; `importrdf load -m parallel` does.
set -eu
cd "$(dirname "$0")"
exec importrdf preload --force --id "${1:?name the repository}" part-*.nq.gz
"""

_QLEVER = """\
# QLever: run `qlever index` and `qlever start` in this folder (https://docs.qlever.dev/qleverfile/).
[data]
NAME        = @NAME@
DESCRIPTION = Notes, as `kg export --bulk` wrote them
FORMAT      = nq

[index]
INPUT_FILES     = part-*.nq.gz
CAT_INPUT_FILES = zcat ${INPUT_FILES}
SETTINGS_JSON   = { "ascii-prefixes-only": false }

[server]
PORT         = 7001
ACCESS_TOKEN = ${data:NAME}

[runtime]
SYSTEM = docker
IMAGE  = docker.io/adfreiburg/qlever:latest
"""

_NEPTUNE = """\
#!/bin/sh
# Load the shards into Amazon Neptune: sh load-neptune.sh ENDPOINT s3://BUCKET/PREFIX ROLE-ARN REGION
# https://docs.aws.amazon.com/neptune/latest/userguide/load-api-reference-load.html
set -eu
cd "$(dirname "$0")"
endpoint=${1:?the cluster, such as https://cluster.example.com:8182}
target=${2:?where in S3} role=${3:?the ARN of a role that may read it} region=${4:?the region of both}
aws s3 cp . "$target/" --recursive --exclude '*' --include 'part-*.nq.gz' --region "$region"
curl --fail-with-body --silent --show-error -X POST -H 'Content-Type: application/json' "$endpoint/loader" -d @- <<END
{"source": "$target/", "format": "nquads", "iamRoleArn": "$role", "region": "$region",
 "failOnError": "TRUE", "parallelism": "OVERSUBSCRIBE", "queueRequest": "TRUE"}
END
"""

_OXIGRAPH = """\
#!/bin/sh
# Load the shards into an Oxigraph database that no server has open: sh load-oxigraph.sh [DATABASE]
set -eu
cd "$(dirname "$0")"
exec oxigraph load --location "${1:-oxigraph-db}" --lenient --file part-*.nq.gz
"""

FILES: Mapping[str, str] = {
    "load-virtuoso.sql": _VIRTUOSO_SQL,
    "load-virtuoso.sh": _VIRTUOSO,
    "load-jena.sh": _JENA,
    "load-graphdb.sh": _GRAPHDB,
    "Qleverfile": _QLEVER,
    "load-neptune.sh": _NEPTUNE,
    "load-oxigraph.sh": _OXIGRAPH,
}
"""What each file says, by its name; `@NAME@` stands for the name of the vault."""
