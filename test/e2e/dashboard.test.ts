import { randomBytes } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import type { Page } from 'puppeteer-core'
import { noBrowser, openBrowser, partText, shows, troublesOf } from '../dashboard/browser.ts'
import { contrasts, headings, tabWalk } from '../dashboard/reading.ts'
import { Machine, noMounts, until } from './machine.ts'

const skip = noMounts() || noBrowser()
const network = skip ? undefined : await Machine.withDevnet(tap)

interface Place {
  readonly url: string
  readonly file: string
}

const hostile = '<img src=x onerror=alert(1)> \u202egnp.\u001b[31m'

/** Opens the dashboard of a mount in a new tab, which tells all that is said to who hears it. */
async function open(t: { teardown(undo: () => unknown): void }, url: string): Promise<Page> {
  const browser = await openBrowser(t)
  const page = await browser.newPage()
  await page.setViewport({ width: 1200, height: 900 })
  await page.evaluateOnNewDocument(`addEventListener('DOMContentLoaded', () => {
    globalThis.heard = []
    const said = document.getElementById('said')
    new MutationObserver(() => heard.push(said.textContent)).observe(said, { childList: true })
  })`)
  await page.goto(url)
  return page
}

async function heard(page: Page): Promise<string> {
  return String(await page.evaluate(`heard.join('\\n')`))
}

/** Addresses that a process listens at. */
function listening(pid: number): string[] {
  const directory = `/proc/${pid}/fd`
  const links = readdirSync(directory).map((fd) => {
    try {
      return readlinkSync(join(directory, fd))
    } catch {
      return ''
    }
  })
  const rows = ['tcp', 'tcp6'].flatMap((kind) => {
    return readFileSync(`/proc/${pid}/net/${kind}`, 'utf8').trim().split('\n').slice(1)
  })
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((row) => row[3] === '0A' && links.includes(`socket:[${row[9]}]`))
    .map((row) => row[1]!)
}

test('a mount on a page', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
  const mount = await machine.mount('demo', '--writeback-delay', '1h', '--append-delay', 'off')
  const { pid } = await machine.status(mount)
  t.same(listening(pid), [], 'nothing listens until somebody asks')
  const { url, file } = await machine.json<Place>('dashboard', mount)
  t.equal((await machine.ok('dashboard', 'demo')).trim(), url, 'it stays where it is')
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0')
  t.same(listening(pid), [`0100007F:${port}`], 'on the loopback address alone')
  t.equal(statSync(file).mode & 0o777, 0o600)
  const page = await open(t, url)
  const troubles = troublesOf(page)
  await shows(page, 'changes', /Everything is committed, sequence 0/)

  await t.test('the token is not left in the address, and a reload keeps it', async (t) => {
    t.equal(page.url(), url.replace(/#.*/, ''))
    t.same(await page.cookies(), [], 'a cookie would be sent to other ports, too')
    await page.reload()
    await shows(page, 'changes', /Everything is committed/)
    const other = await page.browser().newPage()
    await other.goto(page.url())
    await shows(other, 'main', /no token, or an old one.*walrusfs dashboard/s)
    await other.goto(`file://${file}`)
    await shows(other, 'changes', /Everything is committed/)
    await other.close()
    t.equal((await fetch(`${page.url()}data/status`)).status, 401)
  })

  await t.test('what is written is only here, then on the way, then committed', async (t) => {
    writeFileSync(join(mount, hostile), randomBytes(3_000_000))
    await shows(page, 'changes', /Only here\s+2\.9 MiB\s+the oldest change is/)
    for (const node of ['0', '1']) {
      await machine.ok('devnet', 'fault', 'slow', node, '--ms', '700', '--on', 'slivers')
    }
    const synced = machine.ok('sync', mount)
    await shows(page, 'changes', /On the way\s+\d+ %\s+uploading: .* of 2\.9 MiB/)
    await shows(page, 'changes', /uploading: .*Uploaded now [^,]*, at most [1-9]/s)
    await machine.ok('devnet', 'fault', 'clear')
    await synced
    await shows(page, 'changes', /Everything is committed, sequence 1.*Only here\s+nothing/s)
    await shows(page, 'changes', /since the mount 2\.9 MiB in 1 commit/)
    t.match(await heard(page), /only on this machine.*Changes are uploaded.*committed, sequence 1/s)
    t.match(await partText(page, 'changes'), /Only here now 0 B, at most 2\.9 MiB/)
  })

  await t.test('the timeline grows, and a commit tells what it changed', async (t) => {
    await shows(page, 'history', /^1\s.*1 added/m)
    writeFileSync(join(mount, 'second'), 'x'.repeat(50_000))
    await machine.ok('sync', mount)
    await shows(page, 'history', /2 commits.*^2\s.*1 added.*^1\s/ms)
    t.equal((await page.$$('#history .stems path:not(.ground)')).length, 2)
    await page.focus('.commits li:last-child summary')
    await page.keyboard.press('Enter')
    await shows(page, 'history', /<img src=x onerror=alert\(1\)> \\u202egnp\.\\u001b\[31m/)
    t.equal((await page.$$('#page img')).length, 0, 'a name is text')
  })

  await t.test('expiry and cost are drawn', async (t) => {
    await shows(page, 'storage', /epoch \d+, about .*: 2 blobs, .* billed/)
    await shows(page, 'storage', /Renewed by itself/)
    const text = await partText(page, 'storage')
    t.match(text, /an epoch\s+\d\.\d+ WAL for/)
    t.match(text, /Renewals to come \d\.\d+ WAL through epoch/)
    t.match(text, /the account has enough/)
    const names = await page.$$eval('#storage svg', (all) => all.map((one) => one.ariaLabel))
    t.match(names, [/^epoch \d+.*2 blobs/, /^Renewals to come/])
    t.ok((await page.$$('#storage .stems .large')).length > 0)
  })

  await t.test('a node that stops is shown as down', async (t) => {
    await machine.ok('devnet', 'fault', 'stop', '2')
    writeFileSync(join(mount, 'third'), 'y'.repeat(50_000))
    await machine.ok('sync', mount)
    await shows(page, 'nodes', /of 32 shards answer well; 10 may be missing.*node-2\s.*down/s)
    await shows(page, 'problems', /storage node node-2 is down/)
    t.match(await page.title(), /^degraded – demo/)
    t.match(await heard(page), /Storage node node-2 is down.*Health: degraded, 1 problem/)
    t.match(await partText(page, 'cache'), /% hits/)
  })

  await t.test(
    'it is read by its headings and landmarks, and by the keyboard, without motion',
    async (t) => {
      const titles = [
        'Problems',
        'Changes',
        'History',
        'Storage and cost',
        'Storage nodes',
        'Cache',
      ]
      const found = await headings(page)
      t.equal(found[0], 'h1 demo')
      const second = found.filter((one) => one.startsWith('h2'))
      t.same(
        second,
        [...titles, 'Mount'].map((title) => `h2 ${title}`),
      )
      const tree = JSON.stringify(await page.accessibility.snapshot({ interestingOnly: false }))
      for (const role of ['banner', 'navigation', 'main', 'status', 'table', 'region']) {
        t.match(tree, `"role":"${role}"`)
      }
      const nameless = `[...document.querySelectorAll('svg:not([aria-hidden])')].filter((one) => !one.ariaLabel).length`
      t.equal(await page.evaluate(nameless), 0, 'each picture says what it shows')

      await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }])
      t.equal(
        await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior'),
        'auto',
      )
      t.equal(await page.evaluate('document.getAnimations().length'), 0)
      await page.reload()
      await shows(page, 'history', /3 commits/)
      await shows(page, 'storage', /Each of them/)
      const walked = await tabWalk(page)
      const hidden = walked.filter(({ isSeen }) => !isSeen)
      t.same(hidden, [], 'the focus is seen wherever it is')
      const order = walked.map(({ name }) => name.replace(/^(summary \d+).*/, '$1'))
      t.same(order, [
        'a Skip to the content',
        ...[...titles.slice(1), 'Mount'].map((title) => `a ${title}`),
        'summary 3',
        'summary 2',
        'summary 1',
        'summary Each of them',
        'div nodes-title',
      ])
      await page.focus('.skip')
      await page.keyboard.press('Enter')
      t.equal(await page.evaluate('document.activeElement.id'), 'main')
    },
  )

  await t.test('in the light and in the dark, and on a small screen', async (t) => {
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
      const texts = await contrasts(page)
      t.ok(texts.length > 60)
      const faint = texts.filter(({ ratio, wanted }) => ratio < wanted)
      t.same(faint, [], `all can be read in the ${scheme}`)
    }
    const ground = 'getComputedStyle(document.documentElement).backgroundColor'
    t.equal(await page.evaluate(ground), 'rgb(15, 19, 24)')
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }])
    t.equal(
      await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior'),
      'auto',
    )
    t.equal(await page.evaluate('document.getAnimations().length'), 0)
    await page.setViewport({ width: 360, height: 700 })
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    t.equal(await page.evaluate(overflow), 0)
  })

  await t.test('when the drive is unmounted the page says so', async (t) => {
    await machine.ok('umount', mount)
    await shows(page, 'main', /The daemon does not answer/)
    t.match(await partText(page, 'history'), /3 commits/, 'what was last seen stays')
    t.notOk(existsSync(file))
    t.same(troubles, [], 'nothing went wrong in the page, and its policy forbade nothing')
  })
})

/** What a page would be told. */
async function told({ url }: Place, what: string): Promise<Response> {
  const { origin, hash } = new URL(url)
  return fetch(`${origin}/data/${what}`, { headers: { authorization: `Bearer ${hash.slice(1)}` } })
}

test('who only looks sees what there is', { skip }, async (t) => {
  const machine = await network!.withDrive(t, 'secret', '--no-public')
  const mount = await machine.mount('secret')
  writeFileSync(join(mount, 'diary'), 'x'.repeat(100_000))
  await machine.ok('sync', mount)
  const place = await machine.json<Place>('dashboard', mount)
  const changes = await (await told(place, 'changes?sequence=1')).json()
  t.match(changes, { rows: [{ change: 'added', path: '/diary', size: 100_000 }], more: 0 })
  t.equal((await told(place, 'changes?sequence=7')).status, 404)
  await machine.ok('umount', mount)

  const still = await machine.mount('secret', '--read-only')
  const { url } = await machine.json<Place>('dashboard', still)
  const page = await open(t, url)
  await shows(page, 'changes', /the mount only reads/)
  await shows(page, 'history', /1 added/)
  await shows(page, 'storage', /This mount renews nothing/)

  const [{ blob }] = await machine.json<[{ readonly blob: string }]>('log', 'secret')
  const foreign = await machine.mount(`blob:${blob}`, '--network', 'devnet')
  await page.goto((await machine.json<Place>('dashboard', foreign)).url)
  await shows(page, 'history', /no history/)
  await shows(page, 'storage', /Nothing is paid for here/)
  await shows(page, 'nodes', /of 32 shards/)
  await until(async () => (await page.title()).startsWith('ok'), 'the title')
})
