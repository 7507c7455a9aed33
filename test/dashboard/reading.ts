import type { Page } from 'puppeteer-core'

/** A text of the page with its contrast, and what WCAG 2.2 AA asks of its size. */
export interface Contrast {
  readonly text: string
  readonly ratio: number
  readonly wanted: number
}

/** Runs in the page: each text against what is painted behind it. */
const contrastScript = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number)
  const light = (color) => {
    const [r, g, b] = channels(color).map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if (channels(color)[3] !== 0) return color
    }
    return 'rgb(255, 255, 255)'
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    const text = walker.currentNode.data.trim()
    if (!text || !element.checkVisibility() || element.closest('svg, .unseen, noscript')) continue
    const style = getComputedStyle(element)
    const [a, b] = [light(style.color), light(behind(element))]
    const size = parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    found.push({ text, ratio, wanted: isLarge ? 3 : 4.5 })
  }
  return found
})()`

export async function contrasts(page: Page): Promise<readonly Contrast[]> {
  return (await page.evaluate(contrastScript)) as Contrast[]
}

/** Where the focus is: what it is called, and whether it can be seen there. */
export interface Focus {
  readonly name: string
  readonly isSeen: boolean
}

const focusScript = `(() => {
  const at = document.activeElement
  const style = getComputedStyle(at)
  const box = at.getBoundingClientRect()
  const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
  const isInView = box.bottom > 0 && box.top < innerHeight && box.width > 0
  const label = at.getAttribute('aria-labelledby') ?? ''
  const name = at === document.body ? 'body' : label || at.innerText.split('\\n')[0].trim()
  return { name: at.localName + ' ' + name, isSeen: isOutlined && isInView }
})()`

/** What the Tab key comes by in a page where nothing was touched yet, to its end. */
export async function tabWalk(page: Page): Promise<readonly Focus[]> {
  const walked: Focus[] = []
  for (let steps = 0; steps < 100; steps++) {
    await page.keyboard.press('Tab')
    const focus = (await page.evaluate(focusScript)) as Focus
    if (focus.name === 'body body' || focus.name === walked[0]?.name) return walked
    walked.push(focus)
  }
  throw new Error('the Tab key does not come to an end')
}

const outlineScript = `[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => one.localName + ' ' + one.innerText)`

/** The headings, in their order. */
export async function headings(page: Page): Promise<readonly string[]> {
  return (await page.evaluate(outlineScript)) as string[]
}
