# shellcheck shell=bash disable=SC2034
# Sourced by every script here: where things lie, how to speak, the steps of the set-up, the database server.
# Everything that is fetched or generated lies in one cache folder, and in build/ of the clone; `script/setup --clean`
# removes both. Besides that only Debian packages are installed (the list is in `environment`); as root the folders
# above the cache become searchable (chmod o+x), since PostgreSQL refuses to run as root and runs as "nobody".
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${COMMERCIAL_ASSISTANT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/commercial_assistant}
BUILD=${COMMERCIAL_ASSISTANT_BUILD:-$ROOT/build}                  # what a run leaves for people: logs, letters, pictures
DATA=$CACHE/data                   # Odoo's data_dir: the file stores
ADDONS=(); for manifest in "$ROOT"/*/__manifest__.py; do manifest=${manifest%/*}; ADDONS+=("${manifest##*/}"); done
CLONE=$(printf '%s' "$BUILD" | sha256sum | cut -c1-8)               # this working copy among others that share the cache
export LANG=C.UTF-8 LC_ALL=C.UTF-8 PYTHONUTF8=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# tools keep their own caches here too, and a script started by a script finds the same folder
export COMMERCIAL_ASSISTANT_CACHE=$CACHE XDG_CACHE_HOME=$CACHE/tools PIP_CACHE_DIR=$CACHE/tools/pip \
    npm_config_cache=$CACHE/tools/npm HYPOTHESIS_STORAGE_DIRECTORY=$CACHE/tools/hypothesis RUFF_CACHE_DIR=$CACHE/tools/ruff

# --- SPEAKING ---
say() { printf '%s\n' "$*" >&2; }
# die WHAT REMEDY...: one clear message, then the end.
die() { local line; printf '\n✗ %s\n' "$1" >&2; shift; for line in "$@"; do printf '  %s\n' "$line" >&2; done; exit 1; }

# step TITLE COMMAND...: run it with its output in a log, show the passing seconds, and the log's end when it fails.
# (A function has to chain its commands by &&: where a failure is handled, "set -e" does nothing.)
step() {
    local title=$1 start=$SECONDS shown=0 seconds log pid; shift
    mkdir -p "$CACHE/log"; log=$CACHE/log/$(tr -cs 'a-zA-Z0-9' '-' <<<"$title" | cut -c1-60)$$.log
    [ ! -t 2 ] || printf '· %s …' "$title" >&2
    # a process group of its own, to end as a whole; the locks of the script (7, 9) do not outlive it there
    set -m; { exec 7>&- 9>&-; "$@"; } >"$log" 2>&1 </dev/null & pid=$!; set +m
    trap 'kill -TERM -- -$pid 2>/dev/null; wait $pid 2>/dev/null || true; say; exit 130' INT TERM
    while kill -0 $pid 2>/dev/null; do
        sleep 0.2; seconds=$((SECONDS - start))
        if [ -t 2 ]; then
            ((seconds == shown)) || { shown=$seconds; printf '\r\033[K· %s … %ss' "$title" "$seconds" >&2; }
        elif ((seconds - shown >= 20)); then shown=$seconds; say "· $title … ${seconds}s"; fi
    done
    trap - INT TERM
    [ ! -t 2 ] || printf '\r\033[K' >&2
    if wait $pid; then say "✓ $title ($((SECONDS - start))s)"; rm -f "$log"; else
        say "✗ $title ($((SECONDS - start))s)"; tail -n 25 "$log" >&2; say "  whole log: $log"; return 1; fi
}

# alone NAME COMMAND...: one process at a time; a second one waits until the first is done.
alone() (
    mkdir -p "$CACHE/lock"; exec 8>"$CACHE/lock/$1"
    flock -n 8 || { say "· waiting for another run that prepares: $1"; flock 8; }
    shift; "$@"
)
hash_of() { cat "$@" | sha256sum | cut -c1-12; }
# at_exit COMMAND: run it when the script ends, the last one first, however it ends
AT_EXIT=()
at_exit() { AT_EXIT=("$1" ${AT_EXIT[@]+"${AT_EXIT[@]}"}); trap run_at_exit EXIT; }
run_at_exit() { local task; for task in "${AT_EXIT[@]}"; do $task || true; done; }

# --- DEBIAN PACKAGES ---
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# need_packages PACKAGE...: install what is missing, once, without leaving a running service.
need_packages() {
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        for package; do
            case $package in
                chromium | fontconfig) package=${package/fontconfig/fc-match} ;;
                poppler-utils) package=pdftotext ;;
                postgresql) package=initdb ;;
                *) continue ;;         # a font or a library: cannot be asked for without Debian
            esac
            command -v "$package" >/dev/null || missing+=("$package")
        done
        ((${#missing[@]} == 0)) || die "This is not a Debian system, so missing programs are not installed by themselves: ${missing[*]}" \
            "Remedy: install them your own way and put them on PATH, or use Debian 12 or 13."
        return 0
    fi
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
        die "Debian packages are missing and you may not install any: ${missing[*]}" \
            "Remedy: once as root,  apt-get install --no-install-recommends ${missing[*]}"
    fi
    # the server package would otherwise create and start a cluster of its own
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    step "Debian packages: ${missing[*]}" install_packages "${missing[@]}" ||
        die "These Debian packages could not be installed: ${missing[*]}" \
            "Remedy: see the lines above; without network go online and start again, or install them by hand."
}
install_packages() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    as_root "${apt[@]}" install --no-install-recommends "$@" || {
        as_root "${apt[@]}" update && as_root "${apt[@]}" install --no-install-recommends "$@"; }
}

# --- PYTHON ---
find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.12 python3.11 python3.13 python3 /usr/bin/python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'; return; fi
    done
    return 1
}
# make_venv NAME: the folder of a virtual environment from requirements/NAME.lock, every file checked against its hash.
make_venv() {
    local name=$1 lock=$ROOT/script/requirements/$1.lock python venv
    python=$(find_python) || { need_packages python3 python3-venv; python=$(find_python); } ||
        die "No Python 3.11, 3.12 or 3.13 with venv found." "Remedy: install python3 and python3-venv, or set PYTHON=/path/to/python"
    venv=$CACHE/venv/$name-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-$(hash_of "$lock")
    [ -e "$venv/.complete" ] || alone "Python packages ($name)" step "Python packages ($name)" fill_venv "$python" "$venv" "$lock" ||
        die "The Python packages of $name could not be installed." "Remedy: see the lines above; without network go online and start again."
    printf '%s' "$venv"
}
fill_venv() {
    [ ! -e "$2/.complete" ] || return 0
    # the lock names everything: pip need not look for dependencies, and would trip over a newer release of one with extras
    rm -rf "$2"; "$1" -m venv "$2" && "$2/bin/python" -m pip install -q --no-input --no-deps --require-hashes -r "$3" &&
        "$2/bin/python" -I -m pip check && touch "$2/.complete"
}

# make_node: the folder of the JavaScript tools (prettier, eslint), from requirements/package-lock.json
make_node() {
    local lock=$ROOT/script/requirements node
    node=$CACHE/node/$(hash_of "$lock/package.json" "$lock/package-lock.json")
    [ -e "$node/.complete" ] || alone "JavaScript tools" step "JavaScript tools (prettier, eslint)" fill_node "$lock" "$node" ||
        die "The JavaScript tools could not be installed." "Remedy: see the lines above; without network go online and start again."
    printf '%s' "$node"
}
fill_node() {
    [ ! -e "$2/.complete" ] || return 0
    rm -rf "$2"; mkdir -p "$2"; cp "$1"/package*.json "$2"
    (cd "$2" && npm ci --ignore-scripts --no-audit --no-fund) && touch "$2/.complete"
}

# --- ODOO ---
ODOO_KEY=19.0.0-1                  # raise it when fetch_odoo changes
WKHTML_KEY=0.12.4
find_odoo() {
    local home
    if [ -n "${ODOO_HOME:-}" ]; then
        home=$(cd "$ODOO_HOME" 2>/dev/null && pwd) && [ -e "$home/odoo/release.py" ] ||
            die "ODOO_HOME=$ODOO_HOME holds no Odoo (no odoo/release.py)." "Remedy: name the folder of an Odoo 19 checkout, or leave ODOO_HOME out."
        grep -q "version_info = (19, 0" "$home/odoo/release.py" ||
            die "ODOO_HOME=$ODOO_HOME is not Odoo 19.0." "Remedy: name the folder of an Odoo 19 checkout, or leave ODOO_HOME out."
        printf '%s' "$home"; return
    fi
    if [ ! -e "$CACHE/odoo-$ODOO_KEY/.complete" ]; then
        command -v apt-get >/dev/null || die "Odoo is fetched with Debian's apt, which is not here." "Remedy: set ODOO_HOME=/path/to/an/odoo-19/checkout"
        need_packages debian-archive-keyring ca-certificates
        alone "Odoo 19" step "Odoo 19 (135 MB)" bash "$ROOT/script/requirements/fetch_odoo" "$CACHE/odoo-$ODOO_KEY" ||
            die "Odoo 19 could not be fetched from Debian." "Remedy: see the lines above; without network go online and start again, or set ODOO_HOME=/path/to/odoo"
    fi
    printf '%s' "$CACHE/odoo-$ODOO_KEY/root/usr/lib/python3/dist-packages"
}
# odoo_build: what tells one Odoo from another (for the names of cached databases).
odoo_build() {
    if [ -n "${ODOO_HOME:-}" ]; then echo "$ODOO"; git -C "$ODOO" rev-parse HEAD 2>/dev/null || cat "$ODOO/odoo/release.py"
    else echo $ODOO_KEY; cat "$CACHE/odoo-$ODOO_KEY/.complete"; fi
}

# --- DATABASE SERVER ---
PG=$CACHE/pg
# the path of a socket must stay below 108 bytes
if ((${#PG} < 85)); then PGSOCKET=$PG; else PGSOCKET=/tmp/ca-pg-$(printf '%s' "$PG" | sha256sum | cut -c1-8); fi
# the programs that fit the cluster, else the newest ones
pg_bin() {
    local version
    version=$(cat "$PG/data/PG_VERSION" 2>/dev/null) || true
    if [ -n "$version" ] && [ -d "/usr/lib/postgresql/$version/bin" ]; then echo "/usr/lib/postgresql/$version/bin"; return; fi
    version=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
    if [ -n "$version" ]; then echo "$version"; else dirname "$(command -v initdb)" 2>/dev/null; fi
}
# root cannot run PostgreSQL: as root the cluster belongs to "nobody"
pg_run() { if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid nobody --regid nogroup --clear-groups -- "$@"); else (cd / && "$@"); fi; }
pg_init() {
    local bin=$1 parent=$PG
    rm -rf "$PG"; mkdir -p "$PG"
    if [ "$(id -u)" = 0 ]; then
        chown nobody:nogroup "$PG"
        while [ "$parent" != / ]; do parent=$(dirname "$parent"); chmod o+x "$parent"; done
    fi
    pg_run "$bin/initdb" -D "$PG/data" -U odoo -A trust -E UTF8 --locale=C.UTF-8 --no-sync && pg_configure && touch "$PG/.complete"
}
pg_configure() {
    pg_run tee -a "$PG/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$PGSOCKET'
fsync = off                        # a cluster of throw-away databases
synchronous_commit = off
full_page_writes = off
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
wal_level = minimal
max_wal_senders = 0
max_connections = 200
max_parallel_workers_per_gather = 0       # the shared memory of a container can be too small for them
max_parallel_maintenance_workers = 0
CONF
}
pg_answers() { psql -XAtq -d postgres -c 'select 1' >/dev/null 2>&1; }
# pg_users: the living scripts that use the private server
pg_users() {
    local pid
    for pid in "$CACHE"/pg.users/*; do
        pid=${pid##*/}
        if kill -0 "$pid" 2>/dev/null || [ -d "/proc/$pid" ]; then echo "$pid"; else rm -f "$CACHE/pg.users/$pid"; fi
    done
}

# pg_up: start the private server unless the user named one, and stop it with the last script that uses it.
pg_up() {
    if [ -n "${PGHOST:-}" ] && [ "$PGHOST" != "$PGSOCKET" ]; then
        command -v psql >/dev/null || need_packages postgresql-client
        pg_answers || die "The database server PGHOST=$PGHOST (user ${PGUSER:-$(id -un)}) does not answer." \
            "Remedy: start it, correct PGHOST and PGUSER, or leave both out: a private server is then used."
        [ "$(psql -XAtq -d postgres -c 'select rolcreatedb or rolsuper from pg_roles where rolname = current_user')" = t ] ||
            die "The user ${PGUSER:-$(id -un)} of PGHOST=$PGHOST may not create databases." "Remedy: ALTER ROLE ... CREATEDB, or leave PGHOST and PGUSER out."
        return
    fi
    need_packages postgresql
    local bin; bin=$(pg_bin) || true
    [ -n "$bin" ] || die "PostgreSQL's programs were not found." "Remedy: apt-get install postgresql, or set PGHOST and PGUSER to a server of yours."
    PATH=$bin:$PATH
    mkdir -p "$CACHE/pg.users"; export PGHOST=$PGSOCKET PGUSER=odoo; unset PGPORT PGDATABASE PGPASSWORD
    exec 9>"$CACHE/pg.lock"; flock 9
    touch "$CACHE/pg.users/$$"; at_exit pg_down
    if ! pg_answers; then
        if [ ! -e "$PG/.complete" ] || [ ! -d "/usr/lib/postgresql/$(cat "$PG/data/PG_VERSION")" ]; then
            step "PostgreSQL cluster" pg_init "$bin" 9>&- || die "The private PostgreSQL cluster could not be created in $PG." \
                "Remedy: is there room on the disk? Then script/setup --clean, and start again."
        fi
        if [ "$PGSOCKET" != "$PG" ]; then
            mkdir -m 700 "$PGSOCKET" 2>/dev/null || true; [ -O "$PGSOCKET" ] || [ "$(id -u)" = 0 ] || die "$PGSOCKET belongs to somebody else."
            [ "$(id -u)" != 0 ] || chown nobody:nogroup "$PGSOCKET"
        fi
        chmod 700 "$PG"            # whoever reaches the socket is its superuser
        pg_run "$bin/pg_ctl" -D "$PG/data" -w -t 60 -l "$PG/pg.log" start >/dev/null 2>&1 9>&- || {
            tail -5 "$PG/pg.log" >&2 || true
            die "The private PostgreSQL cluster in $PG does not start." "Remedy: script/setup --clean, then start again."; }
    fi
    exec 9>&-
}
pg_down() {
    exec 9>"$CACHE/pg.lock"; flock 9; rm -f "$CACHE/pg.users/$$"
    [ -n "$(pg_users)" ] || pg_run "$(pg_bin)/pg_ctl" -D "$PG/data" -m fast -w stop >/dev/null 2>&1 9>&- || true
    exec 9>&-
}

# --- ODOO'S ENVIRONMENT ---
# environment: VENV, ODOO, PATH and the configuration file, ready for `odoo`; each part is fetched on first use.
environment() {
    mkdir -p "$CACHE" "$BUILD" 2>/dev/null || die "Neither $CACHE nor $BUILD may be missing or read-only." "Remedy: set COMMERCIAL_ASSISTANT_CACHE to a folder you may write to."
    need_packages fontconfig fonts-dejavu-core fonts-liberation libxrender1 libxext6 poppler-utils chromium git
    VENV=$(make_venv odoo); ODOO=$(find_odoo)
    if [ -z "${WKHTMLTOPDF:-}" ]; then
        WKHTMLTOPDF=$CACHE/wkhtmltopdf-$WKHTML_KEY/bin
        [ -x "$WKHTMLTOPDF/wkhtmltopdf" ] || alone wkhtmltopdf step "wkhtmltopdf (patched build)" \
            bash "$ROOT/script/requirements/fetch_wkhtmltopdf" "$CACHE/wkhtmltopdf-$WKHTML_KEY" "$VENV/bin/python" ||
            die "wkhtmltopdf could not be fetched." "Remedy: see the lines above; without network go online, or set WKHTMLTOPDF=/folder/of/the/program"
    fi
    export PATH=$WKHTMLTOPDF:$VENV/bin:$PATH PYTHONPATH=$ODOO ODOO_RC=$CACHE/odoo-$CLONE.conf
    mkdir -p "$DATA/filestore"
    local addons=$ROOT; [ ! -d "$ODOO/addons" ] || addons=$ODOO/addons,$ROOT
    cat >"$ODOO_RC.$$" <<CONF
[options]
addons_path = $addons
data_dir = $DATA
admin_passwd = admin
http_interface = 127.0.0.1
max_cron_threads = 0
list_db = False
without_demo = True
CONF
    mv "$ODOO_RC.$$" "$ODOO_RC"
    pg_up
}
odoo() { "$VENV/bin/python" -m odoo "$@"; }
# dependencies: what our addons need of Odoo, with the Belgian chart of accounts
dependencies() {
    (cd "$ROOT" && "$VENV/bin/python" - "${ADDONS[@]}" <<'PY'
import ast, pathlib, sys
needed = {"l10n_be"}
for addon in sys.argv[1:]:
    needed.update(ast.literal_eval(pathlib.Path(addon, "__manifest__.py").read_text())["depends"])
print(",".join(sorted(needed - set(sys.argv[1:]))))
PY
    )
}
# files_of PATH...: the files as they lie there, known to git or new; all of them where there is no repository
files_of() {
    local file
    { git -C "$ROOT" -c safe.directory='*' -c core.quotePath=false ls-files -co --exclude-standard -- "$@" 2>/dev/null ||
        (cd "$ROOT" && find "$@" -type f -not -path '*/__pycache__/*' -not -path './build/*'); } | sort -u |
        while read -r file; do [ ! -f "$ROOT/$file" ] || printf '%s\n' "$file"; done
}
content_of() { (cd "$ROOT" && files_of "$@" | xargs -d '\n' sha256sum | sha256sum | cut -c1-12); }
join() { local IFS=,; echo "$*"; }

# --- DATABASES ---
# Every database of ours is named ca_… and says in its comment what it is: "complete DAY KEY" once it can be used,
# "run HOST" when it ends with the script whose number its name ends on. One without comment comes from a killed run.
sql() { psql -XAtq -v ON_ERROR_STOP=1 -d postgres -c "$1"; }
db_comment() { sql "select shobj_description(oid, 'pg_database') from pg_database where datname = '$1'"; }
db_drop() { case $1 in ca_*) PGOPTIONS='-c client_min_messages=warning' dropdb --if-exists --force "$1"; rm -rf "${DATA:?}/filestore/$1" ;; esac; }
db_is_complete() { [[ "$(db_comment "$1")" == "complete "*"${2:-}" ]] && [ -d "$DATA/filestore/$1" ]; }
db_complete() { sql "comment on database \"$1\" is 'complete $(date +%F) ${2:-}'"; }
# db_clone FROM TO: with its file store; the files in it are written once, so links are enough
db_clone() { db_drop "$2"; createdb -T "$1" "$2"; cp -al "$DATA/filestore/$1" "$DATA/filestore/$2"; }
# run_database KIND TEMPLATE: DB, a clone that is dropped when this script ends
run_database() {
    local old pid
    for old in $(sql "select datname from pg_database where datname ~ '^ca_(test|lint|bench|outside)[a-z_]*_[0-9]+$' and
            shobj_description(oid, 'pg_database') = 'run $(uname -n)'"); do
        pid=${old##*_}; [ -d "/proc/$pid" ] || db_drop "$old" || true
    done
    DB=ca_$1_$$; at_exit drop_run_database
    db_clone "$2" "$DB"; sql "comment on database \"$DB\" is 'run $(uname -n)'"
}
drop_run_database() { db_drop "$DB"; }
# template KIND LANGUAGES [OPTION...]: TEMPLATE, a database with Odoo's own addons that ours depend on, assets included
template() {
    local kind=$1 languages=$2 modules; shift 2
    modules=$(dependencies)
    TEMPLATE=ca_${kind}_$({ odoo_build; echo "$languages $modules $*"; } | sha256sum | cut -c1-10)
    db_is_complete "$TEMPLATE" || alone "template database" step "Template database: $modules" build_template "$kind" "$languages" "$modules" "$@" ||
        die "The template database could not be built." "Remedy: see the lines above; script/setup --clean makes everything anew."
}
build_template() {
    local kind=$1 languages=$2 modules=$3 old; shift 3
    ! db_is_complete "$TEMPLATE" || return 0
    for old in $(sql "select datname from pg_database where datname like 'ca\\_${kind}\\_%' and
            coalesce(substring(shobj_description(oid, 'pg_database') from '^complete (\S+)')::date, '2000-01-01') < current_date - 14"); do db_drop "$old"; done
    odoo server -d "$TEMPLATE" --load-language "$languages" -i "$modules" --stop-after-init --no-http --log-level=warn "$@" &&
        echo "env['ir.qweb']._pregenerate_assets_bundles(); env.cr.commit()" | odoo shell -d "$TEMPLATE" --no-http --log-level=warn &&
        sql "alter database \"$TEMPLATE\" allow_connections false" && db_complete "$TEMPLATE"
}
TEST_LANGUAGES=en_US,nl_BE,fr_BE,de_DE
DEMO_LANGUAGES=en_US,nl_BE,fr_BE,de_DE
