"""Opens pages of a batch in chromium, and says what works, a line each.

Usage: dashboard.py PAGE HOSTILE SAMPLES LARGE TMP; writes "ok NAME" or
"not ok NAME: why".  Relies on selenium, chromium and chromedriver.
"""
import shutil
import sys

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# Text that is seen, with less contrast than WCAG 2.1 AA wants; and parts of
# drawings with less than 3 to 1.
CONTRAST = """
const parse = c => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
const part = v => (v /= 255) <= 0.03928 ? v / 12.92 :
    Math.pow((v + 0.055) / 1.055, 2.4);
const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) +
    0.0722 * part(c[2]);
const ratio = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
};
const behind = n => {
    for (; n; n = n.parentElement) {
        const c = parse(getComputedStyle(n).backgroundColor);
        if (c.length < 4 || c[3] > 0)
            return c;
    }
    return [255, 255, 255];
};
const bad = new Set();
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
    const n = walk.currentNode.parentElement;
    if (walk.currentNode.data.trim() === "" || !n.checkVisibility() ||
        n.closest("script,style,title,[disabled],.skip"))
        continue;
    const s = getComputedStyle(n);
    const r = ratio(parse(n.closest("svg") ? s.fill : s.color), behind(n));
    if (r < 4.5)
        bad.add(r.toFixed(2) + " " + n.tagName + "." + n.className + ": " +
            walk.currentNode.data.trim().slice(0, 30));
}
for (const n of document.querySelectorAll("svg [class]")) {
    const fill = getComputedStyle(n).fill;
    if (n.tagName === "text" || fill === "none" || !/^(s\\d|bar|mark)$/
        .test(n.getAttribute("class")))
        continue;
    const r = ratio(parse(fill), behind(n));
    if (r < 3)
        bad.add(r.toFixed(2) + " svg ." + n.getAttribute("class"));
}
return [...bad];
"""

driver = None


def say(good, name, why=""):
    print("%s %s%s" % ("ok" if good else "not ok", name,
                       "" if good or why == "" else ": " +
                       str(why).replace("\n", " ")[:300]))


def same(found, wanted, name):
    say(found == wanted, name, "%r, wanted %r" % (found, wanted))


def start(tmp):
    options = Options()
    for word in ("--headless=new", "--no-sandbox", "--disable-quic",
                 "--no-first-run", "--disable-background-networking",
                 "--disable-dev-shm-usage", "--user-data-dir=" + tmp):
        options.add_argument(word)
    options.binary_location = (shutil.which("chromium") or
                               shutil.which("chromium-browser"))
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(
        options=options, service=Service(shutil.which("chromedriver")))


def look(width, dark):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 1000, "deviceScaleFactor": 1,
        "mobile": False})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme",
         "value": "dark" if dark else "light"}]})


def run(script, *args):
    return driver.execute_script(script, *args)


def status():
    return driver.find_element(By.CSS_SELECTOR,
                               "#table > p[role=status]").text


def column(n):
    return run("return [...document.querySelectorAll('.rows tbody tr')]"
               ".map(r => r.children[%d].textContent)" % n)


def search(text):
    before = status()
    field = driver.find_element(By.CSS_SELECTOR, "input[type=search]")
    field.clear()
    field.send_keys(text)
    WebDriverWait(driver, 20).until(lambda d: status() != before)


def cases(page):
    driver.get("file://" + page)
    all_cases = run("return JSON.parse(document.getElementById('data')"
                    ".textContent).rows.length")
    same(status(), "%d of %d cases" % (all_cases, all_cases),
         "all cases are there")
    same(len(column(0)), 100, "a page of them is shown")
    search("Name-Not dns")
    found = column(3)
    say(found and set(found) == {"name-not-resolved"}, "find", found)
    driver.find_element(By.XPATH, "//button[text()='Clear']").click()
    select = driver.find_elements(By.CSS_SELECTOR, "#table select")[1]
    select.find_element(By.XPATH,
                        ".//option[starts-with(., 'ek-issuer')]").click()
    found = column(3)
    say(set(found) == {"ek-issuer-renewed"} and
        status().startswith("%d of" % len(found)), "filter by cause",
        status())
    driver.find_element(By.XPATH, "//button[text()='Clear']").click()
    same(len(column(0)), 100, "clear")


def sorting():
    heads = driver.find_elements(By.CSS_SELECTOR, ".rows thead button")
    time = [h for h in heads if h.text.startswith("Time")][0]
    at = heads.index(time)
    time.send_keys(Keys.ENTER)
    found = column(at)
    say(found == sorted(found) and found[0].startswith("2023-01"),
        "sort by keyboard", found[:3])
    cell = run("return arguments[0].closest('th').ariaSort", time)
    same(cell, "ascending", "aria-sort says so")
    time.send_keys(Keys.SPACE)
    found = column(at)
    say(found == sorted(found, reverse=True) and
        found[0].startswith("2023-12"), "and the other way", found[:3])
    same(run("return [...document.querySelectorAll('.rows th[aria-sort]')]"
             ".map(t => t.ariaSort)"), ["descending"],
         "one column alone is sorted")
    same(run("return document.activeElement === arguments[0]", time), True,
         "the focus stays")
    cause = heads[3]
    for _ in range(2):
        cause.click()
        say("" not in column(3), "what has no value comes last", column(3))
    next_page = driver.find_element(By.XPATH, "//button[text()='Next']")
    first = column(0)[0]
    next_page.click()
    say(column(0)[0] != first and "Page 2 of" in
        driver.find_element(By.CSS_SELECTOR, ".pager").text, "next page")
    driver.find_element(By.XPATH, "//button[text()='Last']").click()
    same(driver.find_element(By.XPATH,
                             "//button[text()='Next']").is_enabled(), False,
         "the last page has none after it")


def many(page):
    """Ten thousand cases: found, sorted, and the last of them opened."""
    driver.get("file://" + page)
    all_cases = int(status().split()[2])
    say(all_cases > 10000, "more than 10,000 cases", all_cases)
    search("name-not made/99")
    found = column(1)
    say(found and all(f.startswith("made/99") for f in found),
        "are searched", found[:3])
    driver.find_element(By.XPATH, "//button[text()='Clear']").click()
    heads = driver.find_elements(By.CSS_SELECTOR, ".rows thead button")
    heads[0].click()
    same(column(0)[0], str(all_cases), "and sorted")
    driver.find_element(By.CSS_SELECTOR, ".rows th.path button").click()
    say("A made case." in driver.find_element(
        By.CSS_SELECTOR, "td.report").text, "and the last one is opened")


def clusters():
    driver.execute_script("scrollTo(0, 0)")
    row = driver.find_element(
        By.XPATH, "//section[@id='clusters']//tr[.//a[text()='outbreak 1']]")
    wanted = int(row.find_elements(By.TAG_NAME, "td")[1].text)
    row.find_element(By.TAG_NAME, "button").click()
    say(status().startswith("%d of" % wanted) and "cluster" in status(),
        "the cases of a cluster", status())
    same(set(column(3)), {"ek-issuer-renewed"}, "are those with its cause")
    driver.find_element(By.CSS_SELECTOR, "#outbreaks button").click()
    say(status().startswith("18 of") and status().endswith("outbreak 1"),
        "the cases of an outbreak", status())
    mark = row.find_element(By.TAG_NAME, "a")
    say("2023-03-29" in driver.find_element(
        By.CSS_SELECTOR, mark.get_attribute("href").split("/")[-1]
        .split("html")[-1]).text, "a mark leads to its outbreak")
    svg = driver.find_element(By.CSS_SELECTOR, "#time svg[role=img]")
    say(svg.accessible_name.startswith("Cases a week by cause"),
        "the drawing has a name", svg.accessible_name)
    say(len(driver.find_elements(By.CSS_SELECTOR, "#time svg .mark")) == 1,
        "and a mark at the outbreak")


def report(page):
    driver.get("file://" + page + "#case=2")
    opened = driver.find_element(By.CSS_SELECTOR, "td.report")
    say("aia-renewed" in driver.find_element(
        By.CSS_SELECTOR, "tr.open th").text and "What to do next" in
        opened.text, "an address opens a case", opened.text[:80])
    button = driver.find_element(By.CSS_SELECTOR, "tr.open th button")
    same(button.get_attribute("aria-expanded"), "true",
         "which is told to those who do not see it")
    button.send_keys(Keys.ENTER)
    same(driver.find_elements(By.CSS_SELECTOR, "td.report"), [],
         "a key closes it")
    same(run("return document.activeElement.getAttribute('aria-expanded')"),
         "false", "and the focus stays")
    search("ifx-ca042-renewed")
    for node in driver.find_elements(By.CSS_SELECTOR, ".rows th.path button"):
        if node.text.endswith("ifx-ca042-renewed"):
            node.send_keys(Keys.ENTER)
            break
    text = driver.find_element(By.CSS_SELECTOR, "td.report").text
    for part in ("was re-issued on 2023-02-08", "ek-issuer-renewed",
                 "capture.saz!/raw/", "http.status: 400",
                 "Windows AIK enrolment (TPM attestation) fails",
                 "Send the escalation block"):
        say(part in text, "the report holds: " + part, text[:200])


def hostile(page):
    driver.get("file://" + page)
    title = driver.title
    driver.find_element(By.CSS_SELECTOR, ".rows th.path button").click()
    text = driver.find_element(By.CSS_SELECTOR, "td.report").text
    say("<img src=x onerror=" in text and "</script>" in text,
        "markup of a capture is text", text[:200])
    same(driver.title, title, "and runs nothing")
    same(run("return document.querySelectorAll('img,iframe,object').length +"
             " document.querySelectorAll('script').length"),
         run("return document.querySelectorAll('body > script').length"),
         "and makes no element")
    say("\u202e" not in run("return document.body.textContent"),
        "no mark turns the text around")


def without_scripts(page):
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                           {"value": True})
    driver.get("file://" + page)
    rows = driver.find_elements(By.CSS_SELECTOR, "#static tbody tr")
    same(len(rows), 200, "scripts off: the first cases are there")
    say(rows[0].text.startswith("1 made/1.saz"), "and can be read",
        rows[0].text)
    shown = [b for b in driver.find_elements(By.TAG_NAME, "button")
             if b.is_displayed()]
    same(shown, [], "no button is shown that does nothing")
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled",
                           {"value": False})


def sights(page):
    for dark in (False, True):
        for width in (380, 820, 1400):
            look(width, dark)
            driver.get("file://" + page)
            run("document.querySelector('.rows th.path button').click();"
                "for (const d of document.querySelectorAll('details'))"
                "d.open = true")
            name = "%d px, %s" % (width, "dark" if dark else "light")
            wide = run("return document.documentElement.scrollWidth")
            say(wide <= width, name + ": nothing is wider than the page",
                wide)
            bad = run(CONTRAST)
            say(not bad, name + ": contrast", bad)
            rect = run("const r = document.querySelector('td.report > div')"
                       ".getBoundingClientRect(); return [r.left, r.right]")
            say(rect[0] >= 0 and rect[1] <= width,
                name + ": the report fits", rect)
    look(1400, False)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    same(run("return document.querySelector('.filters')"
             ".checkVisibility()"), False, "paper has no filters")
    same(run("return document.querySelector('.rows th.path button')"
             ".checkVisibility()"), True, "but the names of cases")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def main():
    global driver
    page, evil, samples, large, tmp = sys.argv[1:6]
    driver = start(tmp)
    try:
        look(1400, False)
        cases(page)
        sorting()
        clusters()
        report(samples)
        many(large)
        hostile(evil)
        without_scripts(page)
        sights(samples)
        for dark in (False, True):
            look(1400, dark)
            driver.get("file://" + page)
            bad = run(CONTRAST)
            say(not bad, "contrast of an outbreak", bad)
        same(run("return performance.getEntriesByType('resource').length"),
             0, "nothing else is loaded")
        bad = [e["message"] for e in driver.get_log("browser")]
        say(not bad, "the browser has nothing to complain", bad)
    finally:
        driver.quit()


main()
