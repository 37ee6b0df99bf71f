// Walks through the dashboard in headless Chromium as a visitor would, with and without scripts, light and dark, wide and
// narrow. On every page axe-core looks for what shuts people out, and everything that the console says is kept.
//
//   node browser.mjs FOLDER CHROMIUM PLAN     FOLDER holds node_modules with puppeteer-core and axe-core; PLAN is JSON:
//   { "address", "user", "password", "project", "file", "bad", "name", "image", "verify", "hostile", "search", "found", "mark",
//     "mounted": { "address", "image", "password" }, "shots" }
// "mounted" is the dashboard of a service that shows everybody what is public, below a path of another server's; "password" is
// its administrator's.
//
// The answer, on standard output, is JSON: { "pages": [{ name, violations, wide }], "console": [], "seen": {} }.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const [folder, chromium, planText] = process.argv.slice(2);
const plan = JSON.parse(planText);
const require = createRequire(resolve(folder, "here.js"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const answer = { pages: [], console: [], seen: {} };

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--hide-scrollbars"],
});
const page = await browser.newPage();
const WIDE = { width: 1600, height: 1000 }, USUAL = { width: 1280, height: 860 }, NARROW = { width: 360, height: 740 };

function listen(page) {
  page.on("console", (message) => {
    if (["error", "warn", "warning"].includes(message.type())) answer.console.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => answer.console.push(`${page.url()}: ${error.message}`));
  const own = [plan.address, new URL(plan.mounted.address).origin].map((address) => `${address}/`);
  page.on("request", (request) => {
    if (!own.some((address) => request.url().startsWith(address))) answer.console.push(`asked elsewhere: ${request.url()}`);
  });
  page.on("requestfailed", (request) => answer.console.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("dialog", async (dialog) => { answer.console.push(`a dialog: ${dialog.message()}`); await dialog.dismiss(); });
}
listen(page);
const at = (path) => `${plan.address}${path}`;
const go = (path) => page.goto(at(path), { waitUntil: "load" });

// Looks at the page that is open: axe-core, the width, a picture.
async function look(name, view = USUAL) {
  await page.setViewport(view);
  // The page allows no script but its own; what the protocol evaluates is not the page's.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
  });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  answer.pages.push({ name, violations: found, wide });
  if (plan.shots) {
    mkdirSync(plan.shots, { recursive: true });
    await page.screenshot({ path: `${plan.shots}/${name}.png`, fullPage: true });
  }
}

async function logIn() {
  await go("/login");
  await page.type("#user", plan.user);
  await page.type("#password", plan.password);
  await page.type("#project", plan.project);
  await Promise.all([page.waitForNavigation(), page.click("main button.main")]);
}

// Texts of the cells in the first column of a table.
const titles = (where = page) => where.$$eval("#results tbody th a", (all) => all.map((one) => one.textContent));

// The pages of a service that shows everybody what is public, and lets nobody do anything before a log-in.
async function mounted({ address, image, password }) {
  const look_at = async (path, name, view) => { await page.goto(`${address}${path}`, { waitUntil: "load" }); await look(name, view); };
  await look_at("/images", "service-public");
  answer.seen.mounted = await titles();
  answer.seen.offered = await page.$eval(".who a", (one) => one.textContent);
  await look_at("/images", "service-public-narrow", NARROW);
  await look_at(`/images/${image}`, "service-image");
  answer.seen.forms = await page.$$eval("form[method=post]", (all) => all.length);
  await look_at("/life", "service-life");
  await look_at("/activity", "service-activity");
  await look_at("/about", "service-about");
  await look_at("/upload", "service-upload");
  answer.seen.led = new URL(page.url()).pathname;
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await look_at("/images", "service-public-dark");
  await page.emulateMediaFeatures([]);
  // In through the form that the upload led to, and out again.
  await page.goto(`${address}/upload`, { waitUntil: "load" });
  await page.type("#user", "admin");
  await page.type("#password", password);
  await page.type("#project", "admin");
  await Promise.all([page.waitForNavigation(), page.click("main button.main")]);
  answer.seen.entered = new URL(page.url()).pathname;
  await Promise.all([page.waitForNavigation(), page.click(".who button")]);
  answer.seen.left = new URL(page.url()).pathname;
}

async function upload(file) {
  await go("/upload");
  await page.type("#name", plan.name);
  const input = await page.$("#file");
  await input.uploadFile(file);
  await Promise.all([page.waitForNavigation({ timeout: 60000 }), page.click("#upload button")]);
}

await mounted(plan.mounted);

// Anybody.
await go("/images");
answer.seen.light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
await look("public");
await go("/login");
await look("login");
await page.type("#user", plan.user);
await page.type("#password", "wrong");
await Promise.all([page.waitForNavigation(), page.click("main button.main")]);
await look("login-wrong");
// The browser tells of the refused log-in itself; that is no fault of the page.
answer.console = answer.console.filter((line) => !/login.*status of 401/.test(line));
await logIn();
answer.seen.user = await page.$eval(".who .user", (one) => one.textContent);

// Somebody.
await look("images");
await look("images-wide", WIDE);
await look("images-narrow", NARROW);
await page.setViewport(USUAL);
await page.type("#q", plan.search);
await page.waitForFunction((n) => document.querySelectorAll("#results tbody tr").length === n, { timeout: 10000 }, plan.found);
answer.seen.searched = await titles();
for (const sort of ["name", "-name", "due", "until"]) {
  await go(`/images?sort=${sort}&q=${encodeURIComponent(plan.mark)}`);
  answer.seen[`by ${sort}`] = await titles();
}
await go(`/images/${plan.image}`);
await look("image");
await browser.defaultBrowserContext().overridePermissions(plan.address, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
await page.click('[data-copy="verify-line"]');
await page.waitForFunction(() => document.querySelector('[data-copy="verify-line"]').textContent === "Copied");
answer.seen.copied = await page.evaluate(() => navigator.clipboard.readText());
await page.focus(".chain summary");
await page.keyboard.press("Enter");
answer.seen.opened = await page.$eval(".chain details", (one) => one.open);
answer.seen.links = await page.$$eval(".chain .title", (all) => all.map((one) => one.textContent));
await page.$$eval("details", (all) => all.forEach((one) => { one.open = true; }));
await look("image-open");
await look("image-narrow", NARROW);
await go(`/images/${plan.hostile}`);
await look("image-hostile");
answer.seen.hostile = await page.$eval("h1", (one) => one.textContent);
await go("/life");
await look("life");
answer.seen.standings = await page.$$eval('section[aria-labelledby="late"] tbody .badge', (all) => all.map((one) => one.textContent));
answer.seen.bars = await page.$$eval("svg.time rect.bar", (all) => all.length);
await look("life-narrow", NARROW);
// What is told of the upload while it is under way, on a line that is slow enough to see it.
answer.seen.told = [];
await page.exposeFunction("tell", (text) => answer.seen.told.push(text));
await page.evaluateOnNewDocument(() => addEventListener("DOMContentLoaded", () => {
  const said = document.getElementById("said");
  if (said) new MutationObserver(() => globalThis.tell(said.textContent)).observe(said, { childList: true });
}));
await page.emulateNetworkConditions({ upload: 4 << 20, download: -1, latency: 0 });
await upload(plan.file);
await page.emulateNetworkConditions(null);
await look("report");
await look("report-narrow", NARROW);
answer.seen.stored = await page.$eval(".verdict .word", (one) => one.textContent);
await upload(plan.bad);
await look("report-refused");
answer.seen.refused = await page.$eval(".verdict .word", (one) => one.textContent);
answer.seen.findings = await page.$$eval(".findings b", (all) => all.map((one) => one.textContent));
await go("/upload");
await look("upload");
await look("upload-narrow", NARROW);
await go(`/images/${plan.verify}`);
await Promise.all([page.waitForNavigation(), page.click("#verdict button")]);
await page.waitForFunction(() => !document.querySelector("[data-standing]"), { timeout: 60000 });
await look("image-verified");
answer.seen.verdict = await page.$eval("#verdict .word", (one) => one.textContent);
await go(`/images?verdict=identical&q=${encodeURIComponent(plan.mark)}`);
answer.seen.filtered = await titles();
await go("/activity");
await look("activity");
await look("activity-narrow", NARROW);
await go("/about");
await look("about");
await look("about-narrow", NARROW);
await go("/images/none");
answer.console = answer.console.filter((line) => !/images\/none.*status of 404/.test(line));
await look("absent");
await look("absent-narrow", NARROW);

// Dark, by the link and by the system.
await go("/images");
await Promise.all([page.waitForNavigation(), page.$$eval("footer a", (all) => all.find((one) => one.textContent === "dark").click())]);
await look("images-dark");
for (const [path, name] of [[`/images/${plan.verify}`, "image-dark"], ["/life", "life-dark"], ["/upload", "upload-dark"]]) {
  await go(path);
  await look(name);
}
await Promise.all([page.waitForNavigation(), page.$$eval("footer a", (all) => all.find((one) => one.textContent === "auto").click())]);
await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
answer.seen.dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);

// The keyboard: the first stop leads past the navigation.
await go("/images");
await page.keyboard.press("Tab");
answer.seen.first = await page.evaluate(() => document.activeElement.textContent);
await page.keyboard.press("Enter");
answer.seen.jumped = await page.evaluate(() => document.activeElement.id);

// What axe-core would say of a page that is not fit.
await page.evaluate(() => document.querySelector("main").insertAdjacentHTML("beforeend", '<input id="nameless"><img src="/assets/mark.svg">'));
await page.evaluate(axe);
answer.seen.spoilt = await page.evaluate(async () => (await globalThis.axe.run(document)).violations.map((one) => one.id));

// Without scripts the same things can be done.
const plain = await browser.newPage();
listen(plain);
await plain.setJavaScriptEnabled(false);
await plain.goto(at("/images?q=" + encodeURIComponent(plan.search)), { waitUntil: "load" });
answer.seen.plain = await titles(plain);
await plain.goto(at("/upload"), { waitUntil: "load" });
await plain.type("#name", plan.name);
await (await plain.$("#file")).uploadFile(plan.file);
await Promise.all([plain.waitForNavigation({ timeout: 60000 }), plain.click("#upload button")]);
answer.seen.plainStored = await plain.$eval(".verdict .word", (one) => one.textContent);
await Promise.all([plain.waitForNavigation(), plain.click(".who button")]);
answer.seen.out = await plain.$eval(".who", (one) => one.textContent.trim().replace(/\s+/g, " "));
await browser.close();
console.log(JSON.stringify(answer));
