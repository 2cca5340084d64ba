// Opens pages in Chromium: `node check.mjs [--shots FOLDER] FILE...`. Ends with 1 if a page breaks a rule of accessibility
// (axe, on screen and on paper), asks anything of a server, or is wider than a narrow screen.
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const { default: AxeBuilder } = require('@axe-core/playwright');

const words = process.argv.slice(2);
const shots = words[0] === '--shots' ? words.splice(0, 2)[1] : null;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let broken = 0;
const complain = (file, what) => {
  console.error(`${file}: ${what}`);
  broken += 1;
};

for (const file of words) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  const page = await context.newPage();
  page.on('request', (request) => request.url().startsWith('file:') || complain(file, `asks ${request.url()}`));
  page.on('console', (message) => message.type() === 'error' && complain(file, message.text()));
  await page.goto(pathToFileURL(resolve(file)).href);
  for (const media of ['screen', 'print']) {
    await page.emulateMedia({ media });
    const { violations, passes } = await new AxeBuilder({ page }).analyze();
    for (const { id, help, nodes } of violations) {
      complain(file, `${media}: ${id}: ${help}: ${nodes.map((node) => node.html).join(' ').slice(0, 300)}`);
    }
    if (passes.length < 10) complain(file, `${media}: only ${passes.length} rules had anything to look at`);
    console.log(`${basename(file)}, ${media}: ${passes.length} rules kept, ${violations.length} broken`);
  }
  const paper = await page.pdf({ format: 'A4', landscape: true });
  if (paper.length < 10_000) complain(file, 'prints nothing');
  await page.emulateMedia({ media: 'screen' });
  if (shots) await page.screenshot({ path: join(shots, `${basename(file, '.html')}.png`), fullPage: true });
  await page.setViewportSize({ width: 390, height: 800 });
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  if (wide > room) complain(file, `is ${wide} wide on a screen of ${room}`);
  await context.close();
}
await browser.close();
process.exit(broken > 0 ? 1 : 0);
