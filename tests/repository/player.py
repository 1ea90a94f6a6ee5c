"""Looks at the player in a browser, for player.bats: Chromium or Chrome, chromedriver, selenium.

Arguments: what to look at (one of the functions below), and the file of the page. Prints what is
wrong, with status 1; 77 when there is no browser here. Whatever it looks at, the page must print no
error to the console, and ask the network for nothing.
"""
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

ARGUMENTS = """--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run
    --disable-background-networking --disable-component-update --disable-sync --disable-lcd-text""".split()
FIELDS = 'ms event end task connection what result waited detail source times'.split()

# Puts what the reader sees into `seen`, after each key.
WATCH = """
seen = [];
const text = selector => (document.querySelector(selector) || {textContent: ""}).textContent;
document.addEventListener("keyup", () => seen.push({
  position: text("#position"), sentence: text("#sentence"), server: text(".kernel.server .state"),
  client: text(".kernel.client .state"),
  file: text("#source .file"),
  line: [...document.querySelectorAll("#source li")].findIndex(one => one.matches(".current")) + 1,
  rows: document.querySelectorAll("#lanes li").length,
  ss: [...document.querySelectorAll("#sockets tbody tr:not(.gone)")].map(row =>
    [...row.cells].map(cell => cell.textContent)),
}));
"""


def find_browser():
    for name in 'chromium chromium-browser google-chrome'.split():
        if shutil.which(name) and shutil.which('chromedriver'):
            return shutil.which(name)
    return None


def start(profile, language):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = find_browser()
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.add_argument(f'--user-data-dir={profile}')
    options.add_experimental_option('prefs', {'intl.accept_languages': language})
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    return webdriver.Chrome(service=Service(shutil.which('chromedriver')), options=options)


def press(browser, keys):
    browser.find_element('css selector', 'body').send_keys(keys)


def click(browser, selector):
    browser.find_element('css selector', selector).click()


def text(browser, selector):
    return browser.find_element('css selector', selector).text


def resize(browser, width, height, **media):
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
        'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': True})
    features = [{'name': f'prefers-{name.replace("_", "-")}', 'value': value}
                for name, value in media.items()]
    browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': features})


def show(browser, name, step):
    browser.execute_script(
        'go(arguments[1], recordings.find(one => one.id === arguments[0]))', name, step)


def conversations(browser):
    """Of each conversation its id, and its events as they stand in the page."""
    for about, events in browser.execute_script(
            'return [...document.querySelectorAll(".recording")].map(one => '
            '[".about", ".events"].map(part => one.querySelector(part).textContent))'):
        rows = [dict(zip(FIELDS, line.split('\t'))) for line in events.splitlines()[1:]]
        yield about.splitlines()[0], rows


def steps_of(events):
    """Each step as the list of its events: what happened, then states, rests and lines of ss."""
    steps = []
    for event in events:
        if event['event'] in ('state', 'rest', 'ss', 'agreed'):
            steps[-1].append(event)
        else:
            steps.append([event])
    return steps


class Expected:
    """What must be seen after each step: counted here once more, from the events."""

    def __init__(self):
        self.states, self.came, self.read, self.accepted = {}, {}, {}, {}
        self.clients = ['-']  # in the order in which they come

    def after(self, step):
        event, client, result = step[0], step[0]['connection'], step[0]['result']
        if client in self.clients:
            self.clients.remove(client)
        self.clients.append(client)
        for one in step:
            if one['event'] == 'state':
                self.states[one['end'], one['connection']] = one['what']
        if event['event'] == 'packet' and result != '0':
            receiver = client if event['end'] == 'server' else 'server'
            self.came[receiver, client] = int(event['detail'].split()[0]) - 1 + int(result)
        if event['event'] in ('call', 'return') and result.isdigit():
            if re.match('recv|read', event['what']):
                self.read[event['end'], client] = \
                    self.read.get((event['end'], client), 0) + int(result)
            if event['what'].startswith('accept'):
                self.accepted[client] = result

    def client(self):
        """The client that was last heard of."""
        return [name for name in self.clients if name != '-'][-1:] or ['']

    def unread(self):
        """Recv-Q of each connection that is established, in any order."""
        return sorted(self.came.get(end, 0) - self.read.get(end, 0)
                      for end, state in self.states.items() if state == 'ESTAB')

    def descriptors(self):
        """Those of the server for connections that are established, in any order."""
        return sorted(self.accepted.get(client, '') for (end, client), state in self.states.items()
                      if end == 'server' and state == 'ESTAB')


def check_step(step, expected, seen, wrong):
    event = step[0]
    states = sorted(state for (end, client), state in expected.states.items()
                    if client != '-' and state != 'CLOSED')
    lines = [line for line in seen['ss'] if line[0] != 'LISTEN']
    established = [line for line in lines if line[0] == 'ESTAB']
    if sorted(line[0] for line in lines) != states:
        wrong(f'ss: {lines}, and the states are {states}')
    if sorted(int(line[1]) for line in established) != expected.unread():
        wrong(f'Recv-Q: {lines}, and unread are {expected.unread()}')
    if event['event'] != 'task' and not event['what'].startswith('close'):
        owned = [line[5] for line in established if re.search(r':5000\d$', line[4])]
        if sorted(line.split('fd=')[-1] for line in owned) != expected.descriptors():
            wrong(f'processes: {lines}, and the descriptors are {expected.descriptors()}')
        if any('client,fd=3' != line[5] for line in established if re.search(r':5000\d$', line[3])):
            wrong(f'processes of the clients: {lines}')
    for side, end in ('server', 'server'), ('client', expected.client()[0]):
        wanted = expected.states.get((end, expected.client()[0]))
        if wanted and seen[side] != wanted:
            wrong(f'the {side} is in {wanted}, and the page says {seen[side]}')
    rests = [i for i, one in enumerate(step) if one['event'] == 'rest']
    if rests:
        shown = sorted(one['what'].split() for one in step[rests[-1]:] if one['event'] == 'ss')
        if sorted(line[:5] for line in seen['ss']) != shown:
            wrong(f'ss has shown {shown}, and the page shows {seen["ss"]}')
    if event['event'] == 'call' and event['end'] == 'server' and event['source'] != '-':
        if f'{seen["file"]}:{seen["line"]}' != event['source']:
            wrong(f'{event["source"]} runs, and the page marks {seen["file"]}:{seen["line"]}')
    if not seen['sentence']:
        wrong('no sentence')


def steps(browser, wrong):
    """Steps through every conversation by keyboard: states, queues, lines of ss and of source."""
    from selenium.webdriver.common.keys import Keys
    browser.execute_script(WATCH)
    for name, events in conversations(browser):
        wanted = steps_of(events)
        show(browser, name, 1)
        press(browser, Keys.HOME + Keys.ARROW_RIGHT * (len(wanted) + 1))
        seen = browser.execute_script('return seen.splice(0)')
        if seen[-1]['position'] != f'{len(wanted)} / {len(wanted)}':
            wrong(f'{name}: the last step is {seen[-1]["position"]}, not {len(wanted)}')
        expected = Expected()
        for number, step in enumerate(wanted):
            expected.after(step)
            if seen[number]['rows'] != number + 1:
                wrong(f'{name}, step {number + 1}: {seen[number]["rows"]} rows')
            check_step(step, expected, seen[number],
                       lambda what: wrong(f'{name}, step {number + 1}: {what}'))
        if browser.execute_script('return view.recording.moments.at(-1).corrected'):
            wrong(f'{name}: the queues had to be corrected by ss')
        print(f'{name}: {len(wanted)} steps')


def keys(browser, wrong):
    """Home, End, the arrows, space, a link to a step, the slider's marks."""
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.wait import WebDriverWait
    name, events = next(conversations(browser))
    last = len(steps_of(events))
    wait = WebDriverWait(browser, 10, 0.05)
    for key, step in ((Keys.END, last), (Keys.ARROW_LEFT, last - 1), (Keys.HOME, 1),
                      (Keys.ARROW_RIGHT, 2)):
        press(browser, key)
        if text(browser, '#position') != f'{step} / {last}':
            wrong(f'{text(browser, "#position")}, not step {step}')
    wait.until(lambda _: browser.current_url.endswith(f'#{name}/2'))
    browser.execute_script('location.hash = arguments[0]', f'#{name}/7')
    wait.until(lambda _: text(browser, '#position') == f'7 / {last}')
    press(browser, ' ')
    wait.until(lambda _: text(browser, '#position') == f'9 / {last}')
    press(browser, ' ')
    if browser.execute_script('return view.playing') is not None:
        wrong('space does not stop it')
    marks = len(browser.find_elements('css selector', '#marks i'))
    if marks != sum(event['event'] == 'state' for event in events):
        wrong(f'{marks} marks on the slider')


SPOKEN = """
const said = "#sentence, .meaning, .bar span, .bar b, .others, #keys, button:not(#language), " +
  ".command span, option, .call, .label, .head, .mark";
return [...document.querySelectorAll(said)].map(one => one.textContent);
"""
ENGLISH, CHINESE = r'(?<![\w(])[a-z]{2,} [a-z]{2,}', r'[一-鿿]'


def languages(browser, wrong):
    """Begins in the browser's language, here Chinese, and says all in it; then in the other one."""
    for language, other, foreign in ('zh-CN', 'en', ENGLISH), ('en', 'zh-CN', CHINESE):
        if browser.execute_script('return document.documentElement.lang') != language:
            wrong(f'the page is not in {language}')
        for name, events in conversations(browser):
            for step in range(0, len(steps_of(events)), 4):
                show(browser, name, step)
                for sentence in browser.execute_script(SPOKEN):
                    if re.search(foreign, re.sub(r'\S*/\S*', '', sentence)):  # not in a file's name
                        wrong(f'{name}, step {step + 1}, {language}: {sentence}')
        click(browser, '#language')
        if browser.execute_script('return document.documentElement.lang') != other:
            wrong('the switch does not change the language')


def quiz(browser, wrong):
    """Asks before each change of state; offers four; says why; counts."""
    from selenium.webdriver.common.keys import Keys
    click(browser, '#quiz')
    asked = right = 0
    for name, events in conversations(browser):
        if name not in ('1/last-ack-lost', '3/reset'):
            continue
        show(browser, name, 0)
        for change in (event['what'] for event in events if event['event'] == 'state'):
            while not browser.execute_script('return view.question'):
                press(browser, Keys.ARROW_RIGHT)
            before = text(browser, '#position')
            press(browser, Keys.ARROW_RIGHT)
            if text(browser, '#position') != before:
                wrong(f'{name}, {before}: there is a way round the question')
            offered = text(browser, '.choices').split()[1::2]
            if len(set(offered)) != 4 or change not in offered:
                return wrong(f'{name}, {before}: {change} is not asked: {offered}')
            asked += 1
            right += asked % 2
            press(browser, str((offered.index(change) + 1 - asked % 2) % 4 + 1))
            if len(text(browser, '.reason')) < 20 or change not in text(browser, '.choices .right'):
                wrong(f'{name}, {before}: no reason for {change}')
            if f'{right} of {asked} right' not in text(browser, '#quiz'):
                wrong(f'{right} of {asked}: {text(browser, "#quiz")}')
            press(browser, Keys.ARROW_RIGHT)
    if asked < 10:
        wrong(f'{asked} questions only')


# The texts whose colour is too near to what is behind them (WCAG 2: a contrast of 4.5).
CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const rgb = colour => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].map(part => part / 255);
};
const linear = part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const behind = one => {
  const colour = rgb(getComputedStyle(one).backgroundColor);
  return colour[3] === 1 || !one.parentElement ? colour : behind(one.parentElement);
};
return [...document.querySelectorAll("body *")].filter(one => one.checkVisibility() &&
  [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())).map(one => {
  const both = [light(rgb(getComputedStyle(one).color)), light(behind(one))].sort((a, b) => a - b);
  return [(both[1] + 0.05) / (both[0] + 0.05), one.textContent.slice(0, 40)];
}).filter(([contrast]) => contrast < 4.5);
"""


def screens(browser, wrong):
    """Fits a phone and a projector; light and dark can be read; moves only where that is wanted."""
    for width, height in (360, 740), (1920, 1080):
        for scheme in 'light', 'dark':
            resize(browser, width, height, color_scheme=scheme, reduced_motion='reduce')
            for name, _ in conversations(browser):
                show(browser, name, 1000)
                click(browser, '#language')
                wide = browser.execute_script('return document.documentElement.scrollWidth')
                if wide > width:
                    wrong(f'{name} is {wide} wide on a screen of {width}')
                for contrast, what in browser.execute_script(CONTRAST):
                    wrong(f'{name}, {scheme}: a contrast of {contrast:.1f} only: {what}')
                if browser.execute_script('return document.getAnimations().length'):
                    wrong(f'{name} moves')
    resize(browser, 1280, 760, reduced_motion='no-preference')
    browser.execute_script('go(view.recording.steps.findIndex(step => step.event === "packet"))')
    if not browser.execute_script('return document.getAnimations().length'):
        wrong('the packet does not move')


def hostile(browser, wrong):
    """Nothing of a recording runs; the words stand there as they are. All of it is shown once."""
    from selenium.webdriver.common.keys import Keys
    press(browser, Keys.HOME + Keys.ARROW_RIGHT * 30)
    if browser.execute_script('return "hacked" in window'):
        wrong('a script has run')
    if len(browser.find_elements('css selector', 'img, iframe, script')) != 1:
        wrong('there are other elements than the one script')
    for selector, word in (('option', '<img src=x'), ('#lanes', '</script>'),
                           ('#source', '</pre><script>')):
        if word not in browser.execute_script(
                'return document.querySelector(arguments[0]).textContent', selector):
            wrong(f'{selector} does not show {word}')


# The steps of docs/pictures/player_*.png, as the page finds them.
PICTURES = {
    'close': ['3/talk', 'return view.recording.steps.findIndex(one => one.what === "close(4)")'],
    'last_ack_lost': ['1/last-ack-lost',
                      'return view.recording.steps.findLastIndex(one => one.event === "lost")'],
}


def pictures(browser, _):
    """Takes them; for make -C .ci pictures."""
    resize(browser, 1200, 700, color_scheme='light', reduced_motion='reduce')
    for name, (conversation, find) in PICTURES.items():
        show(browser, conversation, 0)
        show(browser, conversation, browser.execute_script(find))
        for language in '', '.zh-CN':
            browser.execute_script('view.language = arguments[0]; draw()', language[1:3] or 'en')
            browser.save_screenshot(f'docs/pictures/player_{name}{language}.png')


def main():
    look, page = globals()[sys.argv[1]], Path(sys.argv[2]).resolve().as_uri()
    problems = []
    profile = tempfile.mkdtemp()
    browser = start(profile, 'zh-CN' if look is languages else 'en')
    try:
        browser.get(page)
        look(browser, lambda what: problems.append(what))
        problems += [entry['message'] for entry in browser.get_log('browser')]
        for entry in browser.get_log('performance'):
            message = json.loads(entry['message'])['message']
            url = message['params'].get('request', {}).get('url', page)
            if message['method'] == 'Network.requestWillBeSent' and \
                    not url.startswith((page, 'data:', 'chrome:')):
                problems.append(f'asks for {url}')
    finally:
        browser.quit()
        shutil.rmtree(profile, ignore_errors=True)
    print('\n'.join(problems[:20]))
    sys.exit(bool(problems))


if __name__ == '__main__':
    if not find_browser():
        sys.exit(77)
    try:
        import selenium  # noqa: F401
    except ImportError:
        sys.exit(77)
    main()
