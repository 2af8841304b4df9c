# Finds a Python that can run Stationwatch; sourced by ./stationwatch and ./check.
#
# Prints its name on standard output, or says on standard error what is missing and returns 1.
# STATIONWATCH_PYTHON names one by hand.

find_python() {
    found=
    for candidate in ${STATIONWATCH_PYTHON:+"$STATIONWATCH_PYTHON"} \
        python3.13 python3.12 python3.11 python3 python3.14 python; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
            continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
                printf '%s\n' "$candidate"
                return 0
            fi
            found="$found $version (without the modules venv and ensurepip)"
        else
            found="$found $version"
        fi
    done
    {
        echo "stationwatch needs Python 3.11 or newer with its modules venv and ensurepip."
        if [ -n "$found" ]; then
            echo "Found only:$found."
        else
            echo "No Python was found."
        fi
        echo "On Debian and Ubuntu: apt install python3 python3-venv. On macOS: brew install python."
        echo "If it is installed elsewhere, name it: STATIONWATCH_PYTHON=/path/to/python3 $0"
    } >&2
    return 1
}
