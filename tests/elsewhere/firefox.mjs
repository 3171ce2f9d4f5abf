// Firefox, by the line: each line of the input is a wish in JSON, each line of the output what came of it.
import {createInterface} from 'node:readline';
import puppeteer from 'puppeteer-core';

const [executablePath, userDataDir, preferences] = process.argv.slice(2);
const browser = await puppeteer.launch({
  browser: 'firefox', executablePath, userDataDir, extraPrefsFirefox: JSON.parse(preferences),
  headless: true, timeout: 60_000,
});
const [page] = await browser.pages();
await page.setViewport({width: 1280, height: 900});

const call = ({script, given}) => `(function () { ${script} }).apply(null, ${JSON.stringify(given)})`;
const element = async wish => {
  const found = (await page.evaluateHandle(call(wish))).asElement();
  if (!found) throw new Error('no such element');
  return found;
};
const wishes = {
  open: wish => page.goto(wish.url).then(() => null),
  ask: wish => page.evaluate(call(wish)),
  click: async wish => (await element(wish)).click(),
  type: async wish => (await element(wish)).type(wish.text),
};
const late = () => new Promise((_, fail) => { setTimeout(fail, 20_000, new Error('no answer in 20 s')).unref() });

console.log(JSON.stringify({answer: await browser.version()}));
for await (const line of createInterface({input: process.stdin})) {
  const wish = JSON.parse(line);
  try {
    console.log(JSON.stringify({answer: await Promise.race([wishes[wish.do](wish), late()]) ?? null}));
  } catch (fault) {
    console.log(JSON.stringify({fault: String(fault)}));
  }
}
await browser.close();
