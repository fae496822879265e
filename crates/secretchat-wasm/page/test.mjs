// Uses the page as two people would, in a headless Chromium: `node page/test.mjs [SCREENSHOT]`.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import puppeteer from "puppeteer-core";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const photo = (await readFile(new URL("../../../examples/photos/chelsea.png", import.meta.url))).toString("base64");

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  try {
    const bytes = await readFile(new URL(`..${url.pathname}`, import.meta.url));
    response.writeHead(200, { "content-type": TYPES[url.pathname.match(/\.\w+$/)?.[0]] ?? "application/octet-stream" }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${server.address().port}/page/index.html`;

const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 900, height: 720 });
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => assert.fail(error));
  await page.goto(address);

  const picture = async (name) => {
    await page.waitForSelector(`#${name} header svg`);
    return page.$eval(`#${name} header svg`, (svg) => svg.outerHTML);
  };
  const key = await picture("alice");
  assert.equal(await picture("bob"), key, "both show the same picture");

  const say = async (name, text, seconds = 0) => {
    await page.select(`#${name} select`, String(seconds));
    await page.type(`#${name} input`, text);
    await page.click(`#${name} button:last-of-type`);
  };
  const messages = (name) => page.$$eval(`#${name} .message:not(.own)`, (found) => found.map(({ innerText }) => innerText));
  const gone = (name, text) =>
    page.waitForFunction((name, text) => !document.querySelector(`#${name} .log`).innerText.includes(text), {}, name, text);
  const there = (name, text) =>
    page.waitForFunction((name, text) => document.querySelector(`#${name} .log`).innerText.includes(text), {}, name, text);
  const drop = (name, seconds) =>
    page.evaluate((name, seconds, photo) => {
      document.querySelector(`#${name} select`).value = String(seconds);
      const dropped = new DataTransfer();
      dropped.items.add(new File([Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0))], "cat.png"));
      document.getElementById(name).dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, cancelable: true }));
    }, name, seconds, photo);
  const shows = (name) =>
    page.waitForFunction((name) => [...document.querySelectorAll(`#${name} .message:not(.own) img`)].at(-1)?.naturalWidth === 451, {}, name);

  await say("alice", "hello");
  await there("bob", "hello");
  await drop("bob", 0);
  await shows("alice");
  assert.deepEqual(await messages("bob"), ["hello"]);

  await say("alice", "for three seconds", 3);
  await there("bob", "for three seconds");
  await there("bob", "2 s");
  if (process.argv[2]) await page.screenshot({ path: process.argv[2] });
  await gone("bob", "for three seconds");
  await gone("alice", "for three seconds");

  await drop("alice", 3);
  await page.waitForSelector("#bob .message:not(.own) button");
  assert.equal(await page.$("#bob .message:not(.own) img"), null, "nothing is shown before it is opened");
  await page.click("#bob .message:not(.own) button");
  await shows("bob");
  await page.waitForFunction(() => document.querySelector("#bob .message:not(.own) img") === null);
  assert.equal((await messages("bob")).length, 1);

  // Both processes die, and others go on from the records.
  await page.reload();
  assert.equal(await picture("alice"), key);
  assert.equal(await picture("bob"), key);
  await say("bob", "after the restart");
  await there("alice", "after the restart");
  await say("alice", "so it is");
  await there("bob", "so it is");
  console.log("1 passed, 0 failed");
} finally {
  await browser.close();
  server.close();
}
