"""The tables of a class and the report on one submission; used by grade.sh.

Arguments: STEP; TOTAL, how many tests there are; three sentences, for "and %s more", "%s of %s tests
were run" and "%s, step %s: %s tests passed, %s."; ROW, the folder of the one that is graded now; and
the FOLDER of each, with its name. In it, when it is graded: compiler, results, suite, and problem if
there was one, as examine.sh wrote them; and seconds, how many it took.
Writes into this folder grades.csv and junit.xml; where a name ends in the number that Moodle or Canvas
gave, also moodle.csv and canvas.csv; and of ROW a report, NAME.txt. Prints a line of ROW.
All that a submission has a part in is made clean: UTF-8, and no control characters.
"""
import csv
import os
import re
import sys
import unicodedata
import zlib
from pathlib import Path
from xml.etree import ElementTree

step, total, more, incomplete, passed_sentence, row, *folders = sys.argv[1:]
total = int(total)


def clean(data):
    """The text, without what is not UTF-8, or may not be in XML."""
    return ''.join(sign for sign in data.decode('utf-8', 'ignore')
                   if sign in '\n\t' or unicodedata.category(sign)[0] != 'C')


def read(folder, file):
    """What such a file says, its first million bytes, or nothing."""
    if not Path(folder, file).exists():
        return ''
    with Path(folder, file).open('rb') as content:
        return clean(content.read(1000000))


def shown_name(name):
    """As a person is to read it; if it is not UTF-8, as Windows wrote it."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode('cp1252', 'ignore')
    return clean(re.sub('[\n\t]', ' ', text).encode())


def file_name(name):
    """Of its report: its own, if that is clean and short enough, or one that no other has."""
    shown = shown_name(name)
    if shown.encode() == name and len(name) <= 200:
        return shown
    return f'{shown.encode()[:180].decode("utf-8", "ignore")}~{zlib.crc32(name)}'


def shortened(text, columns):
    """As much of it as fits; a Chinese character takes two columns."""
    for end, sign in enumerate(text):
        columns -= 2 if unicodedata.east_asian_width(sign) in 'WF' else 1
        if columns < 0:
            return text[:end]
    return text


def reason_of(problem, tests, counted):
    """Why it has not got full marks, or what kept a test from being asked; or nothing."""
    first = {word: f'"{title}": {why}' for word, title, why in reversed(tests)}
    failed = sum(word == 'failed' for word, _, _ in tests)
    reasons = [problem] if problem else []
    if failed:
        reasons.append(first['failed'] + (f' ({more % (failed - 1)})' if failed > 1 else ''))
    if len(tests) < total:
        reasons.append(incomplete % (len(tests), total))
    return '; '.join(reasons) or first.get('not_asked' if counted else 'skipped', '')


def add_case(name, title, word, why):
    """Adds a test to the JUnit report."""
    case = ElementTree.SubElement(suite, 'testcase', classname=name, name=f'step {step}: {title}')
    if word != 'passed':
        ElementTree.SubElement(case, 'skipped' if word == 'skipped' else 'failure', message=why)


def write_csv(file, rows):
    """Writes the table; a spreadsheet takes what begins like a formula for one."""
    with open(file, 'w', encoding='utf-8', newline='') as table:
        writer = csv.writer(table, quoting=csv.QUOTE_NONNUMERIC, lineterminator='\n')
        for cells in rows:
            writer.writerow([f"'{cell}" if re.match('[=+@-]', str(cell)) else cell for cell in cells])


grades = [('name', 'id', 'percent', 'passed', 'failed', 'not asked', 'of how many', 'seconds', 'reason')]
moodle = [('Identifier', 'Full name', 'Grade', 'Last modified (grade)', 'Feedback comments')]
canvas = [('Student', 'ID', 'Section', f'Step {step}')]
suite = ElementTree.Element('testsuite', name=f'step {step}')
line = ''
for folder in folders:
    if not (seconds := read(folder, 'seconds')):
        continue
    raw_name = os.fsencode(Path(folder).name)
    name = shown_name(raw_name)
    tests = re.findall('(.*)\t(.*)\t(.*)\n', read(folder, 'results'))
    words = [word for word, _, _ in tests]
    counted = total - words.count('skipped')  # by this machine: no server can take a test out
    percent = 100 * words.count('passed') // counted if counted else 0
    passed = f'{words.count("passed")}/{counted}'
    reason = reason_of(read(folder, 'problem').strip(), tests, counted)
    for word, title, why in tests:
        add_case(name, title, word, why)
    if len(tests) < total:
        add_case(name, 'the whole suite is run', 'failed', reason)
    if folder == row:
        line = f'{percent:3}% {passed:>5} {int(seconds):3}s {shortened(f"{name} {reason}", 56)}'
        said = read(folder, 'compiler') + read(folder, 'suite')
        Path(file_name(raw_name) + '.txt').write_text(
            passed_sentence % (name, step, passed, f'{percent}%') + f'\n{reason}\n\n{said}', 'utf-8')
    number = ''
    if match := re.fullmatch('(.*)_([0-9]+)(_assignsubmission_file_?)?', name):
        name, number = match[1], int(match[2])
        moodle.append((f'Participant {number}', name, percent, '', reason))
        canvas.append((name, number, '', percent))
    grades.append((name, number, percent, words.count('passed'), words.count('failed'),
                   words.count('not_asked'), counted, int(seconds), reason))

write_csv('grades.csv', grades)
if len(moodle) > 1:
    write_csv('moodle.csv', moodle)
    write_csv('canvas.csv', canvas)
ElementTree.ElementTree(suite).write('junit.xml', encoding='UTF-8', xml_declaration=True)
if line:
    print(f'{len(grades) - 1:3}/{len(folders)}', line)
