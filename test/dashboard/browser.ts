import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { launch, type Browser, type Page } from 'puppeteer-core'

const programs = ['chromium', 'chromium-browser', 'google-chrome']

function program(): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter)
  return places.flatMap((place) => programs.map((name) => join(place, name))).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Why pages cannot be looked at here; false when they can. */
export function noBrowser(): string | false {
  return program() === undefined ? 'no chromium (sudo apt-get install chromium)' : false
}

/** A browser without a window, gone when the test ends. */
export async function openBrowser(test: { teardown(undo: () => unknown): void }): Promise<Browser> {
  // As root there is no sandbox of its own; it only looks at pages of ours.
  const browser = await launch({ executablePath: program()!, args: ['--no-sandbox'] })
  test.teardown(() => browser.close())
  return browser
}

/** What went wrong in a page, as it happens: errors, refusals of its policy, dialogs. */
export function troublesOf(page: Page): string[] {
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(`error: ${String(error)}`))
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    // That the daemon is gone is what the page has to tell.
    if (!message.text().includes('net::ERR_')) troubles.push(`console: ${message.text()}`)
  })
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return troubles
}

/** What a person reads below a heading of the page. */
export async function partText(page: Page, id: string): Promise<string> {
  return String(await page.evaluate(`document.getElementById('${id}')?.innerText ?? ''`))
}

/** Waits till a part of the page shows something; with what it shows where it does not. */
export async function shows(
  page: Page,
  id: string,
  words: RegExp,
  limitMs = 60_000,
): Promise<void> {
  const end = Date.now() + limitMs
  for (;;) {
    const text = await partText(page, id)
    if (words.test(text)) return
    if (Date.now() > end) throw new Error(`${id} does not show ${String(words)} but: ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
