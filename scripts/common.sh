# Set-up shared by scripts/run, scripts/test and scripts/lock: sourced, never run by itself.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# What is needed outside Python, by Debian's names, each with the file that proves it is there: what
# Qt and its window plug-ins (X11, Wayland) link to, and ALSA, which the sound process opens by itself.
# The wheels bring everything else.
SYSTEM_LIBRARIES=(
    libegl1:libEGL.so.1
    libgl1:libGL.so.1
    libfontconfig1:libfontconfig.so.1
    libfreetype6:libfreetype.so.6
    libdbus-1-3:libdbus-1.so.3
    libglib2.0-0:libgthread-2.0.so.0
    libgssapi-krb5-2:libgssapi_krb5.so.2
    libxkbcommon0:libxkbcommon.so.0
    libxkbcommon-x11-0:libxkbcommon-x11.so.0
    libx11-xcb1:libX11-xcb.so.1
    libxcb-cursor0:libxcb-cursor.so.0
    libxcb-icccm4:libxcb-icccm.so.4
    libxcb-image0:libxcb-image.so.0
    libxcb-keysyms1:libxcb-keysyms.so.1
    libxcb-randr0:libxcb-randr.so.0
    libxcb-render-util0:libxcb-render-util.so.0
    libxcb-shape0:libxcb-shape.so.0
    libxcb-shm0:libxcb-shm.so.0
    libxcb-sync1:libxcb-sync.so.1
    libxcb-xfixes0:libxcb-xfixes.so.0
    libxcb-xkb1:libxcb-xkb.so.1
    libwayland-client0:libwayland-client.so.0
    libwayland-cursor0:libwayland-cursor.so.0
    libwayland-egl1:libwayland-egl.so.1
    libasound2:libasound.so.2
)

say() { printf '%s\n' "$*" >&2; }

# Prints the interpreter to build with: 3.11 or newer, with venv.
find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "Vigil needs Python 3.11 or newer with its venv module, and none was found."
    say "On Debian 12:  sudo apt-get install python3 python3-venv python3-pip"
    return 1
}

# Installs the system libraries that are missing where it may; says the exact command where it may not.
need_system_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    local known pair missing=()
    known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null) || known=
    for pair in "${SYSTEM_LIBRARIES[@]}"; do
        [[ $known == *"${pair#*:} "* ]] || missing+=("${pair%%:*}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    say "System libraries are missing: ${missing[*]}"
    install_packages "${missing[@]}" && return 0
    say "Windows and sound need them, and this script may not install them. Please run:"
    say "  sudo apt-get install --no-install-recommends ${missing[*]}"
    say "(these are Debian's names; other systems call them alike) and start this script again."
    return 1
}

# What the lane on a real Bluetooth host runs its machine with. Where it cannot be installed, the lane
# counts as not run and says what it needs (tests/real_bluez/guest_image.py).
need_bluetooth_host() {
    [ "$(uname -sm)" = "Linux x86_64" ] || return 0
    local missing=()
    command -v qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86)
    command -v dbus-daemon >/dev/null || missing+=(dbus-daemon)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}" || true
}

# What shows that a promise comes after its sync, and lets single writes fail (tests/faults). Without it
# those tests run a fallback that they name, or say what was not shown.
need_tracer() {
    [ "$(uname -s)" = Linux ] || return 0
    command -v strace >/dev/null || install_packages strace || true
}

# A screen of X11, which has a selection that other programs read (tests/ui/test_discreet.py).
need_x11() {
    [ "$(uname -s)" = Linux ] || return 0
    command -v xvfb-run >/dev/null || install_packages xvfb xauth || true
}

# install_packages NAME...: fails where this user may not, or where there is no apt.
install_packages() {
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || return 1
        root=(sudo --non-interactive)
    fi
    command -v apt-get >/dev/null || return 1
    say "Installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # The list may be old or have a dead extra source: the install decides, not the update.
    "${root[@]}" apt-get update --quiet=2 || say "apt-get update failed; going on with the list at hand."
    "${root[@]}" apt-get install --yes --no-install-recommends --quiet=2 "$@" >/dev/null
}

# digest FILE...: one short word that changes when any of the files does (git is always there).
digest() { cat "$@" | git hash-object --stdin; }

# need_environment app|dev: makes .venv hold the lock of that name, and this tree as an editable
# install. dev holds all of app, so it serves both. A call that finds its stamps returns at once.
need_environment() {
    local wanted=$1 python locks=.venv/vigil-locks project=.venv/vigil-project
    local pip=(.venv/bin/python -m pip --disable-pip-version-check install --quiet)
    if ! grep -qs "^$wanted $(digest "requirements/$wanted.txt")$" "$locks"; then
        python=$(find_python)
        say "Setting up .venv from requirements/$wanted.txt (once; it may take a few minutes)"
        # From nothing each time: a leftover of an older lock would hide a missing package.
        rm -rf .venv
        "$python" -m venv .venv
        "${pip[@]}" --require-hashes --requirement "requirements/$wanted.txt"
        {
            echo "app $(digest requirements/app.txt)"
            [ "$wanted" = app ] || echo "$wanted $(digest "requirements/$wanted.txt")"
        } >"$locks"
    fi
    # The command `vigil` and the registry of drivers come from the project's own metadata.
    if ! grep -qsx "$(digest pyproject.toml)" "$project"; then
        "${pip[@]}" --no-deps --no-build-isolation --no-index --editable .
        digest pyproject.toml >"$project"
    fi
}
