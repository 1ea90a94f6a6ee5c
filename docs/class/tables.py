"""The tables of a class, from what is known of each submission; used by grade.sh.

Arguments: STEP; TOTAL, how many tests there are; two sentences, for "and %s more" and for "%s of %s
tests were run"; ROW, one of the files or nothing; and a FILE for each submission, empty until it is
examined. The first line of a file: the name, how many seconds it took, and why it was not tested to
the end, or nothing. Then a line for each test (note_result in tests/report/suite.bash).
Writes grades.csv and junit.xml into this folder, and where a name ends in the number that Moodle or
Canvas gave, moodle.csv and canvas.csv. Prints how many are graded and, of ROW, the percentage,
"passed/counted" and the reason, with tabs between them.
"""
import csv
import re
import sys
from xml.etree import ElementTree

step, total, more, incomplete, row, *files = sys.argv[1:]
total = int(total)


def read(file):
    """The fields of its first line, and those of the others."""
    with open(file, encoding='utf-8', newline='\n') as lines:
        fields = [line.rstrip('\n').split('\t') for line in lines]
    return (fields[0], fields[1:]) if fields else None


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


def add_case(suite, name, title, word, why):
    """Adds a test to the JUnit report."""
    case = ElementTree.SubElement(suite, 'testcase', classname=name, name=f'step {step}: {title}')
    if word != 'passed':
        ElementTree.SubElement(case, 'skipped' if word == 'skipped' else 'failure', message=why)


def write_csv(name, rows):
    """Writes the table; a spreadsheet takes what begins like a formula for one."""
    with open(name, 'w', encoding='utf-8', newline='') as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator='\n')
        for cells in rows:
            writer.writerow([f"'{cell}" if re.match('[=+@-]', str(cell)) else cell for cell in cells])


grades = [('name', 'id', 'percent', 'passed', 'failed', 'not asked', 'of how many', 'seconds', 'reason')]
moodle = [('Identifier', 'Full name', 'Grade', 'Last modified (grade)', 'Feedback comments')]
canvas = [('Student', 'ID', 'Section', f'Step {step}')]
suite = ElementTree.Element('testsuite', name=f'step {step}')
grade_of_row = ''
for file in files:
    if not (known := read(file)):
        continue
    (name, seconds, problem), tests = known
    words = [word for word, _, _ in tests]
    counted = total - words.count('skipped')  # by this machine: no server can take a test out
    percent = 100 * words.count('passed') // counted if counted else 0
    reason = reason_of(problem, tests, counted)
    for word, title, why in tests:
        add_case(suite, name, title, word, why)
    if len(tests) < total:
        add_case(suite, name, 'the whole suite is run', 'failed', reason)
    if file == row:
        grade_of_row = f'{percent}%\t{words.count("passed")}/{counted}\t{reason}'
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
print(len(grades) - 1, grade_of_row, sep='\t')
