"""Unpacks the submissions that Moodle or Canvas hands out as a ZIP: a folder for each student,
NAME_ID, with the files under the names that the student gave them.

Arguments: the archive, and the FOLDER to fill; what is in it already stays.
Moodle: NAME_ID_assignsubmission_file_/FILE, or the same without the slash. Canvas:
name_ID_NUMBER_FILE, with LATE_ before the ID of who was late, and -1 and so on behind the name of a
file handed in again. Of a file more than 16 MiB, and what would lie outside its student's folder, is
left out; what cannot be unpacked is named on stderr. More than 4 GiB are refused, with status 1.
"""
import re
import sys
import zipfile
from pathlib import Path

LIMIT, LIMIT_OF_ALL = 16 << 20, 4 << 30
folder = Path(sys.argv[2]).resolve()


def name_of(entry):
    """The name of the file; one that is not marked as UTF-8 may be it all the same."""
    try:
        return entry.filename if entry.flag_bits & 0x800 else entry.filename.encode('cp437').decode()
    except UnicodeError:
        return entry.filename


def place(path):
    """The folder and the file in it, or nothing."""
    if moodle := re.fullmatch('(.+_[0-9]+)_assignsubmission_file_/?(.+)', path):
        return moodle.groups()
    if canvas := re.fullmatch('([^/_]+)_(?:LATE_)?([0-9]+)_[0-9]+_([^/]+)', path):
        again = re.fullmatch(r'(server|run)-[0-9]+(|\.c)', canvas[3])
        return f'{canvas[1]}_{canvas[2]}', again[1] + again[2] if again else canvas[3]
    return path.split('/', 1) if '/' in path else None


with zipfile.ZipFile(sys.argv[1]) as archive:
    if sum(min(entry.file_size, LIMIT) for entry in archive.infolist()) > LIMIT_OF_ALL:
        sys.exit('more than 4 GiB')
    for entry in archive.infolist():
        if entry.is_dir() or not (names := place(name_of(entry))):
            continue
        target = folder.joinpath(*names).resolve()
        if folder / names[0] in target.parents and not target.exists():
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source:
                    target.write_bytes(source.read(LIMIT))
            except (OSError, RuntimeError, zipfile.BadZipFile) as problem:  # of this one only
                print(f'{entry.filename}: {problem}', file=sys.stderr)
