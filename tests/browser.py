"""Looks at HTML reports in chromium, as a person with a mouse, a keyboard, a
printer or a screen reader would.

Usage: browser.py BROWSER DRIVER FOLDER, with FOLDER/cases and FOLDER/reports.
Prints "ok NAME" or "no NAME"; lines that begin with # say more.
"""
import base64
import html
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

WIDTHS = (380, 820, 1400)
TAGS = set("""html head meta title style body a header main footer nav section
    article h1 h2 h3 h4 p span ul ol li dl dt dd strong code pre mark details
    summary table thead tbody tr th td caption figure figcaption div svg title
    desc path rect text br button script""".split())


def say(good, name, why=None):
    print("ok" if good else "no", name)
    for line in (why or [])[:8]:
        print("#", line)
    sys.stdout.flush()


def none(found, name):
    """Good where nothing was found."""
    say(not found, name, [str(f)[:300] for f in found])


# What runs in the page; each returns a list of complaints.

OPEN_ALL = "document.querySelectorAll('details').forEach(d=>d.open=true)"

CONTRAST = """
const lum=c=>{const f=v=>{v/=255;return v<=.03928?v/12.92:
 Math.pow((v+.055)/1.055,2.4)};return .2126*f(c[0])+.7152*f(c[1])+.0722*f(c[2])};
const rgb=s=>{const m=s.match(/[\\d.]+/g);
 return m?m.map(Number):[0,0,0,0]};
const over=(a,b)=>{const k=a.length>3?a[3]:1;
 return [0,1,2].map(i=>a[i]*k+b[i]*(1-k))};
const back=e=>{const up=[];for(;e;e=e.parentElement)
 up.push(rgb(getComputedStyle(e).backgroundColor));
 return up.reverse().reduce((b,a)=>over(a,b),[255,255,255])};
const ratio=(a,b)=>{const x=lum(a),y=lum(b);
 return (Math.max(x,y)+.05)/(Math.min(x,y)+.05)};
const meet=(a,b)=>a.left<b.right-1&&b.left<a.right-1&&a.top<b.bottom-1&&
 b.top<a.bottom-1;
const bad=new Set(),backs=new Map();
const rects=new Map();
const w=document.createTreeWalker(document.body,NodeFilter.SHOW_TEXT);
while(w.nextNode()){const n=w.currentNode,e=n.parentElement;
 if(!n.data.trim()||['SCRIPT','STYLE','TITLE','DESC','title','desc']
  .includes(e.tagName))continue;
 const svg=e.closest('svg');let b,c;
 if(svg){const s=getComputedStyle(e);c=rgb(s.fill);
  if(!rects.has(svg))rects.set(svg,[...svg.querySelectorAll(
   'rect.box,rect.badrow')].map(r=>[r.getBoundingClientRect(),
   rgb(getComputedStyle(r).fill)]));
  const at=e.getBoundingClientRect();b=back(svg);
  for(const [r,f] of rects.get(svg))if(meet(at,r))b=over(f,b)}
 else{c=rgb(getComputedStyle(e).color);b=backs.get(e)||back(e);
  backs.set(e,b)}
 const r=ratio(over(c,b),b);
 if(r<4.5)bad.add(e.tagName+'.'+(e.getAttribute('class')||'')+' '+
  r.toFixed(2)+': '+n.data.trim().slice(0,40))}
return [...bad]"""

LAYOUT = """
const bad=[],wide=innerWidth;
if(document.scrollingElement.scrollWidth>wide)
 bad.push('the page is '+document.scrollingElement.scrollWidth+' wide');
for(const e of document.body.querySelectorAll('*')){
 if(e.closest('.scroll,svg,.skip,.paper,script,[hidden]'))continue;
 const r=e.getBoundingClientRect();
 if(r.width>0&&(r.right>wide+1||r.left<-1))
  bad.push(e.tagName+'.'+e.className+' from '+r.left+' to '+r.right)}
return bad"""

DRAWINGS = """
const bad=[];
for(const svg of document.querySelectorAll('svg')){
 const f=svg.getBoundingClientRect(),t=[...svg.querySelectorAll('text')]
  .map(e=>[e,e.getBoundingClientRect()]);
 for(const [e,r] of t)
  if(r.left<f.left-1||r.right>f.right+1||r.top<f.top-1||r.bottom>f.bottom+1)
   bad.push('cut: '+e.textContent);
 t.sort((a,b)=>a[1].top-b[1].top);
 for(let i=0;i<t.length;i++)for(let k=i+1;k<t.length&&
  t[k][1].top<t[i][1].bottom-3;k++){const a=t[i][1],b=t[k][1];
  if(a.left<b.right-1&&b.left<a.right-1&&a.top<b.bottom-3&&b.top<a.bottom-3)
   bad.push('overlap: '+t[i][0].textContent+' / '+t[k][0].textContent)}
 const bars=[...svg.querySelectorAll('rect.bar,rect.barbad,rect.barold')]
  .map(e=>e.getBoundingClientRect());
 for(const [e,r] of t)for(const b of bars)
  if(r.left<b.right-1&&b.left<r.right-1&&r.top<b.bottom-3&&b.top<r.bottom-3)
   {bad.push('on a bar: '+e.textContent);break}}
return bad"""

STRUCTURE = """
const bad=[],q=s=>[...document.querySelectorAll(s)];
if(document.documentElement.lang!=='en')bad.push('no language');
for(const s of ['main','header','footer','h1','header nav'])
 if(q(s).length!==1)bad.push(q(s).length+' '+s);
let level=0;
for(const h of q('h1,h2,h3,h4,h5,h6')){const n=+h.tagName[1];
 if(n>level+1)bad.push('h'+n+' after h'+level+': '+h.textContent);
 if(!h.textContent.trim())bad.push('an empty heading');level=n}
for(const s of q('section'))if(!s.querySelector('h2'))bad.push('a section '+
 s.id+' without heading');
for(const s of q('svg')){if(s.getAttribute('role')!=='img'||
 !s.querySelector('title')||!s.querySelector('desc'))bad.push('a bare drawing');
 if(!document.getElementById(s.getAttribute('aria-labelledby')))
  bad.push('a drawing without name')}
for(const t of q('th'))if(!t.scope)bad.push('th without scope');
for(const t of q('table'))if(!t.querySelector('thead th'))bad.push('no thead');
for(const d of q('details'))if(d.firstElementChild.tagName!=='SUMMARY')
 bad.push('details without summary');
for(const e of q('[tabindex]'))if(!e.getAttribute('aria-label'))
 bad.push('a stop without name');
const ids=new Set();
for(const e of q('[id]')){if(ids.has(e.id))bad.push('twice: '+e.id);
 ids.add(e.id)}
for(const a of q('a[href^="#"]'))if(!ids.has(a.getAttribute('href').slice(1)))
 bad.push('a link to nothing: '+a.getAttribute('href'));
for(const e of q('body *')){const s=getComputedStyle(e);
 if(s.animationName!=='none'||parseFloat(s.transitionDuration)>0)
  bad.push('moves: '+e.tagName)}
return bad"""

SAFE = """
const bad=[];
if(window.hit!==undefined)bad.push('it ran: '+window.hit);
const tags=new Set(arguments[0]);
for(const e of document.querySelectorAll('*')){
 if(!tags.has(e.tagName.toLowerCase()))bad.push('element '+e.tagName);
 for(const a of e.attributes){
  if(/^on/i.test(a.name)||a.name==='style'||a.name==='src')
   bad.push('attribute '+a.name);
  if(a.name==='href'&&!/^(#|https:\\/\\/)/.test(a.value))
   bad.push('link '+a.value);
  if(a.name==='http-equiv'&&a.value!=='Content-Security-Policy')
   bad.push('meta '+a.value)}}
if(document.scripts.length!==1)bad.push(document.scripts.length+' scripts');
if(/[\\u202a-\\u202e\\u2066-\\u2069\\u200b-\\u200f]/.test(
 document.body.textContent))bad.push('a bidirectional mark');
return bad"""

EXCERPTS = """
return [...document.querySelectorAll('#bytes article')].map(a=>[a.id,
 a.querySelector('h4').textContent,
 (a.querySelector('pre.hex')||{innerHTML:''}).innerHTML,
 !!document.querySelector('a[href="#'+a.id+'"]'),
 (a.querySelector('.place')||{textContent:''}).textContent,
 !!document.querySelector(a.querySelector('.back a').getAttribute('href'))])"""


class Reader:
    def __init__(self, browser, driver, folder):
        self.folder = folder
        options = Options()
        options.binary_location = browser
        for option in ("headless=new", "no-sandbox", "disable-gpu",
                       "disable-quic", "no-first-run",
                       "disable-background-networking",
                       "disable-component-update", "disable-sync",
                       "disable-dev-shm-usage", "force-device-scale-factor=1",
                       "user-data-dir=" + os.path.join(folder, "profile")):
            options.add_argument("--" + option)
        options.set_capability("goog:loggingPrefs",
                               {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(driver),
                                       options=options)
        self.driver.set_page_load_timeout(30)
        self.driver.set_script_timeout(20)

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def look(self, width=1100, scheme="light", media=""):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width,
                 height=900, deviceScaleFactor=1, mobile=False)
        self.cdp("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def open(self, name):
        self.driver.get("file://" + os.path.join(self.folder, "reports",
                                                 name + ".html"))

    def logs(self):
        """What the page asked for or complained about since the last time."""
        found = [e["message"] for e in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] != "Network.requestWillBeSent":
                continue
            url = message["params"]["request"]["url"]
            ours = message["params"]["documentURL"].startswith("file://")
            if ours and not url.startswith(
                    "file://" + self.folder + "/reports/"):
                found.append(url)
        return found


# ---- bytes ----

def marked_bytes(pre):
    """The hex digits inside <mark> of the hex column; "--" where hidden."""
    found = ""
    for line in pre.split("\n"):
        column, inside = 0, False
        for token in re.findall(r"<mark>|</mark>|&[#a-z0-9]+;|.", line):
            if token in ("<mark>", "</mark>"):
                inside = token == "<mark>"
                continue
            # 8 digits of the offset, 16 bytes of three, two blanks more
            if 9 <= column < 60 and inside:
                found += token
            column += 1
    return found.replace(" ", "")


def cited_bytes(folder, case, citation):
    """Of "NAME!/MEMBER@OFFSET+LENGTH"; None for what took more steps."""
    match = re.fullmatch(r"(.*)@(\d+)\+(\d+)", citation, re.S)
    if not match:
        return None
    name, *members = match[1].split("!/")
    path = os.path.join(folder, "cases", case,
                        name[len(case) + 1:] if name.startswith(case + "/")
                        else name)
    if not os.path.isfile(path) or len(members) > 1:
        return None
    if members:
        data = zipfile.ZipFile(path).read(members[0])
    else:
        with open(path, "rb") as f:
            data = f.read()
    return data[int(match[2]):int(match[2]) + int(match[3])]


def check_excerpts(reader, name):
    bad, compared, places, whole = [], 0, 0, 0
    for ident, citation, pre, linked, place, back in reader.run(EXCERPTS):
        if not linked or not back:
            bad.append(ident + ": no link to it or back")
        places += place != ""
        shown = marked_bytes(pre)
        want = cited_bytes(reader.folder, name, citation)
        if want is None or not shown:
            continue
        compared += 1
        want = want.hex()
        if "cited bytes more" in pre:
            want = want[:len(shown)]
        else:
            whole += 1
        if len(shown) != len(want) or any(
                a != b for a, b in zip(shown, want) if a != "-"):
            bad.append("%s %s: %s, want %s" % (ident, citation, shown[:64],
                                               want[:64]))
    none(bad, "%s: %d excerpts hold the bytes of their citations"
         % (name, compared))
    # Event logs are neither structure nor text that has lines.
    if ".evtx@" not in citation:
        say(places * 10 >= 9 * compared and compared > 0,
            "%s: excerpts say where their bytes stand" % name,
            ["%d places, %d excerpts" % (places, compared)])


# ---- what a person does ----

def check_clicks(reader, name):
    """Follows links of each kind and comes back."""
    bad = []
    for scope in ("#short", "#chain", "#attempts", "#certificates",
                  "#findings", "#codes", "#timeline"):
        links = reader.driver.find_elements(
            By.CSS_SELECTOR, scope + " a[href^='#b']")
        links = [a for a in links if reader.run(
            "return arguments[0].checkVisibility()", a)][:2]
        for link in links:
            target = link.get_attribute("href").split("#")[1]
            link.click()
            state = reader.run(
                "const e=document.getElementById(arguments[0]),"
                "r=e.getBoundingClientRect();return [location.hash,"
                "r.bottom>0&&r.top<innerHeight,e.matches(':target')]", target)
            if state != ["#" + target, True, True]:
                bad.append("%s %s: %s" % (scope, target, state))
            back = reader.driver.find_element(
                By.CSS_SELECTOR, "#%s .back a" % target)
            back.click()
            if not reader.run("return location.hash.startsWith('#r')"):
                bad.append(target + ": no way back")
    none(bad, name + ": links lead to their bytes and back")
    bad = []
    for summary in reader.driver.find_elements(
            By.CSS_SELECTOR, "#chain summary, #coverage summary"):
        if not summary.is_displayed():
            continue
        before = reader.run("return arguments[0].parentElement.open", summary)
        summary.click()
        if reader.run("return arguments[0].parentElement.open",
                      summary) == before:
            bad.append(summary.text)
    none(bad, name + ": what is folded opens")


def check_copy(reader, name):
    text = reader.run("const e=document.getElementById('escalation');"
                      "return e&&e.textContent")
    if text is None:
        return
    try:
        reader.cdp("Browser.grantPermissions", permissions=[
            "clipboardReadWrite", "clipboardSanitizedWrite"])
    except Exception as error:  # an older browser: the text is selected
        print("#", str(error)[:200])
    button = reader.driver.find_element(By.CSS_SELECTOR, "button[data-copy]")
    say(button.is_displayed(), name + ": the copy button shows")
    button.click()
    said = reader.driver.execute_async_script(
        "const done=arguments[0],s=document.querySelector('[role=status]');"
        "let n=0;const t=setInterval(()=>{if(s.textContent||++n>50){"
        "clearInterval(t);done(s.textContent)}},20)")
    got = reader.driver.execute_async_script(
        "const done=arguments[0];navigator.clipboard.readText().then(done,"
        "()=>done(getSelection().toString()))")
    say(said != "" and got.replace("\r\n", "\n").strip() == text.strip(),
        name + ": the escalation block is copied", [said, got[:80]])


def check_keyboard(reader, name):
    reader.open(name)
    body = reader.driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    first = reader.run(
        "const e=document.activeElement,r=e.getBoundingClientRect();"
        "return [e.className,r.left>=0&&r.top>=0&&r.width>0]")
    say(first == ["skip", True], name + ": the first stop skips to the "
        "content and shows", [str(first)])
    reader.driver.switch_to.active_element.send_keys(Keys.ENTER)
    reader.driver.switch_to.active_element.send_keys(Keys.TAB)
    say(reader.run("return location.hash==='#main'&&"
                   "!!document.activeElement.closest('main')"),
        name + ": and does it")
    reader.open(name)
    bad, last, order = [], None, 0
    for _ in range(40):
        reader.driver.switch_to.active_element.send_keys(Keys.TAB)
        state = reader.run(
            "const e=document.activeElement,s=getComputedStyle(e);"
            "const all=[...document.querySelectorAll('*')];"
            "return [all.indexOf(e),s.outlineStyle,parseFloat(s.outlineWidth)"
            ",e.tagName+' '+e.textContent.slice(0,30)]")
        if state[0] <= order:
            bad.append("backwards: " + state[3])
        if state[1] == "none" or state[2] < 2:
            bad.append("no outline: " + state[3])
        order, last = state[0], state
    none(bad, name + ": the keyboard goes through in order and shows where")
    print("#", last[3].replace("\n", " "))


def check_without_script(reader, name):
    with_script = reader.run(
        "return document.querySelector('main').innerText")
    reader.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        reader.open(name)
        dom = reader.cdp("Runtime.evaluate", returnByValue=True, expression=(
            "[document.querySelector('main').innerText,"
            "[...document.querySelectorAll('button')]"
            ".every(b=>getComputedStyle(b).display==='none')]"))
        text, hidden = dom["result"]["value"]
    finally:
        reader.cdp("Emulation.setScriptExecutionDisabled", value=False)

    def words(s):
        return [w for w in s.split() if w != "Copy"]
    say(words(text) == words(with_script) and hidden,
        name + ": complete without scripts, and without a button",
        [str(hidden), str(len(text)), str(len(with_script))])


# ---- paper ----

def check_paper(reader, name):
    # A4 without its margins: 180 mm.
    reader.look(width=680, media="print")
    none(reader.run(LAYOUT.replace(".scroll,", "")) +
         reader.run(DRAWINGS), name + ": nothing is wider than the paper")
    want = reader.run(
        "return [...document.querySelectorAll('h1,h2,#chain h3,#next li,"
        "#escalation,#attempts svg text,#certificates svg text,"
        "#certificates>.scroll td')].map(e=>e.innerText||e.textContent)")
    reader.look()
    pdf = base64.b64decode(reader.cdp(
        "Page.printToPDF", preferCSSPageSize=True,
        printBackground=False)["data"])
    path = os.path.join(reader.folder, name + ".pdf")
    with open(path, "wb") as f:
        f.write(pdf)
    if shutil.which("pdftotext") is None:
        print("# no pdftotext: only the size of the PDF is checked")
        say(pdf.startswith(b"%PDF") and len(pdf) > 20000,
            name + ": prints")
        return
    text = subprocess.run(["pdftotext", "-layout", path, "-"],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    pages = text.count("\f")
    say(2 <= pages <= 60, "%s: a sane number of pages" % name, [str(pages)])
    size = subprocess.run(["pdfinfo", path], stdout=subprocess.PIPE,
                          check=False).stdout.decode() \
        if shutil.which("pdfinfo") else "A4"
    say("A4" in size, name + ": on A4")
    # Words may be broken anywhere, and stand beside other columns.
    have = set(re.findall(r"\w{4,}", text))
    joined = re.sub(r"\s+", "", text)
    lost = [w for t in want for w in re.findall(r"\w{4,}", t)
            if w not in have and w not in joined and w[:8] not in joined]
    none(sorted(set(lost)), name + ": no word is lost on paper")


def main():
    browser, driver, folder = sys.argv[1:]
    folder = os.path.realpath(folder)
    reader = Reader(browser, driver, folder)
    try:
        names = sorted(n[:-5] for n in os.listdir(
            os.path.join(folder, "reports")))
        for name in names:
            reader.look()
            reader.open(name)
            none(reader.logs(), name + ": asks for nothing, breaks no policy")
            none(reader.run(SAFE, sorted(TAGS)), name + ": nothing foreign")
            none(reader.run(STRUCTURE), name + ": a sound structure")
            check_excerpts(reader, name)
            reader.run(OPEN_ALL)
            for scheme in ("light", "dark"):
                reader.look(scheme=scheme)
                none(reader.run(CONTRAST), "%s: contrast, %s" % (name, scheme))
            for width in WIDTHS:
                reader.look(width=width)
                none(reader.run(LAYOUT) + reader.run(DRAWINGS),
                     "%s: layout at %d" % (name, width))
        for name in ("ifx-ca042-renewed", "hostile"):
            reader.look()
            reader.open(name)
            check_clicks(reader, name)
            check_copy(reader, name)
            reader.open(name)
            check_paper(reader, name)
            check_without_script(reader, name)
            check_keyboard(reader, name)
            none(reader.logs(), name + ": all that asked for nothing")
        for name in ("proxy-block-page", "success-a", "many-sessions"):
            reader.look()
            reader.open(name)
            check_paper(reader, name)
    finally:
        reader.driver.quit()


main()
