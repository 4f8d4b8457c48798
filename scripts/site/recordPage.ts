import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { startChromium } from '../../test/support/chromium.js';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
const WIDE = { width: 1600, height: 1150 };
const NARROW = { width: 360, height: 760 };
const GAP = 24;

/**
 * Writes pictures of a page into `docs`: `name.webp` and `nameDark.webp` on a wide screen, and `namePhone.webp` with
 * both themes on a narrow screen. Needs Chromium.
 *
 * @param prepare - a script that runs in the page before each picture.
 */
export async function recordPage(path: string, name: string, prepare: string): Promise<void> {
  const browser = await startChromium();
  const picture = async (size: typeof WIDE, scheme: 'dark' | 'light'): Promise<Buffer> => {
    await browser.open(pathToFileURL(path).href, size.width, scheme);
    await browser.page.setViewportSize(size);
    await browser.page.evaluate(prepare);
    return browser.page.screenshot();
  };
  const write = async (suffix: string, image: Sharp): Promise<void> =>
    writeFileSync(join(DOCS, `${name}${suffix}.webp`), await image.webp({ quality: 80, effort: 6 }).toBuffer());
  try {
    await write('', sharp(await picture(WIDE, 'light')));
    await write('Dark', sharp(await picture(WIDE, 'dark')));
    const { width, height } = NARROW;
    const background = { r: 128, g: 128, b: 128, alpha: 0 };
    const both = sharp({ create: { width: 2 * width + GAP, height, channels: 4, background } }).composite([
      { input: await picture(NARROW, 'light'), left: 0, top: 0 },
      { input: await picture(NARROW, 'dark'), left: width + GAP, top: 0 },
    ]);
    await write('Phone', both);
  } finally {
    await browser.close();
  }
}
